# %% [markdown]
# # Exercise 7. Summarise chats
#
# Most summarisers that never stop, that repeat the dialogue, or that write nonsense in
# batches have a bug in one of five small functions. You write all five: the labels, the
# truncation, the batch to train on, the batch to generate from, and the cut that takes
# the summary out of what comes back.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 7.1 | mask the prompt, keep the end | 1 of 5 | 5 | {points} |
# | 7.2 | truncate the right part | 2 of 5 | 10 | {points} |
# | 7.3 | a batch to train on | 3 of 5 | 15 | {points} |
# | 7.4 | a batch to generate from | 3 of 5 | 15 | {points} |
# | 7.5 | cut the summary out | 3 of 5 | 10 | {points} |
#
# This exercise goes with [lesson 7](../notebooks/07_summarise.ipynb). First run the two
# cells below. Then write your code where a cell says `raise NotImplementedError`, run
# it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.
#
# All texts are lists of token ids here, so everything takes seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("07")

# %%
import torch

# %% [markdown]
# ## 7.1 What the loss counts
#
# *Difficulty 1 of 5, about 5 minutes.*
#
# A training row is the prompt, the summary, and the end-of-text token. The model is to
# learn to summarise and to stop. It is not to learn to write dialogues. Write
# `build_row`:
#
# - `prompt_ids` and `summary_ids` are lists of token ids;
# - return a dict with two lists of one length, `input_ids` and `labels`;
# - `input_ids` is the prompt, then the summary, then `eos_token_id`;
# - the loss counts on the summary and on its end. Each other label is -100;
# - the model shifts the labels itself.

# %% answer="ex07_1"
def build_row(
    prompt_ids: list[int], summary_ids: list[int], eos_token_id: int
) -> dict[str, list[int]]:
    """Return one training row: input_ids and labels."""
    # return input_ids and labels
    ### BEGIN SOLUTION
    answer = [*summary_ids, eos_token_id]
    return {
        "input_ids": prompt_ids + answer,
        "labels": [-100] * len(prompt_ids) + answer,
    }
    ### END SOLUTION


