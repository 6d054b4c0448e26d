import pytest
import torch
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.chats import tinychats
from course_utils.data.summaries import (
    CUE,
    SummaryCollator,
    encode,
    encode_summaries,
    prompt,
)
from course_utils.evaluation.generation import summarise
from course_utils.machine.errors import CourseError

ROW = {"dialogue": "Anna: Hi!\r\nTom: Hello Anna.", "summary": " Anna greets Tom.\n"}
# Anything a person may type, white space of every kind at the ends included.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
seen = texts.filter(str.strip)


def test_prompt_is_the_dialogue_and_the_cue_of_the_gpt2_paper():
    assert prompt(ROW["dialogue"]) == "Anna: Hi!\nTom: Hello Anna.\nTL;DR:"


def test_encode_gives_the_tokens_of_prompt_summary_and_eos(tokenizer):
    before = tokenizer(prompt(ROW["dialogue"]))["input_ids"]
    after = [*tokenizer(" Anna greets Tom.")["input_ids"], tokenizer.eos_token_id]
    assert encode(ROW, tokenizer, 256) == {
        "input_ids": before + after,
        "labels": [-100] * len(before) + after,
    }


@given(dialogue=seen, summary=seen, extra=st.integers(1, 60))
@settings(deadline=None)
def test_truncation_keeps_the_end_of_the_dialogue_and_all_of_the_summary(
    tokenizer, dialogue, summary, extra
):
    def ids(text):
        return tokenizer(text)["input_ids"]

    row = {"dialogue": dialogue, "summary": summary}
    clean = summary.replace("\r\n", "\n").replace("\r", "\n").strip()
    answer = [*ids(f" {clean}"), tokenizer.eos_token_id]
    whole = ids(prompt(dialogue))
    max_length = len(ids(CUE)) + extra + len(answer)
    encoded = encode(row, tokenizer, max_length)
    kept = len(encoded["input_ids"]) - len(answer)
    assert len(encoded["input_ids"]) == min(max_length, len(whole) + len(answer))
    assert encoded["input_ids"] == whole[-kept:] + answer
    assert encoded["labels"] == [-100] * kept + answer


def test_a_length_without_room_for_the_dialogue_is_an_error(tokenizer):
    least = len(encode(ROW, tokenizer, 256)["input_ids"]) - len(
        tokenizer("Anna: Hi!\nTom: Hello Anna.")["input_ids"]
    )
    assert len(encode(ROW, tokenizer, least + 1)["input_ids"]) == least + 1
    with pytest.raises(CourseError, match="no room"):
        encode(ROW, tokenizer, least)


@pytest.mark.parametrize("empty", [None, "", " \r\n"])
def test_rows_without_a_dialogue_or_a_summary_are_dropped(tokenizer, empty):
    rows = [ROW, ROW | {"dialogue": empty}, ROW | {"summary": empty}]
    dataset, cut = encode_summaries(Dataset.from_list(rows), tokenizer, 256)
    assert dataset[:] == {k: [v] for k, v in encode(ROW, tokenizer, 256).items()}
    assert cut == 0
    with pytest.raises(CourseError, match="empty"):
        encode(rows[1], tokenizer, 256)
    with pytest.raises(CourseError, match="no row"):
        encode_summaries(Dataset.from_list(rows[1:]), tokenizer, 256)


def test_the_number_of_cut_rows_is_told(tokenizer):
    long = ROW | {"dialogue": "Tom: well " * 50}
    rows = Dataset.from_list([ROW, long, ROW, long])
    dataset, cut = encode_summaries(rows, tokenizer, 64)
    assert cut == 2
    assert [len(ids) for ids in dataset["input_ids"]][1::2] == [64, 64]
    assert tokenizer.decode(dataset[1]["input_ids"]).endswith(
        "Tom: well\nTL;DR: Anna greets Tom.<|endoftext|>"
    )


def test_rows_are_those_of_encode(tokenizer):
    chats = tinychats(20)
    dataset, cut = encode_summaries(chats, tokenizer, 256)
    assert list(dataset) == [encode(row, tokenizer, 256) for row in chats]
    assert cut == 0


def test_a_missing_column_is_named(tokenizer):
    dataset = Dataset.from_list([{"dialogue": "Anna: Hi!"}])
    with pytest.raises(CourseError, match="'summary'"):
        encode_summaries(dataset, tokenizer, 256)


def test_batches_have_exact_masks_though_pad_is_eos(tokenizer):
    eos = tokenizer.eos_token_id
    assert tokenizer.pad_token_id == eos
    rows = [
        {"input_ids": [5, 6, 7, eos], "labels": [-100, -100, 7, eos]},
        {"input_ids": [8, eos], "labels": [-100, eos]},
    ]
    batch = SummaryCollator(tokenizer)(rows)
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "input_ids": [[5, 6, 7, eos], [8, eos, eos, eos]],
        "attention_mask": [[1, 1, 1, 1], [1, 1, 0, 0]],
        "labels": [[-100, -100, 7, eos], [-100, eos, -100, -100]],
    }
    assert all(tensor.dtype == torch.int64 for tensor in batch.values())


def test_padding_does_not_change_the_loss(tokenizer, tiny_model):
    rows = [encode(row, tokenizer, 256) for row in tinychats(5)]
    collate = SummaryCollator(tokenizer)
    counts = [sum(label >= 0 for label in row["labels"]) for row in rows]
    with torch.no_grad():
        alone = [tiny_model(**collate([row])).loss.item() for row in rows]
        together = tiny_model(**collate(rows)).loss.item()
    mean = sum(a * n for a, n in zip(alone, counts, strict=True)) / sum(counts)
    assert together == pytest.approx(mean, abs=1e-5)


def test_summarise_returns_one_line_a_dialogue(tokenizer, tiny_model):
    dialogues = tinychats(3)["dialogue"][:]
    summaries = summarise(tiny_model, tokenizer, dialogues, max_new_tokens=12)
    assert len(summaries) == 3
    assert all("\n" not in s and s == s.strip() for s in summaries)


def test_a_trained_model_stops_by_itself(tokenizer, tiny_model):
    """Overfit on three pairs: the summaries come back, ended by the learnt eos."""
    chats = tinychats(3)
    batch = SummaryCollator(tokenizer)([encode(row, tokenizer, 256) for row in chats])
    optimizer = torch.optim.AdamW(tiny_model.parameters(), lr=3e-3)
    for _ in range(120):
        tiny_model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    summaries = summarise(
        tiny_model, tokenizer, chats["dialogue"][:], max_new_tokens=100
    )
    assert summaries == chats["summary"][:]
