"""Probe of 2.2, documents into blocks."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Documents that fill the blocks exactly, leave 1 over, and lack 1, one empty."""
    rng = np.random.default_rng(seed)
    cases = []
    for block_size, n_documents, left_over in ((4, 2, 0), (5, 4, 1), (6, 5, 5)):
        lengths = rng.integers(2, 9, n_documents)
        lengths[0] = 2  # no block begins where a document does
        lengths[1] *= block_size != 6  # an empty document has an end, too
        lengths[-1] += (left_over - lengths.sum() - n_documents) % block_size
        eos = int(rng.integers(100, 200))
        documents = [rng.integers(0, 100, n).tolist() for n in lengths]
        cases.append({"documents": documents, "eos": eos, "block_size": block_size})
    return {"cases": cases}


QUESTION = Question(
    id="ex02_2",
    name="pack",
    points=2,
    title="documents into blocks",
    inputs=make_inputs,
    probe=each_case,
    allowed=("itertools",),
    forbidden=("course_utils.data.tokens.pack",),
)
