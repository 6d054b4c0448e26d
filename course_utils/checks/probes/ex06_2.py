"""Probe of 6.2, choose among runs."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Runs whose training, validation and test perplexities disagree."""
    rng = np.random.default_rng(seed)
    tables = [
        # forgotten (nats), train, validation, test; best are rows 3, 0 and none
        [
            (0.01, 8.0, 9.0, 8.5),
            (0.04, 7.5, 8.0, 7.0),
            (0.06, 5.0, 7.5, 7.2),
            (0.0975, 6.0, 7.0, 7.6),
            (0.16, 4.0, 6.0, 6.5),
            (0.5, 3.0, 6.5, 6.0),
        ],
        [
            (0.02, 6.0, 5.0, 7.0),
            (0.05, 5.0, 6.0, 5.0),
            (0.09, 4.0, 7.0, 6.0),
            (0.2, 3.0, 4.0, 4.0),
        ],
        [(0.2, 6.0, 5.0, 5.5), (0.4, 5.0, 4.5, 5.0), (0.8, 4.0, 4.8, 5.2)],
    ]
    cases = []
    for table in tables:
        base_old = round(float(rng.uniform(20, 40)), 2)
        scale = rng.uniform(1, 3)
        runs = [
            {
                "learning_rate": float(rate),
                "train": round(scale * train, 3),
                "validation": round(scale * validation, 3),
                "test": round(scale * test, 3),
                "old": round(base_old * np.exp(forgotten), 3),
            }
            for rate, (forgotten, train, validation, test) in zip(
                (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3), table, strict=False
            )
        ]
        order = rng.permutation(len(runs))
        cases.append(
            {
                "old_before": base_old,
                "runs": [runs[i] for i in order],
                "most_forgotten": 0.1,
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex06_2",
    name="best_learning_rate",
    points=2,
    title="choose among runs",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
    errors={
        "empty": "No run may be good enough: return None then.",
        "IndexError": "No run may be good enough: return None then.",
    },
)
