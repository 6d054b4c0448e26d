# %% [markdown]
# # Exercise 8. Evaluate
#
# A score decides what you publish, so it had better be right. You write four measures,
# each of which people compute wrongly without noticing: two scores of a summary, an
# interval, and a perplexity.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 8.1 | names that are missing or invented | 2 of 5 | 10 | {points} |
# | 8.2 | ROUGE-1 with several references | 2 of 5 | 15 | {points} |
# | 8.3 | is the difference real? | 3 of 5 | 15 | {points} |
# | 8.4 | perplexity of a long text | 4 of 5 | 20 | {points} |
#
# This exercise goes with [lesson 8](../notebooks/08_evaluate.ipynb). First run the
# two cells below. Then write your code where a cell says `raise NotImplementedError`,
# run it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("08")

# %%
import math
import re
from collections import Counter
from collections.abc import Callable

import numpy as np

# %% [markdown]
# ## 8.1 Who is in the summary?
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# ROUGE hardly sees a wrong name, and for a reader it is the worst mistake. Write
# `name_errors`:
#
# - `summary` is a text; `right_names` are the people whom a right summary names;
#   `known_names` are all the names that there are in the data;
# - return a dict with two lists, each sorted by the alphabet: `missing`, the right names
#   that the summary does not mention, and `invented`, the known names that it mentions
#   though they are not right;
# - a name is a whole word. `Tom's` and `Tom,` mention Tom. `Anna` does not mention Ann;
# - names begin with a capital: `will` is not Will. But not every word with a capital is
#   a name.

# %% answer="ex08_1"
def name_errors(
    summary: str, right_names: list[str], known_names: list[str]
) -> dict[str, list[str]]:
    """Return the names that are missing from a summary, and those invented."""
    # return the missing and the invented names
    ### BEGIN SOLUTION
    words = set(re.findall(r"[A-Za-z]+", summary))
    mentioned = words & {*known_names, *right_names}
    return {
        "missing": sorted(set(right_names) - mentioned),
        "invented": sorted(mentioned - set(right_names)),
    }
    ### END SOLUTION


