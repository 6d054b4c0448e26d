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


def bytes_halved(n_parameters, n_trained, precision):
    if precision == "no":
        return _state(n_parameters, n_trained, precision)
    return _state(n_parameters, n_trained, precision, 2, 0, 2, 4)


def bytes_half_weights(n_parameters, n_trained, precision):
    if precision == "no":
        return _state(n_parameters, n_trained, precision)
    return _state(n_parameters, n_trained, precision, 2, 0, 2, 8)


def bytes_half_gradients(n_parameters, n_trained, precision):
    gradient = 4 if precision == "no" else 2
    return _state(n_parameters, n_trained, precision, gradient=gradient)


def bytes_without_copy(n_parameters, n_trained, precision):
    return _state(n_parameters, n_trained, precision, copy=0)


def bytes_fp16_only(n_parameters, n_trained, precision):
    copy = 2 if precision == "fp16" else 0
    return _state(n_parameters, n_trained, precision, copy=copy)


def bytes_one_moment(n_parameters, n_trained, precision):
    return _state(n_parameters, n_trained, precision, optimizer=4)


def bytes_nothing_frozen(n_parameters, n_trained, precision):
    return _state(n_parameters, n_parameters, precision)


def bytes_moments_of_all(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    return {**parts, "optimizer": 8 * n_parameters}


def bytes_copies_of_all(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    return {**parts, "weights": (4 if precision == "no" else 6) * n_parameters}


def bytes_in_megabytes(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    return {name: count / 1e6 for name, count in parts.items()}


def bytes_total(n_parameters, n_trained, precision):
    return sum(_state(n_parameters, n_trained, precision).values())


RIGHT = [bytes_in_bits, bytes_by_parts]
WRONG = [
    (bytes_halved, "does not halve"),
    (bytes_half_weights, "does not halve"),
    (bytes_half_gradients, "does not halve"),
    (bytes_without_copy, "16-bit copies of the weights are missing"),
    (bytes_fp16_only, "bf16 is mixed precision, too"),
    (bytes_one_moment, "two numbers for each weight"),
    (bytes_nothing_frozen, "Frozen parameters have no gradient"),
    (bytes_moments_of_all, "The optimizer knows only"),
    (bytes_copies_of_all, "Only weights that are trained"),
    (bytes_in_megabytes, "in bytes"),
    (bytes_total, "Return a dict"),
]
