# %% [markdown]
# # Exercise 9. Deploy
#
# Around a model that answers strangers stand a few small functions, and most incidents
# happen in them. You write five: a figure for the model card, a latency report, the check
# of a request, the making of batches, and an alarm.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 9.1 | a model card without invented figures | 1 of 5 | 10 | {points} |
# | 9.2 | percentiles and throughput | 2 of 5 | 15 | {points} |
# | 9.3 | refuse bad requests | 2 of 5 | 15 | {points} |
# | 9.4 | batches of like length | 3 of 5 | 15 | {points} |
# | 9.5 | an alarm after the release | 3 of 5 | 15 | {points} |
#
# This exercise goes with [lesson 9](../notebooks/09_deploy.ipynb). First run the
# two cells below. Then write your code where a cell says `raise NotImplementedError`,
# run it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("09")

# %%
import math
from typing import Any

# %% [markdown]
# ## 9.1 No figure that nobody measured
#
# *Difficulty 1 of 5, about 10 minutes.*
#
# A program fills your model card from the report of a run. Not every run measures
# everything. Write `card_figure`:
#
# - `report` is a dict of dicts and numbers. `path` says where the figure stands:
#   `"test.rouge1"` means `report["test"]["rouge1"]`. Paths have one or more parts;
# - return the number with one digit after the point, such as `"41.3"`;
# - return `"not measured"` if any part of the path is missing, or if what is there is
#   `None`, NaN or infinite. A part on the way may be `None` too, or a number.

# %% answer="ex09_1"
def card_figure(report: dict[str, Any], path: str) -> str:
    """Return a figure of the report as text, or "not measured"."""
    # return the figure, or "not measured"
    ### BEGIN SOLUTION
    value: Any = report
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return "not measured"
        value = value[part]
    if value is None or not math.isfinite(value):
        return "not measured"
    return f"{value:.1f}"
    ### END SOLUTION