# %% check="ex08_1"
check("ex08_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Take the summary apart into words first, without punctuation. Then everything is about
# sets of words.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# words = all runs of letters in the summary, as a set
# mentioned = those words that are names
# missing = right_names without mentioned, sorted
# invented = mentioned without right_names, sorted
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why both lists.** A summary that names nobody invents nobody. One that names everybody
# misses nobody.
#
# **What else works.** `re.search(rf"\b{name}\b", summary)` for each name.
#
# **What goes wrong.** `name in summary` finds Ann in Anna, and `summary.split()` misses
# the Tom of "Tom's". Names of two words, or nicknames, need more than this function.
# </details>

# %% [markdown]
# ## 8.2 ROUGE-1 with several references
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# Write `rouge_1`, so that it agrees with the usual library without its stemmer:
#
# - words are runs of letters a to z and digits, after lowercasing;
# - a word is shared as often as it occurs in *both* texts: if it occurs three times in
#   one and once in the other, it is shared once;
# - precision is the share of the prediction's words, recall the share of the
#   reference's. The score is their harmonic mean, from 0 to 100, and 0 if nothing is
#   shared;
# - `references` is a list. The score of the best reference counts;
# - do not call `RougeScorer.score`.

# %% answer="ex08_2"
def rouge_1(prediction: str, references: list[str]) -> float:
    """Return the ROUGE-1 F-measure of the best reference, 0 to 100."""
    # return the score of the best reference
    ### BEGIN SOLUTION
    def words(text: str) -> Counter:
        return Counter(re.findall(r"[a-z0-9]+", text.lower()))

    def f_measure(written: Counter, wanted: Counter) -> float:
        shared = (written & wanted).total()
        if not shared:
            return 0.0
        precision, recall = shared / written.total(), shared / wanted.total()
        return 100 * 2 * precision * recall / (precision + recall)

    return max(f_measure(words(prediction), words(text)) for text in references)
    ### END SOLUTION


# %% check="ex08_2"
check("ex08_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A `Counter` of words knows how often each one occurs. What does `&` do with two of
# them? And what do you divide by if nothing is shared?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each reference:
#     shared = sum over words of the smaller of the two counts
#     precision = shared / words of the prediction
#     recall = shared / words of the reference
#     score = 100 x 2 x precision x recall / (precision + recall), or 0
# return the highest score
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why clip.** Without it, "the the the the" would have perfect precision against every
# reference that has a "the".
#
# **What else works.** `100 * 2 * shared / (words written + words wanted)` is the same
# number.
#
# **What goes wrong.** On raw text, "Cake." and "cake" are different words, and the score
# drops by several points. Compare ROUGE only with numbers from the same normalisation,
# stemmer and kind of mean.
# </details>

# %% [markdown]
# ## 8.3 Is the difference real?
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Two models have summarised the same test dialogues, and you have one score a dialogue
# from each. Write `difference_interval`:
#
# - `before` and `after` are arrays of shape (n,). Entry i of both is the same dialogue;
# - `draws` is an integer array of shape (resamples, n). Each row holds the indices of
#   one bootstrap draw of the dialogues, made with replacement. Use these draws, and no
#   random numbers of your own;
# - return three numbers: the mean of after - before over the n dialogues, and the
#   bounds of its 95 % percentile interval;
# - the draws are paired: one draw takes the same dialogues from both models. The bounds
#   are the percentiles 2.5 and 97.5 of the mean differences of all draws, as
#   `np.percentile` gives them.

# %% answer="ex08_3"
def difference_interval(
    before: np.ndarray, after: np.ndarray, draws: np.ndarray
) -> tuple[float, float, float]:
    """Return the mean of after - before, and its 95 % bootstrap interval."""
    # return the mean difference and its interval
    ### BEGIN SOLUTION
    difference = after - before  # (n,)
    means = difference[draws].mean(axis=1)  # (resamples,)
    low, high = np.percentile(means, [2.5, 97.5])
    return difference.mean(), low, high
    ### END SOLUTION


# %% check="ex08_3"
check("ex08_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Some dialogues are hard for both models. That cancels out if you subtract first, and
# draw afterwards. What shape has `difference[draws]`?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# difference = after - before, one a dialogue
# means = the mean difference of each draw
# low, high = percentiles 2.5 and 97.5 of means
# return mean of difference, low, high
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why paired.** Scores differ far more between dialogues than between models. Two
# separate intervals overlap although one model is better on nearly every dialogue.
#
# **What else works.** A loop over the draws. For large n, counting how often each index
# is drawn and one matrix product is faster: `course_utils.evaluation.rouge.bootstrap`
# does that.
#
# **What goes wrong.** The percentiles of the single differences say how much dialogues
# vary. They do not get narrower with more dialogues, and the interval of a mean must.
# And an interval knows nothing of another training seed, or of other data.
# </details>

# %% [markdown]
# ## 8.4 The perplexity of a long text
#
# *Difficulty 4 of 5, about 20 minutes.*
#
# A text is longer than the model's block, so you read it through a window that moves by
# `stride`. The windows overlap, but each token is scored once. Write
# `sliding_perplexity`:
#
# - `losses_of(ids)` stands for the model: it takes a list of token ids and returns a
#   list that is one shorter, the loss of each token but the first, in nats;
# - `input_ids` is the text, a list of token ids;
# - window k begins at token k x `stride` and holds `block_size` tokens, or as many as are
#   left. The first window that reaches the end of the text is the last one;
# - each token but the text's first is scored exactly once, in the first window that
#   gives it a loss. `stride` is less than `block_size`;
# - return the perplexity over all scored tokens.

# %% answer="ex08_4"
def sliding_perplexity(
    losses_of: Callable[[list[int]], list[float]],
    input_ids: list[int],
    block_size: int,
    stride: int,
) -> float:
    """Return the perplexity of one text, read through a sliding window."""
    # return the perplexity
    ### BEGIN SOLUTION
    losses: list[float] = []  # of tokens 1, 2, 3, ... of the text
    for start in range(0, len(input_ids), stride):
        window = input_ids[start : start + block_size]
        seen = len(losses) - start  # of this window's losses, so many are known
        losses += losses_of(window)[seen:]
        if start + block_size >= len(input_ids):
            break
    return math.exp(sum(losses) / len(losses))
    ### END SOLUTION


# %% check="ex08_4"
check("ex08_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write down a text of 8 tokens, windows of 4 and a stride of 2. Which tokens does the
# first window score? Which of the second window's are new? How many are new in a last
# window that is shorter?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# losses = empty list: entry i will be the loss of token i + 1
# for start = 0, stride, 2 x stride, ...:
#     window = tokens start to start + block_size
#     of losses_of(window), skip the first len(losses) - start, and append the rest
#     stop if this window reached the end
# return exp(mean of losses)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why this way.** A list with one entry a token cannot score a token twice or leave one
# out: its length at the end is the number of tokens less one.
#
# **What else works.** Labels of -100 for what has been scored, as lesson 08 does. Both
# are `course_utils.evaluation.perplexity.sliding_perplexity`.
#
# **What goes wrong.** Scoring the last `stride` tokens of *every* window leaves out the
# start of the text, and scores tokens twice in a short last window. Weighting each
# window's mean by `stride` is nearly right, and so never noticed. Separate blocks make
# the model look worse than it is.
# </details>
