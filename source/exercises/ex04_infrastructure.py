# %% [markdown]
# # Exercise 4. Infrastructure
#
# You write the decisions that keep a run alive: with which precision it computes, what
# it keeps in memory, where it resumes after a kill, how large a batch may be, and how
# many small batches become one big one.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 4.1 | a precision for the device | 1 of 5 | 5 | {points} |
# | 4.2 | what a run keeps in memory | 2 of 5 | 10 | {points} |
# | 4.3 | the checkpoint to resume from | 2 of 5 | 10 | {points} |
# | 4.4 | a batch that fits | 3 of 5 | 15 | {points} |
# | 4.5 | gradients of unequal batches | 4 of 5 | 20 | {points} |
#
# This exercise goes with [lesson 4](../notebooks/04_infrastructure.ipynb). First run
# the two cells below. Then write your code where a cell says
# `raise NotImplementedError`, run it, and run the `check` cell below it. It prints your
# points, or one hint and the input that shows what is wrong. You may check as often as
# you like.
#
# Everything here runs on one CPU core in a few seconds. You need no GPU.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("04")

# %%
import torch

# %% [markdown]
# ## 4.1 Which precision?
#
# *Difficulty 1 of 5, about 5 minutes.*
#
# Write `choose_precision`:
#
# - `device` is `"cuda"`, `"mps"` or `"cpu"`;
# - `capability` is what `torch.cuda.get_device_capability()` returns, a tuple such as
#   `(7, 5)` for a T4, and `None` without CUDA;
# - return what `accelerate launch --mixed_precision` takes: `"bf16"` where the hardware
#   computes with bfloat16, which is from capability 8.0 on; `"fp16"` on older GPUs of
#   NVIDIA; `"no"`, which means float32, everywhere else.

# %% answer="ex04_1"
def choose_precision(device: str, capability: tuple[int, int] | None) -> str:
    """Return "bf16", "fp16" or "no"."""
    # return the precision for this device
    ### BEGIN SOLUTION
    if device != "cuda":
        return "no"
    return "bf16" if capability >= (8, 0) else "fp16"
    ### END SOLUTION


