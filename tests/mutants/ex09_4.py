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


def _batches(order, fits):
    batches = [[]]
    for i in order:
        if batches[-1] and not fits(batches[-1], i):
            batches.append([])
        batches[-1].append(i)
    return batches


def _area(lengths, max_tokens):
    def fits(batch, i):
        longest = max(lengths[j] for j in [*batch, i])
        return (len(batch) + 1) * longest <= max_tokens

    return fits


def _by_length(lengths):
    return sorted(range(len(lengths)), key=lambda i: lengths[i])


def batches_of_sums(lengths, max_tokens):
    def fits(batch, i):
        return sum(lengths[j] for j in [*batch, i]) <= max_tokens

    return _batches(_by_length(lengths), fits)


def batches_in_order(lengths, max_tokens):
    return _batches(range(len(lengths)), _area(lengths, max_tokens))


def batches_longest_first(lengths, max_tokens):
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    return _batches(order, _area(lengths, max_tokens))


def batches_ties_reversed(lengths, max_tokens):
    order = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)[::-1]
    return _batches(order, _area(lengths, max_tokens))


def batches_of_lengths(lengths, max_tokens):
    batches = batches_by_current(lengths, max_tokens)
    return [[lengths[i] for i in batch] for batch in batches]


def batches_of_sorted_places(lengths, max_tokens):
    ordered = sorted(lengths)
    return _batches(range(len(ordered)), _area(ordered, max_tokens))


def batches_last_lost(lengths, max_tokens):
    return batches_by_current(lengths, max_tokens)[:-1]


def batches_one_too_many(lengths, max_tokens):
    def fits(batch, i):
        return len(batch) * lengths[batch[-1]] < max_tokens

    return _batches(_by_length(lengths), fits)


def batches_old_longest(lengths, max_tokens):
    def fits(batch, i):
        return (len(batch) + 1) * lengths[batch[-1]] <= max_tokens

    return _batches(_by_length(lengths), fits)


def batches_less_than(lengths, max_tokens):
    def fits(batch, i):
        return (len(batch) + 1) * lengths[i] < max_tokens

    return _batches(_by_length(lengths), fits)


RIGHT = [batches_by_current, batches_by_slices]
WRONG = [
    (batches_of_sums, "padding costs too"),
    (batches_in_order, "order of arrival"),
    (batches_longest_first, "the longest come first"),
    (batches_ties_reversed, "Equal requests"),
    (batches_of_lengths, "Return indices"),
    (batches_of_sorted_places, "into the sorted list"),
    (batches_last_lost, "last batch is lost"),
    (batches_one_too_many, "after the request is in"),
    (batches_old_longest, "the new one is the longest"),
    (batches_less_than, "may have exactly max_tokens"),
]
