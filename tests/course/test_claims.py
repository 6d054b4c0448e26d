"""What the lessons say of libraries, of data and of a file's habits, is so."""

import json
import re
from pathlib import Path

import jupytext
import pytest
import torch

from course_utils.machine.places import ASSETS

ROOT = Path(__file__).parents[2]


def definitions_of(stem, *names):
    """Return the classes and functions that a lesson's cells define."""
    path = ROOT / "source" / "lessons" / f"{stem}.py"
    cells = jupytext.read(path, fmt="py:percent").cells
    found = {"torch": torch}
    for cell in cells:
        wanted = re.findall(r"^(?:def|class) (\w+)", cell.source, re.MULTILINE)
        if cell.cell_type == "code" and set(wanted) & set(names):
            source = re.split(r"\n(?=\S)(?!def|class|from|import)", cell.source)[0]
            exec(source, found)
    return [found[name] for name in names]


def test_the_lessons_gpt2_takes_the_librarys_weights():
    from transformers import GPT2Config, GPT2LMHeadModel

    names = ("split_heads", "Attention", "Block", "GPT", "take_weights")
    *_, gpt, take_weights = definitions_of("03_build_the_model", *names)
    sizes = {"n_positions": 16, "n_embd": 32, "n_layer": 3, "n_head": 4}
    theirs = GPT2LMHeadModel(GPT2Config(vocab_size=50, **sizes)).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.1)  # biases too: they start as 0
    ours = take_weights(gpt(theirs.config), theirs)
    ids = torch.randint(50, (2, 16))
    with torch.no_grad():
        assert torch.allclose(ours(ids), theirs(ids).logits, atol=1e-5)
        changed = ids.clone()
        changed[:, -1] = (ids[:, -1] + 1) % 50
        assert torch.equal(ours(ids)[:, :-1], ours(changed)[:, :-1])


def test_a_masked_batch_logs_a_loss_of_0_and_the_log_is_on_disk(tmp_path):
    """Lessons 05 and 10."""
    from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

    sizes = {"n_positions": 8, "n_embd": 8, "n_layer": 1, "n_head": 1}
    model = GPT2LMHeadModel(GPT2Config(vocab_size=20, **sizes))
    rows = [{"input_ids": [1, 2, 3], "labels": [-100] * 3}] * 4
    arguments = TrainingArguments(
        str(tmp_path), max_steps=2, logging_steps=1, save_steps=2, report_to=[],
        use_cpu=True, disable_tqdm=True, per_device_train_batch_size=2,
    )  # fmt: skip
    trainer = Trainer(model, arguments, train_dataset=rows)
    trainer.train()
    logged = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert [float(loss) for loss in logged] == [0, 0]
    assert all(p.isfinite().all() for p in model.parameters())
    state = json.loads((tmp_path / "checkpoint-2" / "trainer_state.json").read_text())
    assert [row["loss"] for row in state["log_history"] if "loss" in row] == logged


def test_labels_of_speakers_count_as_words_in_repetition():
    """Lesson 02: 6 of the 15 chats above the line fall below it without them."""
    from course_utils.data.cleaning import repetition
    from course_utils.data.sources import chitchat

    chats = [text for text in chitchat()["text"] if len(text) > 99]
    above = [text for text in chats if repetition(text) > 0.3]
    without = [re.sub(r"^[A-Z]: ", "", text, flags=re.MULTILINE) for text in above]
    assert len(above) == 15
    assert sum(repetition(text) <= 0.3 for text in without) == 6


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")


@pytest.mark.parametrize("number", range(41))
def test_a_row_of_any_habit_is_encoded_as_by_hand_in_lesson_07(number, tokenizer):
    from hub.repos import as_people_write

    from course_utils.data.summaries import encode, prompt

    chat = "Ann: Are you there?\r\nBen: Yes, I am here."
    dialogue, summary = as_people_write(chat, "Ann asks Ben. He is there.", number)
    start = tokenizer(prompt(dialogue))["input_ids"]
    answer = tokenizer(" " + summary.strip())["input_ids"]
    end = tokenizer.eos_token_id
    row = encode({"dialogue": dialogue, "summary": summary}, tokenizer, 2000)
    assert row["input_ids"] == [*start, *answer, end]
    assert row["labels"] == [*[-100] * len(start), *answer, end]


def test_lesson_08_alone_opens_the_test_split_of_the_summaries():
    opening = []
    for path in sorted((ROOT / "source" / "lessons").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        loads = r"load_dataset\(\*\*profile\.summaries\)"
        names = re.findall(rf"^(\w+) = {loads}$", source, re.MULTILINE)
        ways = "|".join([loads, *names])
        if re.search(rf"\b(?:{ways})\[[\"']test[\"']\]", source):
            opening.append(path.stem)
    assert opening == ["08_evaluate"]
