"""Exercise 2, preprocess: the references, and the mistakes known by their values."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from itertools import chain, combinations, pairwise
from typing import Any

from course_utils.checks.compare import Case, judge_cases
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]
Blocks = list[dict[str, list[int]]]

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
LOOSE = r"(?:https?://|www\.)"
START = rf"(?<!\w){LOOSE}(?=\w)"
END = r"""[^\s.,!?;:)"]"""


def verify_scrub(data: Any, inputs: Inputs) -> Verdict:
    """Text with placeholders, otherwise unchanged."""

    def right(
        case: Case,
        email: str = EMAIL,
        link: str = rf"{START}\S*{END}",
        flags: int = re.IGNORECASE,
    ) -> str:
        text = re.sub(link, "<link>", case["text"], flags=flags)
        return re.sub(email, "<email>", text)

    marks = (
        "\\S+ takes the punctuation with it: neither an address nor a link ends in a "
        "mark."
    )
    awww = (
        "`Awww.` is no link: none has a letter before its `www.`, and a letter or "
        "digit follows it."
    )
    mistakes = [
        (
            lambda case: right(case, link=rf"{START}\S+"),
            "The punctuation after a link is gone, and with it the end of a sentence: "
            "a link does not end in one of . , ! ? ; : ) and quotes.",
        ),
        (lambda case: right(case, r"\S+@\S+", rf"{START}\S+"), marks),
        (
            lambda case: right({"text": case["text"].lower()}),
            "The text is in lower case: to GPT-2 that is another text. Search without "
            "regard to case (re.IGNORECASE), and leave the text as it is.",
        ),
        (
            lambda case: " ".join(right(case).split()),
            "Spaces or line breaks have changed: replace addresses and links only.",
        ),
        (lambda case: right(case, link=rf"{LOOSE}\S*{END}"), awww),
        (lambda case: right(case, link=rf"{LOOSE}(?=\w)\S*{END}"), awww),
        (lambda case: right(case, link=rf"{LOOSE}\S+"), f"{marks} {awww}"),
        (lambda case: right(case, r"\S+@\S+", rf"{LOOSE}\S+"), f"{marks} {awww}"),
        (
            lambda case: right(case, flags=0),
            "Links in capitals stay: search without regard to case.",
        ),
    ]
    otherwise = (
        "Replace each e-mail address by <email> and each link by <link>, and change "
        "nothing else."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_pack(data: Any, inputs: Inputs) -> Verdict:
    """Blocks of input_ids and labels, exact."""

    def joined(lists: list[list[Any]]) -> list[Any]:
        return list(chain.from_iterable(lists))

    def stream(case: Case, before: bool = False) -> list[int]:
        eos, documents = [case["eos"]], case["documents"]
        return joined([eos + ids if before else ids + eos for ids in documents])

    def cut(ids: list[int], case: Case, short: bool = False) -> list[list[int]]:
        size = case["block_size"]
        blocks = [ids[i : i + size] for i in range(0, len(ids), size)]
        return [block for block in blocks if short or len(block) == size]

    def rows(blocks: list[list[int]]) -> Blocks:
        return [{"input_ids": block, "labels": block} for block in blocks]

    def right(case: Case) -> Blocks:
        return rows(cut(stream(case), case))

    def relabelled(label: Callable[[list[int], Case], list[int]]) -> Any:
        return lambda case: [
            {**row, "labels": label(row["labels"], case)} for row in right(case)
        ]

    def of_next_tokens(case: Case) -> Blocks:
        ids, shifted = stream(case), stream(case)[1:]
        blocks = zip(cut(ids, case), cut(shifted, case, short=True), strict=False)
        return [{"input_ids": block, "labels": label} for block, label in blocks]

    def padded(case: Case) -> Blocks:
        fill = [case["eos"]] * case["block_size"]
        blocks = cut(stream(case), case, short=True)
        return rows([(block + fill)[: case["block_size"]] for block in blocks])

    def each_alone(case: Case) -> Blocks:
        documents = [[*ids, case["eos"]] for ids in case["documents"]]
        return rows(joined([cut(ids, case) for ids in documents]))

    shifted = (
        "The labels are shifted. Nothing would fail: the model shifts them once more, "
        "and learns the token after the next. Here labels equal input_ids."
    )
    mistakes = [
        (
            lambda case: rows(cut(stream(case)[:-1], case)),
            "The last document has no end: put eos after each, not only between them.",
        ),
        (
            lambda case: rows(cut(stream(case, before=True), case)),
            "eos stands before each document: it marks the end, so put it after.",
        ),
        (
            lambda case: rows(cut(joined(case["documents"]), case)),
            "There is no eos between the documents: the model would see one run into "
            "the next, and never learn to stop.",
        ),
        (
            lambda case: rows(cut(stream(case), case, short=True)),
            "The last block is shorter than the others: drop what does not fill a "
            "block.",
        ),
        (
            padded,
            "The last block is filled up with eos: drop what does not fill a block.",
        ),
        (
            each_alone,
            "Each document is cut alone, so that its end is lost: join them all first, "
            "then cut.",
        ),
        (of_next_tokens, shifted),
        (relabelled(lambda ids, case: [*ids[1:], -100]), shifted),
        (relabelled(lambda ids, case: [*ids[1:], case["eos"]]), shifted),
        (
            relabelled(
                lambda ids, case: [-100 if i == case["eos"] else i for i in ids]
            ),
            "The labels leave out eos: then the model never learns to write it, and "
            "never stops.",
        ),
    ]
    otherwise = (
        "Join all documents, with eos after each, and cut the result into blocks of "
        "block_size tokens. Each is a dict of input_ids and the same labels."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_copies(data: Any, inputs: Inputs) -> Verdict:
    """Pairs of similar texts, exact."""

    def pairs(
        case: Case,
        words: Callable[[str], Collection[str]] = lambda t: re.findall(
            r"\w+", t.lower()
        ),
        size: int = 0,
        last: int = 1,
        whole: bool = True,
        like: Callable[[Counter, Counter], float] | None = None,
        above: Callable[[float, float], bool] = float.__ge__,
    ) -> list[list[int]]:
        size = size or case["size"]

        def shingles(text: str) -> Counter:
            found = list(words(text))
            if len(found) < size and whole:
                return Counter([tuple(found)])
            places = range(len(found) - size + last)
            return Counter(tuple(found[i : i + size]) for i in places)

        sets = [shingles(text) for text in case["texts"]]
        return [
            [i, j]
            for i, j in combinations(range(len(sets)), 2)
            if above(float((like or jaccard)(sets[i], sets[j])), case["threshold"])
        ]

    def jaccard(a: Counter, b: Counter) -> float:
        return len(a.keys() & b.keys()) / max(1, len(a.keys() | b.keys()))

    def shared(a: Counter, b: Counter) -> int:
        return len(a.keys() & b.keys())

    mistakes = [
        (
            lambda case: pairs(case, above=float.__gt__),
            "Pairs exactly at the threshold are missing: compare with >=.",
        ),
        (
            lambda case: pairs(case, words=lambda t: t.lower().split()),
            "Punctuation makes copies differ: find words with the pattern \\w+.",
        ),
        (
            lambda case: pairs(case, words=str.split),
            "Capitals and punctuation make copies differ: find \\w+ in the text in "
            "lower case.",
        ),
        (
            lambda case: pairs(case, words=str.lower),
            "These are shingles of characters: take sequences of words.",
        ),
        (
            lambda case: pairs(case, size=1),
            "Single words are compared, in any order: a shingle is a sequence of "
            "`size` words.",
        ),
        (
            lambda case: pairs(case, last=0),
            "The last shingle is missing: a text of n words has n - size + 1.",
        ),
        (
            lambda case: pairs(case, whole=False),
            "Texts shorter than `size` are like nothing: all their words make one "
            "shingle.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: shared(a, b) / max(1, min(len(a), len(b)))
            ),
            "Shared shingles are divided by those of the shorter text, so that any "
            "quotation counts as a copy: divide by all that occur in either.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: shared(a, b) / (len(a) + len(b))
            ),
            "The shared shingles are in the divisor twice: a union has each once.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: 2 * shared(a, b) / (len(a) + len(b))
            ),
            "This is Dice's measure, 2 x shared / (both sizes). Jaccard's is shared / "
            "union.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: (a & b).total() / max(1, (a | b).total())
            ),
            "A shingle that occurs twice is counted twice: compare sets.",
        ),
    ]
    otherwise = (
        "Return the sorted pairs (i, j), i < j, whose sets of word shingles have "
        "shared / union >= threshold."
    )
    return judge_cases(3, data, inputs["cases"], pairs, mistakes, otherwise)


