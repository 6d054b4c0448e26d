# %% [markdown]
# # Exercise 13. From scratch, or pretrained?
#
# The third capstone. The same model, the same data, the same budget: once from random
# weights, once from pretrained ones, and that with few chats, with more and with many.
# You write a rule before you look, make the comparison fair, run it with several seeds,
# and say what the head start is worth.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 13.1 | the same budget, three ways | 2 of 5 | 15 | {points} |
# | 13.2 | the same model with random weights | 2 of 5 | 15 | {points} |
# | 13.3 | curves over tokens | 3 of 5 | 15 | {points} |
# | 13.4 | how much data a head start is worth | 4 of 5 | 25 | {points} |
# | 13.5 | a curve over the number of chats | 4 of 5 | 40 | {points} |
# | 13.6 | your judgement, in words | 3 of 5 | 20 | {points} |
#
# 13.1 to 13.4 are checked on small examples, in seconds. The six runs of 13.5 together
# take one to two minutes on one CPU core: three other seeds are shipped. With GPT-2 nothing
# is shipped, and 18 runs take 30 to 60 minutes on a Colab GPU (predicted). They need what
# lesson 06 shows, so the set-up cell is that of lesson 06.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("06")

# %%
import json
import math
from itertools import pairwise
from pathlib import Path

import torch
from datasets import load_dataset
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, set_seed

from course_utils.data.people import with_placeholders
from course_utils.data.summaries import SummaryCollator, encode_summaries
from course_utils.evaluation import plots
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.rouge import rouge_scores
from course_utils.machine.places import ASSETS
from course_utils.machine.runtime import save_folder
from course_utils.training.laboratory import interval
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
# get there? Between two measured points somebody has to say what a curve does. Equal
# factors are a better guess than equal differences, since a loss falls fast at first and
# then ever more slowly: so go in a straight line where both axes are logarithmic. (That is
# a way to go between neighbours, and no law: the straight lines of Kaplan et al., 2020,
# are of the last losses of many runs, and not of one run's curve.) Write `break_even`:
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
# **Why logarithms.** Where a loss falls fast at first and slowly later, a straight line on
# plain axes lies above the curve, and puts the crossing too late. With neighbours that
# are close together it hardly matters.
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
# ## 13.5 A curve over the number of chats
#
# *Difficulty 4 of 5, about 40 minutes.*
#
# First write down a rule, as the beginning of 13.6: how many points of ROUGE-1 must lie
# between the starts, for you to take the pretrained weights? A rule that is made after
# the figures fits any figures. It is applied like this: if the whole interval of the
# difference (pretrained minus scratch) lies above your points, the decision is
# `"pretrained"`; if it lies below, `"scratch"`; otherwise `"open"`.
#
# For the tiny profile three seeds are shipped: the runs of lesson 12 with 50, 200, 1,000
# and 6,000 pairs, each with its rate. A fourth seed of yours can join them if it is made
# alike: 125 steps of 8 pairs, placeholders for people, all weights trained in both starts.

# %%
shipped_runs, rates = [], {}
if Path(profile.pretrained).name == "tiny-base":  # no other model's runs are shipped
    text = (ASSETS / "laboratory" / "fine_tuning.json").read_text(encoding="utf-8")
    for row in json.loads(text)["rows"]:
        is_usual = row["kept"] and row["mask"] and row["embeddings"]
        if is_usual and row["method"] in ("all", "scratch"):
            start = "scratch" if row["method"] == "scratch" else "pretrained"
            rates[start, row["pairs"]] = row["learning_rate"]
            run = {"start": start, "pairs": row["pairs"], "seed": row["seed"]}
            score = {"rouge1": row["known"]["rouge1"], "made": "shipped"}
            shipped_runs.append(run | score)

