"""Right and wrong answers to Exercise 9.4, as students write them."""


def batches_by_current(lengths, max_tokens):
    order = sorted((length, i) for i, length in enumerate(lengths))
    batches, current = [], []
    for length, i in order:
        if current and (len(current) + 1) * length > max_tokens:
            batches.append(current)
            current = []
        current.append(i)
    if current:
        batches.append(current)
    return batches


def batches_by_slices(lengths, max_tokens):
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batches = []
    while order:
        n = len(order)
        while n * lengths[order[n - 1]] > max_tokens:
            n -= 1
        batches.append(tuple(order[:n]))
        order = order[n:]
    return batches


RIGHT = [batches_by_current, batches_by_slices]
WRONG = []
