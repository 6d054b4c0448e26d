# %% [markdown]
# # Exercise 5. Train
#
# You write the five pieces that a training run stands on: the count of its steps, its
# loss, its learning rate, its perplexity and its loop. After that, nothing inside
# `Trainer` is hidden from you.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 5.1 | effective batch size and steps | 1 of 5 | 5 | {points} |
# | 5.2 | labels, shift and loss | 2 of 5 | 15 | {points} |
# | 5.3 | warm-up and cosine | 2 of 5 | 10 | {points} |
# | 5.4 | perplexity over padding | 3 of 5 | 10 | {points} |
# | 5.5 | the training loop | 4 of 5 | 20 | {points} |
#
# This exercise goes with [lesson 5](../notebooks/05_train.ipynb). First run the two
# cells below. Then write your code where a cell says `raise NotImplementedError`, run
# it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.
#
# Everything here runs on one CPU core in a few seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("05")

# %%
import math

import torch
import torch.nn.functional as F

# %% [markdown]
# ## 5.1 How many steps is an epoch?
#
# *Difficulty 1 of 5, about 5 minutes.*
#
# A GPU holds `batch_size` blocks at a time. With gradient accumulation, the optimizer
# steps only after `accumulation` such batches. With several processes, each of them
# works on batches of its own. Write `steps_per_epoch`:
#
# - it returns two whole numbers, `(effective_batch_size, steps)`;
# - `effective_batch_size` is how many blocks one optimizer step learns from;
# - `steps` is how many optimizer steps it takes to use each of the `n_blocks` blocks
#   once. The last step may have fewer blocks than the others. It still counts.

# %% answer="ex05_1"
def steps_per_epoch(
    n_blocks: int, batch_size: int, accumulation: int, processes: int
) -> tuple[int, int]:
    """Return the effective batch size and the optimizer steps of one epoch."""
    # return the effective batch size and the steps
    ### BEGIN SOLUTION
    effective_batch_size = batch_size * accumulation * processes
    return effective_batch_size, math.ceil(n_blocks / effective_batch_size)
    ### END SOLUTION


