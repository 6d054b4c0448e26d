# %% [markdown]
# # Exercise 3. Build the model
#
# You count GPT-2, configure it so that it hears you, and write its heart: heads, causal
# attention and first weights. When you are done, you could write the rest as well.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 3.1 | the parameters, counted | 2 of 5 | 15 | {points} |
# | 3.2 | a configuration that is heard | 2 of 5 | 10 | {points} |
# | 3.3 | query, key and value, by heads | 3 of 5 | 10 | {points} |
# | 3.4 | causal attention | 3 of 5 | 20 | {points} |
# | 3.5 | the first weights | 4 of 5 | 15 | {points} |
#
# This exercise goes with [lesson 3](../notebooks/03_build_the_model.ipynb). First run
# the two cells below. Then write your code where a cell says
# `raise NotImplementedError`, run it, and run the `check` cell below it. It prints your
# points, or one hint and the input that shows what is wrong. You may check as often as
# you like.
#
# Everything here runs on one CPU core in a few seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("03")

# %%
import math

import torch
from transformers import GPT2Config, GPT2LMHeadModel

# %% [markdown]
# ## 3.1 Count the parameters
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# A wrong count is the cheapest warning that a model is not what you wanted. Write
# `count_parameters`:
#
# - it returns how many numbers a `GPT2LMHeadModel` of these sizes trains;
# - the MLP is 4 times as wide as the model, as always in GPT-2;
# - all matrices of a block have a bias, and so have the layer norms. The head has none;
# - if `tied`, the head uses the table of tokens, and the table counts once. If not, the
#   head has a matrix of its own;
# - compute it from the sizes. Building a model would take the memory that you want to
#   know in advance, and `parameters` from `course_utils` is not allowed.

# %% answer="ex03_1"
def count_parameters(
    vocab_size: int, n_positions: int, n_embd: int, n_layer: int, tied: bool
) -> int:
    """Return the number of trainable parameters of a GPT-2."""
    # return the number of parameters
    ### BEGIN SOLUTION
    d = n_embd
    attention = (d * 3 * d + 3 * d) + (d * d + d)
    mlp = (d * 4 * d + 4 * d) + (4 * d * d + d)
    norm = 2 * d
    head = 0 if tied else vocab_size * d
    tables = (vocab_size + n_positions) * d
    return tables + n_layer * (attention + mlp + 2 * norm) + norm + head
    ### END SOLUTION


