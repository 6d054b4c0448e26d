# %% [markdown]
# # Exercise 12. Before and after
#
# The second capstone. Did fine-tuning help, and how do you know? You put what a model
# writes before and after training side by side, on the same dialogues, and say how sure
# you are of the difference. "Before" gets the best prompt that you can find: whoever
# doubts that training was worth it would look for one.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 12.1 | a batch of continuations | 3 of 5 | 20 | {points} |
# | 12.2 | a table in the right pairing | 2 of 5 | 15 | {points} |
# | 12.3 | the difference and its interval | 3 of 5 | 20 | {points} |
# | 12.4 | what became worse | 2 of 5 | 10 | {points} |
# | 12.5 | the real table | 3 of 5 | 35 | {points} |
# | 12.6 | your judgement, in words | 3 of 5 | 20 | {points} |
#
# 12.1 to 12.4 are checked on small examples, in seconds. 12.5 needs the fine-tuned model:
# your own of Exercise 11, or the course's, which is kept from lesson 07 or trained anew
# in one to two minutes on one CPU core (GPT-2 on a Colab GPU: 10 to 20 minutes,
# predicted). It needs what lesson 08 shows, so the set-up cell is that of lesson 08.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("08")

# %%
import re

import numpy as np
import pandas as pd
from datasets import load_dataset

from course_utils.data.people import placeholders, restore
from course_utils.data.summaries import prompt
from course_utils.evaluation.generation import compare
from course_utils.model.gpt2 import load
from course_utils.evaluation.rouge import paired_difference, rouge_scores
from course_utils.evaluation.summary_scores import invented_people
from course_utils.machine.runtime import device, save_folder
from course_utils.lesson.summariser import summariser

chats = load_dataset(**profile.summaries)

# %% [markdown]
# ## 12.1 Continue a batch of prompts
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Both models have to write under the same conditions. Write `continue_prompts`:
#
# - `prompts` is a list of texts of differing length. Return one text for each, in the
#   same order: what the model writes after it, without the prompt;
# - all prompts go through `model.generate` in one call, as one batch;
# - decoding is greedy: `do_sample=False`, one beam. A text ends at the end-of-text token, or
#   after `max_new_tokens` tokens;
# - the texts hold no special tokens. White space around them does not matter;
# - each text is what the model writes when its prompt is alone;
# - do not call `generate` or `summarise` of `course_utils`.

# %% answer="ex12_1"
def continue_prompts(
    model, tokenizer, prompts: list[str], max_new_tokens: int
) -> list[str]:
    """Return what the model writes after each prompt, greedily."""
    # return the continuations
    ### BEGIN SOLUTION
    if tokenizer.pad_token is None:  # as in GPT-2's own tokenizer
        tokenizer.pad_token = tokenizer.eos_token
    batch = tokenizer(prompts, padding=True, padding_side="left", return_tensors="pt")
    batch = batch.to(model.device)
    written = model.generate(
        input_ids=batch["input_ids"],
        attention_mask=batch["attention_mask"],
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
    )  # (prompts, longest prompt + new tokens)
    new_tokens = written[:, batch["input_ids"].shape[1] :]
    return tokenizer.batch_decode(new_tokens, skip_special_tokens=True)
    ### END SOLUTION


