"""The references of exercise 8 are what the library computes."""

import pytest

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex08_2, ex08_3, ex08_4


def test_rouge_is_the_librarys():
    from course_utils.evaluation.rouge import rouge_scores

    cases = question("ex08_2").inputs(4)["cases"]
    scores = rouge_scores(
        [case["prediction"] for case in cases],
        [case["references"] for case in cases],
        ["rouge1"],
        use_stemmer=False,
    )["rouge1"]
    assert min(scores) == 0
    assert ex08_2.judge(scores.tolist(), {"cases": cases}) == Verdict(True)


def test_interval_is_about_the_librarys():
    import numpy as np

    from course_utils.evaluation.rouge import paired_difference

    case = question("ex08_3").inputs(1)["cases"][1]
    n, resamples = len(case["before"]), 50_000
    case["draws"] = np.random.default_rng(0).integers(0, n, (resamples, n))
    theirs = paired_difference(case["after"], case["before"], resamples)
    means = (case["after"] - case["before"])[case["draws"]].mean(axis=1)
    ours = [theirs.value, *np.percentile(means, [2.5, 97.5])]
    assert ex08_3.judge([ours], {"cases": [case]}) == Verdict(True)
    assert ours == pytest.approx(list(theirs), abs=0.05)


@pytest.mark.parametrize(
    ("tokens", "size", "stride"), [(8, 4, 2), (17, 6, 4), (5, 6, 2)]
)
def test_sliding_perplexity_is_the_librarys(tokens, size, stride, monkeypatch):
    import torch

    from course_utils.checks import probes
    from course_utils.checks.probes.ex06_model import new_model
    from course_utils.evaluation import perplexity

    model = new_model(0).eval()

    def losses_of(ids):
        ids = torch.tensor([ids])
        with torch.no_grad():
            return perplexity.token_losses(model, ids, ids)[0].tolist()

    ids = [(7 * i * i) % 64 for i in range(tokens)]
    got = perplexity.sliding_perplexity(model, ids, block_size=size, stride=stride)
    monkeypatch.setattr(probes.ex08_4, "losses_of", losses_of)
    case = {"input_ids": ids, "block_size": size, "stride": stride}
    assert ex08_4.judge([got], {"cases": [case]}) == Verdict(True)
