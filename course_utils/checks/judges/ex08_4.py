"""Judge of 8.4, perplexity of a long text."""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same
from course_utils.checks.probes.ex08_4 import QUESTION


def windows(losses_of, input_ids, block_size, stride):
    """Yield the start of each window and its losses."""
    for start in range(0, len(input_ids), stride):
        yield start, losses_of(input_ids[start : start + block_size])
        if start + block_size >= len(input_ids):
            return


def new_losses(*case):
    """Return each window's losses of tokens that were not scored before."""
    parts, scored = [], 0
    for start, losses in windows(*case):
        parts.append(losses[scored - start :])
        scored += len(parts[-1])
    return parts


def exp_mean(parts):
    return np.exp(np.mean([loss for part in parts for loss in part]))


def right(*case):
    return exp_mean(new_losses(*case))


judge = Judge(
    QUESTION,
    right,
    "Score each token but the first once: all of the first window, and of each later "
    "one only the tokens behind the end of the window before. Compare first where your "
    "windows begin, and then how many losses you keep of the second one and of the "
    "last.",
)


@judge.mistake(
    "These are separate blocks: move the window by `stride`, so that tokens at its "
    "start have context."
)
def separate_blocks(losses_of, input_ids, block_size, stride):
    every = windows(losses_of, input_ids, block_size, block_size)
    return exp_mean(losses for _, losses in every)


@judge.mistake(
    "Tokens in the overlap are scored more than once: leave out what an earlier window "
    "has scored."
)
def scored_twice(*case):
    return exp_mean(losses for _, losses in windows(*case))


@judge.mistake(
    "This is a mean of the windows' means, but they score unlike numbers of tokens: "
    "take one mean over all tokens."
)
def mean_of_means(*case):
    return np.exp(np.mean([np.mean(part) for part in new_losses(*case)]))


@judge.mistake(
    "Each window's mean is weighted by its new tokens, but the text's first token has "
    "no loss: add up the losses themselves."
)
def weighted_by_tokens(losses_of, input_ids, block_size, stride):
    first, *others = new_losses(losses_of, input_ids, block_size, stride)
    total = np.mean(first) * (len(first) + 1) + sum(map(sum, others))
    return np.exp(total / len(input_ids))


@judge.mistake("The last, shorter window is missing: its new tokens count too.")
def without_the_rest(losses_of, input_ids, block_size, stride):
    parts = new_losses(losses_of, input_ids, block_size, stride)
    rest = max(0, len(input_ids) - block_size) % stride
    return exp_mean(parts[:-1] if rest else parts)


@judge.mistake(
    "The start of the text is never scored: in the first window all tokens are new."
)
def without_the_start(losses_of, input_ids, block_size, stride):
    every = windows(losses_of, input_ids, block_size, stride)
    return exp_mean(losses[-stride:] for _, losses in every)


@judge.mistake(
    "A last window that is shorter has fewer than `stride` new tokens: the others were "
    "scored before."
)
def last_stride_of_each(losses_of, input_ids, block_size, stride):
    every = windows(losses_of, input_ids, block_size, stride)
    return exp_mean(losses[-stride:] if start else losses for start, losses in every)


@judge.mistake(
    "Each later window skips one token too many: the losses begin with the window's "
    "second token."
)
def one_too_few(losses_of, input_ids, block_size, stride):
    every, old = windows(losses_of, input_ids, block_size, stride), block_size - stride
    return exp_mean(losses[old:] if start else losses for start, losses in every)


@judge.mistake(
    "A token counts in the first window that gives it a loss, not in the last: the "
    "later ones have less of the text before it."
)
def newest_window(*case):
    newest = {}
    for start, losses in windows(*case):
        newest |= dict(enumerate(losses, start))
    return exp_mean([newest.values()])


@judge.mistake("This is exp of the sum of the losses: take their mean first.")
def exp_of_the_sum(*case):
    return np.exp(sum(map(sum, new_losses(*case))))


@judge.mistake(
    "The last window is moved back to be full: it begins at k x stride, and holds what "
    "is left."
)
def moved_back(losses_of, input_ids, block_size, stride):
    scored = []
    for start in range(0, len(input_ids), stride):
        start = min(start, max(0, len(input_ids) - block_size))
        losses = losses_of(input_ids[start : start + block_size])
        scored += losses[len(scored) - start :]
        if start + block_size >= len(input_ids):
            break
    return exp_mean([scored])


@judge.mistake(
    "The overlap is left out of the first window too: all of its tokens are new."
)
def overlap_of_the_first(losses_of, input_ids, block_size, stride):
    every = windows(losses_of, input_ids, block_size, stride)
    return exp_mean(losses[block_size - stride - 1 :] for _, losses in every)


