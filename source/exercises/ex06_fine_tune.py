# %% [markdown]
# # Exercise 6. Fine-tune a pretrained model
#
# You decide what people get wrong when they start from pretrained weights: how long the
# run that you compare with may be, which learning rate to keep, what to freeze, what
# weight decay leaves alone. At the end you teach a model something new without losing
# what it knows.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 6.1 | a fair budget | 1 of 5 | 5 | {points} |
# | 6.2 | choosing a learning rate, and forgetting | 2 of 5 | 10 | {points} |
# | 6.3 | freezing, and the tied output layer | 3 of 5 | 15 | {points} |
# | 6.4 | parameter groups for AdamW | 3 of 5 | 15 | {points} |
# | 6.5 | learn the new, keep the old | 4 of 5 | 20 | {points} |
#
# This exercise goes with [lesson 6](../notebooks/06_fine_tune.ipynb). First run the two
# cells below. Then write your code where a cell says `raise NotImplementedError`, run
# it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.
#
# Everything here runs on one CPU core in a few seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("06")

# %%
import math

import torch

# %% [markdown]
# ## 6.1 The same budget
#
# *Difficulty 1 of 5, about 5 minutes.*
#
# You compare two runs, say one from scratch and one from pretrained weights. That is
# fair only if both read equally many tokens. But the second one runs with other sizes,
# because of its memory. Write `steps_for_same_tokens`:
#
# - `run` is a dict with `steps`, `batch_size`, `accumulation` and `block_size`;
# - `other` is a dict with `batch_size`, `accumulation` and `block_size`;
# - one optimizer step reads `accumulation` batches of `batch_size` blocks of
#   `block_size` tokens;
# - return the smallest whole number of steps with which `other` reads at least as many
#   tokens as `run`.

# %% answer="ex06_1"
def steps_for_same_tokens(run: dict, other: dict) -> int:
    """Return the steps in which `other` reads at least the tokens of `run`."""
    # return the number of steps
    ### BEGIN SOLUTION
    def tokens_per_step(sizes: dict) -> int:
        return sizes["batch_size"] * sizes["accumulation"] * sizes["block_size"]

    return math.ceil(run["steps"] * tokens_per_step(run) / tokens_per_step(other))
    ### END SOLUTION