# %% check="ex04_1"
check("ex04_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Python compares tuples from left to right, as you compare versions. What is the
# capability of an A100, and what that of a B200, 10.0?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# if the device is not "cuda": "no"
# if capability is at least (8, 0): "bf16"
# else: "fp16"
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why not ask PyTorch.** `torch.cuda.is_bf16_supported()` may say yes for a T4, since
# bfloat16 works there. It is emulated, and slow.
#
# **What else works.** `capability[0] >= 8`.
#
# **What goes wrong.** Versions compared as text: `"10.0" < "8.0"` is true, so the
# newest GPU gets the oldest precision. And `== 8` works until somebody rents an H100,
# which is 9.0.
# </details>

# %% [markdown]
# ## 4.2 What does a run keep in memory?
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Some of the memory does not depend on the batch: it is there from the first step to
# the last. Write `state_bytes` for a run with `Trainer` and AdamW:
#
# - the model has `n_parameters`, of which `n_trained` are trained. The others are
#   frozen: they have a weight, and nothing else;
# - weights and gradients are float32, in every precision. AdamW keeps two float32
#   numbers for each weight that it trains;
# - `precision` is `"no"`, `"fp16"` or `"bf16"`. In the last two, `autocast` keeps a
#   16-bit copy of each trained weight, which counts with the weights;
# - return a dict of bytes, with the keys `weights`, `gradients` and `optimizer`;
# - do not call `training_memory` from `course_utils`.

# %% answer="ex04_2"
def state_bytes(n_parameters: int, n_trained: int, precision: str) -> dict[str, int]:
    """Return the bytes of weights, gradients and optimizer."""
    # return the bytes of the three parts
    ### BEGIN SOLUTION
    copies = 0 if precision == "no" else 2 * n_trained
    return {
        "weights": 4 * n_parameters + copies,
        "gradients": 4 * n_trained,
        "optimizer": 2 * 4 * n_trained,
    }
    ### END SOLUTION


# %% check="ex04_2"
check("ex04_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A float32 number has 32 bits, and a byte has 8. What does a frozen weight need no
# gradient for?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# weights = 4 for each parameter, and 2 for each trained one unless precision is "no"
# gradients = 4 for each trained one
# optimizer = 4 + 4 for each trained one
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why before the batch.** This part is there whatever the batch is, and only what it
# leaves free is for activations. A frozen weight takes 4 bytes and not 16, so freezing
# helps where half precision does not.
#
# **What it comes to.** GPT-2's 124 million parameters, all trained: 2.0 GB in float32,
# 2.2 GB in mixed precision. The state gets larger, not smaller. What gets smaller are
# the activations, and they are the larger part.
#
# **What else is in use.** Papers on large models count 2 + 2 + 12: weights and
# gradients in 16 bits, and with the optimizer a float32 copy of the weights. It is 16
# bytes again, in another order. `torch.compile` and 8-bit optimizers change the figures
# once more.
#
# **What else works.** Measure it: after a step, and before `zero_grad()`, add up the
# `nbytes` of the parameters, of their `.grad`, and of the tensors in `optimizer.state`.
# The 16-bit copies are not among them, since `autocast` keeps those to itself.
#
# **What goes wrong.** "It is half precision, so it takes half." A run planned like that
# dies in its first step. The first *step*, not the first pass: AdamW's numbers do not
# exist before.
# </details>

# %% [markdown]
# ## 4.3 Where to resume
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Your run was killed. Its folder holds some checkpoints, and some of those are of no
# use. Write `resume_from`:
#
# - `folders` has the names of all folders there, in any order, each with the list of
#   its files;
# - a checkpoint is called `checkpoint-` and a number, its step. Other folders may be
#   there, `checkpoint-best` among them. Skip them;
# - a checkpoint can be resumed if it has `complete.txt`, which is written last, and
#   `optimizer.pt`, which `save_only_model=True` leaves out;
# - return the name of the one with the highest step, or `None` if there is none.

# %% answer="ex04_3"
def resume_from(folders: dict[str, list[str]]) -> str | None:
    """Return the name of the newest checkpoint that can be resumed, or None."""
    # return the name of the checkpoint, or None
    ### BEGIN SOLUTION
    steps = {}
    for name, files in folders.items():
        step = name.removeprefix("checkpoint-")
        whole = "complete.txt" in files and "optimizer.pt" in files
        if step != name and step.isdigit() and whole:
            steps[name] = int(step)
    return max(steps, key=steps.get, default=None)
    ### END SOLUTION


# %% check="ex04_3"
check("ex04_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# In a list of files, checkpoint-900 stands after checkpoint-1000. Why? And if the
# newest one is broken, is all lost?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each folder:
#     skip it unless its name is "checkpoint-" and digits
#     skip it unless both files are there
#     keep it with its step as an int
# return the name with the highest step, or None if nothing was kept
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a mark.** A kill can strike between two files, or within one. The name of a
# folder says nothing about that, and Transformers' `get_last_checkpoint` looks at names
# only. The course's `MarkWhole` also notes the size of each file.
#
# **What else works.** Sort by step, from the highest down, and take the first that is
# whole. That is how `last_checkpoint` does it.
#
# **What goes wrong.** Without the optimizer's state the run does go on, and no message
# tells you. AdamW has to learn anew how large the gradients are, and the schedule
# begins again. Lesson 04 draws the curve of such a run.
# </details>

# %% [markdown]
# ## 4.4 A batch that fits
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# The effective batch size belongs to the recipe: change it, and the learning rate no
# longer fits. The batch size belongs to the machine. Write `choose_batch`:
#
# - each of `processes` GPUs has `free_bytes` left for activations, and a row of the
#   batch takes `bytes_per_row`. A batch may fill the memory exactly;
# - return `(batch_size, accumulation)`, two whole numbers;
# - batch size x accumulation x processes is *exactly* `effective_batch_size`;
# - of all that do this, take the largest batch size that fits into the memory of one
#   GPU;
# - raise a `ValueError` if not even one row fits, or if the processes cannot share the
#   effective batch evenly.

# %% answer="ex04_4"
def choose_batch(
    free_bytes: int, bytes_per_row: int, effective_batch_size: int, processes: int
) -> tuple[int, int]:
    """Return the largest batch size that fits, and its accumulation."""
    # return batch_size and accumulation, or raise a ValueError
    ### BEGIN SOLUTION
    rows, left_over = divmod(effective_batch_size, processes)
    fits = free_bytes // bytes_per_row
    if left_over or fits < 1:
        raise ValueError("no batch size fits and gives the effective batch size")
    sizes = range(min(rows, fits), 0, -1)
    batch_size = next(size for size in sizes if rows % size == 0)
    return batch_size, rows // batch_size
    ### END SOLUTION


# %% check="ex04_4"
check("ex04_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# First find out how many rows one process sees in a step. With 12 rows and memory for
# 5: which batch sizes cut 12 into equal parts?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# rows = effective_batch_size / processes, which must be whole
# fits = free_bytes // bytes_per_row, which must be at least 1
# batch_size = the largest divisor of rows that is at most fits
# accumulation = rows / batch_size
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the largest.** Small batches leave a GPU idle. From some size on it gains
# little, so if the largest divisor is close to what fits, it is fine.
#
# **What else works.** Measure instead of computing: take smaller batches until a step
# runs. Accelerate's `find_executable_batch_size` does that. It changes the effective
# batch size, unless you adapt the accumulation.
#
# **What goes wrong.** Rounding. With 12 rows and batches of 5, two passes learn from 10
# rows and three from 15. Nobody notices, and no result can be compared with the last.
# </details>

# %% [markdown]
# ## 4.5 Many small batches, one gradient
#
# *Difficulty 4 of 5, about 20 minutes.*
#
# Four equal batches are easy: divide each loss by 4. But batches of chats and summaries
# are unequal. One may have 3 tokens to learn, the next one 40. Write `accumulate`:
#
# - `model` is a `GPT2LMHeadModel` that holds no gradients yet. `batches` is a list of
#   pairs `(input_ids, labels)`, each of shape (batch, time), with another shape in each
#   pair;
# - a label of -100 is left out of the loss. Labels are not shifted: the model does
#   that;
# - afterwards the parameters hold the gradient of *one* mean, over all labelled tokens
#   of all batches, as if they had been one batch;
# - go through the batches one at a time. Only one fits into memory;
# - return nothing, and take no optimizer step.

# %% answer="ex04_5"
def accumulate(
    model: torch.nn.Module, batches: list[tuple[torch.Tensor, torch.Tensor]]
) -> None:
    """Leave in `model` the gradient of the mean loss over all labelled tokens."""
    # call backward for each batch
    ### BEGIN SOLUTION
    tokens = [(labels[:, 1:] != -100).sum() for _, labels in batches]
    for (input_ids, labels), count in zip(batches, tokens, strict=True):
        loss = model(input_ids=input_ids, labels=labels).loss
        (loss * count / sum(tokens)).backward()
    ### END SOLUTION


# %% check="ex04_5"
check("ex04_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `loss` is a mean over the tokens of its batch. Times what is it a sum? Divided by what
# is that sum a part of the mean over everything? You need that number before the first
# backward pass. And how many labels of a row are predicted: all, or all but one?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# count the labels that are not -100 in labels[:, 1:], for each batch
# total = their sum
# for each batch:
#     loss = model(input_ids=input_ids, labels=labels).loss
#     (loss * its count / total).backward()
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why it matters.** With the mean of means, a token in a batch of 3 weighs more than
# ten times as much as one in a batch of 40. Short answers are learnt more than long
# ones, and the result depends on how the rows were dealt out to batches.
#
# **What else works.** `model(..., labels=labels, num_items_in_batch=total).loss`: the
# model then adds its losses up and divides by that number. `Trainer` does so since
# October 2024.
#
# **What goes wrong.** Counting the first label of a row, which nothing predicts. It
# matters most where rows are short. And with several processes the total has to be that
# of all of them, which `Trainer` fetches with an all-reduce before the first backward
# pass.
# </details>
