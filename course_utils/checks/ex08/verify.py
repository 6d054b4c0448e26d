"""Exercise 8, evaluate: the references, and the mistakes known by their values."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases
from course_utils.checks.contract import Verdict
from course_utils.checks.ex08.probe import losses_of

Inputs = dict[str, Any]


def verify_names(data: Any, inputs: Inputs) -> Verdict:
    """Missing and invented names, exact."""

    def names(case: Case) -> set[str]:
        return {*case["right_names"], *case["known_names"]}

    def whole_words(case: Case) -> set[str]:
        return set(re.findall("[A-Za-z]+", case["summary"])) & names(case)

    def answer(
        case: Case, mentioned: Callable[[Case], set[str]] = whole_words
    ) -> dict[str, list[str]]:
        found, right = mentioned(case), set(case["right_names"])
        return {"missing": sorted(right - found), "invented": sorted(found - right)}

    def lowercased(case: Case) -> set[str]:
        words = re.findall("[a-z]+", case["summary"].lower())
        return {name for name in names(case) if name.lower() in words}

    def stripped(case: Case) -> set[str]:
        return {word.strip(".,!?") for word in case["summary"].split()} & names(case)

    def unsorted(case: Case) -> dict[str, list[str]]:
        errors = answer(case)
        return {
            "missing": [n for n in case["right_names"] if n in errors["missing"]],
            "invented": [n for n in case["known_names"] if n in errors["invented"]],
        }

    mistakes = [
        (
            lambda case: answer(
                case, lambda case: {n for n in names(case) if n in case["summary"]}
            ),
            "A name is found as part of a longer word: compare whole words.",
        ),
        (
            lambda case: answer(case, lowercased),
            "A name begins with a capital: don't lowercase, or the verb counts as the "
            "name.",
        ),
        (
            lambda case: answer(
                case, lambda case: set(case["summary"].split()) & names(case)
            ),
            "Names next to punctuation are not found: take runs of letters as words.",
        ),
        (
            lambda case: answer(case, stripped),
            "A possessive is not found: the name ends before the apostrophe.",
        ),
        (
            lambda case: answer(
                case, lambda case: set(re.findall("[A-Z][a-z]+", case["summary"]))
            ),
            "Not every word with a capital is a name: look among known_names.",
        ),
        (
            lambda case: dict(
                zip(("invented", "missing"), answer(case).values(), strict=True)
            ),
            "The two lists are exchanged.",
        ),
        (unsorted, "The names are right, but not sorted by the alphabet."),
    ]
    otherwise = (
        "Return a dict: missing, the right names that are no word of the summary, and "
        "invented, the known names that are a word of it and not right; both sorted."
    )
    return judge_cases(2, data, inputs["cases"], answer, mistakes, otherwise)


def verify_rouge(data: Any, inputs: Inputs) -> Verdict:
    """ROUGE-1 of the best reference."""

    def words(text: str, lower: bool = True, pattern: str = "[A-Za-z0-9]+") -> Counter:
        return Counter(re.findall(pattern, text.lower() if lower else text))

    def f_measure(shared: int, written: int, wanted: int) -> float:
        return 200 * shared / (written + wanted)

    def common(a: Counter, b: Counter) -> int:
        return (a & b).total()

    def score(
        case: Case,
        f: Callable = f_measure,
        shared: Callable[[Counter, Counter], int] = common,
        best: Callable = max,
        references: Callable = list,
        **how: Any,
    ) -> float:
        a = words(case["prediction"], **how)
        scores = []
        for reference in references(case["references"]):
            b = words(reference, **how)
            scores.append(f(shared(a, b), a.total(), b.total()))
        return float(best(scores))

    def of_sets(case: Case) -> float:
        once = [
            Counter(set(words(text)))
            for text in (case["prediction"], *case["references"])
        ]
        return max(
            f_measure(common(once[0], b), len(once[0]), len(b)) for b in once[1:]
        )

    mistakes = [
        (
            lambda case: score(case, lower=False, pattern=r"\S+"),
            "The text is neither lowercased nor freed from punctuation.",
        ),
        (
            lambda case: score(case, pattern=r"\S+"),
            "Punctuation sticks to the words: take runs of letters and digits.",
        ),
        (lambda case: score(case, lower=False), "Lowercase both texts first."),
        (
            lambda case: score(
                case, shared=lambda a, b: sum(n for word, n in a.items() if word in b)
            ),
            "A word that is repeated in the prediction is shared too often: as often "
            "as in the text that has it less often.",
        ),
        (
            of_sets,
            "A repeated word counts once here: with sets, repetition disappears. "
            "Count words, not different words.",
        ),
        (
            lambda case: score(case, shared=lambda a, b: len(a & b)),
            "This counts how many different words are shared: a word that is twice in "
            "both is shared twice.",
        ),
        (
            lambda case: score(case, lambda shared, a, b: 100 * shared / b),
            "This is the recall: return the harmonic mean of precision and recall.",
        ),
        (
            lambda case: score(case, lambda shared, a, b: 100 * shared / a),
            "This is the precision: return the harmonic mean of precision and recall.",
        ),
        (
            lambda case: score(
                case, lambda shared, a, b: 50 * shared * (1 / a + 1 / b)
            ),
            "This is the arithmetic mean of precision and recall: take the harmonic "
            "one.",
        ),
        (
            lambda case: score(case, references=lambda texts: texts[:1]),
            "Only the first reference is looked at: the best one counts.",
        ),
        (
            lambda case: score(case, best=np.mean),
            "This is the mean over the references: the best one counts.",
        ),
        (
            lambda case: score(case, references=lambda texts: [" ".join(texts)]),
            "The references are joined to one text: score each of them alone.",
        ),
        (lambda case: score(case) / 100, "The score goes from 0 to 100."),
    ]
    otherwise = (
        "For each reference: shared words (the smaller count of each), precision, "
        "recall, 100 x their harmonic mean. Return the highest."
    )
    return judge_cases(2, data, inputs["cases"], score, mistakes, otherwise)


def verify_interval(data: Any, inputs: Inputs) -> Verdict:
    """The mean difference and its percentile interval."""

    def percentiles(values: np.ndarray, outside: float = 2.5) -> np.ndarray:
        return np.percentile(values, [outside, 100 - outside])

    def interval(
        case: Case, bounds: Callable[[np.ndarray, np.ndarray], Any] | None = None
    ) -> list[float]:
        difference = case["after"] - case["before"]
        means = difference[case["draws"]].mean(axis=1)
        low, high = bounds(difference, means) if bounds else percentiles(means)
        return [difference.mean(), low, high]

    def separate(case: Case, crossed: bool) -> list[float]:
        before, after = (
            percentiles(case[name][case["draws"]].mean(axis=1))
            for name in ("before", "after")
        )
        low, high = after - (before[::-1] if crossed else before)
        return [interval(case)[0], low, high]

    def normal(ddof: int) -> Callable[[np.ndarray, np.ndarray], Any]:
        def bounds(difference: np.ndarray, _: np.ndarray) -> Any:
            error = difference.std(ddof=ddof) / np.sqrt(len(difference))
            return difference.mean() + 1.96 * error * np.array([-1, 1])

        return bounds

    def draws_of(case: Case) -> np.ndarray:
        return (case["after"] - case["before"])[case["draws"]]

    two = (
        "Two separate intervals are subtracted, so what is hard for both models does "
        "not cancel out: subtract the scores first, then draw."
    )
    bell = "These are bounds of a normal distribution: take percentiles of the draws."
    mistakes = [
        (lambda case: separate(case, True), two),
        (lambda case: separate(case, False), two),
        (
            lambda case: interval(
                case | {"before": case["after"], "after": case["before"]}
            ),
            "The sign is the other way round: after - before.",
        ),
        (
            lambda case: interval(case, lambda _, means: percentiles(means, 5)),
            "This is a 90 % interval: 5 % on each side. Leave out 2.5 % on each side.",
        ),
        (
            lambda case: interval(case, lambda difference, _: percentiles(difference)),
            "These are percentiles of the single differences: they show how dialogues "
            "vary, not how sure the mean is.",
        ),
        (
            lambda case: interval(case, lambda *_: percentiles(draws_of(case))),
            "Take the mean of each draw before the percentiles.",
        ),
        (
            lambda case: interval(
                case, lambda *_: percentiles(draws_of(case).mean(axis=0))
            ),
            "The mean goes over the other axis: one mean a draw, so one a row.",
        ),
        (lambda case: interval(case, normal(0)), bell),
        (lambda case: interval(case, normal(1)), bell),
        (
            lambda case: [draws_of(case).mean(), *interval(case)[1:]],
            "The first number is the mean of the draws: return the mean over the n "
            "dialogues.",
        ),
        (
            lambda case: interval(
                case, lambda _, means: np.percentile(means, [0.025, 0.975])
            ),
            "np.percentile wants percent, 0 to 100: 2.5 and 97.5.",
        ),
    ]
    otherwise = (
        "Use `draws` as they are: difference[draws].mean(axis=1) holds one mean a "
        "draw. Return the mean of the difference and the percentiles 2.5 and 97.5."
    )
    return judge_cases(2, data, inputs["cases"], interval, mistakes, otherwise)


def verify_sliding(data: Any, inputs: Inputs) -> Verdict:
    """The perplexity, with each token scored once."""

    def windows(case: Case, stride: int | None = None) -> Iterator[tuple[int, list]]:
        """Yield the start of each window and its losses."""
        n, size = len(case["input_ids"]), case["block_size"]
        for start in range(0, n, stride or case["stride"]):
            yield start, losses_of(case["input_ids"][start : start + size])
            if start + size >= n:
                return

    def new(case: Case) -> list[list[float]]:
        """Return each window's losses of tokens that were not scored before."""
        parts, scored = [], 0
        for start, losses in windows(case):
            parts.append(losses[scored - start :])
            scored += len(parts[-1])
        return parts

    def exp_mean(parts: list[list[float]]) -> float:
        return float(np.exp(np.mean([loss for part in parts for loss in part])))

    def right(case: Case) -> float:
        return exp_mean(new(case))

    def by_tokens(case: Case) -> float:
        first, *others = new(case)
        total = np.mean(first) * (len(first) + 1) + sum(map(sum, others))
        return np.exp(total / len(case["input_ids"]))

    def whole_windows(case: Case) -> float:
        parts, size = new(case), case["block_size"]
        n = len(case["input_ids"])
        rest = n > size and (n - size) % case["stride"]
        return exp_mean(parts[:-1] if rest else parts)

    def tails(case: Case, first_too: bool, skip: bool = False) -> float:
        stride, size = case["stride"], case["block_size"]
        return exp_mean(
            [
                losses
                if start == 0 and not first_too
                else losses[size - stride if skip else -stride :]
                for start, losses in windows(case)
            ]
        )

    def newest(case: Case) -> float:
        last = {}
        for start, losses in windows(case):
            last |= {start + i: loss for i, loss in enumerate(losses)}
        return exp_mean([list(last.values())])

    mistakes = [
        (
            lambda case: exp_mean([x for _, x in windows(case, case["block_size"])]),
            "These are separate blocks: move the window by `stride`, so that tokens "
            "at its start have context.",
        ),
        (
            lambda case: exp_mean([x for _, x in windows(case)]),
            "Tokens in the overlap are scored more than once: leave out what an "
            "earlier window has scored.",
        ),
        (
            lambda case: np.exp(np.mean([np.mean(part) for part in new(case)])),
            "This is a mean of the windows' means, but they score unlike numbers of "
            "tokens: take one mean over all tokens.",
        ),
        (
            by_tokens,
            "Each window's mean is weighted by its new tokens, but the text's first "
            "token has no loss: add up the losses themselves.",
        ),
        (
            whole_windows,
            "The last, shorter window is missing: its new tokens count too.",
        ),
        (
            lambda case: tails(case, first_too=True),
            "The start of the text is never scored: in the first window all tokens "
            "are new.",
        ),
        (
            lambda case: tails(case, first_too=False),
            "A last window that is shorter has fewer than `stride` new tokens: the "
            "others were scored before.",
        ),
        (
            lambda case: tails(case, first_too=False, skip=True),
            "Each later window skips one token too many: the losses begin with the "
            "window's second token.",
        ),
        (
            newest,
            "A token counts in the first window that gives it a loss, not in the "
            "last: the later ones have less of the text before it.",
        ),
        (
            lambda case: exp_mean([losses_of(case["input_ids"])]),
            "The model is given more tokens than a block holds.",
        ),
        (
            lambda case: np.log(right(case)),
            "This is the mean loss: perplexity is exp of it.",
        ),
        (
            lambda case: right(case) ** (1 - 1 / len(case["input_ids"])),
            "The text's first token has no loss: divide by the number of scored "
            "tokens, one less.",
        ),
    ]
    otherwise = (
        "Score each token but the first once: all of the first window, and of each "
        "later one only the tokens behind the end of the window before."
    )
    return judge_cases(3, data, inputs["cases"], right, mistakes, otherwise)


VERIFY = {
    "ex08_1": verify_names,
    "ex08_2": verify_rouge,
    "ex08_3": verify_interval,
    "ex08_4": verify_sliding,
}