measured_on = chats["validation"].select(range(80, 160))  # as the shipped runs
steps = profile.finetune_steps // 4
batch_size = max(1, profile.batch_size // 2)
seeds = [3] if shipped_runs else [0, 1, 2]  # those of your own runs
print(f"{len(shipped_runs)} shipped runs; yours: {steps} steps, seeds {seeds}")

# %% [markdown]
# Now make your own runs, join them with the shipped ones, and call what you find
# `experiment`, a dict:
#
# | key | value |
# |---|---|
# | `"points"` | of your rule |
# | `"dialogues"`, `"references"` | those of `measured_on` |
# | `"vocab_size"` | that of both models |
# | `"runs"` | a list of dicts: `start` (`"scratch"` or `"pretrained"`), `pairs`, `seed`, `rouge1` (its mean), `made` (`"here"` or `"shipped"`); those made here also have `texts` and `log_history` |
# | `"curve"` | a list of dicts, one for each number of pairs: `pairs`; `scratch`, `pretrained` and `difference`, each a mean over the seeds with its 95 % interval; `decision` |
#
# - at least three numbers of pairs, such as 50, 200 and 1,000. Each point has at least
#   three seeds, the same ones in both starts, and at least one run of yours;
# - a run learns from `chats["train"].shuffle(seed=seed).select(range(pairs))`. If
#   `profile.placeholders` says so, `with_placeholders` makes the rows, and
#   `model.config.placeholders = True` lets `summarise` put the names back;
# - `encode_summaries(rows, tokenizer, max_length)` returns a tuple: the rows, and of how
#   many the dialogue was cut. `max_length` is `min(512, model.config.n_positions)`;
# - `training_arguments(folder, max_steps=...)` takes every field of `TrainingArguments`
#   after the folder. `make_trainer(model, tokenizer, arguments, train_rows, eval_rows,
#   data_collator=SummaryCollator(tokenizer))`: the collator has to be given by its name;
# - all runs have the same steps, at least 100, and the same evaluations:
#   `eval_on_start=True`, and at least two more;
# - each start gets the rate that suits it: `rates[start, pairs]`, or where nothing is
#   shipped `profile.learning_rate` for scratch and `profile.finetune_learning_rate`;
# - `interval(values)` is Student's, over seeds (lesson 12). The difference is taken seed
#   by seed: what a seed draws is the same in both starts.
#
# Everything is computed again from your texts and logs, and the logs are read: a run from
# random weights begins at ln(vocabulary).

# %% answer="ex13_5"
# make the runs, join them with the shipped ones, and call what you find experiment
### BEGIN SOLUTION
points = 5.0
sizes = (50, 200, 1000)


def encoded(rows):
    rows = with_placeholders(rows) if profile.placeholders else rows
    longest = min(512, AutoConfig.from_pretrained(profile.pretrained).n_positions)
    return encode_summaries(rows, tokenizer, longest)[0]


def run(start: str, pairs: int, seed: int) -> dict:
    if start == "scratch":
        model = from_scratch(profile.pretrained, seed)
        usual_rate = profile.learning_rate
    else:
        model = AutoModelForCausalLM.from_pretrained(
            profile.pretrained, dtype=torch.float32
        )
        usual_rate = profile.finetune_learning_rate
    model.config.placeholders = profile.placeholders
    arguments = training_arguments(
        save_folder() / "ex13",
        run_name=f"{start}, {pairs:,} chats",
        max_steps=steps,
        learning_rate=rates.get((start, pairs), usual_rate),
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=profile.accumulation,
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=max(1, steps // 2),
        eval_on_start=True,
        save_strategy="no",
        seed=seed,
        **profile.precision,
    )
    drawn = chats["train"].shuffle(seed=seed).select(range(pairs))
    trainer = make_trainer(
        model, tokenizer, arguments, encoded(drawn), encoded(measured_on),
        data_collator=SummaryCollator(tokenizer),
    )
    trainer.train()
    texts = summarise(model, tokenizer, measured_on["dialogue"], progress=False)
    scores = rouge_scores(texts, measured_on["summary"], ["rouge1"])["rouge1"]
    return {
        "start": start, "pairs": pairs, "seed": seed, "rouge1": scores.mean(),
        "made": "here", "texts": texts, "log_history": trainer.state.log_history,
    }


own_runs = [
    run(start, pairs, seed)
    for pairs in sizes for start in ("scratch", "pretrained") for seed in seeds
]
all_runs = [r for r in shipped_runs if r["pairs"] in sizes] + own_runs
curve = []
for pairs in sizes:
    score = {
        start: {
            r["seed"]: r["rouge1"]
            for r in all_runs if (r["start"], r["pairs"]) == (start, pairs)
        }
        for start in ("scratch", "pretrained")
    }
    difference = interval(
        [score["pretrained"][seed] - score["scratch"][seed] for seed in score["scratch"]]
    )
    _, low, high = difference
    curve.append(
        {
            "pairs": pairs,
            "scratch": interval(list(score["scratch"].values())),
            "pretrained": interval(list(score["pretrained"].values())),
            "difference": difference,
            "decision": "pretrained" if low > points
            else "scratch" if high < points
            else "open",
        }
    )
experiment = {
    "points": points,
    "dialogues": measured_on["dialogue"],
    "references": measured_on["summary"],
    "vocab_size": AutoConfig.from_pretrained(profile.pretrained).vocab_size,
    "runs": all_runs,
    "curve": curve,
}
### END SOLUTION
for place in experiment["curve"]:
    print(f"{place['pairs']} pairs: {place['decision']}")
    for name in ("scratch", "pretrained", "difference"):
        print("  {:<11} {:5.1f} [{:.1f}, {:.1f}]".format(name, *place[name]))
# Your own 13.3 and 13.4 on the last run of each start, over the tokens that were read.
logs = {r["start"]: r["log_history"] for r in experiment["runs"] if r["made"] == "here"}
losses = {}
for name, log in logs.items():
    read = max(r.get("num_input_tokens_seen", 0) for r in log)
    each = max(1, read // log[-1]["step"])  # tokens of a step
    losses[name] = [[r["step"] * each, r["eval_loss"]] for r in log if "eval_loss" in r]
    print(f"{name:<11} loss after half of {read:,} tokens: "
          f"{loss_at(log, each, losses[name][-1][0] // 2):.2f}")
for moment, place in (("begins", 0), ("ends", -1)):
    target = losses["pretrained"][place][1]
    tokens = break_even(losses["scratch"][1:], target)  # step 0 has no logarithm
    reached = f"after {tokens:,.0f} tokens" if tokens else "not in this run"
    print(f"pretrained {moment} at a loss of {target:.2f}; scratch is there: {reached}")


# %% check="ex13_5"
check("ex13_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write one function that makes a run from a start, a number of pairs and a seed, and
# returns its dict. What differs between the runs are its arguments, so nothing else can.
# Try it with one start and 5 steps first.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# run(start, pairs, seed):
#     model = from_scratch(...) or the pretrained one; model.config.placeholders = ...
#     trainer = make_trainer(model, tokenizer, training_arguments(folder, max_steps=steps,
#         learning_rate=..., seed=seed, eval_strategy="steps", eval_steps=steps // 2,
#         eval_on_start=True), encoded train rows, encoded measured_on, data_collator=...)
#     train; texts = summarise(...); rouge1 = mean of rouge_scores
# runs = shipped ones of your sizes + run(...) for each start, size and seed
# for each size: interval of each start's scores, and of their differences seed by seed;
#     decision = "pretrained" if low > points, "scratch" if high < points, else "open"
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# The curve, with your own runs and the shipped ones. 1,000 chats stand three times as far
# to the right as 300 would: each place is a number of chats that was tried.

# %% tags=["solution-only"]
figure = plots.lines(
    {
        start: (
            [f"{place['pairs']:,}" for place in curve],
            [place[start][0] for place in curve],
        )
        for start in ("scratch", "pretrained")
    },
    title="What a head start is worth, by the number of chats",
    xlabel="chats to learn from",
    ylabel="ROUGE-1, mean of the seeds",
)

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why several seeds.** A seed draws the chats, their order and the random weights.
# Runs from scratch on the same number of chats, 200 or more, lie 10 points and more
# apart: whoever has one, has seen luck. The interval covers that, and not the choice of
# dialogues to measure on.
#
# **What else works.** Three seeds of your own; 6,000 chats as a fourth place; a rule on
# *people* in the place of ROUGE-1.
#
# **What goes wrong.** One learning rate for both: 5e-5 suits GPT-2's pretrained weights,
# and from scratch nothing would happen. Weights frozen in one start alone, which is no
# equal comparison. A "scratch" run that begins below ln(vocabulary) took over weights that
# were trained before. And a few steps, after which only the start is seen.
# </details>

# %% [markdown]
# ## 13.6 Your judgement
#
# *Read by a person, about 20 minutes.*
#
# Begin with the rule that you wrote before the runs of 13.5, unchanged. Then answer in 150
# to 250 words:
#
# 1. What is the head start worth here, by the number of chats? Say it with your figures
#    and their intervals, say what your rule decides at each number, and what cannot be
#    said.
# 2. In what was your comparison fair, and in what was it not? Name one thing on each side.
# 3. When would you train from scratch all the same? Give a case, and say what you would
#    measure first.
#
# | points | for |
# |---|---|
# | 1 | the curve read with its intervals, the rule applied as it was written, and a limit of what it shows |
# | 1 | one fair and one unfair side of the comparison, both true of the runs that were made (pretraining's own cost counts) |
# | 1 | a case in which scratch is right, with a measurement that would decide it |

# %% [markdown] answer="ex13_6" points=3
# (A model answer, from one seed in the tiny profile and three shipped ones.)
#
# My rule, before the runs: I take the pretrained weights if the whole interval of the
# difference lies above 5 points of ROUGE-1, random ones if it lies below 5, and otherwise
# I make more seeds.
#
# With 50 chats the starts have 37.4 and 29.8 points, and the difference is 7.6, from 4.3
# to 11.0; with 200 it is 22.7 (4.5 to 41.0); with 1,000 it is 34.0 (21.8 to 46.1). So my
# rule says "pretrained" with 1,000, and leaves the two others open: their intervals begin
# just below my 5 points, and I would make more seeds. No gain of scratch with more chats
# is shown. Its means fall, but the intervals are wide, and overlap; with 50 it may learn
# whole summaries by heart, which are good English and of other chats.
# The pretrained start gains from 50 chats to 200 (46.3), by intervals that lie apart; from
# 200 to 1,000 (49.7) four seeds do not show it. And the intervals cover seeds, not other
# dialogues, and not longer runs: the loss from scratch took half of its 125 steps to come
# to 4.27, where the pretrained run begins, and did not come to 1.29, where that one ends.
# How many steps more it would need, I cannot say: a line beyond the last point would be a
# guess.
#
# It was fair in data, steps, batches, trained weights and seeds, and each start had a
# rate chosen for it. It was not fair in what was spent before: the base has read some 15
# million tokens, of other chats, and of echoes and quizzes made to teach it to copy.
#
# I would train from scratch if nothing pretrained fits: another alphabet, proteins, logs
# of machines, or weights that I may not use. First I would measure the loss of a small
# model at a tenth, a third and all of my texts. If it still falls at the end, more data
# will pay.

# %% [markdown] tags=["solution-only"]
# **How to read 13.6.** By the table above. No points for figures without intervals, for
# a rule that was changed after the runs, or for "pretrained is always better".
