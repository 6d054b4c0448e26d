# %% [markdown]
# # Exercise 11. Fine-tune GPT on SAMSum
#
# The first of three capstones. You take a pretrained GPT and make it write summaries of
# chats. How a row is masked and a batch is filled up you know from lesson 07, so both are
# given here. What is left is what a project consists of: decisions. How long a row, how
# many steps, which rate, which weights? You try them on development chats, choose by a
# rule that you wrote before, and defend what you chose.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 11.1 | empty rows and line ends | 1 of 5 | 10 | {points} |
# | 11.2 | what settings cut and cost | 2 of 5 | 15 | {points} |
# | 11.3 | a rule that chooses among trials | 3 of 5 | 20 | {points} |
# | 11.4 | fine-tuning | 3 of 5 | 20 | {points} |
# | 11.5 | trials on development chats | 3 of 5 | 25 | {points} |
# | 11.6 | the real run | 2 of 5 | 10 | {points} |
# | 11.7 | your decisions, defended in words | 3 of 5 | 20 | {points} |
#
# With a GPU and a network the chats are those of SAMSum, and the model is GPT-2. On a
# CPU they are TinyChats and the course's tiny base. You write the same code for both.
#
# 11.1 to 11.4 are checked on small examples, in seconds. Six trials take one to two
# minutes on one CPU core, and the real run about one more; with GPT-2 on a Colab GPU 20
# to 40 minutes together (predicted). They need what lesson 07 shows, so the set-up cell
# is that of lesson 07.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("07")

# %%
import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

from course_utils.evaluation.generation import compare, summarise
from course_utils.evaluation.rouge import rouge_scores
from course_utils.machine.runtime import save_folder

chats = load_dataset(**profile.summaries)
tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
print({split: len(rows) for split, rows in chats.items()})
print(repr(chats["train"][0]["dialogue"]))
print(repr(chats["train"][0]["summary"]))

# %% [markdown]
# ## 11.1 Clean rows
#
# *Difficulty 1 of 5, about 10 minutes.*
#
# SAMSum comes as CSV files. One of its training rows has no dialogue at all, which
# `load_dataset` gives you as `None`. Most of its lines end in `"\r\n"`, some in `"\n"`.
# Write `clean_rows`:
#
# - `rows` is a list or a data set of dicts with the keys `dialogue`, `summary` and
#   perhaps more, such as `id`;
# - return a list of new dicts with the same keys, in the same order, and leave `rows` as
#   they are;
# - in `dialogue` and `summary`, every `"\r\n"` and every lone `"\r"` becomes `"\n"`, and
#   there is no white space at either end;
# - a row whose dialogue or summary is `None`, empty or nothing but white space is left
#   out. No other row is.

# %% answer="ex11_1"
def clean_rows(rows: list[dict]) -> list[dict]:
    """Return the rows that have both texts, with plain line ends."""
    # return the rows that have both texts, cleaned
    ### BEGIN SOLUTION
    def plain(text: str | None) -> str:
        return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()

    cleaned = [
        {**row, "dialogue": plain(row["dialogue"]), "summary": plain(row["summary"])}
        for row in rows
    ]
    return [row for row in cleaned if row["dialogue"] and row["summary"]]
    ### END SOLUTION


# %% check="ex11_1"
check("ex11_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# If you clean first, `None`, `""` and `" \r\n"` can all become the same thing: an empty
# text. Then one test finds all of them. Which of the two replacements has to come first?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# plain(text) = (text or ""), "\r\n" -> "\n", then "\r" -> "\n", then strip
# for each row: a copy with plain dialogue and plain summary
# keep those in which both are not empty
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why this way.** A tokenizer has tokens for `"\r"` too. With them the model would spend
# room on line ends, and learn that some chats have them and some do not.
#
# **What else works.** `"\n".join(text.splitlines())` treats a few more characters as line
# ends. `Dataset.map` and `Dataset.filter` do the same on the data set itself.
#
# **What goes wrong.** `str(row["dialogue"])` turns `None` into the text "None", and the
# model learns to summarise that. And replacing `"\r"` before `"\r\n"` doubles every line
# break.
# </details>

# %% [markdown]
# ## Given: the mask and the batch
#
# These two functions are yours to use, and to read. A training row is the dialogue, the
# cue `"\nTL;DR:"`, a space, the summary, and the end-of-text token. The labels of the
# prompt are -100: the loss counts on the summary and its end alone. A row that is too
# long loses the beginning of its dialogue. Names stay as they are: the checks ask your
# model without the placeholders of lesson 07.

# %%
def encode_pair(dialogue: str, summary: str, tokenizer, max_length: int) -> dict:
    """Return input_ids and labels of one clean row; the prompt's labels are -100."""
    prompt = tokenizer(dialogue + "\nTL;DR:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"] + [tokenizer.eos_token_id]
    room = max(1, max_length - len(answer))  # a long summary leaves one token
    prompt = prompt[-room:]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}

