"""The references of exercise 7 are what the library and the model do."""

import numpy as np

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex07_1, ex07_2, ex07_3, ex07_4
from course_utils.data.summaries import SummaryCollator, encode
from course_utils.machine.places import ASSETS


def tokenizer():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")


def test_rows_and_prompts_are_those_of_encode():
    tiny = tokenizer()
    row = {"dialogue": "Ann: Are you there?\nBob: Yes, at the bus stop!"}
    row |= {"summary": "Bob is at the bus stop."}

    def ids(text):
        return tiny(text, add_special_tokens=False)["input_ids"]

    dialogue, cue = ids(row["dialogue"]), ids("\nTL;DR:")
    summary = ids(f" {row['summary']}")
    for max_length in (1000, len(cue) + len(summary) + 5):
        encoded = encode(row, tiny, max_length)
        prompt = encoded["input_ids"][: -len(summary) - 1]
        case = {"prompt_ids": prompt, "summary_ids": summary, "eos": tiny.eos_token_id}
        assert ex07_1.judge([encoded], {"cases": [case]}) == Verdict(True)
        case = {
            "dialogue_ids": dialogue,
            "cue_ids": cue,
            "answer_length": len(summary) + 1,
            "max_length": max_length,
        }
        assert ex07_2.judge([prompt], {"cases": [case]}) == Verdict(True)


def test_batches_are_those_of_the_collator():
    collator = SummaryCollator(tokenizer())
    cases = question("ex07_3").inputs(5)["cases"]
    batches = []
    for case in cases:
        collator.pad_token_id = case["pad"]
        batch = collator(case["rows"])
        batches.append({name: tensor.numpy() for name, tensor in batch.items()})
    assert ex07_3.judge(batches, {"cases": cases}) == Verdict(True)


def test_left_padded_rows_get_the_logits_they_get_alone():
    import torch

    from course_utils.checks.probes.ex06_model import new_model

    model = new_model(0, vocab_size=128).eval()
    case = {"prompts": [[5, 9, 2, 7], [3, 8]], "pad": 0}
    batch = {
        "input_ids": torch.tensor([[5, 9, 2, 7], [0, 0, 3, 8]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1], [0, 0, 1, 1]]),
        "position_ids": torch.tensor([[0, 1, 2, 3], [0, 0, 0, 1]]),
    }
    data = [{name: tensor.numpy() for name, tensor in batch.items()}]
    assert ex07_4.judge(data, {"cases": [case]}) == Verdict(True)
    with torch.no_grad():
        together = model(**batch).logits[1, -1]
        alone = model(torch.tensor([[3, 8]])).logits[0, -1]
    np.testing.assert_allclose(together, alone, atol=1e-5)
