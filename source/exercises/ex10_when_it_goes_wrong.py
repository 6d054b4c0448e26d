# %% [markdown]
# # Exercise 10. When it goes wrong
#
# You write the alarms that you would have wanted in lesson 10: one for a config that is
# silently ignored, one for gradients that explode, one that reads the curves, and one for
# a leak. At the end you write out the attention of a model of today.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 10.1 | silent mistakes in a config | 2 of 5 | 10 | {points} |
# | 10.2 | the first step that explodes | 2 of 5 | 15 | {points} |
# | 10.3 | a diagnosis from the curves | 3 of 5 | 15 | {points} |
# | 10.4 | test texts that were in training | 3 of 5 | 15 | {points} |
# | 10.5 | attention with grouped queries | 4 of 5 | 25 | {points} |
#
# This exercise goes with [lesson 10](../notebooks/10_when_it_goes_wrong.ipynb). First
# run the two cells below. Then write your code where a cell says
# `raise NotImplementedError`, run it, and run the `check` cell below it. It prints your
# points, or one hint and the input that shows what is wrong. You may check as often as
# you like.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("10")

# %%
import math
import statistics

import torch

# %% [markdown]
# ## 10.1 What the config swallows
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# `GPT2Config(n_ctx=2048)` raises no error, and changes nothing: the field is called
# `n_positions`. Other mistakes show up only after hours. Write `config_mistakes`:
#
# - `config` is the dict that somebody wants to pass to `GPT2Config`;
# - `defaults` is what `GPT2Config().to_dict()` gives: each field that there is, with its
#   default. A field that is not in `config` has its default;
# - return a list of names, sorted by the alphabet:
#   - each key of `config` that is no field;
#   - `"vocab_size"` if the vocabulary is smaller than `tokenizer_length`. A larger one is
#     fine;
#   - `"n_head"` if `n_embd` is not divisible by `n_head`;
#   - `"n_positions"` if the blocks, of `block_size` tokens, are longer.

# %% answer="ex10_1"
def config_mistakes(
    config: dict, defaults: dict, tokenizer_length: int, block_size: int
) -> list[str]:
    """Return the names of the fields that are wrong, sorted."""
    # return the names
    ### BEGIN SOLUTION
    names = [name for name in config if name not in defaults]
    fields = defaults | config
    if fields["vocab_size"] < tokenizer_length:
        names.append("vocab_size")
    if fields["n_embd"] % fields["n_head"]:
        names.append("n_head")
    if fields["n_positions"] < block_size:
        names.append("n_positions")
    return sorted(names)
    ### END SOLUTION


