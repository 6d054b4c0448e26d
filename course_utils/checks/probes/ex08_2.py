"""Probe of 8.2, ROUGE-1 with several references."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

WORDS = [
    *("bring", "cake", "party", "juice", "music", "train", "garden", "film"),
    *("rain", "dinner", "saturday", "school", "piano", "ticket", "bread", "window"),
    *("river", "summer", "letter", "winter", "coffee", "market", "boat", "street"),
    *("cousin", "camera", "pencil", "bottle", "yellow", "morning", "uncle"),
]

# A prediction and its references, as places among ten words. Of several references the
# best stands in the middle.
PLANS = (
    ((2, 6, 2, 0, 5), ((0, 1, 2, 3, 4, 5),)),
    ((1, 9, 4, 1, 0, 3), ((1, 7, 8), (0, 1, 4, 5, 3, 1, 2), (1, 4, 6, 7, 2))),
    ((0, 1, 2, 3, 4), ((0, 1, 9, 8, 6), (0, 1, 3, 4, 5), (0, 5, 6, 7))),
    ((0, 1, 2, 0), ((3, 4, 5, 6),)),
    ((5, 5, 5, 1, 2, 7), ((5, 2, 5, 3, 4, 1, 2),)),
    ((1, 2, 3, 4), ((1, 2, 3, 6, 7),)),
    ((0, 1, 2), ((0, 1, 2, 3, 4, 2),)),
    # The longest reference shares the most words.
    ((0, 1, 2, 3, 4), (tuple(range(10)), (0, 1, 2, 3), (5, 6, 7))),
)
# What other ideas of a word cut otherwise: the prediction's end, and the references'.
ENDS = (
    ("", ""),
    ("10pm", "11pm"),
    ("follow-up", "follow up"),
    ("", ""),
    ("7 pm on-line", "7 online"),
    ("café", "cafés"),
    ("Olga's boat-trip", "Olga boat-trip"),
    ("", ""),
)
NO_MORE_SHARED = (3, 7)


def sentence(words: list[str]) -> str:
    """Return words as a sentence: a capital, a comma after the second, a full stop."""
    text = " ".join([words[0].capitalize(), f"{words[1]},", *words[2:]])
    return f"{text}."


def make_inputs(seed: int) -> Inputs:
    """Repeated words on either side, several references, and nothing shared.

    Some more words, shared or not, make the scores differ by the seed.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for number, (plan, references) in enumerate(PLANS):
        order = rng.permutation(WORDS).tolist()
        bank, mine, theirs, ours = order[:10], order[10:18], order[18:26], order[26:31]
        shared = 0 if number in NO_MORE_SHARED else rng.integers(5)
        end, end_of_references = (text.split() for text in ENDS[number])

        def text(places: tuple[int, ...], more: list[str], bank: list = bank) -> str:
            return sentence([*(bank[i] for i in places), *more])

        prediction = [*mine[: rng.integers(8)], *ours[:shared], *end]
        texts = []
        for place, reference in enumerate(references):
            best = place == len(references) // 2
            more = theirs[: rng.integers(8)] if best and len(references) == 1 else []
            more = more if best else theirs
            both = ours[:shared] if best else []
            texts.append(text(reference, [*more, *both, *end_of_references]))
        cases.append({"prediction": text(plan, prediction), "references": texts})
    words = rng.permutation(WORDS).tolist()
    texts = words[:2], words[:4] + words[6:8]  # all of a short one is in the prediction
    cases.append(
        {
            "prediction": sentence(words[:6]),
            "references": [sentence(text) for text in texts],
        }
    )
    return {"cases": cases}


QUESTION = Question(
    id="ex08_2",
    name="rouge_1",
    points=2,
    title="ROUGE-1 with several references",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re", "collections.Counter"),
    forbidden=("rouge_score.rouge_scorer.RougeScorer.score",),
    errors={
        "ZeroDivisionError": "If nothing is shared, the score is 0.",
    },
)