def verify_groups(data: Any, inputs: Inputs) -> Verdict:
    """Each document's group, named after its first member."""

    def right(case: Case) -> list[int]:
        group = list(range(case["n_documents"]))
        for _ in group:
            for i, j in case["pairs"]:
                group[i] = group[j] = min(group[i], group[j])
        return group

    def one_pass(case: Case, join: Callable[[list[int], int, int], None]) -> list[int]:
        group = list(range(case["n_documents"]))
        for i, j in case["pairs"]:
            join(group, i, j)
        return group

    def smaller(group: list[int], i: int, j: int) -> None:
        group[i] = group[j] = min(group[i], group[j])

    def first(group: list[int], i: int, j: int) -> None:
        group[j] = group[i]

    def partner(group: list[int], i: int, j: int) -> None:
        group[j] = i

    late = (
        "Two groups that meet late stay apart: when a pair joins them, every member "
        "of the one has to move, not only the two of the pair."
    )
    nearest = (
        "Copies of copies are in other groups: if 1 is like 2 and 2 is like 3, all "
        "three belong together."
    )
    mistakes = [
        (lambda case: one_pass(case, smaller), late),
        (lambda case: one_pass(case, first), late),
        (lambda case: one_pass(case, partner), nearest),
        (
            lambda case: [sorted(set(right(case))).index(g) for g in right(case)],
            "The groups are right and their names are not: name each after its "
            "smallest document number.",
        ),
    ]
    otherwise = (
        "Return one number a document: the smallest document number that it is joined "
        "with, directly or over other documents."
    )
    return judge_cases(3, data, inputs["cases"], right, mistakes, otherwise)


