"""Judge of 3.1, the parameters, counted."""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex03_1 import QUESTION


def parts_of(vocab_size, n_positions, n_embd, n_layer, tied):
    return {
        "tokens": vocab_size * n_embd,
        "positions": n_positions * n_embd,
        "matrices": n_layer * 12 * n_embd * n_embd,
        "biases": n_layer * 9 * n_embd,
        "norms": n_layer * 4 * n_embd,
        "final norm": 2 * n_embd,
        "head": 0 if tied else vocab_size * n_embd,
    }


def right(*case, without=()):
    parts = parts_of(*case)
    return sum(n for name, n in parts.items() if name not in without)


def without_squares(n, *case):
    """Leave n matrices of n_embd x n_embd out of each block."""
    _, _, n_embd, n_layer, _ = case
    return right(*case) - n * n_layer * n_embd**2


# What the sizes may come into a count as, a name for each and its right number.
TERMS = {
    "vocab_size x n_embd, tied": (1, lambda v, t, d, n, tied: v * d * tied),
    "vocab_size x n_embd, untied": (2, lambda v, t, d, n, tied: v * d * (not tied)),
    "n_positions x n_embd": (1, lambda v, t, d, n, tied: t * d),
    "n_embd x n_embd in a block": (12, lambda v, t, d, n, tied: n * d * d),
    "n_embd in a block": (13, lambda v, t, d, n, tied: n * d),
    "n_positions x n_embd in a block": (0, lambda v, t, d, n, tied: n * t * d),
    "n_positions x n_positions in a block": (0, lambda v, t, d, n, tied: n * t * t),
    "vocab_size x n_embd in a block": (0, lambda v, t, d, n, tied: n * v * d),
    "vocab_size": (0, lambda v, t, d, n, tied: v),
    "n_embd x n_embd after the blocks": (0, lambda v, t, d, n, tied: d * d),
    "n_embd after the blocks": (2, lambda v, t, d, n, tied: d),
}


judge = Judge(
    QUESTION,
    right,
    "Count part by part, and compare each with the model's own: print the names and "
    "shapes of GPT2LMHeadModel(...).named_parameters().",
)


@judge.mistake(
    "The table of tokens is counted twice, though it is tied: the head has no "
    "parameters of its own then."
)
def never_tied(*case):
    return right(*case[:-1], False)


@judge.mistake("An untied head is missing: vocab_size x n_embd more, without a bias.")
def without_the_head(*case):
    return right(*case, without=["head"])


@judge.mistake("The head of GPT-2 has no bias.")
def head_with_bias(vocab_size, *others):
    _, _, _, tied = others
    return right(vocab_size, *others) + (0 if tied else vocab_size)


@judge.mistake("The biases are missing: every matrix of a block has one.")
def without_biases(*case):
    return right(*case, without=["biases"])


@judge.mistake(
    "The layer norms are missing: two in each block and one after the last, each with "
    "a scale and a shift."
)
def without_norms(*case):
    return right(*case, without=["norms", "final norm"])


@judge.mistake("The last layer norm is missing: it follows the last block.")
def without_the_final_norm(*case):
    return right(*case, without=["final norm"])


@judge.mistake("A layer norm has a scale and a shift: 2 x n_embd.")
def norms_without_shift(*case):
    parts = parts_of(*case)
    return right(*case) - parts["norms"] // 2 - parts["final norm"] // 2


@judge.mistake("This is the rule of thumb: biases and layer norms are missing.")
def rule_of_thumb(*case):
    return right(*case, without=["biases", "norms", "final norm"])


@judge.mistake("The table of positions is missing: n_positions x n_embd.")
def without_positions(*case):
    return right(*case, without=["positions"])


@judge.mistake(
    "A matrix is missing: attention has 4 x n_embd squared, three for query, key and "
    "value, and c_proj."
)
def two_matrices_of_attention(*case):
    return without_squares(2, *case)


@judge.mistake(
    "c_proj, which mixes the heads, is missing: attention has 4 x n_embd squared."
)
def without_c_proj(*case):
    return without_squares(1, *case)


@judge.mistake("The MLP has two matrices: n_embd x 4 n_embd, and back.")
def half_an_mlp(*case):
    return without_squares(4, *case)


@judge.mistake("Only one block is counted: there are n_layer of them.")
def one_block(vocab_size, n_positions, n_embd, n_layer, tied):
    return right(vocab_size, n_positions, n_embd, 1, tied)


@judge.mistake(
    "2 x n_embd are missing in each block: it has two layer norms, and a bias is as "
    "long as its output, 3 x n_embd for query, key and value."
)
def one_norm_a_block(*case):
    _, _, n_embd, n_layer, _ = case
    return right(*case) - 2 * n_layer * n_embd


@judge.mistake(
    "A bias is as long as its output: n_embd x 4 in the middle of the MLP, and 3 x "
    "n_embd for query, key and value."
)
def short_bias_of_the_mlp(*case):
    _, _, n_embd, n_layer, _ = case
    return right(*case) - 3 * n_layer * n_embd


@judge.mistake("The biases of the MLP are missing: 4 x n_embd and n_embd.")
def without_biases_of_the_mlp(*case):
    _, _, n_embd, n_layer, _ = case
    return right(*case) - 5 * n_layer * n_embd


@judge.mistake("The biases of attention are missing: 3 x n_embd and n_embd.")
def without_biases_of_attention(*case):
    _, _, n_embd, n_layer, _ = case
    return right(*case) - 4 * n_layer * n_embd


@judge.mistake("The MLP is 4 times as wide as the model: n_embd x 4 n_embd, and back.")
def narrow_mlp(*case):
    return without_squares(6, *case)


@judge.mistake("The last layer norm comes once, after the last block.")
def final_norm_in_each_block(*case):
    _, _, n_embd, n_layer, _ = case
    return right(*case) + 2 * (n_layer - 1) * n_embd


@judge.mistake("The head's matrix is counted when it is tied, and left out when not.")
def tied_the_other_way(*case):
    return right(*case[:-1], not case[-1])


@judge.mistake("The table of tokens is missing: vocab_size x n_embd.")
def without_tokens(*case):
    return right(*case, without=["tokens"])


@judge.mistake("The tables come once, before the blocks, and not in each of them.")
def tables_in_each_block(*case):
    _, _, _, n_layer, _ = case
    parts = parts_of(*case)
    return right(*case) + (n_layer - 1) * (parts["tokens"] + parts["positions"])


@judge.mistake("The MLP is missing: 8 x n_embd squared, and 5 x n_embd of biases.")
def without_mlp(*case):
    _, _, n_embd, n_layer, _ = case
    return without_squares(8, *case) - 5 * n_layer * n_embd


@judge.sees("")
def other_coefficients(got, expected, cases):
    """Say how often a term is counted, where whole numbers of terms explain all."""
    counts = [[f(*case.values()) for _, f in TERMS.values()] for case in cases]
    found, *_ = np.linalg.lstsq(np.array(counts, float), np.array(got, float))
    whole = np.round(found)
    if not np.allclose(counts @ whole, got, rtol=1e-12):
        return ""
    said = [
        f"{int(n)} x {name} (there are {right})"
        for (name, (right, _)), n in zip(TERMS.items(), whole, strict=True)
        if n != right
    ]
    return f"Your number counts {' and '.join(said[:2])}."