# %% check="ex09_1"
check("ex09_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Walk down one part at a time, and look before each step. At the end: is 0.0 a figure?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# value = report
# for each part of the path:
#     if value is no dict, or has no such key: return "not measured"
#     value = value[part]
# if value is None, or not finite: return "not measured"
# return value with one digit after the point
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why so strict.** Readers take every number in a card for measured. A 0.0 that stands
# for "nobody looked" is a false statement.
#
# **What else works.** `try: ... except (KeyError, TypeError)` around the walk.
#
# **What goes wrong.** `if not value` and `value or "not measured"` throw away a true 0.0:
# the share of invented names that you were proud of. `.get(part, 0)` makes figures up.
# </details>

# %% [markdown]
# ## 9.2 How long do people wait?
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# A server logs when each request came and when it was answered. Requests overlap. Write
# `latency_report`:
#
# - `requests` is a list of pairs `(start, end)` in seconds, in no particular order;
# - return a dict with `p50_ms` and `p95_ms`, in milliseconds, and `per_second`;
# - percentiles by the nearest rank: p95 is the shortest of the measured times such that
#   at least 95 percent of the requests took no longer. p50 in the same way;
# - `per_second` is the number of requests, divided by the time from the first start to
#   the last end.

# %% answer="ex09_2"
def latency_report(requests: list[tuple[float, float]]) -> dict[str, float]:
    """Return p50 and p95 in milliseconds, and requests per second."""
    # return p50_ms, p95_ms and per_second
    ### BEGIN SOLUTION
    times = sorted(1000 * (end - start) for start, end in requests)

    def percentile(p: int) -> float:
        return times[math.ceil(p * len(times) / 100) - 1]

    wall = max(end for _, end in requests) - min(start for start, _ in requests)
    return {
        "p50_ms": percentile(50),
        "p95_ms": percentile(95),
        "per_second": len(requests) / wall,
    }
    ### END SOLUTION


# %% check="ex09_2"
check("ex09_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Sort the times. With 10 requests, how many of them are 95 percent, at least? Which
# index has the last of these? For the throughput, think of ten requests that all run
# during the same second.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# times = 1000 x (end - start), sorted
# rank = p x n / 100, rounded up; the percentile is the rank-th time, counted from 1
# per_second = n / (latest end - earliest start)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why percentiles.** A mean hides the few who wait ten times as long, and they are the
# ones who leave.
#
# **What else works.** `np.percentile(times, 95, method="inverted_cdf")`. NumPy's default
# interpolates between two times. With thousands of requests the difference is small.
#
# **What goes wrong.** Dividing by the sum of the latencies: with 16 users at once, that
# counts each second 16 times. `int(0.95 * n)` as the index is one rank too far, and with
# 20 requests it is simply the slowest one.
# </details>

# %% [markdown]
# ## 9.3 Refuse what is wrong
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# What reaches a server is whatever anybody sends. Write `request_status`:
#
# - `body` is the JSON of the request: a dict if all is well, but it may be anything that
#   JSON can be;
# - return 422 if `body` is no dict, or has no `"dialogue"`, or if that is no text;
# - return 422 if the dialogue is empty, or holds only white space;
# - return 413 if it has more than `max_characters` characters;
# - return 422 if it holds a control character: one with `ord` below 32. Line breaks,
#   carriage returns and tabs are fine;
# - return 422 if it holds the text `<|endoftext|>`, which would become a token that the
#   user must not write;
# - `"max_new_tokens"` may be missing. If it is there, it has to be an `int` from 1 to
#   200, and no `bool`: otherwise return 422;
# - return 200 if nothing is wrong. Apply the rules in this order.

# %% answer="ex09_3"
def request_status(body: Any, max_characters: int) -> int:
    """Return the HTTP status for a request: 200, 413 or 422."""
    # return the status
    ### BEGIN SOLUTION
    if not isinstance(body, dict) or not isinstance(body.get("dialogue"), str):
        return 422
    dialogue = body["dialogue"]
    if not dialogue.strip():
        return 422
    if len(dialogue) > max_characters:
        return 413
    if any(ord(c) < 32 and c not in "\n\r\t" for c in dialogue):
        return 422
    if "<|endoftext|>" in dialogue:
        return 422
    new_tokens = body.get("max_new_tokens", 60)
    if type(new_tokens) is not int or not 1 <= new_tokens <= 200:
        return 422
    return 200
    ### END SOLUTION


# %% check="ex09_3"
check("ex09_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Ask for the type before you use a value. In Python `True` is also an `int`, and a line
# break is also a control character.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# no dict, or dialogue no str: 422
# nothing left after strip(): 422
# longer than max_characters: 413
# any character below 32 that is not \n, \r or \t: 422
# "<|endoftext|>" inside: 422
# max_new_tokens given, and not exactly an int from 1 to 200: 422
# otherwise 200
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why refuse, and not repair.** A caller who gets a 422 mends the bug. One whose text is
# silently cut or cleaned gets a bad summary, and blames your model.
#
# **What else works.** A pydantic model with strict types and validators does most of it.
#
# **What goes wrong.** An exception in this function is a 500: the caller learns nothing,
# and your logs fill up. `len(dialogue.encode())` counts bytes, so that texts in other
# scripts and emoji are refused early.
# </details>

# %% [markdown]
# ## 9.4 Batches of like length
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# A batch costs as much as its padding makes it: rows times the longest row. So put
# requests of like length together. Write `make_batches`:
#
# - `lengths` holds the tokens of each waiting request, in the order of arrival;
# - take the requests from the shortest to the longest, equal ones in the order of
#   arrival;
# - put each into the current batch, as long as rows x longest row is at most
#   `max_tokens`. If it does not fit, begin a new batch with it;
# - return the batches as lists of indices into `lengths`, so that the answers find their
#   way back;
# - each request alone fits into `max_tokens`.

# %% answer="ex09_4"
def make_batches(lengths: list[int], max_tokens: int) -> list[list[int]]:
    """Return batches of indices, shortest requests first."""
    # return the batches
    ### BEGIN SOLUTION
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        # Sorted, so the new row is the longest of its batch.
        if not batches or (len(batches[-1]) + 1) * lengths[index] > max_tokens:
            batches.append([])
        batches[-1].append(index)
    return batches
    ### END SOLUTION


# %% check="ex09_4"
check("ex09_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# If you take them by length, the request in your hand is always the longest of its batch.
# So how many tokens does the batch have once it is in?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each index, sorted by its length:
#     if there is no batch yet, or (rows of the last batch + 1) x this length
#             is more than max_tokens:
#         begin an empty batch
#     append the index to the last batch
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the area.** Padding is computed like any token. A row of 500 tokens beside fifteen
# of 20 costs 8,000 tokens, for 800 that matter.
#
# **What else works.** Longest first is as good, and shows an out-of-memory error at once.
#
# **What goes wrong.** Adding up the lengths, which forgets the padding. Losing the last,
# unfinished batch, so that somebody waits for ever. And on a busy server sorting needs a
# limit: the longest request must not be overtaken for minutes.
# </details>

# %% [markdown]
# ## 9.5 Ring when it drifts
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# After the release there are no reference summaries, but you can see whether a summary
# names people who are not in the chat. Write `first_alarm`:
#
# - `records` is a list in the order of time. Each has `speakers`, the names in the
#   dialogue, and `named`, the names in its summary;
# - a summary *invents* if it names anybody who is not among the speakers. It need not
#   name all of them;
# - look at the last `window` records. The alarm rings if the share of summaries that
#   invent is more than `limit`;
# - as long as there are fewer than `window` records, it does not ring;
# - return the index of the record at which it rings first, or `None`.

# %% answer="ex09_5"
def first_alarm(records: list[dict], window: int, limit: float) -> int | None:
    """Return the index of the record at which the alarm rings first."""
    # return the index, or None
    ### BEGIN SOLUTION
    invents = [not set(r["named"]) <= set(r["speakers"]) for r in records]
    for index in range(window - 1, len(records)):
        last = invents[index - window + 1 : index + 1]
        if sum(last) / window > limit:
            return index
    return None
    ### END SOLUTION


# %% check="ex09_5"
check("ex09_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# First make a list that says of each summary whether it invents. Then it is about slices
# of that list. Which index has the last record of the first full window?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# invents = for each record: is any name in named missing from speakers?
# for index = window - 1, window, ...:
#     share = mean of the last `window` entries, up to and with index
#     if share > limit: return index
# return None
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a window.** A mean since the release reacts ever more slowly: after 10,000 good
# summaries, a hundred bad ones hardly move it.
#
# **What else works.** `collections.deque(maxlen=window)`, which is what a server would
# keep.
#
# **What goes wrong.** Ringing before the window is full: after the first bad summary the
# share is 100 percent. People switch off an alarm that rings for nothing.
# </details>