# %% check="ex03_1"
check("ex03_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Lesson 03 counts GPT-2 part by part. Which parts does each size enter? And what comes
# after the last block?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# two tables: tokens and positions
# per block: attention 4 d*d and 4 d of biases, MLP 8 d*d and 5 d of biases,
#            two layer norms of 2 d
# after the blocks: one more layer norm
# untied: the table of tokens once more
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why part by part.** The parts say what a size costs: twice the layers are twice the
# blocks, and twice the width is four times their matrices. The table of tokens does not
# grow with the layers: it is nearly a third of GPT-2's 124 million, and a twentieth of
# GPT-2 XL's 1,558 million.
#
# **What else works.** The same as one formula: `(V + T) d + L (12 d² + 13 d) + 2 d`.
# Build a real one to check yours, on the device `meta`, which needs no memory:
#
# ```
# with torch.device("meta"):
#     GPT2LMHeadModel(GPT2Config(...)).num_parameters()
# ```
#
# **What goes wrong.** A sum over `state_dict()` counts the tied table twice, since it
# is listed under two names. A model of 124 million then seems to have 163.
# </details>

# %% [markdown]
# ## 3.2 A configuration that is heard
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# `GPT2Config` takes every name that you give it, also those that it does not know. It
# keeps them as a note, and builds with its defaults. Write `make_config`:
#
# - it returns a `GPT2Config` with these sizes. `block_size` is the longest text, in
#   tokens, and `width` is how many numbers describe a token;
# - `eos` is the end token of your tokenizer. It is the start token, too, as in GPT-2;
# - if the heads cannot share the width evenly, raise a `ValueError`;
# - do not call `preset` from `course_utils`.

# %% answer="ex03_2"
def make_config(
    vocab_size: int, block_size: int, width: int, layers: int, heads: int, eos: int
) -> GPT2Config:
    """Return the configuration of a GPT-2 with these sizes."""
    # return the configuration, or raise a ValueError
    ### BEGIN SOLUTION
    if width % heads:
        raise ValueError(f"{heads} heads cannot share a width of {width} evenly")
    return GPT2Config(
        vocab_size=vocab_size,
        n_positions=block_size,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        bos_token_id=eos,
        eos_token_id=eos,
    )
    ### END SOLUTION


# %% check="ex03_2"
check("ex03_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Print the configuration that you made. Which numbers are yours, and which are those of
# GPT-2 small?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# if width is no multiple of heads: raise ValueError
# return GPT2Config(vocab_size=..., n_positions=..., n_embd=..., n_layer=...,
#                   n_head=..., bos_token_id=..., eos_token_id=...)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the end token.** Its default is 50256. In a vocabulary of 2,000 there is no such
# token, so `generate` waits for an end that cannot come, and every text runs to
# `max_new_tokens`. Transformers 5 prints a warning; it is one line among many.
#
# **What else works.** `hidden_size`, `num_hidden_layers`, `num_attention_heads` and
# `max_position_embeddings` are other names for the same fields. They work in most
# models of the library.
#
# **What goes wrong.** `n_ctx` was the right name in old versions, and half of all
# tutorials still use it. Ask back: `config.n_positions == block_size`.
# </details>

# %% [markdown]
# ## 3.3 Query, key and value, by heads
#
# *Difficulty 3 of 5, about 10 minutes.*
#
# GPT-2 computes query, key and value in one product. The result has three times the
# width. Write `split_heads`:
#
# - `qkv` has the shape (batch, time, 3 x n_embd): first all of the query, then all of
#   the key, then all of the value;
# - a head gets `head_dim = n_embd / n_head` numbers of each vector that stand side by
#   side: the first head the first ones, and so on;
# - return three tensors, `(query, key, value)`, each of shape (batch, n_head, time,
#   head_dim).

# %% answer="ex03_3"
def split_heads(
    qkv: torch.Tensor, n_head: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return query, key and value, each (batch, n_head, time, head_dim)."""
    # return query, key and value
    ### BEGIN SOLUTION
    batch, time, width = qkv.shape
    head_dim = width // 3 // n_head

    def by_heads(part: torch.Tensor) -> torch.Tensor:
        return part.view(batch, time, n_head, head_dim).transpose(1, 2)

    query, key, value = (by_heads(part) for part in qkv.chunk(3, dim=-1))
    return query, key, value
    ### END SOLUTION


# %% check="ex03_3"
check("ex03_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A view keeps the numbers in their order and only sets new borders. Which dimension has
# to be cut in two? After that, which two dimensions change places?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# cut the last dimension into three equal parts
# each part: (batch, time, n_embd)
#   -> view as (batch, time, n_head, head_dim)
#   -> transpose dimensions 1 and 2
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why transpose.** A matrix product works on the last two dimensions. With (time,
# head_dim) there, one product does all heads of all rows at once.
#
# **What else works.** `qkv.view(batch, time, 3, n_head, head_dim).permute(2, 0, 3, 1,
# 4)`, or `einops.rearrange(qkv, "b t (three h d) -> three b h t d", ...)`.
#
# **What goes wrong.** `reshape(batch, n_head, time, head_dim)` gives the right shape in
# one go, and each head a mixture of several tokens. Nothing fails: the model trains,
# badly, and it sees the future, since a "token" of a head holds parts of later ones.
# Check a reshape with numbers that you can follow, as `torch.arange`.
# </details>

# %% [markdown]
# ## 3.4 Causal attention
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Now the heart of it. Write `causal_attention`:
#
# - `query`, `key` and `value` have the shape (batch, n_head, time, head_dim);
# - a score is the dot product of a query and a key, divided by the root of `head_dim`;
# - a token looks at itself and at tokens before it, and at none after it;
# - a row of weights, over the keys, is a softmax: it sums to 1;
# - return two tensors, `(output, weights)`. `weights` has the shape (batch, n_head,
#   time, time). `output` is the weighted sum of the values with the heads side by side:
#   (batch, time, n_head x head_dim).

# %% answer="ex03_4"
def causal_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return output (batch, time, n_embd) and weights (batch, n_head, time, time)."""
    # return output and weights
    ### BEGIN SOLUTION
    time, head_dim = query.shape[-2:]
    scores = query @ key.transpose(-2, -1) / math.sqrt(head_dim)
    allowed = torch.ones(time, time, dtype=torch.bool).tril()
    weights = scores.masked_fill(~allowed, float("-inf")).softmax(dim=-1)
    output = (weights @ value).transpose(1, 2).flatten(2)
    return output, weights
    ### END SOLUTION


# %% check="ex03_4"
check("ex03_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# exp of what is 0? Whatever you do to a score before the softmax has to make its weight
# 0. And before you put the heads side by side: which dimensions must be neighbours?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# scores = query @ key with its last two dimensions swapped / sqrt(head_dim)
# allowed = lower triangle of ones, with the diagonal, (time, time)
# scores where not allowed = minus infinity
# weights = softmax over the last dimension
# output = weights @ value, dimensions 1 and 2 swapped, the last two flattened
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the root.** A dot product of head_dim random numbers has a standard deviation of
# about the root of head_dim. Undivided, the softmax would put nearly all weight on one
# token, and hardly any gradient would flow.
#
# **What else works.** Adding a mask of 0 and minus infinity. Masking after the softmax
# and dividing each row by its new sum. `F.scaled_dot_product_attention(...,
# is_causal=True)` gives the same output without ever storing the weights, which is why
# it is fast.
#
# **What goes wrong.** Multiplying scores by a mask of 0 and 1 hides nothing, since
# exp(0) is 1. A mask without its diagonal leaves nothing to the first token, and 0
# divided by 0 is NaN, which then spreads.
# </details>

# %% [markdown]
# ## 3.5 The first weights
#
# *Difficulty 4 of 5, about 15 minutes.*
#
# Training starts from random weights, and their size decides whether it starts at all.
# Write `initialise`, which sets every parameter of a `GPT2LMHeadModel` in place:
#
# - matrices and tables are drawn from a normal distribution around 0, with a standard
#   deviation of 0.02;
# - the two matrices of each block that write into the residual sum, `attn.c_proj` and
#   `mlp.c_proj`, get 0.02 divided by the root of (2 x n_layer) instead;
# - biases start at 0;
# - a layer norm starts with a scale (its `weight`) of 1;
# - write it yourself, for whatever depth the model has: do not call `init_weights` or
#   `_init_weights`. It returns nothing.

# %% answer="ex03_5"
def initialise(model: GPT2LMHeadModel) -> None:
    """Set all parameters to GPT-2's first weights, in place."""
    # set every parameter in place
    ### BEGIN SOLUTION
    smaller = 0.02 / math.sqrt(2 * model.config.n_layer)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
        elif ".ln_" in name:
            torch.nn.init.ones_(parameter)
        else:
            std = smaller if name.endswith("c_proj.weight") else 0.02
            torch.nn.init.normal_(parameter, mean=0.0, std=std)
    ### END SOLUTION


# %% check="ex03_5"
check("ex03_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Print the names of `model.named_parameters()`. The name tells which of the four kinds
# a parameter is. Which names do layer norms have?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each name and parameter:
#     ends in "bias": zeros
#     a layer norm (".ln_" in the name): ones
#     ends in "c_proj.weight": normal, 0.02 / sqrt(2 * n_layer)
#     else: normal, 0.02
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why smaller.** Every block adds two results to the residual sum. Of independent
# numbers the variances add up, so after n blocks the sum would be root of 2 n times as
# large. The division takes that back, and a deep model starts like a shallow one.
#
# **What else works.** `model.apply(function)` with a function that looks at the type of
# each module. The library does it so.
#
# **What goes wrong.** A loop that draws *everything* at 0.02, the scales of the layer
# norms too, makes every score small. So the first loss is ln(V), as it should be, and
# does not warn you. But on the small model of exercise 5 the loss then stays within 0.1
# of ln(V) for 20 steps, in which a good start gains nearly 1 nat. With a standard
# deviation of 1 the first loss tells at once: it is 10 instead of 3.5.
# </details>
