"""A quality filter tells texts from damaged ones that it has not seen."""

import random

import numpy as np

from course_utils.data.handwritten import development_chats
from course_utils.data.quality import BUCKETS, damaged, quality_filter, trigrams


def test_a_filter_judges_texts_that_it_has_not_seen():
    rng, chats = random.Random(0), development_chats()["dialogue"][:200]
    is_good = [k % 2 == 0 for k in range(len(chats))]
    found = [t if good else damaged(t, rng) for t, good in zip(chats, is_good)]  # noqa: B905
    judge = quality_filter(found[:100], is_good[:100])
    right = (judge(found[100:]) > 0.5) == np.array(is_good[100:])
    assert right.mean() > 0.8


def test_trigrams_are_shares():
    found = trigrams(["abcabc", "ab", ""])
    assert found.shape == (3, BUCKETS)
    assert found[0].square().sum().item() == np.float32(1)
    assert found[1:].abs().sum() == 0
