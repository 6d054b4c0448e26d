"""Judge of 4.2, what a run keeps in memory."""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex04_2 import QUESTION

HALF = (
    "Mixed precision does not halve what a run keeps: weights, gradients and optimizer "
    "stay in float32. Only the copies for the products have 16 bits."
)


def right(
    n_parameters, n_trained, precision, copy=2, each=(4, 4, 8), mixed=("fp16", "bf16")
):
    weight, gradient, optimizer = each
    return {
        "weights": weight * n_parameters + copy * n_trained * (precision in mixed),
        "gradients": gradient * n_trained,
        "optimizer": optimizer * n_trained,
    }


judge = Judge(
    QUESTION,
    right,
    "Return a dict with weights, gradients and optimizer, in bytes: 4 a parameter; 4 "
    "and 8 a trained one; 2 more a trained weight in mixed precision.",
)


def changed(*case, copy, each):
    """Answer with other sizes where the precision is mixed."""
    return right(*case) if case[2] == "no" else right(*case, copy=copy, each=each)


@judge.mistake(HALF)
def all_halved(*case):
    return changed(*case, copy=0, each=(2, 2, 4))


@judge.mistake(HALF)
def weights_and_gradients_halved(*case):
    return changed(*case, copy=0, each=(2, 2, 8))


@judge.mistake(HALF)
def weights_halved(*case):
    return changed(*case, copy=0, each=(2, 4, 8))


@judge.mistake(HALF)
def gradients_halved(*case):
    return changed(*case, copy=2, each=(4, 2, 8))


@judge.mistake(
    "The 16-bit copies of the weights are missing: 2 bytes for each that is trained."
)
def without_copies(*case):
    return right(*case, copy=0)


@judge.mistake("bf16 is mixed precision, too: it needs the 16-bit copies.")
def fp16_only(*case):
    return right(*case, mixed=("fp16",))


@judge.mistake("AdamW keeps two numbers for each weight: 8 bytes.")
def one_moment(*case):
    return right(*case, each=(4, 4, 4))


@judge.mistake("Frozen parameters have no gradient, no optimizer state and no copy.")
def all_trained(n_parameters, n_trained, precision):
    return right(n_parameters, n_parameters, precision)


@judge.mistake(
    "The optimizer knows only what is trained: frozen parameters have no state."
)
def optimizer_of_all(*case):
    return right(*case) | {"optimizer": all_trained(*case)["optimizer"]}


@judge.mistake("Frozen parameters have no gradient and no optimizer state.")
def only_copies_of_trained(*case):
    return all_trained(*case) | {"weights": right(*case)["weights"]}


@judge.mistake("Only weights that are trained have a 16-bit copy that is kept.")
def copies_of_all(*case):
    return right(*case) | {"weights": all_trained(*case)["weights"]}


@judge.mistake("Frozen parameters have a weight all the same: it has to be in memory.")
def frozen_have_no_weight(n_parameters, n_trained, precision):
    return right(n_trained, n_trained, precision)


@judge.mistake("Without mixed precision there are no 16-bit copies.")
def copies_always(n_parameters, n_trained, precision):
    return right(n_parameters, n_trained, "bf16")


@judge.mistake("fp16 is mixed precision, too: it needs the 16-bit copies.")
def bf16_only(*case):
    return right(*case, mixed=("bf16",))


@judge.mistake("A 16-bit copy takes 2 bytes, not 4.")
def copies_of_4_bytes(*case):
    return right(*case, copy=4)


@judge.mistake("These are megabytes: return bytes.")
def in_megabytes(*case):
    return {name: count / 1e6 for name, count in right(*case).items()}


@judge.mistake("These are megabytes: return bytes.")
def in_mebibytes(*case):
    return {name: count / 2**20 for name, count in right(*case).items()}


@judge.mistake("These are bits: a byte has 8.")
def in_bits(*case):
    return {name: count * 8 for name, count in right(*case).items()}


@judge.mistake("These are counts of numbers: a float32 takes 4 bytes.")
def in_numbers(*case):
    return {name: count / 4 for name, count in right(*case).items()}


@judge.mistake("This is the sum: return the three parts, in a dict.")
def total(*case):
    return sum(right(*case).values())


@judge.mistake("The copies count with the weights, not with the optimizer.")
def copies_in_the_optimizer(*case):
    parts, plain = right(*case), right(*case, copy=0)
    copies = parts["weights"] - plain["weights"]
    return plain | {"optimizer": plain["optimizer"] + copies}


@judge.mistake("n_parameters and n_trained are exchanged.")
def counts_exchanged(n_parameters, n_trained, precision):
    return right(n_trained, n_parameters, precision)


@judge.mistake("Gradients exist for what is trained: frozen parameters have none.")
def gradients_of_all(*case):
    return right(*case) | {"gradients": all_trained(*case)["gradients"]}


@judge.sees("")
def other_sizes(got, expected, cases):
    """Say how many bytes a part has for each number, where that explains all of it."""
    said = ""
    for part in expected[0]:
        for precision in ("no", "fp16", "bf16"):
            asked = [i for i, c in enumerate(cases) if c["precision"] == precision]
            counts = [[cases[i]["n_parameters"], cases[i]["n_trained"]] for i in asked]
            yours, right = (
                _whole_sizes(counts, [answers[i][part] for i in asked])
                for answers in (got, expected)
            )
            if not yours:
                return ""
            if yours != right and not said:
                said = (
                    f'With "{precision}", `{part}` comes out as {_sizes(yours)}, where '
                    f"it should be {_sizes(right)}."
                )
    return said


def _whole_sizes(counts, values):
    """Return whole bytes for each parameter and each trained one, or ()."""
    found, *_ = np.linalg.lstsq(np.array(counts, float), np.array(values, float))
    whole = np.round(found)
    fits = np.allclose(counts @ whole, values, rtol=1e-12)
    return tuple(whole.astype(int).tolist()) if fits else ()


def _sizes(sizes):
    names = (
        f"{n} x {of}"
        for n, of in zip(sizes, ("n_parameters", "n_trained"), strict=True)
        if n
    )
    return " + ".join(names) or "0"