# %% [markdown]
# A batch is filled up on the right. What is padding is known from the lengths, and not
# from the token: GPT-2 fills up with the end of text, which each row also ends with.

# %%
def collate(rows: list[dict], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Return one batch: input_ids, attention_mask, labels, each (rows, longest row)."""
    longest = max(len(row["input_ids"]) for row in rows)
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        length, missing = len(row["input_ids"]), longest - len(row["input_ids"])
        batch["input_ids"].append(row["input_ids"] + [pad_token_id] * missing)
        batch["attention_mask"].append([1] * length + [0] * missing)
        batch["labels"].append(row["labels"] + [-100] * missing)
    return {name: torch.tensor(values) for name, values in batch.items()}


first = encode_pair("Ann: Are you free?\nBob: Yes!", "Bob is free.", tokenizer, 40)
second = encode_pair("Ann: Hi!", "Ann says hi.", tokenizer, 40)
for name, values in collate([first, second], tokenizer.eos_token_id).items():
    print(name, tuple(values.shape), values[1].tolist())

# %% [markdown]
# Find in the second row: where the padding begins, the label of the real end of text, and
# the first label that counts.

# %% [markdown]
# ## 11.2 What settings cut and cost
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# Before you try settings, compute what they do. Write `setting_cost`:
#
# - `lengths` holds the number of tokens of each row, before anything is cut. Return a
#   dict with `cut`, `epochs` and `tokens`;
# - `cut`: the share of the rows, from 0 to 1, that have more than `max_length` tokens;
# - `epochs`: how often a run of `steps` steps goes through all rows, with `batch_size`
#   rows in each step. It need not be a whole number;
# - `tokens`: how many tokens the run reads, if it reads all rows equally often. A row
#   that is cut has `max_length` of them. Padding does not count.

# %% answer="ex11_2"
def setting_cost(
    lengths: list[int], max_length: int, steps: int, batch_size: int
) -> dict[str, float]:
    """Return the share of rows that are cut, the epochs, and the tokens of a run."""
    # return cut, epochs and tokens
    ### BEGIN SOLUTION
    n_cut = sum(length > max_length for length in lengths)
    epochs = steps * batch_size / len(lengths)
    return {
        "cut": n_cut / len(lengths),
        "epochs": epochs,
        "tokens": epochs * sum(min(length, max_length) for length in lengths),
    }
    ### END SOLUTION


# %% check="ex11_2"
check("ex11_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# How many rows does the whole run read? How often is that all of them? And how many
# tokens has a row, if it is longer than allowed?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# cut = number of rows with length > max_length, divided by the number of rows
# epochs = steps * batch_size / number of rows
# tokens = epochs * sum of the smaller one of length and max_length, over the rows
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why these three.** Steps alone say nothing: 500 of them are ten epochs of a small data
# set, and a tenth of one of a large one. A model that goes round ten times learns rows by
# heart. And what is cut cannot be learnt.
#
# **What else works.** `np.minimum(lengths, max_length).mean() * steps * batch_size`.
#
# **What goes wrong.** Counting `max_length` tokens for every row: here most rows have a
# third of that, so two runs look alike that are not.
# </details>

# %% [markdown]
# ## 11.3 A rule that chooses
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# A rule that is made after the scores fits any scores. So write it first: the cheapest
# setting that is nearly as good as the best. Write `choose`:
#
# - `trials` is a list of dicts with `name` (of a setting), `seed`, `steps` and `score`
#   (ROUGE-1 on development chats). All trials of a name have the same steps;
# - the score of a name is the mean of its trials. Some names may have more trials than
#   others;
# - a name is good enough if its mean is at most `near` points below the best mean;
# - of the names that are good enough, take the one with the fewest steps. Of equal steps
#   the higher mean wins;
# - return its name.

# %% answer="ex11_3"
def choose(trials: list[dict], near: float) -> str:
    """Return the name with the fewest steps among those within `near` of the best."""
    # return the name of the setting
    ### BEGIN SOLUTION
    scores, steps = {}, {}
    for trial in trials:
        scores.setdefault(trial["name"], []).append(trial["score"])
        steps[trial["name"]] = trial["steps"]
    mean = {name: sum(values) / len(values) for name, values in scores.items()}
    good_enough = [name for name in mean if mean[name] >= max(mean.values()) - near]
    return min(good_enough, key=lambda name: (steps[name], -mean[name]))
    ### END SOLUTION


# %% check="ex11_3"
check("ex11_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Do it in two passes: first the mean of each name, and only then who is near the best
# mean. Would your answer change if one setting had been lucky once?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# scores = {name: the scores of its trials}; steps = {name: its steps}
# mean = {name: the mean of its scores}
# good_enough = the names with mean >= the best mean - near
# return the one of them with the fewest steps; of equal steps, the highest mean
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why "nearly as good".** The best of several means owes a part of its lead to luck. What
# is within the luck of a seed is no reason to pay for twice the steps.
#
# **What else works.** `groupby("name").agg({"score": "mean", "steps": "first"})`, and then
# `sort_values(["steps", "score"], ascending=[True, False])`.
#
# **What goes wrong.** Taking the best single run: whoever tries more seeds of one setting
# finds a better run, and has learnt nothing about the setting.
# </details>

# %% [markdown]
# ## 11.4 Fine-tune
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Write `finetune`, with `Trainer` or with a loop of your own:
#
# - `rows` is a list of dicts with `input_ids` and `labels`, of differing length;
# - train for `steps` optimizer steps at a peak learning rate of `learning_rate`, with
#   `batch_size` rows in each batch. When the rows are used up, begin again with them.
#   Use `collate`, with `model.config.pad_token_id`;
# - `arguments` are further fields of `TrainingArguments`, such as the precision. A loop
#   of your own may ignore all but `seed`: in 11.5 runs differ in it alone;
# - return the model that you are given, trained in place;
# - do not call `course_utils.lesson.summariser.finetune`.
#
# The check trains a model of 30,000 weights on a made-up task: small talk with a topic
# in it, then the words that belong to the topic. It measures your model on rows that it
# has never seen: the loss on their summaries has to be below 0.7 nats (guessing gives
# 3.7), and the prompts must not have been learnt. It also counts the steps, the rows of
# each step, and how many of the rows were used.

# %% answer="ex11_4"
def finetune(
    model, rows: list[dict], steps: int, learning_rate: float, batch_size: int,
    **arguments,
):
    """Train `model` in place on encoded rows, and return it."""
    # train the model, and return it
    ### BEGIN SOLUTION
    pad_token_id = model.config.pad_token_id
    if pad_token_id is None:  # as in GPT-2's own configuration
        pad_token_id = model.config.eos_token_id
    model.loss_type = "ForCausalLM"
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(save_folder() / "ex11"),
            max_steps=steps,
            learning_rate=learning_rate,
            per_device_train_batch_size=batch_size,
            lr_scheduler_type="cosine",
            warmup_steps=0.05,
            save_strategy="no",
            train_sampling_strategy="group_by_length",
            use_cpu=not torch.cuda.is_available(),
            **arguments,
        ),
        train_dataset=rows,
        data_collator=lambda batch: collate(batch, pad_token_id),
    )
    trainer.train()
    return model
    ### END SOLUTION


# %% check="ex11_4"
check("ex11_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `Trainer` takes a list of dicts as its data set, and makes each batch with
# `data_collator`, a function of a list of rows. `collate` has a second parameter. How do
# you fill that in?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# model.loss_type = "ForCausalLM"        # names the loss for Trainer, see lesson 05
# args = TrainingArguments(output_dir, max_steps=steps, learning_rate=...,
#     per_device_train_batch_size=batch_size, save_strategy="no", **arguments)
# Trainer(model, args, train_dataset=rows,
#     data_collator=lambda batch: collate(batch, the padding token's id)).train()
# return model
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why `max_steps`.** You choose a budget, and it holds whatever the size of the data.
# `Trainer` begins a new epoch by itself when the rows run out.
#
# **What else works.** A loop: draw `batch_size` rows at random, collate, loss, backward,
# step, zero_grad. A linear schedule, or a constant rate with fewer steps.
#
# **What goes wrong.** Leaving out `learning_rate` gives 5e-5, which suits GPT-2 and hardly
# moves a small model. `labels=batch["input_ids"]` throws your mask away: the summaries
# are still learnt, since they are part of the row, but most of the gradient is about the
# dialogues.
# </details>

# %% [markdown]
# ## 11.5 Trials on development chats
#
# *Difficulty 3 of 5, about 25 minutes.*
#
# Now decide. Among what you can choose are the number of steps, the learning rate (near
# `profile.finetune_learning_rate`), `max_length`, the batch size, and what is trained:
# all weights, or all but the token embeddings
# (`model.transformer.wte.weight.requires_grad_(False)`; in tiny, lesson 12 found no
# difference in what is gained). Which checkpoint is kept is a choice too: the last one,
# or the best of several, which is then a setting of fewer steps.
#
# First write down what you expect, and how many points of ROUGE-1 are near enough for
# you. Then train short runs, let each summarise the same development chats, and call what
# you find `trials`, a dict:
#
# | key | value |
# |---|---|
# | `"dialogues"`, `"references"` | at least 40 dialogues of `chats["validation"]`, and their summaries |
# | `"near"` | the points of 11.3 that you have decided on |
# | `"runs"` | a list of dicts: `name`, `seed`, `steps`, `settings` (a dict of what else you chose, such as the rate), `texts` (one a dialogue), `score` (their mean ROUGE-1, as `rouge_scores` gives it) |
# | `"chosen"` | the name that `choose(runs, near)` returns |
#
# - at least three settings, each with at least two seeds. Runs of one name differ in
#   nothing but the seed;
# - between the settings at least two kinds of choice differ, such as steps and rate;
# - each run starts from `AutoModelForCausalLM.from_pretrained(profile.pretrained,
#   dtype=torch.float32)`, loaded anew. Without `dtype` you may get half-precision weights,
#   which do not train well;
# - choose on the validation split alone: the test split is for the end;
# - every score is computed again from the texts, and the rule is applied again.

# %% answer="ex11_5"
# try settings on development chats, and call what you find trials
### BEGIN SOLUTION
usual = {
    "learning_rate": profile.finetune_learning_rate,
    "max_length": 256,
    "batch_size": max(1, profile.batch_size // 2),
    "embeddings": True,  # are they trained?
}
short = max(4, profile.finetune_steps // 4)
candidates = {  # name -> steps and settings
    "as lesson 07": (short, usual),
    "half the steps": (short // 2, usual),
    "a quarter of the rate": (
        short, usual | {"learning_rate": profile.finetune_learning_rate / 4}
    ),
}
rows_of = {  # max_length -> rows
    longest: [
        encode_pair(row["dialogue"], row["summary"], tokenizer, longest)
        for row in clean_rows(chats["train"])
    ]
    for longest in {settings["max_length"] for _, settings in candidates.values()}
}
lengths = [len(row["input_ids"]) for row in rows_of[256]]
rows_a_step = usual["batch_size"] * profile.accumulation
for longest in (64, 128, 256):
    print(longest, setting_cost(lengths, longest, short, rows_a_step))


def tune(steps: int, settings: dict, seed: int):
    """Return pretrained weights, fine-tuned with these settings."""
    model = AutoModelForCausalLM.from_pretrained(
        profile.pretrained, dtype=torch.float32
    )
    model.transformer.wte.weight.requires_grad_(settings["embeddings"])
    return finetune(
        model,
        rows_of[settings["max_length"]],
        steps=steps,
        learning_rate=settings["learning_rate"],
        batch_size=settings["batch_size"],
        gradient_accumulation_steps=profile.accumulation,
        logging_steps=0.2,  # five times in the run
        seed=seed,
        **profile.precision,
    )


development = clean_rows(chats["validation"].select(range(40)))
dialogues = [row["dialogue"] for row in development]
references = [row["summary"] for row in development]
runs = []
for name, (steps, settings) in candidates.items():
    for seed in (0, 1):
        model = tune(steps, settings, seed)
        texts = summarise(model, tokenizer, dialogues, progress=False)
        score = rouge_scores(texts, references, ["rouge1"])["rouge1"].mean()
        run = {"name": name, "seed": seed, "steps": steps, "settings": settings}
        runs.append(run | {"texts": texts, "score": score})
near = 3.0
trials = {
    "dialogues": dialogues,
    "references": references,
    "near": near,
    "runs": runs,
    "chosen": choose(runs, near),
}
### END SOLUTION
for run in trials["runs"]:
    print(f"{run['score']:5.1f}  {run['name']}, seed {run['seed']}, {run['steps']} steps")
print("chosen:", trials["chosen"])

# %% check="ex11_5"
check("ex11_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write one function that takes steps, settings and a seed and returns a tuned model. Then
# the runs can differ in nothing else. Try it with 5 steps first, to see it run to the
# end.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# settings = {name: (steps, {"learning_rate": ..., "max_length": ...})}, three of them
# for each name, for each of two seeds:
#     model = the pretrained model in float32, loaded anew
#     rows = encode_pair of each of clean_rows(chats["train"])
#     model = finetune(model, rows, steps, learning_rate, batch_size, seed=seed)
#     texts = summarise(model, tokenizer, dialogues, progress=False)
#     score = rouge_scores(texts, references, ["rouge1"])["rouge1"].mean()
# trials = these, with choose(runs, near)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why short trials.** They cost a quarter of the real run or less, and tell a bad rate
# from a good one. What they cannot tell is who wins in the long run: a lower rate
# catches up with more steps. Say so when you defend the choice.
#
# **What else works.** Trials that change one thing at a time from a middle setting, or
# random ones. Three seeds where two settings are close.
#
# **What goes wrong.** A model that is trained on from the trial before: the last setting
# then looks best, whatever it is. A score on the chats that are reported in the end. And
# a rate of GPT-2, such as 5e-5, for the tiny base: it hardly moves.
# </details>

# %% [markdown]
# ## 11.6 The real run
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Train once more with what you have chosen, and with more steps. Call the model `tuned`:
#
# - it starts from the pretrained weights of your profile, loaded anew, and is trained on
#   `chats["train"]`;
# - a row has at most 512 tokens, and at most `tuned.config.n_positions`.
#   `profile.finetune_steps` is the length of lesson 07's run. Half of it will do, and the
#   whole is surer, with `profile.batch_size` and `profile.accumulation`;
# - train it yourself: loading lesson 07's model, or the one that ships with the course,
#   teaches you nothing, and is recognised.
#
# At the end save the model and its tokenizer in one folder,
# `save_folder() / "samsum-tuned"`. Exercise 12.5 loads it from there; no check looks.
#
# The weights are judged, not a number that you report: they summarise dialogues that you
# do not have, and ROUGE-1 has to be above that of the first three lines of the same
# chats. For the tiny base these are 60 new TinyChats, whose first lines have 44 to 52.
# For GPT-2 they are 40 dialogues of SAMSum's test split, with about 31 (predicted: a
# right run reaches 38 to 46). For any other model a person gives the points.

# %% answer="ex11_6"
# fine-tune the pretrained model on chats["train"], and call it tuned
### BEGIN SOLUTION
steps, settings = candidates[trials["chosen"]]
tuned = tune(
    profile.finetune_steps // 2, settings | {"batch_size": profile.batch_size}, seed=0
)
tuned.save_pretrained(save_folder() / "samsum-tuned")
tokenizer.save_pretrained(save_folder() / "samsum-tuned")
### END SOLUTION
examples = clean_rows(chats["test"].select(range(6)))
compare(
    {
        "dialogue": (new := [row["dialogue"] for row in examples]),
        "reference": [row["summary"] for row in examples],
        "tuned": summarise(tuned, tokenizer, new, progress=False),
    }
)

# %% check="ex11_6"
check("ex11_6")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Everything is there: the function that trains a trial, and the settings that you have
# chosen. What a trial was too short for, the real run may have.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# tuned = the pretrained model, in float32, loaded anew
# rows = encode_pair of each of clean_rows(chats["train"])
# tuned = finetune(tuned, rows, steps=profile.finetune_steps // 2,
#     learning_rate=..., batch_size=...,
#     gradient_accumulation_steps=profile.accumulation, **profile.precision)
# tuned.save_pretrained(folder), tokenizer.save_pretrained(the same folder)
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why half of the steps.** In tiny, 250 steps take about half a minute and reach a
# ROUGE-1 of 53 to 62, some 4 to 14 above the first lines. A cosine ends at 0, so a run that is cut
# off at half of its steps is worse than one that was planned for half of them.
#
# **What else works.** More steps; other seeds; embeddings that stay as they are.
#
# **What goes wrong.** Trained from random weights the model learns what summaries sound
# like, and puts other people and other things into them. A learning rate for GPT-2,
# such as 5e-5, hardly moves the tiny base in 250 steps.
# </details>

# %% [markdown]
# ## 11.7 Your decisions, defended
#
# *Read by a person, about 20 minutes.*
#
# Look at the table above and at 10 more summaries that your model writes for
# `chats["test"]`. Then answer in 150 to 250 words:
#
# 1. Which settings have you chosen, against which others, and by how much did they win on
#    the development chats? Is that more than two seeds of one setting differ? Name one
#    choice that your trials leave open.
# 2. What does your model get wrong? Give two mistakes, each with the dialogue's words and
#    the model's, and say which of your decisions, or what else (data, model, decoding),
#    could be behind each.
# 3. Would you show these summaries to the people who wrote the chats? What would have to
#    be better first, and how would you measure it?
#
# | points | for |
# |---|---|
# | 1 | the choice defended by figures of the student's own trials, beside the spread of the seeds, and one choice that they leave open |
# | 1 | two real mistakes, each shown with words of the dialogue and of the summary, and a cause for each that fits and could be tested |
# | 1 | a decision with a reason, and a measure other than ROUGE alone |

# %% [markdown] answer="ex11_7" points=3
# (A model answer, from one run in the tiny profile. Yours will differ.)
#
# I took lesson 07's settings in short, against half of the steps and against a quarter of
# the rate. On 40 development chats they had means of 44.6, 37.0 and 41.9. Two seeds of one
# setting differ by 2.3 to 7.1 points, so the lead of 2.7 over the lower rate may be luck,
# and that of 7.6 over half of the steps, too: with either seed my choice was ahead, but two
# seeds are no proof. My rule (within 3 points, then fewest steps) left two of the same
# length, and I took the one with the higher mean. Open is whether the lower rate would
# catch up in a long run: all trials had 125 steps or fewer. And I tried one length alone:
# `setting_cost` says that at 128 tokens half a per cent of the rows would be cut, so 256
# costs nothing here.
#
# Two mistakes: Liam writes "I'll wait on the corner", and the model has "Budi will wait on
# the corner". And Yasmin, who needs help for her dinner, becomes "Priya is having a dinner
# on Wednesday. Yasmin will bring some juice": the two have changed places. Both times the
# names are those of the chat. It may not have learnt in 250 steps who says what, or it
# takes the first name that fits its pattern. Runs of 500 steps would test the one, and the
# same chat with the names exchanged the other.
#
# I would not show them. A summary that names the wrong person is worse than none, and reads
# as well as a right one. First the share of summaries with just the right people would
# have to be above 95 %, on 200 new dialogues with an interval, and a person should have
# read 50. These chats are made up, besides.

# %% [markdown] tags=["solution-only"]
# **How to read 11.7.** By the table above. No points for "the ROUGE is high, so it is good", for figures that are not in the
# student's own outputs, or for a choice that the trials contradict.
