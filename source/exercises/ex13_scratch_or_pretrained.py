# %% [markdown]
# # Exercise 13. From scratch, or pretrained?
#
# The third capstone. The same model, the same data, the same budget: once from random
# weights, once from pretrained ones. You make the comparison fair, run it, and say what
# the head start is worth.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 13.1 | the same budget, three ways | 2 of 5 | 15 | {points} |
# | 13.2 | the same model with random weights | 2 of 5 | 15 | {points} |
# | 13.3 | curves over tokens | 3 of 5 | 15 | {points} |
# | 13.4 | how much data a head start is worth | 4 of 5 | 25 | {points} |
# | 13.5 | the two real runs | 3 of 5 | 30 | {points} |
# | 13.6 | your judgement, in words | 3 of 5 | 20 | {points} |
#
# 13.1 to 13.4 are checked on small examples, in seconds. The two runs of 13.5 together
# take two to four minutes on one CPU core, or 10 to 20 minutes with GPT-2 on a Colab GPU
# (predicted). They need what lesson 06 shows, so the set-up cell is that of lesson 06.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("06")

# %%
import math
from itertools import pairwise

import torch
from datasets import load_dataset
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, set_seed

from course_utils.evaluation import plots
from course_utils.data.summaries import SummaryCollator, encode_summaries
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.rouge import bootstrap, paired_difference, rouge_scores
from course_utils.machine.runtime import save_folder
from course_utils.training.trainer import make_trainer, training_arguments

chats = load_dataset(**profile.summaries)
tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)

# %% [markdown]
# ## 13.1 The same budget, three ways
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# "At the same budget" can mean the same tokens, the same FLOPs or the same time. For two
# models of different size these are three different comparisons. Write `fair_steps`:
#
# - `run` is a dict with `parameters`, `steps`, `batch_size`, `accumulation`, `block_size`
#   and `milliseconds_per_step`. `other` is the same, without `steps`;
# - return a dict with the keys `tokens`, `flops` and `seconds`: how many whole steps the
#   other run may take without spending more than `run` does;
# - training on one token costs 6 FLOPs for each parameter.

