"""Exercise 9, deploy: the references, and the mistakes known by their values."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]


def verify_figure(data: Any, inputs: Inputs) -> Verdict:
    """Figures as text, exact."""
    none = "not measured"

    def find(case: Case) -> float | None:
        value = case["report"]
        for part in case["path"].split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def figure(
        case: Case,
        is_figure: Callable[[float], bool] = math.isfinite,
        write: Callable[[float], Any] = "{:.1f}".format,
        otherwise: Any = none,
    ) -> Any:
        value = find(case)
        return otherwise if value is None or not is_figure(value) else write(value)

    mistakes = [
        (
            lambda case: figure(case, lambda value: value and math.isfinite(value)),
            "0 is a figure too: ask whether it is None, not whether it is true.",
        ),
        (
            lambda case: figure(case, lambda value: True),
            "NaN and infinity are no figures: nobody measured them.",
        ),
        (
            lambda case: figure(case, otherwise="0.0"),
            "A figure is made up: what is missing is not 0, it is not measured.",
        ),
        (
            lambda case: figure(case, write=str),
            "Write the figure with one digit after the point.",
        ),
        (
            lambda case: figure(case, write=lambda value: round(value, 1)),
            "Return a text in each case, not a number.",
        ),
        (
            lambda case: figure(case, otherwise=None),
            'Return a text in each case: "not measured" if there is no figure.',
        ),
    ]
    otherwise = (
        'Return the number at the end of the path with one digit, such as "41.3". If '
        'it is missing, None, NaN or infinite, return "not measured".'
    )
    return judge_cases(1, data, inputs["cases"], figure, mistakes, otherwise)


def verify_latency(data: Any, inputs: Inputs) -> Verdict:
    """Percentiles by the nearest rank, and the throughput."""

    def times(case: Case) -> list[float]:
        return [1000 * (end - start) for start, end in case["requests"]]

    def report(case: Case, **changes: Callable[[Case], float]) -> dict[str, float]:
        ordered, n = sorted(times(case)), len(case["requests"])
        starts, ends = zip(*case["requests"], strict=True)
        right = {
            "p50_ms": ordered[math.ceil(50 * n / 100) - 1],
            "p95_ms": ordered[math.ceil(95 * n / 100) - 1],
            "per_second": n / (max(ends) - min(starts)),
        }
        return right | {name: change(case) for name, change in changes.items()}

    def interpolated(p: int) -> Callable[[Case], float]:
        return lambda case: float(np.percentile(times(case), p))

    def too_far(p: int) -> Callable[[Case], float]:
        return lambda case: sorted(times(case))[p * len(times(case)) // 100]

    def unsorted(p: int) -> Callable[[Case], float]:
        return lambda case: times(case)[math.ceil(p * len(times(case)) / 100) - 1]

    def rate(seconds: Callable[[list, list], float]) -> Callable[[Case], float]:
        def per_second(case: Case) -> float:
            starts, ends = zip(*case["requests"], strict=True)
            return len(starts) / seconds(starts, ends)

        return per_second

    def changed(p: Callable) -> Callable[[Case], dict[str, float]]:
        return lambda case: report(case, p50_ms=p(50), p95_ms=p(95))

    def throughput(seconds: Callable) -> Callable[[Case], dict[str, float]]:
        return lambda case: report(case, per_second=rate(seconds))

    def in_seconds(case: Case) -> dict[str, float]:
        right = report(case)
        return right | {name: right[name] / 1000 for name in ("p50_ms", "p95_ms")}

    mistakes = [
        (
            changed(interpolated),
            "The percentiles lie between two measured times: take the nearest rank, "
            "which was measured.",
        ),
        (
            changed(too_far),
            "The index is one rank too far: the k-th time, counted from 1, has the "
            "index k - 1.",
        ),
        (changed(unsorted), "Sort the times before you take a percentile."),
        (in_seconds, "The percentiles are to be in milliseconds."),
        (
            lambda case: report(case, p50_ms=lambda case: np.mean(times(case))),
            "p50 is no mean: it is the time that half of the requests did not exceed.",
        ),
        (
            throughput(lambda starts, ends: sum(ends) - sum(starts)),
            "Requests overlap: adding up their times counts the same second several "
            "times. Divide by the time from the first start to the last end.",
        ),
        (
            throughput(lambda starts, ends: ends[-1] - starts[0]),
            "The requests are in no particular order: take the earliest start and the "
            "latest end.",
        ),
        (
            throughput(lambda starts, ends: max(ends)),
            "The clock does not begin at 0: subtract the earliest start.",
        ),
    ]
    otherwise = (
        "Return a dict: p50_ms and p95_ms, the time of rank p x n / 100, rounded up, "
        "and per_second, n / (latest end - earliest start)."
    )
    return judge_cases(2, data, inputs["cases"], report, mistakes, otherwise)


def verify_request(data: Any, inputs: Inputs) -> Verdict:
    """The status of each request, exact."""

    def status(
        case: Case,
        size: Callable[[str], int] = len,
        is_blank: Callable[[str], bool] = lambda text: not text.strip(),
        fine: str | None = "\n\r\t",
        special: str = "<|endoftext|>",
        is_count: Callable[[Any], bool] = lambda n: type(n) is int and 1 <= n <= 200,
    ) -> int:
        body = case["body"] if isinstance(case["body"], dict) else {}
        text = body.get("dialogue")
        if not isinstance(text, str) or is_blank(text):
            return 422
        if size(text) > case["max_characters"]:
            return 413
        control = any(ord(c) < 32 and c not in (fine or "") for c in text)
        if (control and fine is not None) or special in text:
            return 422
        return 200 if is_count(body.get("max_new_tokens", 60)) else 422

    def exchanged(old: int, new: int) -> Callable[[Case], int]:
        return lambda case: new if status(case) == old else status(case)

    mistakes = [
        (
            lambda case: status(case, is_blank=lambda text: not text),
            "A dialogue of only white space passes: it is as good as empty.",
        ),
        (
            lambda case: status(case, size=lambda text: len(text.encode())),
            "This counts bytes: text in other scripts is refused too early. Count "
            "characters.",
        ),
        (
            lambda case: status(case, size=lambda text: len(text) + 1),
            "A dialogue of exactly max_characters is not too long.",
        ),
        (exchanged(413, 422), "Too long is 413, not 422."),
        (
            lambda case: status(case, fine=None),
            "Control characters pass, such as the one with ord 0.",
        ),
        (
            lambda case: status(case, fine=""),
            "Line breaks are refused, and every dialogue has them: with tabs and "
            "carriage returns they are fine.",
        ),
        (
            lambda case: status(case, special="\0"),
            "A user can write <|endoftext|>, which becomes the token that ends a text.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: isinstance(n, int) and 1 <= n <= 200
            ),
            "True passes as a count: in Python True is an int, so ask for the exact "
            "type.",
        ),
        (
            lambda case: status(case, is_count=lambda n: True),
            "max_new_tokens is not checked.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: type(n) in (int, float) and 1 <= n <= 200
            ),
            "A float is no int, even if it is whole.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: type(n) is int and 0 <= n <= 200
            ),
            "From 1 to 200 means that 0 is wrong.",
        ),
        (
            exchanged(422, 400),
            "The status is 422: the request can be read, and is wrong.",
        ),
    ]
    otherwise = "The status is not the one that the list says. Follow it in its order."
    return judge_cases(2, data, inputs["cases"], status, mistakes, otherwise)


def verify_batches(data: Any, inputs: Inputs) -> Verdict:
    """The batches of indices, exact."""

    def fill(order: Any, fits: Callable[[list[int], int], bool]) -> list[list[int]]:
        batches: list[list[int]] = [[]]
        for i in order:
            if batches[-1] and not fits(batches[-1], i):
                batches.append([])
            batches[-1].append(i)
        return batches

    def by_length(case: Case) -> list[int]:
        return sorted(range(len(case["lengths"])), key=lambda i: case["lengths"][i])

    def batches(
        case: Case,
        order: Callable[[Case], Any] = by_length,
        cost: Callable[[list[int]], int] = lambda lengths: len(lengths) * max(lengths),
        more: int = 0,
    ) -> list[list[int]]:
        def fits(batch: list[int], i: int) -> bool:
            lengths = [case["lengths"][j] for j in [*batch, i]]
            return cost(lengths) + more <= case["max_tokens"]

        return fill(order(case), fits)

    def longest_first(case: Case) -> list[int]:
        return sorted(range(len(case["lengths"])), key=lambda i: -case["lengths"][i])

    def sorted_places(case: Case) -> list[list[int]]:
        return batches(case | {"lengths": sorted(case["lengths"])})

    mistakes = [
        (
            lambda case: batches(case, cost=sum),
            "The lengths are added up, but padding costs too: a batch has rows x "
            "longest row tokens.",
        ),
        (
            lambda case: batches(case, order=lambda case: range(len(case["lengths"]))),
            "The requests are in the order of arrival: take them by length.",
        ),
        (
            lambda case: batches(case, order=longest_first),
            "Here the longest come first: begin with the shortest.",
        ),
        (
            lambda case: batches(case, order=lambda case: longest_first(case)[::-1]),
            "Equal requests are exchanged: the one that came first goes first.",
        ),
        (
            lambda case: [[case["lengths"][i] for i in b] for b in batches(case)],
            "These are lengths. Return indices, or nobody knows whose answer is whose.",
        ),
        (
            sorted_places,
            "These are indices into the sorted list: return those of the order of "
            "arrival.",
        ),
        (lambda case: batches(case)[:-1], "The last batch is lost: return it too."),
        (
            lambda case: batches(case, cost=lambda row: (len(row) - 1) * row[-2] + 1),
            "The limit is asked for before the new request counts: ask how large the "
            "batch is after the request is in.",
        ),
        (
            lambda case: batches(case, cost=lambda row: len(row) * row[-2]),
            "The longest row is taken from before: by length, the new one is the "
            "longest of its batch.",
        ),
        (
            lambda case: batches(case, more=1),
            "A batch may have exactly max_tokens tokens.",
        ),
    ]
    otherwise = (
        "By length, put each index into the last batch if (rows + 1) x its length is "
        "at most max_tokens, and else into a new one."
    )
    return judge_cases(2, data, inputs["cases"], batches, mistakes, otherwise)


def verify_alarm(data: Any, inputs: Inputs) -> Verdict:
    """The index at which the alarm rings, or None."""

    def invents(speakers: set[str], named: set[str]) -> int:
        return not named <= speakers

    def ring(
        case: Case,
        bad: Callable[[set[str], set[str]], int] = invents,
        slack: float = 0.0,
        partial: bool = False,
        since_start: bool = False,
        every: int | None = None,
    ) -> int | None:
        window = case["window"]
        flags = [bad(set(r["speakers"]), set(r["named"])) for r in case["records"]]
        first = 0 if partial else window - 1
        for index in range(first, len(flags), every or 1):
            begin = 0 if since_start else max(0, index - window + 1)
            last = flags[begin : index + 1]
            if sum(last) / len(last) + slack > case["limit"]:
                return index
        return None

    def moved(by: Callable[[Case], int]) -> Callable[[Case], int | None]:
        def answer(case: Case) -> int | None:
            index = ring(case)
            return None if index is None else index + by(case)

        return answer

    mistakes = [
        (
            lambda case: ring(case, partial=True),
            "It rings while the window is not full yet: wait for `window` records.",
        ),
        (
            lambda case: ring(case, since_start=True),
            "This is the share since the release: look at the last `window` records.",
        ),
        (
            lambda case: ring(case, slack=1e-9),
            "It rings at the limit already: the share has to be more than limit.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: len(named - speakers)),
            "A summary that invents several names counts once.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: not speakers <= named),
            "These are the summaries that leave speakers out: look for names that are "
            "not among the speakers.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: speakers != named),
            "A summary need not name all speakers: only other names count.",
        ),
        (
            lambda case: ring(case, every=case["window"]),
            "The windows stand side by side: the window moves on with every record.",
        ),
        (
            moved(lambda case: 1 - case["window"]),
            "This is where the window begins: return the index of its last record.",
        ),
        (moved(lambda case: 1), "The index is one too high."),
        (
            lambda case: -1 if ring(case) is None else ring(case),
            "Return None if it never rings: -1 is an index too.",
        ),
    ]
    otherwise = (
        "Return the first index, from window - 1 on, at which more than limit of the "
        "last `window` summaries name somebody who is not among the speakers."
    )
    return judge_cases(2, data, inputs["cases"], ring, mistakes, otherwise)


VERIFY = {
    "ex09_1": verify_figure,
    "ex09_2": verify_latency,
    "ex09_3": verify_request,
    "ex09_4": verify_batches,
    "ex09_5": verify_alarm,
}