def verify_merge(data: Any, inputs: Inputs) -> Verdict:
    """The chosen pair, and all words after its merge."""

    def counted(case: Case, weight: bool = True, once: bool = False) -> Counter:
        counts: Counter = Counter()
        for word, count in zip(case["words"], case["counts"], strict=True):
            pairs = list(pairwise(word))
            for pair in set(pairs) if once else pairs:
                counts[pair] += count if weight else 1
        return counts

    def best(counts: Counter) -> tuple[str, str]:
        return min(counts, key=lambda pair: (-counts[pair], pair))

    def merged(word: list[str], pair: tuple[str, str], step: int = 2) -> list[str]:
        new, i = [], 0
        while i < len(word):
            match = tuple(word[i : i + 2]) == pair
            new.append("".join(pair) if match else word[i])
            i += step if match else 1
        return new

    def right(
        case: Case, pair: tuple[str, str] | None = None, merge: Any = merged
    ) -> list[Any]:
        pair = pair or best(counted(case))
        return [list(pair), [merge(word, pair) for word in case["words"]]]

    def replaced(word: list[str], pair: tuple[str, str]) -> list[str]:
        return " ".join(word).replace(" ".join(pair), "".join(pair)).split(" ")

    def once(word: list[str], pair: tuple[str, str]) -> list[str]:
        at = [i for i, found in enumerate(pairwise(word)) if found == pair][:1]
        return [*word[: at[0]], "".join(pair), *word[at[0] + 2 :]] if at else word

    mistakes = [
        (
            lambda case: right(case, max(counted(case), key=counted(case).get)),
            "Among pairs of equal count the first one met is taken: take the first in "
            "alphabetical order, so that the order of the words doesn't matter.",
        ),
        (
            lambda case: right(case, max((n, p) for p, n in counted(case).items())[1]),
            "Among pairs of equal count the last in alphabetical order is taken: take "
            "the first.",
        ),
        (
            lambda case: right(case, counted(case, weight=False).most_common(1)[0][0]),
            "Each word counts once: a pair in a word that occurs 5 times occurs 5 "
            "times.",
        ),
        (
            lambda case: right(case, best(counted(case, once=True))),
            "A pair that stands twice in a word is counted once.",
        ),
        (
            lambda case: right(case, merge=replaced),
            "The merge tears pieces apart: replacing in a joined string also finds the "
            "pair at the end of a longer piece. Compare whole pieces.",
        ),
        (
            lambda case: right(case, merge=once),
            "Only the first place in each word is merged: go on to its end.",
        ),
        (
            lambda case: right(case, merge=lambda w, p: merged(w, p, step=1)),
            "The second piece of a merged pair is still there: skip both.",
        ),
    ]
    otherwise = (
        "Return the commonest pair of neighbours, weighted by the counts, and all "
        "words with each such pair joined into one piece."
    )
    return judge_cases(3, data, inputs["cases"], right, mistakes, otherwise)


VERIFY = {
    "ex02_1": verify_scrub,
    "ex02_2": verify_pack,
    "ex02_3": verify_copies,
    "ex02_4": verify_groups,
    "ex02_5": verify_merge,
}
