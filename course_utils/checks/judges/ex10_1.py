"""Judge of 10.1, silent mistakes in a config."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The names of the fields that are wrong, exact."""

    def names(
        case: Case,
        defaults: bool = True,
        vocabulary: Callable[[int, int], bool] = lambda size, length: size < length,
    ) -> list[str]:
        config, known = case["config"], case["defaults"]
        fields = known | config if defaults else config
        length, block_size = case["tokenizer_length"], case["block_size"]
        wrong = {name: name not in known for name in config}
        wrong["vocab_size"] = vocabulary(fields.get("vocab_size", length), length)
        wrong["n_head"] = fields.get("n_embd", 0) % fields.get("n_head", 1) > 0
        wrong["n_positions"] = fields.get("n_positions", block_size) < block_size
        return sorted(name for name in wrong if wrong[name])

    def unknown(case: Case) -> list[str]:
        return [name for name in names(case) if name not in case["defaults"]]

    def unsorted(case: Case) -> list[str]:
        checked = [*case["config"], "vocab_size", "n_head", "n_positions"]
        return list(dict.fromkeys(name for name in checked if name in names(case)))

    mistakes = [
        (
            lambda case: names(case, defaults=False),
            "A field that is not in config has its default, and the default may be "
            "the wrong value here.",
        ),
        (
            lambda case: names(case, vocabulary=lambda size, length: size != length),
            "A larger vocabulary is fine: only one that is smaller than the tokenizer "
            "is a mistake.",
        ),
        (
            lambda case: names(case)[:1],
            "There may be several mistakes: return all of them.",
        ),
        (unknown, "Only unknown keys are found: look at the three values too."),
        (
            lambda case: [n for n in names(case) if n in case["defaults"]],
            "The unknown keys are missing: GPT2Config would swallow them.",
        ),
        (unsorted, "The names are right, but not sorted by the alphabet."),
    ]
    otherwise = (
        "Return the keys of config that are no field, and of vocab_size, n_head and "
        "n_positions those that do not fit, all sorted."
    )
    return judge_cases(data, inputs["cases"], names, mistakes, otherwise)