# %% check="ex10_1"
check("ex10_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# First make one dict with the values that would really be in force. Then ask your three
# questions of that dict.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# names = keys of config that are not in defaults
# fields = defaults, overwritten by config
# add vocab_size, n_head and n_positions where their condition is broken
# return names, sorted
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the defaults.** With `{"n_ctx": 2048}` two things are wrong: the key, and that
# the blocks of 2,048 meet a model of 1,024 positions.
#
# **What else works.** `course_utils.model.gpt2.preset` refuses unknown fields for you.
#
# **What goes wrong.** Asking for `vocab_size != tokenizer_length`: many models round
# their vocabulary up, to 50,304 say, because GPUs like such sizes. A smaller one fails
# at the first rare token, as an index error on a CPU, and as a riddle on a GPU.
# </details>

# %% [markdown]
# ## 10.2 The first step that explodes
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# The norm of the gradient is in every log. Before a loss turns NaN, it usually jumps.
# Write `first_explosion`:
#
# - `norms` is a list, one norm a step, from step 0 on;
# - a step explodes if its norm is NaN or infinite, or if it is more than `factor` times
#   the median of the `window` norms directly before it;
# - the first `window` steps have no full window before them: they explode only if their
#   norm is NaN or infinite;
# - return the first step that explodes, or `None`.

# %% answer="ex10_2"
def first_explosion(norms: list[float], window: int, factor: float) -> int | None:
    """Return the first step whose gradient explodes, or None."""
    # return the step, or None
    ### BEGIN SOLUTION
    for step, norm in enumerate(norms):
        if not math.isfinite(norm):
            return step
        if step < window:
            continue
        if norm > factor * statistics.median(norms[step - window : step]):
            return step
    return None
    ### END SOLUTION


# %% check="ex10_2"
check("ex10_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# What does Python answer to `float("nan") > 5`? And which slice of `norms` holds the
# `window` norms before a step, without the step itself?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each step with its norm:
#     if the norm is not finite: return step
#     if step >= window, and norm > factor x median of norms[step - window : step]:
#         return step
# return None
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a median, and of a window.** Norms have rare, harmless spikes, which pull a mean
# up. And they change over a run, so that step 5,000 cannot be measured by step 5.
#
# **What else works.** Keeping the last norms in a `deque(maxlen=window)`.
#
# **What goes wrong.** Every comparison with NaN is false, so an alarm that only compares
# stays silent just when the run dies. Ask `math.isfinite` first.
# </details>

# %% [markdown]
# ## 10.3 Read the curves
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# You have a hundred runs and little time. Write `diagnose`, which names what a curve
# shows:
#
# - `train` and `held_out` are lists of losses, in nats, at the same evaluations, and
#   `vocab_size` is the model's;
# - return one word: the first in this list whose condition is met.
#
# | word | condition |
# |---|---|
# | `"nan"` | any loss of the two lists is NaN or infinite |
# | `"diverged"` | the last training loss is more than 0.5 above the first |
# | `"stuck"` | the last training loss is more than 95 percent of guessing, ln(vocab_size) |
# | `"leak"` | the last held-out loss is more than 0.5 below the last training loss |
# | `"overfit"` | the last held-out loss is more than 0.2 above the lowest one |
# | `"fine"` | otherwise |

# %% answer="ex10_3"
def diagnose(train: list[float], held_out: list[float], vocab_size: int) -> str:
    """Return what the curves of a run show, in one word."""
    # return the word
    ### BEGIN SOLUTION
    if not all(math.isfinite(loss) for loss in train + held_out):
        return "nan"
    if train[-1] > train[0] + 0.5:
        return "diverged"
    if train[-1] > 0.95 * math.log(vocab_size):
        return "stuck"
    if held_out[-1] < train[-1] - 0.5:
        return "leak"
    if held_out[-1] > min(held_out) + 0.2:
        return "overfit"
    return "fine"
    ### END SOLUTION


# %% check="ex10_3"
check("ex10_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Go down the table from top to bottom, and return at once. The order matters: a NaN
# makes every later comparison false.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# any loss not finite: "nan"
# train[-1] - train[0] > 0.5: "diverged"
# train[-1] > 0.95 x ln(vocab_size): "stuck"
# train[-1] - held_out[-1] > 0.5: "leak"
# held_out[-1] - min(held_out) > 0.2: "overfit"
# else: "fine"
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why these.** Each is a symptom from lesson 10 with a number. The numbers are rules of
# thumb: set them from runs that you know.
#
# **What else works.** A list of pairs of a word and a condition, and `next(...)`.
#
# **What goes wrong.** Calling every gap between training and held-out loss overfitting.
# A gap is normal. What counts is whether the held-out loss still falls. And a held-out
# loss slightly below the training loss is no leak: dropout is off when you evaluate.
# </details>

# %% [markdown]
# ## 10.4 Was the test in the training?
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# When a result is too good, look whether the model has read the test. Exact copies are
# rare. A usual measure is shared *n-grams*: n words in a row. Write `leaked_share`:
#
# - words are what white space separates, after lowercasing. Leave punctuation as it is;
# - a test text is leaked if any n words in a row of it also stand in a row in *one* of
#   the training texts;
# - a text with fewer than n words is never leaked;
# - return the share of test texts that are leaked, from 0 to 1.

# %% answer="ex10_4"
def leaked_share(train_texts: list[str], test_texts: list[str], n: int) -> float:
    """Return the share of test texts that share n words in a row with training."""
    # return the share
    ### BEGIN SOLUTION
    def grams(text: str) -> set[tuple[str, ...]]:
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*map(grams, train_texts))
    leaked = [not known.isdisjoint(grams(text)) for text in test_texts]
    return sum(leaked) / len(test_texts)
    ### END SOLUTION


# %% check="ex10_4"
check("ex10_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write a function that gives all n-grams of one text, as a set of tuples. How many are
# there in a text of 10 words for n = 3?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# grams(text) = set of words[i : i + n] for i = 0 ... number of words - n
# known = all grams of all training texts
# leaked = number of test texts whose grams share anything with known
# return leaked / number of test texts
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why n-grams.** They survive a changed word, another order of paragraphs, a new
# headline. GPT-3's report used n between 8 and 13 words.
#
# **What else works.** MinHash, as lesson 02 does: it finds near copies among millions of
# texts, where comparing all with all would take too long.
#
# **What goes wrong.** Joining all training texts to one string: the end of one text and
# the beginning of the next become an n-gram that nobody wrote. `range(len(words) - n)`
# misses the last n-gram of each text.
# </details>

# %% [markdown]
# ## 10.5 Attention with grouped queries
#
# *Difficulty 4 of 5, about 25 minutes.*
#
# In models of today, several query heads share one head of keys and values, which makes
# the cache smaller. Everything else is the attention of GPT-2. Write
# `grouped_attention`, by hand:
#
# - `q` has shape (batch, heads, time, head_dim); `k` and `v` have shape
#   (batch, kv_heads, time, head_dim). `heads` is a multiple of `kv_heads`;
# - neighbouring query heads share: with 4 heads and 2 kv_heads, the query heads 0 and 1
#   use kv head 0, and 2 and 3 use kv head 1;
# - scores are dot products of query and key, divided by the root of `head_dim`;
# - attention is causal: position t sees positions 0 to t;
# - return the weighted sums of the values, of shape (batch, heads, time, head_dim);
# - `F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)` does the
#   same. Use it to compare: an answer may not call it.

# %% answer="ex10_5"
def grouped_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """Return causal attention in which groups of query heads share keys and values."""
    # return the attention's output
    ### BEGIN SOLUTION
    group = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(group, dim=1)  # (batch, heads, time, head_dim)
    v = v.repeat_interleave(group, dim=1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (..., time, time)
    time = q.shape[2]
    future = torch.ones(time, time, dtype=torch.bool).triu(diagonal=1)
    scores = scores.masked_fill(future, float("-inf"))
    return scores.softmax(dim=-1) @ v
    ### END SOLUTION


# %% check="ex10_5"
check("ex10_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Give each query head its own copy of the right keys and values, and the rest is the
# attention of lesson 03. `repeat` gives the order 0, 1, 0, 1. Which one do you need?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# group = heads / kv_heads
# repeat each kv head of k and v group times, next to each other (repeat_interleave)
# scores = q @ k with its last two dimensions exchanged, / sqrt(head_dim)
# scores above the diagonal = -infinity
# return softmax of scores over the keys @ v
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why share.** While a model writes, keys and values of all earlier tokens stay in
# memory. With 8 kv heads instead of 32, a machine serves four times as many texts.
#
# **What else works.** Reshaping `q` to (batch, kv_heads, group, time, head_dim) and
# `torch.einsum`, which copies nothing.
#
# **What goes wrong.** With `repeat` the shapes fit and nothing fails. A model trained so
# works, and pretrained weights give nonsense. Setting masked weights to 0 *after* the
# softmax leaves rows that do not add up to 1.
# </details>
