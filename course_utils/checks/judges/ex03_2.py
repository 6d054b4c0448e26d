"""Judge of 3.2, a configuration that is heard."""

from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Every field as asked, and a refusal where the heads cannot share the width."""
    hints = {
        "n_positions": (
            "The number of positions has its default. Its name is n_positions: n_ctx "
            "and block_size are swallowed without a word."
        ),
        "n_layer": "The number of layers has its default. Its name is n_layer.",
        "n_head": "The number of heads has its default. Its name is n_head.",
        "n_embd": "The width has its default. Its name is n_embd.",
        "eos_token_id": (
            "The end token has GPT-2's own number, 50256, which is not even in this "
            "vocabulary: pass eos_token_id."
        ),
        "bos_token_id": (
            "The start token still has GPT-2's own number: pass bos_token_id, too."
        ),
    }
    for got, case in zip(data, inputs["cases"], strict=True):
        expected = {
            "vocab_size": case["vocab_size"],
            "n_positions": case["block_size"],
            "n_embd": case["width"],
            "n_layer": case["layers"],
            "n_head": case["heads"],
            "eos_token_id": case["eos"],
            "bos_token_id": case["eos"],
        }
        evenly = case["width"] % case["heads"] == 0
        if evenly and isinstance(got, dict) and got != expected:
            field = next(name for name in expected if got[name] != expected[name])
            hint = hints.get(field, f"`{field}` is not what was asked for.")
            return wrong(hint, expected=expected, got=got, **case)
        if evenly and got == "ValueError":
            hint = "It refuses a width that the heads share evenly."
            return wrong(hint, **case)
        if not evenly and got != "ValueError":
            hint = (
                "The heads share the width evenly, so it must be a multiple of their "
                "number: raise a ValueError if it is not. GPT2Config itself says "
                "nothing."
            )
            return wrong(hint, expected="ValueError", got=got, **case)
        if got not in (expected, "ValueError"):
            return wrong("Return a GPT2Config.", got=got, **case)
    return Verdict(True)