# %% check="ex12_1"
check("ex12_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A model goes on after the last column of a batch. What stands there in the row of a
# short prompt, if it is filled up on the right? And at which column does the new text
# begin, if it is filled up on the left?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# batch = tokenizer(prompts, padding=True, padding_side="left", return_tensors="pt")
# written = model.generate(input_ids, attention_mask, max_new_tokens, do_sample=False,
#     pad_token_id=...)
# cut off the first (width of input_ids) columns of every row
# decode the rest without special tokens
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why on the left.** The new tokens have to follow the prompt's last token. `generate`
# counts positions by the mask, so padding on the left changes nothing.
#
# **What else works.** `tokenizer.padding_side = "left"`; cutting the decoded prompt's characters off the decoded text.
#
# **What goes wrong.** With padding on the right the model continues after end-of-text
# tokens: as if a new document began. Without the mask it reads the padding. In both cases
# only the shorter prompts of a batch suffer, so the results depend on which prompts
# happen to share a batch.
# </details>

# %% [markdown]
# ## 12.2 One table
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# The two models' texts come from two files. Each file has an order of its own, and a few
# rows may be missing. Write `comparison`:
#
# - `rows` is a list of dicts with `id`, `dialogue` and `summary`; `before` and `after`
#   are lists of dicts with `id` and `text`;
# - return a `pandas.DataFrame` with the columns `dialogue`, `reference` (the row's
#   summary), `before` and `after`, in this order;
# - it has a row for each id that is in `rows`, in `before` and in `after`, in the order
#   of `rows`.

# %% answer="ex12_2"
def comparison(
    rows: list[dict], before: list[dict], after: list[dict]
) -> pd.DataFrame:
    """Return dialogues, references and both models' texts, matched by id."""
    # return the table
    ### BEGIN SOLUTION
    text_before = {item["id"]: item["text"] for item in before}
    text_after = {item["id"]: item["text"] for item in after}
    table = [
        {
            "dialogue": row["dialogue"],
            "reference": row["summary"],
            "before": text_before[row["id"]],
            "after": text_after[row["id"]],
        }
        for row in rows
        if row["id"] in text_before and row["id"] in text_after
    ]
    return pd.DataFrame(table)
    ### END SOLUTION


# %% check="ex12_2"
check("ex12_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# If you lay the lists side by side, a text lands beside another row's dialogue. Nothing
# fails, and the scores are low for no reason that you can see. By what can you match?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# text_before = {id: text} of before; text_after the same of after
# for each row whose id is in both:
#     dialogue, summary, text_before[id], text_after[id]
# make a DataFrame of these, with the four column names
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why by id.** Orders change without a word: batches sorted by length, a shuffled data
# set, a row that was dropped because it was empty.
#
# **What else works.** Two calls of `pandas.merge(..., on="id", how="inner")`, beginning
# with `rows`, which keeps their order.
#
# **What goes wrong.** An outer join keeps rows without a text. Scored as empty texts they
# pull a mean down; dropped later, the two models are compared on different rows.
# </details>

# %% [markdown]
# ## 12.3 The difference, and how sure it is
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Each example has a score before and one after. Some dialogues are hard for both models.
# Exercise 8.3 asked for the same function: if you have it, bring it along. Write
# `paired_interval`:
#
# - `before` and `after` are arrays of shape (n,): the scores of the same n examples;
# - `draws` is an integer array of shape (resamples, n). Each of its rows is one resample:
#   n places of examples, drawn with replacement;
# - return three floats: the mean of after - before, and the ends of its 95 % bootstrap
#   interval. These are the percentiles 2.5 and 97.5 (`np.percentile`) of that mean over
#   the resamples;
# - do not call `paired_difference`.

# %% answer="ex12_3"
def paired_interval(
    before: np.ndarray, after: np.ndarray, draws: np.ndarray
) -> tuple[float, float, float]:
    """Return the mean of after - before, and its 95 % bootstrap interval."""
    # return the mean difference, low and high
    ### BEGIN SOLUTION
    difference = after - before  # (n,)
    means = difference[draws].mean(axis=1)  # (resamples,)
    low, high = np.percentile(means, [2.5, 97.5])
    return difference.mean(), low, high
    ### END SOLUTION


# %% check="ex12_3"
check("ex12_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# What do you know about one example that you lose if you draw the two models' examples
# apart? And of which number do you want to know how much it varies: of an example's
# difference, or of the mean?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# difference = after - before, one number an example
# means = for each row of draws: the mean of difference at these places
# return the mean of difference, and the percentiles 2.5 and 97.5 of means
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why in pairs.** What is hard for both models cancels out in the difference. The
# interval gets narrower, and a small gain can be told from chance.
#
# **What else works.** Drawing before and after with the same `draws`, and subtracting the
# means. For many examples, 1.96 standard errors of the differences come out almost the
# same.
#
# **What goes wrong.** Two separate intervals that overlap do not mean that there is no
# difference. And the percentiles of the examples themselves say how unlike they are, not
# how sure the mean is: they do not get narrower with more examples.
# </details>

# %% [markdown]
# ## 12.4 What became worse
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# A better mean hides examples that got worse. Write `regressions`:
#
# - return the places (0 is the first example) at which `after` is below `before`;
# - the deepest fall comes first. Of equal falls, the earlier example comes first;
# - return at most `k` places, and fewer if fewer became worse.

# %% answer="ex12_4"
def regressions(before: list[float], after: list[float], k: int) -> list[int]:
    """Return the places of the k deepest falls, the deepest first."""
    # return the places
    ### BEGIN SOLUTION
    change = [new - old for old, new in zip(before, after, strict=True)]
    fallen = [place for place in range(len(change)) if change[place] < 0]
    return sorted(fallen, key=lambda place: change[place])[:k]
    ### END SOLUTION


# %% check="ex12_4"
check("ex12_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# First find out which examples fell, and only then sort. Python's `sorted` leaves equal
# items in the order in which they came.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# change = after - before of each example
# fallen = the places where change is below 0
# return fallen, sorted by their change, and of that the first k
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why look at these.** They show what a mean cannot: a kind of dialogue that the new
# model has unlearnt, or a reference that is wrong.
#
# **What else works.** `np.argsort(change, kind="stable")`, cut at the number of falls.
#
# **What goes wrong.** Sorting and taking the first `k` brings in examples that got better,
# when fewer than `k` fell. And the lowest scores after training are not the deepest
# falls: some dialogues were hard before, too.
# </details>

# %% [markdown]
# ## 12.5 The real table
#
# *Difficulty 3 of 5, about 35 minutes.*
#
# ROUGE does not see who does what to whom. So a second score is given: does a summary
# name those of the speakers that the reference names? It needs no list of names, so it
# works for any data. It does not see whom a summary makes up. That is counted below your
# answer, by `invented_people` (lesson 07): the texts that name somebody who is not in
# the chat.

# %%
def right_people(dialogue: str, reference: str, text: str) -> bool:
    """Return whether `text` names those speakers that `reference` names."""
    speakers = {line.partition(":")[0] for line in dialogue.splitlines()}

    def named(text: str) -> set[str]:
        return {s for s in speakers if re.search(rf"\b{re.escape(s)}\b", text)}

    return named(text) == named(reference)


right_people("Ann: Are you coming, Bob?\nBob: Sure.", "Bob is coming.", "Ann comes.")

# %% [markdown]
# Now compare the two models of your profile on at least 50 dialogues of `chats["test"]`,
# and call what you find `result`, a dict:
#
# | key | value |
# |---|---|
# | `"table"` | the columns of 12.2 |
# | `"rouge1_before"`, `"rouge1_after"` | mean ROUGE-1, 0 to 100, as `rouge_scores(texts, references, ["rouge1"])` gives it |
# | `"people_before"`, `"people_after"` | per cent of the texts that name the right people |
# | `"difference"` | ROUGE-1 after minus before: mean, low, high (your `paired_interval`, or `paired_difference(after, before)`) |
# | `"tried"` | how you found a prompt for `before`, a dict: `"dialogues"` and `"references"`, at least 20 rows of `chats["validation"]`, and `"texts"`, a dict that holds for each template what the pretrained model writes with it, one text a dialogue |
# | `"prompt"` | the template that `before` was asked with |
#
# - a template is a text with `{dialogue}` in it, such as `"{dialogue}\nTL;DR:"`. Try at
#   least three, on the validation split alone, and take the one with the highest mean
#   ROUGE-1 there. A cue, a question, the beginning of an answer, an example with its
#   summary: what would make this model go on with a summary?
# - before: `load(profile.pretrained)`; after: your own model of Exercise 11,
#   `load(save_folder() / "samsum-tuned")`, or `summariser(profile)`. All of them return a
#   model and its tokenizer. `model.to(device())` takes the GPU if there is one: then the
#   prompts' tensors have to go there too;
# - both get the same dialogues and the same decoding, with at most 60 new tokens. Of
#   what they write, only the first line with words in it counts, in `"tried"` too;
# - after training a prompt is `prompt(dialogue)`, since the model has learned that cue.
#   If `getattr(model.config, "placeholders", False)`, it was trained with placeholders
#   for people (lesson 07): then give it `placeholders(dialogue).dialogue`, and `restore`
#   the names in its text. A model of Exercise 11 has no such entry, and needs neither;
# - every figure is computed again from the texts of your table;
# - keep the scores of each row, such as in `scores["after"]`: 12.6 wants the lowest.

# %% answer="ex12_5"
# compare both models on the same dialogues, and call what you find result
### BEGIN SOLUTION
rows = [row for row in chats["test"].select(range(100)) if row["dialogue"]]


CUE = "{dialogue}" + prompt("")


def write_summaries(model, tokenizer, rows, template=CUE) -> list[dict]:
    model = model.to(device()).eval()
    dialogues = [row["dialogue"] for row in rows]
    people = [{} for _ in rows]
    if getattr(model.config, "placeholders", False):
        found = [placeholders(dialogue) for dialogue in dialogues]
        dialogues = [replaced.dialogue for replaced in found]
        people = [replaced.people for replaced in found]
    texts = []
    for start in range(0, len(rows), 25):
        plain = [prompt(text).removesuffix(prompt("")) for text in dialogues]
        prompts = [
            template.replace("{dialogue}", text) for text in plain[start : start + 25]
        ]
        texts += continue_prompts(model, tokenizer, prompts, max_new_tokens=60)
    lines = [text.strip().split("\n")[0].strip() for text in texts]
    return [
        {"id": row["id"], "text": restore(line, names)}
        for row, line, names in zip(rows, lines, people, strict=True)
    ]


base = load(profile.pretrained)
unseen = [row for row in chats["validation"].select(range(25)) if row["dialogue"]]
unseen_references = [row["summary"] for row in unseen]
templates = [CUE, "{dialogue}\n\nSummary:", "{dialogue}\n\nIn short,"]
written = {
    template: [item["text"] for item in write_summaries(*base, unseen, template)]
    for template in templates
}
found = {
    template: rouge_scores(texts, unseen_references, ["rouge1"])["rouge1"].mean()
    for template, texts in written.items()
}
best = max(found, key=found.get)
for template, score in found.items():
    print(f"{score:5.1f} on validation  {template!r}")

table = comparison(
    rows,
    before=write_summaries(*base, rows, best),
    after=write_summaries(*summariser(profile), rows),
)
references = table["reference"].tolist()
scores, people = {}, {}
for name in ("before", "after"):
    texts = table[name].tolist()
    scores[name] = rouge_scores(texts, references, ["rouge1"])["rouge1"]
    triples = zip(table["dialogue"], references, texts, strict=True)
    people[name] = 100 * np.mean([right_people(*triple) for triple in triples])
result = {
    "table": table,
    "rouge1_before": scores["before"].mean(),
    "rouge1_after": scores["after"].mean(),
    "people_before": people["before"],
    "people_after": people["after"],
    "difference": paired_difference(scores["after"], scores["before"]),
    "tried": {
        "dialogues": [row["dialogue"] for row in unseen],
        "references": unseen_references,
        "texts": written,
    },
    "prompt": best,
}
### END SOLUTION
for name in ("rouge1_before", "rouge1_after", "people_before", "people_after"):
    print(f"{name:<15} {result[name]:.1f}")
print("difference      {:.1f} [{:.1f}, {:.1f}]".format(*result["difference"]))
records = result["table"].rename(columns={"reference": "summary"}).to_dict("records")
for name in ("before", "after"):
    invented = [bool(invented_people(row[name], row)) for row in records]
    print(f"{'invented_' + name:<15} {100 * np.mean(invented):.1f}")
compare(result["table"].head(6).to_dict("list"))

# %% check="ex12_5"
check("ex12_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Load the pretrained model anew: fine-tuning changes a model in place, so a model that
# you trained in this notebook is no longer the one from before. Make the texts of both
# models first, and score only what stands in the table.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# rows = 100 rows of chats["test"]
# texts(model, tokenizer, rows, template): continue_prompts in batches of 25, first
#     lines, with their ids
# on 25 rows of chats["validation"]: the texts of each template, and their mean ROUGE-1
# table = comparison(rows, texts(pretrained model, best template), texts(fine-tuned model))
# score table["before"] and table["after"] against table["reference"]
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# Your own `regressions` on the real table. Where a model has never summarised before,
# hardly anything can fall. A better rival is the beginning of the dialogue: `lead` takes
# its first three turns.

# %% tags=["solution-only"]
from course_utils.evaluation.summary_scores import lead

leads = [lead(dialogue) for dialogue in table["dialogue"]]
lead_scores = rouge_scores(leads, references, ["rouge1"])["rouge1"]
n_fallen = len(regressions(scores["before"], scores["after"], k=len(table)))
worse_than_lead = regressions(lead_scores, scores["after"], k=len(table))
print(f"{n_fallen} of {len(table)} are worse than before")
print(f"{len(worse_than_lead)} of {len(table)} are worse than the first three turns")
compare(table.iloc[worse_than_lead[:3]].to_dict("list"))

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why the same decoding.** With beams or sampling for one model alone, you would measure
# the decoding too.
#
# **Why the best prompt.** A model that is asked badly is no opponent. It is chosen on the
# validation split: the best of many prompts on the test would owe a part of its score to
# luck. In tiny no prompt helps much, since the base has never seen a summary; a model of
# today's size would write good ones, and fine-tuning would have to beat those.
#
# **What else works.** More dialogues give a narrower interval: four times as many halve
# it. `course_utils.evaluation.generation.generate` is a faster `continue_prompts`.
#
# **What goes wrong.** Choosing the dialogues after reading the texts. Scoring the whole
# continuation before, and the first line after. And taking a pretrained model's 0 % right
# people for a proof that it knows nothing: perhaps nobody has found how to ask it.
# </details>

# %% [markdown]
# ## 12.6 Your judgement
#
# *Read by a person, about 20 minutes.*
#
# Read at least 20 rows of your table, among them those with the lowest scores after
# training: `table.iloc[np.argsort(scores["after"])[:10]]`. Then answer in 150 to 250
# words:
#
# 1. What does the model do after training that it did not do before? Show it with one
#    pair of texts.
# 2. How sure are you that it got better, and on what? Say it with the interval, and say
#    what it does not cover. Which prompts did `before` get, and would a better one
#    change the answer?
# 3. Where does ROUGE-1 disagree with your own reading? Give a row, and say why.
#
# | points | for |
# |---|---|
# | 1 | a change that is seen in the texts, shown by one pair, and named rightly (stops, third person, names) |
# | 1 | the interval used for what it says, with the prompts that were tried, and one thing named that it does not cover |
# | 1 | a real row where ROUGE-1 and reading disagree, with the reason |

# %% [markdown] answer="ex12_6" points=3
# (A model answer, from one run in the tiny profile. Yours will differ.)
#
# Before, the model goes on as a chat does, whichever of my three prompts it gets: to Liam,
# who is locked out, it adds "I'm going to go to the corner", again and again. After
# training it writes about a chat, in the third person: "Lena wants to eat at the Persian
# restaurant on Tuesday evening at 6 pm. It is full, so Lena will cook for Erik." That is a
# new kind of text, not a better version of the old one. Mostly it is a whole sentence. In
# some rows it is not: "Viktor is getting married in Nolighter in Nolighter."
#
# I am sure that ROUGE-1 rose on dialogues like these, from 5.2 with the best of my
# prompts ("In short,") to 81.2. The difference is 76.0, with an interval from 71.7 to
# 80.1, far from 0. My prompts lay between 1.4 and 4.4 on validation, so a better one
# would have to be of another kind. The interval does not cover other chats: all of these
# come from one generator, with the same families of scenes in training and test. Nor
# does it cover another run, since I compared two models, not two ways of
# training.
#
# ROUGE-1 and I disagree about Liam. "Liam left her keys at school" is false, since they
# are his. Of some twenty words one is wrong, so ROUGE-1 stays above 90, and the count of
# people does not see it either: both names are right. So 92 % right people is no 92 %
# right summaries. The other way round, a summary that says the same thing in other words
# scores low, because there is one reference only. For a decision I would read.

# %% [markdown] tags=["solution-only"]
# **How to read 12.6.** By the table above. No points for figures without texts, or for "ROUGE went up, so it is better".