@judge.mistake(
    "Of each window the first `stride` losses are taken: of the later ones the last "
    "count, behind what is scored."
)
def first_stride_of_each(losses_of, input_ids, block_size, stride):
    every = windows(losses_of, input_ids, block_size, stride)
    return exp_mean(losses[:stride] for _, losses in every)


@judge.mistake("The model is given more tokens than a block holds.")
def whole_text(losses_of, input_ids, block_size, stride):
    return exp_mean([losses_of(input_ids)])


@judge.mistake("This is the mean loss: perplexity is exp of it.")
def mean_loss(*case):
    return np.log(right(*case))


@judge.mistake(
    "The text's first token has no loss: divide by the number of scored tokens, one "
    "less."
)
def divided_by_all(losses_of, input_ids, *sizes):
    return right(losses_of, input_ids, *sizes) ** (1 - 1 / len(input_ids))


@judge.mistake(
    "Past the end of the text a window brings nothing new, and losses[-0:] is the "
    "whole list: stop at the first window that reaches the end."
)
def minus_zero(losses_of, input_ids, block_size, stride):
    parts, seen = [], 1
    for start in range(0, len(input_ids), stride):
        end = min(start + block_size, len(input_ids))
        parts.append(losses_of(input_ids[start:end])[seen - end :])
        seen = end
    return exp_mean(parts)


@judge.mistake("The last window is missing: a text may end just where a window does.")
def last_window_lost(losses_of, input_ids, block_size, stride):
    parts = new_losses(losses_of, input_ids, block_size, stride)
    return exp_mean(parts[: max(1, len(parts) - 1)])


@judge.mistake("Only the first window is scored: go on until the end of the text.")
def first_window(losses_of, input_ids, block_size, stride):
    return exp_mean([losses_of(input_ids[:block_size])])


@judge.mistake("`stride` is how far the window moves, not how much two windows share.")
def stride_as_overlap(losses_of, input_ids, block_size, stride):
    return right(losses_of, input_ids, block_size, block_size - stride)


@judge.mistake(
    "One token at each border is scored twice: of a later window skip the losses that "
    "are known, block_size - stride - 1 of them."
)
def one_too_many(losses_of, input_ids, block_size, stride):
    parts, scored = [], 0
    for start, losses in windows(losses_of, input_ids, block_size, stride):
        parts.append(losses[max(0, scored - start - (start > 0)) :])
        scored = start + len(losses)
    return exp_mean(parts)


@judge.mistake(
    "This is a mean of the windows' perplexities: take exp of one mean, last."
)
def mean_of_perplexities(*case):
    return np.mean([np.exp(np.mean(part)) for part in new_losses(*case)])


@judge.mistake("This is a mean of exp(loss): take the mean first, and exp of it.")
def mean_of_exps(*case):
    return np.mean(np.exp([loss for part in new_losses(*case) for loss in part]))


@judge.mistake("The losses are in nats: perplexity is e to the mean loss, not 2.")
def base_2(*case):
    return 2 ** np.log(right(*case))


@judge.mistake("This is the sum of the losses: perplexity is exp of their mean.")
def summed(*case):
    return sum(loss for part in new_losses(*case) for loss in part)


@judge.mistake(
    "Each window's mean is weighted by stride, but the first window and the last score "
    "another number of tokens: add up the losses themselves."
)
def weighted_by_stride(losses_of, input_ids, block_size, stride):
    parts = new_losses(losses_of, input_ids, block_size, stride)
    total = sum(np.mean(part) * stride for part in parts)
    return np.exp(total / (stride * (len(parts) - 1) + block_size - 1))


@judge.mistake("Of each window only the last token is scored: all new ones count.")
def last_token_of_each(*case):
    return exp_mean(losses[-1:] for _, losses in windows(*case))


@judge.mistake(
    "The first window is not scored: there all tokens but the first are new."
)
def first_window_lost(*case):
    first, *others = new_losses(*case)
    return exp_mean(others or [first])


@judge.mistake(
    "The first loss is dropped: losses_of has left out the first token already."
)
def first_loss_dropped(*case):
    first, *others = new_losses(*case)
    return exp_mean([first[1:], *others])


@judge.mistake("Return one perplexity for the whole text, not one a window.")
def one_a_window(*case):
    return [np.exp(np.mean(part)) for part in new_losses(*case)]


@judge.sees("It is right only where one window holds the whole text.")
def right_in_one_window(got, expected, cases):
    pairs = zip(got, expected, cases, strict=True)
    return all(
        same(g, e) for g, e, c in pairs if len(c["input_ids"]) <= c["block_size"]
    )