# %% check="ex07_1"
check("ex07_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Where the loss counts, the label is the token itself. Is the end of the text a token
# that the model has to learn?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# answer = summary_ids and then eos_token_id
# input_ids = prompt_ids and then answer
# labels = -100 for each token of the prompt, and then answer
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why mask the prompt.** A dialogue has five to ten times as many tokens as its summary.
# Unmasked, most of the loss would be about writing dialogues.
#
# **What else works.** Copying `input_ids` and overwriting the first `len(prompt_ids)`
# labels.
#
# **What goes wrong.** With the end masked, the loss looks the same and the summaries are
# as good, but they never stop: nothing ever asked the model to write the end.
# </details>

# %% [markdown]
# ## 7.2 Cut what can be spared
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Some dialogues are too long. What must survive is the cue, such as `TL;DR:`, the summary
# with its end, and of the dialogue as much of its end as there is room for. Write
# `fit_prompt`:
#
# - `dialogue_ids` and `cue_ids` are lists of token ids;
# - `answer_length` is how many tokens follow the prompt: the summary's and the end;
# - return the prompt: the dialogue, then the cue;
# - prompt and answer together have at most `max_length` tokens. If they are too long,
#   drop tokens from the start of the dialogue, and no more than necessary;
# - cue and answer always fit. The room that they leave for the dialogue may be 0.

# %% answer="ex07_2"
def fit_prompt(
    dialogue_ids: list[int], cue_ids: list[int], answer_length: int, max_length: int
) -> list[int]:
    """Return the dialogue's end and the cue, so that the answer fits behind them."""
    # return the prompt
    ### BEGIN SOLUTION
    room = max_length - len(cue_ids) - answer_length
    too_many = max(0, len(dialogue_ids) - room)
    return dialogue_ids[too_many:] + cue_ids
    ### END SOLUTION


# %% check="ex07_2"
check("ex07_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Count the tokens that are too many, and drop them at the start. Then try it in your
# head with a room of 0, and with a dialogue that is shorter than the room. What is
# `ids[-0:]`?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# room = max_length - tokens of the cue - answer_length
# too_many = tokens of the dialogue - room, but at least 0
# return the dialogue without its first too_many tokens, then the cue
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the start goes.** The cue tells the model what to do, and without the summary
# there is nothing to learn. In chats the outcome is usually at the end.
#
# **What else works.** `(dialogue_ids + cue_ids)[-(max_length - answer_length):]`.
#
# **What goes wrong.** `tokenizer(text, truncation=True)` cuts on the right. The longest
# rows then lose cue and summary, and train nothing at all. And `ids[-room:]` is the
# whole list if `room` is 0, since -0 is 0.
# </details>

# %% [markdown]
# ## 7.3 A batch to train on
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Rows have different lengths, and a tensor needs equal ones. GPT-2 has no padding token,
# so `pad_token_id` may be the id of the end of text. Write `collate`:
#
# - `rows` is a list of dicts with `input_ids` and `labels`, as 7.1 returns them;
# - return a dict with `input_ids`, `attention_mask` and `labels`: integer tensors of
#   shape (rows, tokens of the longest row);
# - pad on the right: `input_ids` with `pad_token_id`;
# - the mask is 1 on the row's own tokens, and 0 on padding;
# - no label of padding counts in the loss. Each row's own labels stay as they are.

# %% answer="ex07_3"
def collate(rows: list[dict], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Return one batch, padded on the right."""
    # return input_ids, attention_mask and labels
    ### BEGIN SOLUTION
    width = max(len(row["input_ids"]) for row in rows)

    def stack(sequences: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([ids + [filler] * (width - len(ids)) for ids in sequences])

    return {
        "input_ids": stack([row["input_ids"] for row in rows], pad_token_id),
        "attention_mask": stack([[1] * len(row["input_ids"]) for row in rows], 0),
        "labels": stack([row["labels"] for row in rows], -100),
    }
    ### END SOLUTION


# %% check="ex07_3"
check("ex07_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A token with the padding's id is not always padding: each row ends in one that counts.
# What do you know of each row that tells them apart?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# width = tokens of the longest row
# for each row, with missing = width - its length:
#     input_ids: its own, then missing times pad_token_id
#     attention_mask: 1 for each of its own, then missing times 0
#     labels: its own, then missing times -100
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why by length.** The length says what is padding. The id does not, as soon as padding
# borrows the id of a real token.
#
# **What else works.** `torch.nn.utils.rnn.pad_sequence` with `batch_first=True`, once for
# each of the three.
#
# **What goes wrong.** Masking by id hides the ends that the model has to learn. The
# classic collator does that, and so does `labels[labels == pad] = -100`. Filling the
# labels with the padding asks for ten ends in a row, and makes the loss look better
# than it is.
# </details>

# %% [markdown]
# ## 7.4 A batch to generate from
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# A model continues after the last position. So that position has to be the prompt's last
# token, in every row: now the padding goes to the left. Write `left_pad`:
#
# - `prompts` is a list of lists of token ids. They may hold the id of the padding;
# - return a dict with `input_ids`, `attention_mask` and `position_ids`: integer tensors
#   of shape (rows, tokens of the longest prompt);
# - pad on the left with `pad_token_id`; the mask is 1 on the prompt and 0 on padding;
# - `position_ids` counts each prompt's own tokens: its first one has position 0. On
#   padding the position is 0 too.

# %% answer="ex07_4"
def left_pad(prompts: list[list[int]], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Return one batch to generate from, padded on the left."""
    # return input_ids, attention_mask and position_ids
    ### BEGIN SOLUTION
    width = max(len(ids) for ids in prompts)
    input_ids = [[pad_token_id] * (width - len(ids)) + ids for ids in prompts]
    mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
    attention_mask = torch.tensor(mask)  # (rows, width)
    return {
        "input_ids": torch.tensor(input_ids),
        "attention_mask": attention_mask,
        "position_ids": (attention_mask.cumsum(dim=1) - 1).clamp(min=0),
    }
    ### END SOLUTION


# %% check="ex07_4"
check("ex07_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# GPT-2 adds a position embedding to each token. In training, a row's first token stood
# at position 0. Where does it stand if you put three tokens of padding before it? A
# running sum over the mask helps.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# width = tokens of the longest prompt
# for each prompt, with missing = width - its length:
#     input_ids: missing times pad_token_id, then the prompt
#     attention_mask: missing times 0, then 1 for each token of the prompt
# position_ids = running sum of the mask along the row, minus 1, but at least 0
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why positions.** With them each row gets the same text as alone. The mask hides the
# padding, and the positions make up for the shift.
#
# **What else works.** `torch.arange(width) - missing` for each row, clamped at 0. The value
# on padding does not matter, as long as it is a valid index: `model.generate` computes
# `position_ids` itself from the mask.
#
# **What goes wrong.** Padded on the right, a short prompt goes on after its padding, and
# the text makes no sense. Without a mask the padding is read as a text of ends. Both
# work well for one prompt at a time, so people notice late.
# </details>

# %% [markdown]
# ## 7.5 Cut the summary out
#
# *Difficulty 3 of 5, about 10 minutes.*
#
# `model.generate` returns the padded prompts with the new tokens behind them. A row that
# ends early is filled up with padding. Write `continuations`:
#
# - `output_ids` is an integer tensor of shape (rows, width + new): what came back;
# - `attention_mask` has shape (rows, width): the mask of the prompts, padded on the left
#   as in 7.4;
# - return a list with one list of token ids a row: the new tokens up to the first
#   `eos_token_id`, without it;
# - a row without an end gives all of its new tokens;
# - the padding may have the id of the end, or another one.

# %% answer="ex07_5"
def continuations(
    output_ids: torch.Tensor, attention_mask: torch.Tensor, eos_token_id: int
) -> list[list[int]]:
    """Return each row's new tokens, up to its end."""
    # return the new tokens of each row
    ### BEGIN SOLUTION
    width = attention_mask.shape[1]
    rows = []
    for new_ids in output_ids[:, width:].tolist():
        if eos_token_id in new_ids:
            new_ids = new_ids[: new_ids.index(eos_token_id)]
        rows.append(new_ids)
    return rows
    ### END SOLUTION


# %% check="ex07_5"
check("ex07_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Prompt and padding together are equally wide in all rows. Cut there first. Only then
# search for the end.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# width = columns of attention_mask
# for each row of output_ids:
#     new = the row from column width on
#     if eos_token_id is in new: cut new at its first one
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why cut by columns.** `generate` appends to the padded batch, so all rows start their
# new tokens in the same column, whatever the length of the prompt.
#
# **What else works.** `itertools.takewhile(lambda t: t != eos_token_id, new_ids)`.
#
# **What goes wrong.** Cutting by the prompt's own length keeps a piece of prompt in each
# short row. Removing the prompt's text from the decoded text fails as soon as decoding
# changes a space. Searching the whole row for the end finds the padding on the left,
# and every summary is empty.
# </details>
