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


def test_the_lessons_sampler_keeps_the_k_likeliest_and_one_of_them_is_greedy():
    choose, write = definitions_of("03_build_the_model", "choose", "write")
    logits = torch.tensor([[0.0, 3.0, 1.0, 2.0]])
    torch.manual_seed(0)
    drawn = [choose(logits, temperature=5.0, top_k=2).item() for _ in range(100)]
    assert set(drawn) == {1, 3}
    cold = [choose(logits, temperature=0.01).item() for _ in range(20)]
    assert set(cold) == {1}

    def counts(ids):
        return torch.nn.functional.one_hot((ids + 1) % 4, 4).float()

    written = write(counts, torch.tensor([[2]]), count=4, top_k=1)
    assert written.tolist() == [[2, 3, 0, 1, 2]]


def test_a_mask_after_the_softmax_tells_of_later_tokens_until_its_rows_are_divided():
    """Lesson 03."""
    torch.manual_seed(0)
    scores = torch.randn(4, 4)
    changed = scores.clone()
    changed[:, 3] += 1  # another last token
    one, other = (x.softmax(dim=-1).tril() for x in (scores, changed))
    assert not torch.allclose(one[:3], other[:3], atol=1e-3)
    one, other = (x / x.sum(dim=-1, keepdim=True) for x in (one, other))
    assert torch.allclose(one[:3], other[:3])


def test_the_tiny_bases_nearest_rows_to_a_day_are_the_other_days():
    """Lesson 03."""
    import calendar

    from course_utils.model.gpt2 import load

    model, tokenizer = load("tiny-base")
    rows = torch.nn.functional.normalize(model.transformer.wte.weight.detach())
    (monday,) = tokenizer(" Monday")["input_ids"]
    nearest = (rows @ rows[monday]).topk(7).indices
    assert {tokenizer.decode([i]).strip() for i in nearest} == set(calendar.day_name)


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


def test_most_messages_of_the_chats_end_without_a_full_stop():
    """Lesson 01: so the line break is the only sign of where a thought ends."""
    from course_utils.data.sources import chitchat

    messages = [line for text in chitchat()["text"] for line in text.split("\n")]
    without = sum(message[-1] not in ".?!" for message in messages)
    assert 0.5 < without / len(messages) < 0.7


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


OPENED = re.compile(r"""["']test["']""")
MADE = re.compile(r"""tinychats\([^)]*split=["']test""")


def test_lesson_08_alone_opens_the_test_split_of_the_summaries():
    """Another that loads them does not name it, however it would open it."""
    opening = []
    for path in sorted((ROOT / "source" / "lessons").glob("*.py")):
        cells = jupytext.read(path, fmt="py:percent").cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        if ("profile.summaries)" in code and OPENED.search(code)) or MADE.search(code):
            opening.append(path.stem)
    assert opening == ["08_evaluate"]