# %% check="ex05_1"
check("ex05_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Take 100 blocks, and steps of 16 blocks each. Six steps use 96 blocks. Are you done?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# effective_batch_size = the product of the three sizes
# steps = n_blocks / effective_batch_size, rounded up
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why round up.** `Trainer` keeps the last, smaller batch, unless you pass
# `dataloader_drop_last=True`. Then rounding down is right.
#
# **What else works.** `-(-n_blocks // effective_batch_size)` is the same without floats.
#
# **What goes wrong.** A schedule needs the number of steps before the run. If you forget
# `accumulation`, it expects too many steps, and your learning rate is still high when
# the data run out.
# </details>

# %% [markdown]
# ## 5.2 The loss behind `labels=`
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# `model(input_ids, labels=labels).loss` shifts the labels for you. Here you do it by
# hand. Write `causal_loss`:
#
# - `logits` is a float tensor of shape (batch, time, vocabulary), `labels` an integer
#   tensor of shape (batch, time). The labels are not shifted: `labels[:, t]` is the
#   token at position `t`;
# - the logits at position `t` predict the token at position `t + 1`;
# - a label of -100 marks a position to leave out of the loss;
# - return the mean loss over all labelled positions of the whole batch, in nats, as a
#   tensor that you can call `.backward()` on;
# - do not change `labels` in place. You may call `F.cross_entropy`, but not
#   `ForCausalLMLoss` from transformers.

# %% answer="ex05_2"
def causal_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the mean next-token loss in nats, as GPT2LMHeadModel computes it."""
    # return the mean next-token loss
    ### BEGIN SOLUTION
    predictions = logits[:, :-1]  # (batch, time - 1, vocabulary)
    targets = labels[:, 1:]  # (batch, time - 1)
    return F.cross_entropy(
        predictions.flatten(0, 1), targets.flatten(), ignore_index=-100
    )
    ### END SOLUTION


# %% check="ex05_2"
check("ex05_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# The last position has no next token, so its logits have nothing to be compared with.
# No position predicts the first token. What is left after you drop both?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# predictions = logits without the last position
# targets = labels without the first position
# flatten both: (batch * (time - 1), vocabulary) and (batch * (time - 1),)
# return cross_entropy(predictions, targets), which leaves out -100 by itself
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why this way.** `F.cross_entropy` takes the mean over the labels that are not
# -100. That is one mean over the tokens of the batch, so a long row counts more than a
# short one.
#
# **What else works.** `-log_softmax(...)` gathered at the targets, masked, summed and
# divided by the count. Clamp the targets first, since -100 is no index.
#
# **What goes wrong.** Shifting the labels and then passing them to the model shifts
# twice. Nothing fails: the loss falls, and the model learns to predict the token after
# the next. With no shift at all the loss falls to almost 0, because each position sees
# the token it is asked for.
# </details>

# %% [markdown]
# ## 5.3 Warm up, then cool down
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Most GPTs are trained with a learning rate that rises in a straight line and then falls
# along half a cosine. Write `learning_rate_at`:
#
# - below `warmup_steps` it rises in a straight line, from 0 at step 0 towards `peak`;
# - at step `warmup_steps` it is exactly `peak`;
# - from there it follows half a cosine down to exactly 0 at step `total_steps`;
# - `warmup_steps` may be 0: then there is no warm-up;
# - write the formula yourself: do not call `get_cosine_schedule_with_warmup`.

# %% answer="ex05_3"
def learning_rate_at(
    step: int, warmup_steps: int, total_steps: int, peak: float
) -> float:
    """Return the learning rate of one step: linear warm-up, then half a cosine."""
    # return the learning rate of this step
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * (1 + math.cos(math.pi * progress)) / 2
    ### END SOLUTION


# %% check="ex05_3"
check("ex05_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# cos goes from 1 to -1 while its angle goes from 0 to pi. You want 1 to 0. And measure
# the angle by how far you are between the end of the warm-up and the last step.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# if step is below warmup_steps:
#     return that fraction of the peak
# progress = steps since the warm-up / steps that follow the warm-up
# return peak * (1 + cos(pi * progress)) / 2
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why warm up.** In its first steps AdamW knows its gradients' size only from a few
# batches. Small steps keep it from running off.
#
# **What else works.** `peak * math.cos(math.pi / 2 * progress) ** 2` is the same curve.
# Many runs stop at a tenth of the peak instead of 0.
#
# **What goes wrong.** With `progress = step / total_steps` the rate jumps down at the end
# of the warm-up. And if you count `total_steps` without accumulation (see 5.1), the
# curve is cut off high up.
# </details>

# %% [markdown]
# ## 5.4 Perplexity, and what padding does to it
#
# *Difficulty 3 of 5, about 10 minutes.*
#
# You evaluate in batches. Rows end in padding, and the last batch is smaller. Write
# `perplexity`:
#
# - `batches` is a list of pairs `(losses, labels)`, both of shape (batch, time). The
#   labels are already shifted: `losses[i, t]` is the loss, in nats, at predicting
#   `labels[i, t]`;
# - padding has the label -100 and a loss of 0.0, as
#   `F.cross_entropy(..., reduction="none")` gives it;
# - every token counts the same, in whichever row or batch it is;
# - token 0 is a token like any other;
# - return the perplexity as a float.

# %% answer="ex05_4"
def perplexity(batches: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Return the perplexity over every token that is not padding."""
    # return the perplexity over all tokens
    ### BEGIN SOLUTION
    total, tokens = 0.0, 0
    for losses, labels in batches:
        total += losses[labels != -100].sum().item()
        tokens += (labels != -100).sum().item()
    return math.exp(total / tokens)
    ### END SOLUTION


# %% check="ex05_4"
check("ex05_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A batch with 3 tokens must not weigh as much as a batch with 30. So do not average
# averages. Which two numbers can you add up over the batches?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# total = 0; tokens = 0
# for each batch:
#     add the losses of the labelled positions to total
#     add their number to tokens
# return exp(total / tokens)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why this way.** Perplexity is defined over tokens. Sums can be added over batches,
# means cannot.
#
# **What else works.** Summing whole tensors, since padding has a loss of 0, as long as you
# divide by the number of real tokens. Or concatenating everything and taking one mean.
#
# **What goes wrong.** Averaging over the padding makes a model look better the more
# padding there is. A mean of perplexities comes out too high, even if all batches are of
# one size, since exp curves upwards.
# </details>

# %% [markdown]
# ## 5.5 The loop
#
# *Difficulty 4 of 5, about 20 minutes.*
#
# Now train. The text is a made-up language of 32 tokens, in which each token has four
# possible followers. Guessing gives a loss of ln(32) = 3.47. A model that knows the
# language perfectly reaches 1.11. Write `train`:
#
# - `model` is an untrained `GPT2LMHeadModel` with some 27,000 weights, on the CPU;
# - `blocks` is an integer tensor of shape (512, 32): 512 blocks of 32 tokens;
# - write the loop yourself, with an optimizer of your choice: do not call
#   `Trainer.train`;
# - return the trained model. A few seconds of training are enough;
# - its weights are then measured on blocks that it has never seen. Their loss has to be
#   below 1.7.
#
# AdamW with a learning rate of 3e-3, batches of 16 blocks and a few passes over the data
# are a good start.

# %% answer="ex05_5"
def train(model: torch.nn.Module, blocks: torch.Tensor) -> torch.nn.Module:
    """Train `model` on `blocks` in place, and return it."""
    # write the training loop, and return the model
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(4):
        for rows in torch.randperm(len(blocks)).split(16):
            batch = blocks[rows]  # (16, 32)
            loss = model(input_ids=batch, labels=batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return model
    ### END SOLUTION


# %% check="ex05_5"
check("ex05_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Each step does four things: a forward pass that gives the loss, a backward pass that
# gives the gradients, a step of the optimizer, and setting the gradients back to zero.
# Use every block, in a new order on each pass.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# optimizer = AdamW over the model's parameters, learning rate 3e-3
# repeat 4 times:
#     for each group of 16 blocks, in random order:
#         loss = model(input_ids=batch, labels=batch).loss
#         loss.backward(); optimizer.step(); optimizer.zero_grad()
# return model
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why `labels=batch`.** The model shifts the labels itself (see 5.2).
#
# **What else works.** SGD with momentum 0.9 and a learning rate of 0.3. A `DataLoader`
# with `shuffle=True`. Your `causal_loss` on `model(input_ids=batch).logits`.
#
# **What goes wrong.** Without `zero_grad()` the gradients of all steps pile up, and the
# loss stays above 3. With one and the same batch the training loss falls far below what
# the language allows, and the loss on new blocks stays above 2. That makes "overfit one
# batch" a good first test of a loop, and a bad training run.
# </details>
