"""Judge of 3.2, a configuration that is heard."""

from typing import Any

from course_utils.checks.contract import Case, Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.probes.ex03_2 import FIELDS

ARGUMENTS = ("vocab_size", "block_size", "width", "layers", "heads", "eos", "eos")
DEFAULTS = {
    "vocab_size": (50257, "The vocabulary has GPT-2's own size. It is `vocab_size`."),
    "n_positions": (
        1024,
        "The number of positions has its default. Its name is n_positions: n_ctx and "
        "block_size are swallowed without a word.",
    ),
    "n_embd": (768, "The width has its default. Its name is n_embd."),
    "n_layer": (12, "The number of layers has its default. Its name is n_layer."),
    "n_head": (12, "The number of heads has its default. Its name is n_head."),
    "eos_token_id": (
        50256,
        "The end token has GPT-2's own number, 50256, which is not even in this "
        "vocabulary: pass eos_token_id.",
    ),
    "bos_token_id": (
        50256,
        "The start token still has GPT-2's own number: pass bos_token_id, too.",
    ),
}


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Every field as asked, and a refusal where the heads cannot share the width."""
    for got, case in zip(data, inputs["cases"], strict=True):
        expected: Any = {
            field: case[argument]
            for field, argument in zip(FIELDS, ARGUMENTS, strict=True)
        }
        hint = ""
        if case["width"] % case["heads"]:
            expected = "refused"
            hint = (
                "The heads cannot share this width evenly: raise a ValueError. "
                "GPT2Config itself says nothing."
            )
            if got == "a ValueError":
                hint = "The ValueError is returned: raise it."
        elif not isinstance(got, dict):
            hint = "Return a GPT2Config, and not a model, a dict or its class."
        elif got != expected:
            hint = _fields_hint(got, expected, case)
        if got != expected:
            return wrong(hint, expected=expected, got=got, **case)
    return Verdict(True)


def _fields_hint(got: dict[str, Any], expected: dict[str, Any], case: Case) -> str:
    """Say of each wrong field whether it has its default or another's number."""
    if expected.items() <= got.items():
        return (
            "n_inner is the width of the MLP. It is 4 times that of the model by "
            "itself: leave it out."
        )
    hints = []
    for field, value in expected.items():
        default, by_default = DEFAULTS[field]
        others = [name for name in case if got[field] == case[name]]
        if got[field] == value:
            continue
        if got[field] == default:
            hints.append(by_default)
        elif others:
            hints.append(f"`{field}` has the number of `{others[0]}`.")
        elif got[field] is None:
            hints.append(f"`{field}` is None: pass it.")
        else:
            hints.append(f"`{field}` is not what was asked for.")
    return " ".join(hints)
