"""Right and wrong answers to Exercise 4.2, as students write them."""


def _state(n, trained, precision, weight=4, copy=2, gradient=4, optimizer=8):
    half = precision in ("fp16", "bf16")
    return {
        "weights": weight * n + copy * trained * half,
        "gradients": gradient * trained,
        "optimizer": optimizer * trained,
    }


def bytes_in_bits(n_parameters, n_trained, precision):
    weights = (
        32 * n_parameters + {"no": 0, "fp16": 16, "bf16": 16}[precision] * n_trained
    )
    return {
        "optimizer": 64 * n_trained // 8,
        "gradients": 32 * n_trained // 8,
        "weights": weights // 8,
    }


def bytes_by_parts(n_parameters, n_trained, precision):
    frozen = n_parameters - n_trained
    each = {"weights": 4 if precision == "no" else 6, "gradients": 4, "optimizer": 8}
    parts = {name: size * n_trained for name, size in each.items()}
    parts["weights"] += 4 * frozen
    return parts


def bytes_in_megabytes(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    return {name: count / 1e6 for name, count in parts.items()}


def bytes_total(n_parameters, n_trained, precision):
    return sum(_state(n_parameters, n_trained, precision).values())


RIGHT = [bytes_in_bits, bytes_by_parts]
WRONG = [
    (bytes_in_megabytes, "in bytes"),
    (bytes_total, "Return a dict"),
]
