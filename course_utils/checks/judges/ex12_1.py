"""Judge of 12.1, a batch of continuations."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong
from course_utils.checks.probes.ex12_1 import summariser


@cache
def model_and_tokenizer() -> tuple[Any, Any]:
    """Return the model of 12.1, apart from the one that student code is given."""
    return summariser()


@lru_cache(maxsize=64)
def written(
    prompts: tuple[str, ...], length: int, side: str = "left", mask: bool = True
) -> list[list[int]]:
    """Return prompts and continuations of a batch, as token ids with their padding."""
    import torch

    model, tokenizer = model_and_tokenizer()
    batch = tokenizer(
        list(prompts), padding=True, padding_side=side, return_tensors="pt"
    )
    attention = batch["attention_mask"]
    return model.generate(
        batch["input_ids"],
        attention_mask=attention if mask else torch.ones_like(attention),
        max_new_tokens=length,
        do_sample=False,
        pad_token_id=tokenizer.eos_token_id,
    ).tolist()


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The texts of one prompt at a time, where no padding can do harm."""
    _, tokenizer = model_and_tokenizer()

    def lengths(case: Case) -> list[int]:
        return [len(tokenizer(prompt)["input_ids"]) for prompt in case["prompts"]]

    def batch(
        case: Case,
        start: Callable[[int, int], int] = lambda own, widest: widest,
        keep_end: bool = False,
        length: int = 0,
        **padding: Any,
    ) -> list[str]:
        own = lengths(case)
        rows = written(
            tuple(case["prompts"]), length or case["max_new_tokens"], **padding
        )
        return [
            tokenizer.decode(
                ids[start(mine, max(own)) :], skip_special_tokens=not keep_end
            ).strip()
            for ids, mine in zip(rows, own, strict=True)
        ]

    def right(case: Case) -> list[str]:
        return [batch({**case, "prompts": [text]})[0] for text in case["prompts"]]

    mistakes = [
        (
            lambda case: batch(case, side="right"),
            "The padding is on the right, between prompt and continuation: pad on "
            "the left to generate.",
        ),
        (
            lambda case: batch(case, mask=False),
            "The model looks at the padding: pass the attention_mask too.",
        ),
        (
            lambda case: batch(case, start=lambda own, widest: 0),
            "The prompts are still there: return only what comes after them.",
        ),
        (
            lambda case: batch(case, start=lambda own, widest: own),
            "A piece of the shorter prompts is left: in a batch padded on the left, "
            "every prompt ends at the same column.",
        ),
        (
            lambda case: batch(case, keep_end=True),
            "The end-of-text token is in the texts: decode with "
            "skip_special_tokens=True.",
        ),
        (
            lambda case: batch(case, length=20),
            "The texts are not as long as asked for: pass max_new_tokens on.",
        ),
    ]
    otherwise = (
        "These are not the greedy continuations. Pad on the left, pass the mask, do "
        "not sample, and compare with one prompt at a time."
    )
    texts = [[text.strip() for text in answer["texts"]] for answer in data]
    if list(map(sorted, texts)) == [sorted(right(case)) for case in inputs["cases"]]:
        mistakes = []
        otherwise = (
            "The texts are in another order than the prompts: if you sort prompts by "
            "length, put the texts back."
        )
    verdict = judge_cases(texts, inputs["cases"], right, mistakes, otherwise)
    asked = [answer["calls"] for answer in data]
    called = [call for calls in asked for call in calls]
    if any(call["samples"] for call in called):
        return wrong(
            "The model samples: greedy decoding is do_sample=False.", calls=called
        )
    if not all(call["beams"] <= 1 for call in called):
        return wrong("Greedy decoding has one beam: num_beams=1.", calls=called)
    if verdict.right:
        return one_batch(asked, [len(case["prompts"]) for case in inputs["cases"]])
    return verdict


def one_batch(asked: list[list[dict[str, Any]]], prompts: list[int]) -> Verdict:
    """Judge whether all prompts of a case went through model.generate at once."""
    if not all(asked):
        return wrong(
            "The texts are right: write them with model.generate.", calls=asked
        )
    rows = [[call["rows"] for call in calls] for calls in asked]
    if rows != [[n] for n in prompts]:
        return wrong(
            "The texts are right, and model.generate was not called once with all "
            "prompts: make one batch of them.",
            rows_of_each_call=rows[0],
            prompts=prompts[0],
        )
    return Verdict(True)