# %% answer="ex13_1"
def fair_steps(run: dict, other: dict) -> dict[str, int]:
    """Return the most steps of `other` that cost no more than `run`."""
    # return the steps for equal tokens, flops and seconds
    ### BEGIN SOLUTION
    def cost_of_a_step(settings: dict) -> dict[str, int]:
        tokens = (
            settings["batch_size"] * settings["accumulation"] * settings["block_size"]
        )
        return {
            "tokens": tokens,
            "flops": 6 * settings["parameters"] * tokens,
            "seconds": settings["milliseconds_per_step"],
        }

    spent, price = cost_of_a_step(run), cost_of_a_step(other)
    return {kind: run["steps"] * spent[kind] // price[kind] for kind in price}
    ### END SOLUTION


# %% check="ex13_1"
check("ex13_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# How many tokens does one optimizer step read? Then: what does the whole of `run` cost,
# and how often can `other` take a step for that?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# tokens of a step = batch_size * accumulation * block_size
# flops of a step = 6 * parameters * tokens of a step
# for each kind: run's steps * cost of run's step // cost of other's step
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why three.** Tokens are fair to the data, FLOPs to the hardware, seconds to you. A
# paper should say which one it means.
#
# **What else works.** `math.floor` of the quotient. With whole numbers `//` has no
# rounding error.
#
# **What goes wrong.** "Both ran 500 steps" says nothing if the batches differ. And no
# budget of yours contains what the pretraining has cost: for the tiny base some 15
# million tokens, for GPT-2 some 10 billion or more. Somebody paid for them.
# </details>

# %% [markdown]
# ## 13.2 The same model, with random weights
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# The comparison is about the weights you start from, so nothing else may differ. Write
# `from_scratch`:
#
# - `name` is a folder, or a name on the Hub, of a pretrained model;
# - return a new model of exactly its configuration, with random weights in all its parts;
# - the same `seed` gives the same weights each time, another seed gives others;
# - do not call `load` of `course_utils`.

# %% answer="ex13_2"
def from_scratch(name: str, seed: int):
    """Return a model of the same configuration, with random weights."""
    # return the untrained model
    ### BEGIN SOLUTION
    config = AutoConfig.from_pretrained(name)
    set_seed(seed)
    return AutoModelForCausalLM.from_config(config)
    ### END SOLUTION


# %% check="ex13_2"
check("ex13_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A model has a configuration, which says its shape, and weights, which say what it knows.
# Which of the two do you want, and which class loads that alone?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# config = AutoConfig.from_pretrained(name)
# set_seed(seed), before any weight is drawn
# return AutoModelForCausalLM.from_config(config)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why `from_config`.** It draws every weight as GPT-2 was drawn: 0.02 wide, smaller where
# the residual stream is written, layer norms at 1.
#
# **What else works.** `GPT2LMHeadModel(GPT2Config.from_pretrained(name))`.
#
# **What goes wrong.** `GPT2Config()` without a name is GPT-2 with 124 million weights,
# whatever you wanted to compare. `model.init_weights()` on a loaded model draws nothing:
# transformers marks loaded weights, and leaves them. And the same tokenizer is part of
# "nothing else": another vocabulary makes another loss.
# </details>

# %% [markdown]
# ## 13.3 Curves over tokens
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Two runs can be compared at the same number of tokens, even if they were evaluated at
# different steps. Write `loss_at`:
#
# - `log_history` is what `trainer.state.log_history` holds: a list of dicts. Rows with
#   `eval_loss` are evaluations, at `step`. Others hold training losses or times;
# - each step read `tokens_per_step` tokens;
# - return the validation loss after `tokens` tokens, on a straight line between the two
#   evaluations around it;
# - return `None` if `tokens` lies before the first evaluation or behind the last.

# %% answer="ex13_3"
def loss_at(
    log_history: list[dict], tokens_per_step: int, tokens: int
) -> float | None:
    """Return the validation loss after so many tokens; None where it is not known."""
    # return the loss at that point of the curve
    ### BEGIN SOLUTION
    points = [
        (row["step"] * tokens_per_step, row["eval_loss"])
        for row in log_history
        if "eval_loss" in row
    ]
    for (start, loss), (end, next_loss) in pairwise(points):
        if start <= tokens <= end:
            share = (tokens - start) / (end - start)
            return loss + share * (next_loss - loss)
    return None
    ### END SOLUTION


# %% check="ex13_3"
check("ex13_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Make the curve first: pairs of tokens and loss. Then find the two neighbours between
# which your point lies. What if there are none?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# points = (step * tokens_per_step, eval_loss) of the rows that have an eval_loss
# for each two neighbours: if tokens lies between them
#     share = how far between them, from 0 to 1
#     return the first loss + share * (the second - the first)
# return None
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the validation loss.** A training loss is a mean over the steps since the last
# row, with the weights of each of them, and over other batches in each run.
#
# **What else works.** `np.interp`, after you have ruled out what lies outside.
#
# **What goes wrong.** `np.interp` repeats the last value for ever. A run that was stopped
# early then looks as if it had reached a plateau.
# </details>

# %% [markdown]
# ## 13.4 What is the head start worth?
#
# *Difficulty 4 of 5, about 25 minutes.*
#
# The pretrained run ends at some loss. How many tokens would a run from scratch need to
# get there? Loss curves are nearly straight lines if both axes are logarithmic (Kaplan et
# al., 2020), so that is where to interpolate. Write `break_even`:
#
# - `curve` is a list of `[tokens, loss]` pairs with rising tokens, all above 0. The loss
#   mostly falls, but may go up in between;
# - return the tokens at which the loss first reaches `target`, on a straight line of
#   log(loss) over log(tokens) between two neighbours;
# - if the first loss is at or below `target` already, return the first tokens;
# - if the curve never reaches it, return `None`. A line that is drawn beyond what was
#   measured is a guess.

# %% answer="ex13_4"
def break_even(curve: list[list[float]], target: float) -> float | None:
    """Return the tokens after which a run first reaches the loss `target`."""
    # return the tokens of the first crossing
    ### BEGIN SOLUTION
    if curve[0][1] <= target:
        return curve[0][0]
    for (start, loss), (end, next_loss) in pairwise(curve):
        if next_loss <= target:
            share = math.log(loss / target) / math.log(loss / next_loss)
            return start * (end / start) ** share
    return None
    ### END SOLUTION


# %% check="ex13_4"
check("ex13_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Go through the curve from its beginning, and stop at the first point at or below the
# target. The crossing lies between this point and the one before it. How far, if you
# measure the losses by their logarithms?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# if the first loss is at or below target: return the first tokens
# for each two neighbours: if the second loss is at or below target
#     share = (log loss - log target) / (log loss - log second loss)
#     log tokens = log first + share * (log second - log first)
#     return exp of that
# return None
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why logarithms.** From 1,000 to 10,000 tokens a loss falls about as much as from
# 10,000 to 100,000. A straight line on plain axes would put the crossing far too late.
#
# **What else works.** `start * (end / start) ** share`, as here, is the same as exp of
# the line in logarithms.
#
# **What goes wrong.** `np.interp(target, losses, tokens)` needs rising losses. They fall,
# and it returns nonsense without an error. Turned round it works, until the curve has a
# bump. And a power law that is fitted to all points and drawn on beyond the last one
# gives a number for everything.
# </details>

# %% [markdown]
# ## 13.5 The two real runs
#
# *Difficulty 3 of 5, about 30 minutes.*
#
# First write down a rule, as the beginning of 13.6: which difference in ROUGE-1 would make
# you take the pretrained weights, which would not, and what you do if the interval holds
# both. A rule that is made after the figures fits any figures.
#
# Now train twice on `chats["train"]`, once from each start, and call what you find
# `experiment`, a dict:
#
# | key | value |
# |---|---|
# | `"scratch"`, `"pretrained"` | each a dict with `"log_history"` (of its `Trainer`) and `"texts"` (its summaries of the dialogues below) |
# | `"dialogues"`, `"references"` | at least 50 dialogues of `chats["test"]`, and their summaries |
# | `"vocab_size"` | that of both models |
# | `"verdict"` | a dict: `"scratch"` and `"pretrained"`, the mean ROUGE-1 with its 95 % interval (`bootstrap` of `rouge_scores`); `"difference"`, that of pretrained minus scratch (`paired_difference(pretrained, scratch)`) |
#
# - both runs have the same steps, batches and evaluations: `eval_on_start=True`, and at
#   least two more. `profile.finetune_steps // 2` steps show the difference;
# - `encode_summaries(chats["train"], tokenizer, max_length)` returns a tuple: the rows,
#   and of how many the dialogue was cut. `max_length` is
#   `min(512, model.config.n_positions)`;
# - `training_arguments(folder, max_steps=...)` takes every field of `TrainingArguments`
#   after the folder, and knows the other settings of lesson 05;
# - `make_trainer(model, tokenizer, arguments, train_rows, eval_rows,
#   data_collator=SummaryCollator(tokenizer))`: the collator has to be given by its name;
# - each start gets the learning rate and the freedom that suit it: scratch
#   `profile.learning_rate`; pretrained `profile.finetune_learning_rate`, with
#   `model.transformer.wte.weight.requires_grad_(False)`;
# - everything is computed again from your logs and texts, and the logs are read: a run
#   from random weights begins at ln(vocabulary).

# %% answer="ex13_5"
# train from both starts, and call what you find experiment
### BEGIN SOLUTION
steps = profile.finetune_steps // 2
pretrained = AutoModelForCausalLM.from_pretrained(
    profile.pretrained, dtype=torch.float32
)
length = min(512, pretrained.config.n_positions)
train_rows, _ = encode_summaries(chats["train"], tokenizer, length)
eval_rows, _ = encode_summaries(
    chats["validation"].select(range(100)), tokenizer, length
)
test_rows = chats["test"].select(range(100))


def run(model, learning_rate: float) -> dict:
    arguments = training_arguments(
        save_folder() / "ex13",
        max_steps=steps,
        learning_rate=learning_rate,
        per_device_train_batch_size=profile.batch_size,
        gradient_accumulation_steps=profile.accumulation,
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=max(1, steps // 5),
        eval_on_start=True,
        save_strategy="no",
        seed=profile.seed,
        **profile.precision,
    )
    trainer = make_trainer(
        model, tokenizer, arguments, train_rows, eval_rows,
        data_collator=SummaryCollator(tokenizer),
    )
    trainer.train()
    texts = summarise(model, tokenizer, test_rows["dialogue"], progress=False)
    return {"log_history": trainer.state.log_history, "texts": texts}


pretrained.transformer.wte.weight.requires_grad_(False)
runs = {
    "scratch": run(from_scratch(profile.pretrained, 0), profile.learning_rate),
    "pretrained": run(pretrained, profile.finetune_learning_rate),
}
scores = {
    name: rouge_scores(runs[name]["texts"], test_rows["summary"], ["rouge1"])["rouge1"]
    for name in runs
}
experiment = {
    **runs,
    "dialogues": test_rows["dialogue"],
    "references": test_rows["summary"],
    "vocab_size": pretrained.config.vocab_size,
    "verdict": {
        "scratch": bootstrap(scores["scratch"]),
        "pretrained": bootstrap(scores["pretrained"]),
        "difference": paired_difference(scores["pretrained"], scores["scratch"]),
    },
}
### END SOLUTION
for name, interval in experiment["verdict"].items():
    print("{:<11} ROUGE-1 {:.1f} [{:.1f}, {:.1f}]".format(name, *interval))
# Your own 13.3 and 13.4 on the two logs, over the tokens of a full batch.
width = min(512, AutoConfig.from_pretrained(profile.pretrained).n_positions)
tokens_per_step = width * profile.batch_size * profile.accumulation
logs = {name: experiment[name]["log_history"] for name in ("scratch", "pretrained")}
curves = {
    name: [[r["step"] * tokens_per_step, r["eval_loss"]] for r in log if "eval_loss" in r]
    for name, log in logs.items()
}
half = curves["scratch"][-1][0] // 2
for name, log in logs.items():
    loss = loss_at(log, tokens_per_step, half)
    print(f"{name:<11} loss after half of the tokens: {loss:.2f}")
for moment, place in (("begins", 0), ("ends", -1)):
    target = curves["pretrained"][place][1]
    tokens = break_even(curves["scratch"][1:], target)  # step 0 has no logarithm
    reached = f"after {tokens:,.0f} tokens" if tokens else "not in this run"
    print(f"pretrained {moment} at a loss of {target:.2f}; scratch is there: {reached}")

# %% check="ex13_5"
check("ex13_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write one function that trains a model it is given and returns its log and its texts.
# What differs between the runs are its arguments, so nothing else can.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# rows of train and validation: encode_summaries
# run(model, learning_rate):
#     make_trainer(model, tokenizer, training_arguments(folder, max_steps=...,
#         eval_strategy="steps", eval_steps=..., eval_on_start=True, ...), ...)
#     train; return {"log_history": ..., "texts": summarise(model, ...)}
# experiment = both runs, the dialogues, their references, and the verdict
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# Both curves over the tokens of a full batch (a step's rows are shorter, in both runs
# alike):

# %% tags=["solution-only"]
figure = plots.lines(
    {name: tuple(zip(*curve, strict=True)) for name, curve in curves.items()},
    title="The same budget from two starts",
    xlabel="tokens",
    ylabel="validation loss (nats per token)",
)

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why half of the steps.** It shows the head start. At the profile's whole
# `finetune_steps` both get better, and the gap stays: `summariser(profile)` and
# `summariser(profile, from_scratch=True)` train these two, or load them if lesson 08 has
# kept them.
#
# **What else works.** Repeating both runs with three seeds. The intervals here are about
# the choice of dialogues alone: another seed moves each mean by a point or two.
#
# **What goes wrong.** One learning rate for both: 5e-5 suits GPT-2's pretrained weights,
# and from scratch nothing would happen. Frozen embeddings for both: random ones have to
# be trained. And a "scratch" run that begins below ln(vocabulary) took over weights that
# were trained before.
# </details>

# %% [markdown]
# ## 13.6 Your judgement
#
# *Read by a person, about 20 minutes.*
#
# Begin with the rule that you wrote before the runs of 13.5, unchanged. Then answer in 150
# to 250 words:
#
# 1. What is the head start worth here, in loss, in ROUGE-1 and in tokens? Say it with
#    your figures and their intervals, and say what cannot be said. The cell above has
#    applied your `loss_at` and `break_even` to your two logs.
#    What does your rule say of these figures?
# 2. In what was your comparison fair, and in what was it not? Name one thing on each side.
# 3. When would you train from scratch all the same? Give a case, and say what you would
#    measure first.
#
# | points | for |
# |---|---|
# | 1 | loss, ROUGE-1 and tokens from the student's own runs, with intervals, judged by a rule with a number, and a limit of what they show |
# | 1 | one fair and one unfair side of the comparison, both true of the runs that were made (pretraining's own cost counts) |
# | 1 | a case in which scratch is right, with a measurement that would decide it |

# %% [markdown] answer="ex13_6" points=3
# (A model answer, from one run in the tiny profile. Yours will differ.)
#
# My rule, before the runs: I take the pretrained weights if the whole interval of the
# difference lies above 5 points of ROUGE-1, random ones if it lies below 5, and more
# dialogues if it holds 5.
#
# After 250 steps the pretrained model writes about the chat. Scratch writes sentences
# that sound like summaries and fit no chat. The mean ROUGE-1 is 64.9 and 17.2: some 48
# points lie between them, with a paired interval from 43 to 53: by my rule, pretrained.
# In loss, scratch needed half of its tokens to get to 4.33, where the pretrained run
# begins. It never reached 0.48, where that one ends. So by this measure the head start
# is worth more than my whole run. How many times more, I cannot say: a line drawn on
# beyond the last point would be a guess.
#
# It was fair in data, batches, steps and model, and each start had the learning rate that
# suits it. It was not fair in what was spent before: the base has read some 15 million
# tokens, about 40 times as many as each of my runs, and much of that was written for just
# this kind of chat. I also had one seed, so the intervals cover the choice of dialogues,
# not the luck of a run.
#
# I would train from scratch if nothing pretrained fits: another alphabet, proteins, logs
# of machines, or weights that I may not use. First I would measure how many tokens of my
# own I have, and the loss of a small model from scratch at a tenth, a third and all of
# them. If it still falls in a straight line at the end, more data will pay.

# %% [markdown] tags=["solution-only"]
# **How to read 13.6.** By the table above. No points for figures without intervals, or for "pretrained is always better".