# %% check="ex06_1"
check("ex06_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# How many tokens has the first run read at its end? How many does one step of the other
# run read?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# tokens = steps x batch_size x accumulation x block_size of the first run
# per_step = batch_size x accumulation x block_size of the other
# return tokens / per_step, rounded up
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why tokens.** A step and an epoch have another size in each setup. Tokens are what a
# model learns from, and nearly what you pay for.
#
# **What else works.** `-(-tokens // per_step)` rounds up without floats.
#
# **What goes wrong.** With equal steps, the run with the larger batch reads more, and
# looks better for that reason alone. In a comparison of scratch and pretrained, say
# also that the pretrained weights have read their own tokens before.
# </details>

# %% [markdown]
# ## 6.2 Which learning rate do you keep?
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# You fine-tuned the same weights with several learning rates. A high rate learns the new
# text fast, and forgets the old one fast. Write `best_learning_rate`:
#
# - `old_before` is the perplexity of the pretrained weights on the old text;
# - `runs` is a list of dicts. Each has the `learning_rate`, and four perplexities after
#   fine-tuning: `train`, `validation` and `test` on the new text, and `old` on the old
#   text;
# - leave out each run that forgot too much: its loss on the old text, in nats, rose by
#   more than `most_forgotten`;
# - of the others, the one that is best on the new text wins. The test set is for the
#   end;
# - return the learning rate of that run, or `None` if every run forgot too much.

# %% answer="ex06_2"
def best_learning_rate(
    old_before: float, runs: list[dict], most_forgotten: float
) -> float | None:
    """Return the learning rate of the best run that forgot little enough."""
    # return the learning rate, or None
    ### BEGIN SOLUTION
    allowed = [
        run for run in runs if math.log(run["old"] / old_before) <= most_forgotten
    ]
    if not allowed:
        return None
    best = min(allowed, key=lambda run: run["validation"])
    return best["learning_rate"]
    ### END SOLUTION


# %% check="ex06_2"
check("ex06_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# The table holds perplexities, and the limit is in nats. The loss in nats is the
# logarithm of the perplexity. And which of the three new texts may you look at while
# you still choose?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# allowed = runs with log(old) - log(old_before) <= most_forgotten
# if there are none: return None
# return the learning_rate of the allowed run with the lowest validation perplexity
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why nats.** A rise of the loss by 0.1 means the same on each text. A rise of the
# perplexity by 3 is much for a model that has 10, and little for one that has 300.
#
# **What else works.** Comparing `run["old"]` with `old_before * math.exp(most_forgotten)`.
#
# **What goes wrong.** Whoever picks the run with the best test perplexity reports a
# number that is too good: it is the best of several tries. The training perplexity is
# lowest where a model learns by heart.
# </details>

# %% [markdown]
# ## 6.3 Freeze the lower blocks
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Frozen parameters get no gradient and no optimizer state. That saves memory and time,
# and keeps what they know. Write `freeze`:
#
# - `model` is a `GPT2LMHeadModel`, with all of its parameters trainable;
# - freeze the token embedding, the position embedding, and the first `n_blocks` blocks;
#   everything else stays trainable;
# - the output layer is tied to the token embedding, so it gets frozen with it;
# - change the model in place. Return how many weights are still trained: the elements,
#   not the tensors.
#
# `print(model)` shows the names of the parts. The check uses models of 12 blocks.

# %% answer="ex06_3"
def freeze(model: torch.nn.Module, n_blocks: int) -> int:
    """Freeze the embeddings and the first blocks; return the weights still trained."""
    # freeze, and return the number of weights that are still trained
    ### BEGIN SOLUTION
    gpt2 = model.transformer
    for module in (gpt2.wte, gpt2.wpe, *gpt2.h[:n_blocks]):
        module.requires_grad_(False)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
    ### END SOLUTION


# %% check="ex06_3"
check("ex06_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `module.requires_grad = False` only sets a new attribute on the module, and nothing
# happens. There is a method with a trailing underscore that works on all parameters of
# a module.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each module of wte, wpe, and the first n_blocks of model.transformer.h:
#     module.requires_grad_(False)
# return the sum of p.numel() over the parameters with p.requires_grad
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the lower blocks.** They do what all texts need: spelling, word parts, nearby
# words. The upper ones are closer to the next token, and so to your task.
#
# **What else works.** A loop over `model.named_parameters()` by name. Put a dot behind
# the block's number: `"transformer.h.1"` is also how `transformer.h.10` begins.
#
# **What goes wrong.** Train `lm_head` "because it is the output", and you train the token
# embedding: they are one tensor. Count over `state_dict()`, and you count it twice.
# </details>

# %% [markdown]
# ## 6.4 What weight decay leaves alone
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Weight decay pulls weights towards 0. For a matrix that is a mild brake. The scale of a
# layer norm should be near 1, and a bias is no matrix, so most recipes spare both. Write
# `parameter_groups`:
#
# - it returns groups for `torch.optim.AdamW(groups, lr=...)`: a list of dicts with
#   `params` and `weight_decay`;
# - matrices, the two embeddings among them, get `weight_decay`;
# - biases and the parameters of layer norms get 0;
# - each parameter of the model is in exactly one group. The number of groups and their
#   order are up to you.

# %% answer="ex06_4"
def parameter_groups(model: torch.nn.Module, weight_decay: float) -> list[dict]:
    """Return groups for AdamW: matrices decay, biases and layer norms do not."""
    # return the groups
    ### BEGIN SOLUTION
    parameters = list(model.parameters())
    matrices = [p for p in parameters if p.ndim >= 2]
    vectors = [p for p in parameters if p.ndim < 2]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    ### END SOLUTION


# %% check="ex06_4"
check("ex06_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Print the names and shapes of `model.named_parameters()`. What do all biases and layer
# norms have in common, and no matrix?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# matrices = parameters with two dimensions
# vectors = parameters with one dimension
# return two dicts: matrices with weight_decay, vectors with 0.0
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why by dimension.** It needs no names, so it works for each model. nanoGPT does it
# this way.
#
# **What else works.** By name: spare what ends in `bias` or contains `ln_`. `Trainer` does
# the same by itself, from the types of the layers.
#
# **What goes wrong.** Old scripts search for `"LayerNorm.weight"`. That is BERT's name.
# In GPT-2 they find nothing, and say nothing. A search for `nn.Linear` misses GPT-2's
# matrices: they are `Conv1D` layers. And a group without `weight_decay` gets AdamW's
# default, 0.01.
# </details>

# %% [markdown]
# ## 6.5 Learn the new, keep the old
#
# *Difficulty 4 of 5, about 20 minutes.*
#
# A small GPT-2 has learned a made-up language of 32 tokens: its loss is about 1.3, and
# guessing would be ln(64) = 4.16. Now comes a second language. A third of its tokens
# also occur in the first, with other followers. The model's loss on it is above 5: it is
# sure, and wrong. Write `fine_tune`:
#
# - `model` is the pretrained `GPT2LMHeadModel`, with 64 tokens and some 30,000 weights,
#   on the CPU;
# - `new_blocks` is an integer tensor of shape (256, 32): blocks of the new language;
# - `old_blocks` has shape (128, 32): the part of the old text that you have kept;
# - write the loop yourself: do not call `Trainer.train`;
# - return the fine-tuned model. Its weights are measured on blocks of both languages
#   that it has never seen. Both losses have to be below 1.9.
#
# First try it with new blocks alone, and see what the check says. Then think about what
# each batch should hold. Batches of 16 blocks, AdamW and a rate of 3e-3 are a good start.

# %% answer="ex06_5"
def fine_tune(
    model: torch.nn.Module, new_blocks: torch.Tensor, old_blocks: torch.Tensor
) -> torch.nn.Module:
    """Teach `model` the new text without losing the old, in place; return it."""
    # write the training loop, and return the model
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(160):
        new = new_blocks[torch.randint(len(new_blocks), (12,))]
        old = old_blocks[torch.randint(len(old_blocks), (4,))]
        batch = torch.cat([new, old])  # (16, 32)
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model
    ### END SOLUTION


# %% check="ex06_5"
check("ex06_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Nothing in the new text asks the model to keep the old one. So ask for it: let every
# batch hold some blocks of both.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# optimizer = AdamW, learning rate 3e-3
# repeat 160 times:
#     batch = 12 random new blocks and 4 random old ones, joined along dimension 0
#     loss = model(input_ids=batch, labels=batch).loss
#     loss.backward(); optimizer.step(); optimizer.zero_grad()
# return model
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why mixing works.** Each step that would undo the old text now raises the loss of the
# old blocks in the same batch. A quarter of the batch is enough here. This is called
# rehearsal, or replay.
#
# **What else works.** Half and half, or shuffling both sets together. On a large model a
# low rate, few steps, frozen blocks or small added weights (LoRA) also limit how much
# gets lost.
#
# **What goes wrong.** First all of the new text, then all of the old: the model forgets
# the new one again. And a lower rate alone only shifts the balance: as long as it has
# not learned, it has not forgotten.
# </details>
