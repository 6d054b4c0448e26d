# %% [markdown]
# # 7. Summarise chats (SAMSum)
#
# A pretrained model goes on with any text. In this lesson you teach it one task: read a
# chat, write its summary, and stop. It is the same training as before. What is new is
# how a pair becomes a training row, and this is where most runs go wrong.
#
# **You will be able to**
#
# - replace names that a small tokenizer cannot copy, and put them back afterwards;
# - turn a dialogue and its summary into one row, with a loss on the summary alone;
# - cut long rows at the right end, and pad a batch without hiding the end token;
# - fine-tune with `Trainer`, and write summaries in batches, padded on the left;
# - compare before and after on the same chats, and read the mistakes honestly.
#
# | profile | data | steps x pairs | minutes | memory | loss at the end |
# |---|---|---|---|---|---|
# | tiny | TinyChats, synthetic | 500 x 16 | 2 on one CPU core | 1 GB | 0.08 to 0.3 |
# | colab | SAMSum | 900 x 32 | 4 to 10 (predicted) | 7 GB (predicted) | 1.6 to 2.0 (predicted) |
# | full | SAMSum | 1,400 x 64 | 3 to 8 (predicted) | 7 GB (predicted) | 1.5 to 1.9 (predicted) |
#
# <!-- figure: loss on the validation pairs 0.08 0.3 -->

# %% tags=["setup"]
from course_utils import record, start_lesson
profile = start_lesson("07")

# %% [markdown]
# ## 1. The data
#
# SAMSum is the data set for this task. Linguists wrote about 16,000 chats like the ones
# on their own phones, each with a summary in the third person: 14,732 to train on, 818
# for validation, 819 to test. Its licence is CC BY-NC-ND 4.0: you may use it for
# purposes that earn no money, and you may not hand on a changed copy. So this course
# does not ship it. On the Hub it is `knkarthick/samsum`. Old tutorials write `samsum`,
# which no longer exists.
#
# In the tiny profile, a stand-in takes its place: TinyChats, made by a program of this
# course. Its chats are short and clean, and follow some hundred patterns, so that a
# model of a million parameters can learn them in two minutes. What you see here is how
# the method works. It says nothing about how well a tiny model summarises real chats,
# and section 10 shows that.

# %%
from datasets import load_dataset

pairs = load_dataset(**profile.summaries)
for split, dataset in pairs.items():
    print(f"{split:<11} {len(dataset):,} pairs")
record("sources.summaries", profile.sources["summaries"])

# %% [markdown]
# Read a few before you write any code.

# %%
from course_utils.evaluation.generation import compare

some = pairs["train"].select(range(3))
compare({"dialogue": some["dialogue"], "summary": some["summary"]})

# %% [markdown]
# Real data have flaws. Look for the two usual ones: empty fields, and line ends from
# Windows.

# %%
empty = sum(not row["dialogue"] or not row["summary"] for row in pairs["train"])
windows = sum("\r\n" in (row["dialogue"] or "") for row in pairs["train"])
print(f"{empty} rows with an empty field, {windows:,} with Windows line ends")

# %% [markdown]
# In TinyChats there are none. SAMSum has one empty dialogue, and most rows have Windows
# line ends. To the model, `\r` is one more token, which stands at every line's end and
# teaches nothing. Drop the first, normalise the second.
#
# ## 2. Ask before you train
#
# Does the pretrained model perhaps know how to summarise? The authors of GPT-2 had an
# idea: on the web, people write "TL;DR:" (too long; didn't read) before a summary. So
# put it after the dialogue, and let the model go on. These are the course's helpers, in
# full.

# %%
# from course_utils/data/summaries.py
CUE = "\nTL;DR:"


def prompt(dialogue):
    """Return the text after which the model is to write the summary."""
    return _clean(dialogue) + CUE


def _clean(text):
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()

# %% [markdown]
# Load the model and its tokenizer. For padding it borrows the end token (lesson 05).

# %%
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from course_utils.machine.runtime import device

set_seed(profile.seed)
tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(profile.pretrained).to(device())
print(prompt(pairs["train"][0]["dialogue"]))

# %% [markdown]
# To write a summary is to continue this prompt, and to take the first line. `generate`
# is the helper of lesson 06. It works in batches.

# %%
from course_utils.evaluation.generation import generate


def write_summaries(model, dialogues, **options):
    prompts = [prompt(dialogue) for dialogue in dialogues]
    texts = generate(model, tokenizer, prompts, max_new_tokens=60, **options)
    return [text.strip().split("\n")[0].strip() for text in texts]

# %% [markdown]
# Let it summarise 100 chats of the validation split. (The test split stays closed until
# lesson 08, when all is decided.) Keep the answers: after training you will put others
# beside them. Print five.

# %%
held_out = pairs["validation"].filter(lambda row: row["dialogue"]).select(range(100))
before = write_summaries(model, held_out["dialogue"])
shown = held_out.select(range(5))
compare({"dialogue": shown["dialogue"], "before": before[:5]})

# %% [markdown]
# Not a summary among them. The tiny base writes what somebody might say next, and
# sometimes goes round in a loop. GPT-2 writes better English, and often something
# about the topic, but rarely what happened: its authors found that its "summaries"
# hardly beat three sentences picked at random.
#
# ## 3. Names that the tokenizer cuts to pieces
#
# A summary says who does what, so the model has to copy names out of the chat. What
# does it have to copy? Look at some names as the tokenizer sees them.

# %%
for name in ("Anna", "Tom", "Siobhan", "Zoltan", "Emeka"):
    print(f"{name:<8}", tokenizer.tokenize(" " + name))

# %% [markdown]
# In tiny, "Anna" is one token, and copying it is one decision. "Siobhan" is several,
# and the model has to copy every piece, in order. A model of a million parameters loses
# the thread, and a name from its training comes out instead. How many names are whole?
# Count in chats that no program made: the course has some for development, which the
# language model that develops it wrote, one at a time.

# %%
from course_utils.data.handwritten import development_chats

elsewhere = development_chats().select(range(100))
people = {name for row in elsewhere for name in row["names"]}
whole = [name for name in people if len(tokenizer.tokenize(" " + name)) == 1]
print(f"names that are a single token: {len(whole)} of {len(people)}")

# %% [markdown]
# In tiny it is a small part. So take the spelling out of the task. Before anything
# becomes tokens, give each person another name: one of a fixed row of names that are a
# single token. Afterwards put the real names back. Hermann et al. did so with news in
# 2015, and wrote `@entity3` for a person. Here is the step and its inverse.

# %%
from course_utils.data.people import placeholders, restore

chat = """\
Siobhan: Did Marlow call you?
Zoltan: No, and he has my keys!"""
replaced = placeholders(chat, "Marlow has Zoltan's keys.")
print(replaced.dialogue)
print("summary: ", replaced.summary)
print("people:  ", replaced.people)
print("restored:", restore(replaced.summary, replaced.people))

# %% [markdown]
# ![Siobhan and Zoltan are several tokens each. The model reads and writes Tom and Anna,
# one token each, and the names are put back.](drawing:people_as_placeholders)
#
# Whoever comes first is always Tom, the next one always Anna. So the model meets the
# same few names again and again. And note what the step cannot do. Who speaks is
# certain. Who is only spoken of is a guess, from lists of names and from words like
# "hi" beside them: here it missed Marlow. And is "Will" a person? What it misses
# stays as it is.
#
# The tiny profile trains with placeholders. GPT-2 has room for the pieces of names, so
# the other profiles do without (to try it there, set
# `COURSE_OVERRIDE='{"placeholders": true}'` before you start).

# %%
from course_utils.data.people import with_placeholders

model.config.placeholders = profile.placeholders  # what the model will be used to
chats = {
    split: with_placeholders(pairs[split]) if profile.placeholders else pairs[split]
    for split in ("train", "validation")
}
print(chats["train"][0]["dialogue"])

# %% [markdown]
# ## 4. One pair, one row
#
# The model learns from rows of tokens. So write the pair as one text, in just the form
# that you will use later: the prompt, the summary, and the end token.

# %%
pair = chats["train"][0]
prompt_ids = tokenizer(prompt(pair["dialogue"]))["input_ids"]
answer_ids = tokenizer(" " + pair["summary"].strip())["input_ids"]
input_ids = prompt_ids + answer_ids + [tokenizer.eos_token_id]
print(tokenizer.decode(input_ids))

# %% [markdown]
# Three details decide whether this works:
#
# - The **end token**. Without it, nothing tells the model where a summary stops. It
#   comes right after the last word: some of SAMSum's summaries end in a space, which
#   `strip` takes off.
# - The **prompt** is the same in training and in use, to the last character. (A model
#   for many tasks is told in it which one: "### Instruction:" and a sentence, or the
#   roles of a chat. For a single task the cue is enough.)
# - The **space** belongs to the summary. A space at the end of the prompt would become
#   a token of its own, which no text in training has before a word:

# %%
print("right:", tokenizer.tokenize("TL;DR:") + tokenizer.tokenize(" Anna called."))
print("wrong:", tokenizer.tokenize("TL;DR: ") + tokenizer.tokenize("Anna called."))

# %% [markdown]
# ### The loss mask
#
# Which tokens should the model learn to predict? Only the summary and the end. The
# dialogue is given: nobody will ask the model to write it. A label of -100 leaves a
# token out of the loss.

# %%
labels = [-100] * len(prompt_ids) + answer_ids + [tokenizer.eos_token_id]
start = len(prompt_ids)
for t in [*range(start - 3, start + 4), len(labels) - 2, len(labels) - 1]:
    label = tokenizer.decode([labels[t]]) if labels[t] != -100 else "-100"
    print(f"{t:>4}  {tokenizer.decode([input_ids[t]])!r:<16} label {label!r}")

# %% [markdown]
# The last label is the end token: it has to be learned too. (The model shifts the
# labels itself.)
#
# ![A row in tokens, with the label below each: -100 for the prompt, the token itself
# for the summary and the end.](drawing:one_pair_one_row)
#
# What if you forget the mask, and take `labels = input_ids`? Count what the loss would
# be made of.

# %%
import torch
from course_utils.evaluation.perplexity import token_losses

ids, masked = torch.tensor([[input_ids], [labels]], device=model.device)  # (1, length)
with torch.no_grad():
    losses = token_losses(model.eval(), ids, ids)[0]  # (length - 1,)
    of_model = model(input_ids=ids, labels=masked).loss
of_prompt, of_summary = losses[: start - 1], losses[start - 1 :]
print(f"prompt:  {len(of_prompt):>3} tokens, mean loss {of_prompt.mean():.2f}")
print(f"summary: {len(of_summary):>3} tokens, mean loss {of_summary.mean():.2f}")
print(f"the model's own loss with the mask: {of_model:.2f}")

# %% [markdown]
# With the mask, the model's loss is the summary's mean: it leaves the prompt out of the
# sum, and out of the count by which it divides.
#
# Three of four tokens belong to the dialogue. Here they are three quarters of the
# summed loss, too, and more as the summaries get better. So the loss you watch would
# mostly tell how well the model writes chats, and could fall while the summaries stay
# bad. (Does the mask also make better summaries? [Laboratory
# 12](12_fine_tuning_laboratory.ipynb) trains without it.)
#
# ![Of 43 tokens of a row, 31 belong to the prompt. Without the mask they make most of
# the loss, with it only the 12 of the answer count.](drawing:who_makes_up_the_loss)
#
# ## 5. Cut at the right end
#
# A model has room for `n_positions` tokens, and memory grows with the longest row. So
# long rows are cut. But where? The tokenizer's own way is to cut the end off. Let there
# be room for 20 tokens less than this row has.

# %%
room = len(input_ids) - 20
cut = tokenizer(tokenizer.decode(input_ids), truncation=True, max_length=room)
print(tokenizer.decode(cut["input_ids"]))

# %% [markdown]
# The dialogue is whole, and the summary is gone, or most of it, with the end token. The
# model would learn summaries without an end, or nothing at all. Cut the start of the
# dialogue instead. The course's `encode` does so, and never touches the cue, the
# summary and the end.
#
# ![A row of dialogue, cue, summary and end. Cut at its end it loses summary and end.
# Cut at its start it loses some of the dialogue.](drawing:cut_the_start_not_the_end)

# %%
from course_utils.data.summaries import encode

row = encode(pair, tokenizer, max_length=room)
print(tokenizer.decode(row["input_ids"]))
row = encode(pair, tokenizer, max_length=len(input_ids))
assert row == {"input_ids": input_ids, "labels": labels}  # as made by hand

# %% [markdown]
# A cut start can cost a name that the summary needs: here the first line that is left
# no longer says whose phone it is. But a chat's decision mostly stands at its end.
# Either way, *count* what you cut.

# %%
from course_utils.data.summaries import encode_summaries

length = min(512, model.config.n_positions)
train, n_cut = encode_summaries(chats["train"], tokenizer, length)
validation, _ = encode_summaries(chats["validation"], tokenizer, length)
print(f"{len(train):,} rows, {n_cut} of them cut to {length} tokens")
print(f"{len(pairs['train']) - len(train)} pairs dropped, since a field was empty")

# %% [markdown]
# In TinyChats nothing is cut. In SAMSum about 2 in 100 are. Look at the lengths before
# you choose a limit.

# %%
from course_utils.evaluation.plots import histogram

lengths = [len(ids) for ids in train["input_ids"]]
figure = histogram(
    lengths,
    title="Length of a row: dialogue, cue, summary, end",
    xlabel="tokens",
    marks={"mean": sum(lengths) / len(lengths), "longest": max(lengths)},
)

# %% [markdown]
# ## 6. A batch
#
# Rows of different lengths become one tensor by padding. Three things have to be exact:
# the padding tokens, the attention mask, which says what to look at, and the labels.
# This is the course's collator, in full.

# %%
# from course_utils/data/summaries.py
IGNORED = -100  # a label that PyTorch's cross-entropy leaves out


class SummaryCollator:
    def __init__(self, tokenizer):
        pad = tokenizer.pad_token_id
        self.pad_token_id = tokenizer.eos_token_id if pad is None else pad

    def __call__(self, rows):
        """Return input_ids, attention_mask and labels, each (rows, longest row)."""
        import torch

        width = max(len(row["input_ids"]) for row in rows)

        def stack(sequences, filler):
            return torch.tensor([s + [filler] * (width - len(s)) for s in sequences])

        input_ids = [list(row["input_ids"]) for row in rows]
        return {
            "input_ids": stack(input_ids, self.pad_token_id),
            "attention_mask": stack([[1] * len(ids) for ids in input_ids], 0),
            "labels": stack([list(row["labels"]) for row in rows], IGNORED),
        }

# %% [markdown]
# Try it on two rows that you can read.

# %%
two = [
    encode({"dialogue": "A: Hi", "summary": "A says hi."}, tokenizer, length),
    encode({"dialogue": "Al: Hi", "summary": "Hi."}, tokenizer, length),
]
batch = SummaryCollator(tokenizer)(two)
for name, tensor in batch.items():
    print(name)
    for numbers in tensor.tolist():
        print("  ", " ".join(f"{n:>4}" for n in numbers))

# %% [markdown]
# Follow a row through the three tensors. -100 on the prompt, then the summary, then one
# label with the end token's id, then -100 on the padding. Now the collator that many
# tutorials use here:
#
# ![Two rows in three tensors. Padding is the end token in input_ids, 0 in
# attention_mask, -100 in labels. The true end keeps its
# label.](drawing:a_batch_in_three_tensors)

# %%
from transformers import DataCollatorForLanguageModeling

collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
wrong = collator([{"input_ids": row["input_ids"]} for row in two])
for numbers in wrong["labels"].tolist():
    print("  ", " ".join(f"{n:>4}" for n in numbers))

# %% [markdown]
# Both mistakes at once. It makes its own labels, so the prompt counts. And it knows
# padding by its id, so the true ends are -100 as well: nothing teaches the model to
# stop.

# %% [markdown]
# ## 7. Fine-tune
#
# Measure first. `perplexity` leaves out labels of -100, so this is the perplexity of
# the summaries alone.

# %%
import math
from course_utils.evaluation.perplexity import perplexity

perplexity_before = perplexity(model, validation, batch_size=profile.batch_size)
print(f"perplexity {perplexity_before:.1f}, loss {math.log(perplexity_before):.2f}")

# %% [markdown]
# The arguments are those of lesson 05, with two changes.

# %%
from transformers import Trainer, TrainingArguments
from course_utils.machine.runtime import save_folder

arguments = TrainingArguments(
    output_dir=str(save_folder() / "summariser"),
    max_steps=profile.finetune_steps,
    per_device_train_batch_size=profile.batch_size,
    gradient_accumulation_steps=profile.accumulation,
    learning_rate=profile.finetune_learning_rate,
    lr_scheduler_type="cosine",
    warmup_steps=0.05,
    weight_decay=0.1,
    adam_beta2=0.95,
    max_grad_norm=1.0,
    train_sampling_strategy="group_by_length",
    logging_steps=25,
    logging_first_step=True,
    save_strategy="no",
    seed=profile.seed,
    disable_tqdm=False,
    **profile.precision,
)
seen = arguments.max_steps * profile.batch_size * profile.accumulation
print(f"{seen:,} pairs in all, {seen / len(train):.2f} epochs")

# %% [markdown]
# `train_sampling_strategy="group_by_length"` puts rows of like length into one batch.
# How much padding does that save? Compare random batches with sorted ones.

# %%
import numpy as np


def padding(lengths):
    batches = np.array(lengths[: len(lengths) // 16 * 16]).reshape(-1, 16)
    return 1 - batches.sum() / (16 * batches.max(axis=1)).sum()


print(f"as they come {padding(lengths):.0%}, sorted {padding(sorted(lengths)):.0%}")

# %% [markdown]
# `Trainer` draws groups of some 50 batches at random and sorts within each. So it comes
# near the second number, and the order stays partly random. `save_strategy="no"` is for
# a run of minutes: you save once, at the end.
#
# The first logged loss should be near the one you measured. Then it falls, fast at
# first.

# %%
from course_utils.training.trainer import LiveLoss

model.loss_type = "ForCausalLM"  # lesson 05 says why
trainer = Trainer(
    model=model,
    args=arguments,
    train_dataset=train,
    data_collator=SummaryCollator(tokenizer),
    processing_class=tokenizer,
    callbacks=[LiveLoss(every_seconds=5)],
)
result = trainer.train()

# %%
perplexity_after = perplexity(model, validation, batch_size=profile.batch_size)
print(f"{result.metrics['train_runtime'] / 60:.1f} minutes")
print(f"perplexity of the summaries {perplexity_before:.1f} -> {perplexity_after:.2f}")
print(f"loss on the validation pairs {math.log(perplexity_after):.2f}")

# %% [markdown]
# <!-- figure: perplexity of the summaries 1.1 1.6 -->
# In tiny, expect a perplexity of 1.1 to 1.6: the model is nearly certain of most
# tokens. A generator's summaries allow that, since each follows one of some hundred
# patterns. On SAMSum people wrote freely, and a perplexity of 5 to 8 is good
# (predicted).
#
# The validation loss is a little above the last training loss, since these pairs are
# new to the model. In the profile full it reads each pair about six times: there, watch
# the validation loss on the way.
#
# ## 8. Save it
#
# Lessons 08 and 09 evaluate and serve this model. They look for it in the course's run
# cache, in a folder whose name comes from the profile's settings: other data, steps or
# weights give another folder. If nothing is there, they train the model themselves.

# %%
from course_utils.lesson.summariser import summariser_folder
from course_utils.training.trainer import save_model

folder = save_model(model, tokenizer, summariser_folder(profile))
for file in sorted(folder.iterdir()):
    print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")

# %% [markdown]
# `save_model` calls `save_pretrained` for the model and the tokenizer, in a temporary
# folder, and renames it at the end. So a folder that is there is whole. To keep the
# model for yourself, give it another folder, below `save_folder()`.
#
# ## 9. Before and after
#
# The same 100 chats, the same prompt, the same way of choosing tokens. What is new is
# the step of section 3 before, its inverse after, and a rule in between: the model
# may not write a placeholder that stands for nobody in the chat. `absent` lists their
# tokens. The course's `summarise` does just that if the model's configuration says
# `placeholders`.

# %%
from course_utils.evaluation.generation import absent, summarise


def with_names_back(model, dialogues):
    found = [placeholders(dialogue) for dialogue in dialogues]
    replaced = [each.dialogue for each in found]
    nobody = [absent(tokenizer, each.people) for each in found]
    texts = write_summaries(model, replaced, forbidden=nobody)
    return [restore(x, each.people) for x, each in zip(texts, found, strict=True)]


write_after = with_names_back if profile.placeholders else write_summaries
after = write_after(model, held_out["dialogue"])
print("as the library:", after == summarise(model, tokenizer, held_out["dialogue"]))

# %% [markdown]
# Read the five chats from before.

# %%
samples = [
    {"dialogue": row["dialogue"], "reference": row["summary"], "before": b, "after": a}
    for row, b, a in zip(shown, before[:5], after[:5], strict=True)
]
compare({key: [sample[key] for sample in samples] for key in samples[0]})

# %% [markdown]
# The form is right: third person, one to three sentences, an end. Now check each
# against its dialogue, person by person. Some will be wrong, and read just as smoothly.
#
# ![A chat of Lena and Omar. The base answers 'I'm not sure.'; after fine-tuning the
# model writes who wants what on which day.](drawing:the_live_summariser)
#
# <!-- live: summariser -->

# %%
record("samples", samples)

# %% [markdown]
# ### Padding, once more
#
# You padded on the right to train. To write, you must pad on the *left*. Here are a
# short, a middling and a long chat in one batch, both ways.

# %%
by_length = sorted(chats["validation"]["dialogue"][:100], key=len)
three = [by_length[0], by_length[50], by_length[-1]]


def write(side):
    tokenizer.padding_side = side
    prompts = [prompt(dialogue) for dialogue in three]
    inputs = tokenizer(prompts, padding=True, return_tensors="pt").to(model.device)
    output = model.generate(**inputs, max_new_tokens=40, do_sample=False)
    new = output[:, inputs["input_ids"].shape[1] :]  # (3, new tokens)
    return tokenizer.batch_decode(new, skip_special_tokens=True)


model.eval()
compare({"padded on the right": write("right"), "padded on the left": write("left")})

# %% [markdown]
# The longest chat has no padding, so it is the same twice. The others are spoilt on the
# right: the attention mask hides the padding from other tokens, but the next token is
# still predicted *from* the last position of the row, which is padding there. With the
# padding on the left, each row ends with its cue.
#
# ![Three prompts in a batch. Padded on the right, the new token follows padding. Padded
# on the left, it follows the prompt's last token.](drawing:padding_right_and_left)
#
# In training, padding on the right does no harm: it comes after everything that counts.
# `summarise` pads on the left for you. Check that it agrees:

# %%
left = [text.strip().split("\n")[0].strip() for text in write("left")]
print(left == summarise(model, tokenizer, three, max_new_tokens=40))

# %% [markdown]
# ## 10. How good is it?
#
# Reading five summaries is not measuring. ROUGE is the usual score: the words that a
# summary shares with the reference. By hand, for ROUGE-1:

# %% tags=["nbval-check-output"]
import re
from collections import Counter


def rouge1(prediction, reference):
    words = [Counter(re.findall(r"\w+", s.lower())) for s in (prediction, reference)]
    shared = (words[0] & words[1]).total()
    precision = shared / max(1, words[0].total())  # a prediction may be empty
    recall = shared / max(1, words[1].total())
    return 100 * 2 * precision * recall / max(precision + recall, 1e-9)


reference = "Anna lends Tom her bike."
for prediction in ("Anna lends Tom a bike.", "Tom lends Anna her bike.", "Hello!"):
    print(f"{rouge1(prediction, reference):5.1f}  {prediction}")

# %% [markdown]
# *Precision* is the share of the summary's words that are in the reference, *recall*
# the share of the reference's words that are in the summary. The score joins the two.
# Look at the second line: 100, and the wrong person lends the bike. So count something
# else beside it. *names*: does a summary name just the people whom the reference names?
# *invented*: does it name somebody who is not in the chat? And no score without
# something simple to hold it against: what does it score to copy the first three lines?

# %%
from course_utils.evaluation.summary_scores import lead, summary_scores


def table(systems, rows):
    for name, texts in systems.items():
        scores = summary_scores(texts, rows)
        kinds = ("rouge1", "rougeL", "names", "invented")
        print(f"{name:<12}" + "   ".join(f"{k} {scores[k]:5.1f}" for k in kinds))


copied = [lead(dialogue) for dialogue in held_out["dialogue"]]
table({"first lines": copied, "before": before, "after": after}, held_out)

# %% [markdown]
# `summary_scores` takes the best of several references where there are some, and counts
# "lend" and "lends" as one word. On SAMSum, GPT-2 reaches a ROUGE-1 of 38 to 46
# (predicted; the first three lines of a chat alone reach about 31).
#
# Read the summaries behind the gap: those with the wrong people, and those with the
# lowest ROUGE-1.

# %%
from course_utils.evaluation.summary_scores import names_right_people


def score(i):
    row = held_out[i]
    return names_right_people(after[i], row), rouge1(after[i], row["summary"])


worst = sorted(range(len(after)), key=score)[:4]
compare({
    "dialogue": [held_out[i]["dialogue"] for i in worst],
    "reference": [held_out[i]["summary"] for i in worst],
    "after": [after[i] for i in worst],
    "ROUGE-1": [f"{score(i)[1]:.0f}" for i in worst],
})

# %% [markdown]
# These are its worst. Among the others, too, a time, a place or who does what can be
# wrong, and no number here sees it: not "her" for "his", not a swap of two people.
# Where a wrong fact does harm, such a model is not fit for use, whatever its score.
#
# ### Chats that no generator wrote
#
# In tiny, the held-out chats come from the same program as the training pairs. So
# take the development chats of section 3, written one at a time, in the manner of
# SAMSum. And one more simple rival: the words "A and B.", with the first two who
# speak.

# %%
import warnings


def two_people(dialogue):
    speakers = dict.fromkeys(x.partition(":")[0] for x in dialogue.splitlines())
    return " and ".join(list(speakers)[:2]) + "."


with warnings.catch_warnings(record=True) as caught:
    summaries = summarise(model, tokenizer, elsewhere["dialogue"])
systems = {
    "first lines": [lead(dialogue) for dialogue in elsewhere["dialogue"]],
    "two people": [two_people(dialogue) for dialogue in elsewhere["dialogue"]],
    "after": summaries,
}
table(systems, elsewhere)
for warning in caught:
    print(warning.message)
compare({
    "dialogue": elsewhere["dialogue"][:3],
    "reference": elsewhere["summary"][:3],
    "after": systems["after"][:3],
})

# %% [markdown]
# In tiny, its ROUGE-1 is far below what it had on TinyChats, and below that of copying.
# It is some points above "A and B.", and names the right people about as often as these
# three words do. Read the texts: it names who speaks, as it was taught, and then tells
# a story that it knows from TinyChats. A test set from the source of the training data
# cannot show you that. Now try a chat of your own, first one of the known kind.

# %%
my_chat = """\
Anna: Hi Tom, are you coming to the park on Sunday?
Tom: Sorry, I'm ill.
Anna: Oh no, get well soon!"""
print(summarise(model, tokenizer, [my_chat])[0])

# %% [markdown]
# Is it true? Who is ill, and does every word of it come from the chat? Change the
# names, the day and the order, and watch what it holds on to. Lesson 08 says how sure
# each of these numbers is, and compares other ways to choose tokens, and the same model
# without pretraining. [Laboratory 13](13_is_it_true.ipynb) lets another model judge
# whether a summary is true, and judges the judge.
#
# ## Key takeaways
#
# - A pair becomes one row: dialogue, cue, space and summary, end token.
# - The labels of the prompt are -100, and the end token's label is not.
# - Cut the start of the dialogue, never the summary, and count what you cut.
# - Pad right to train, with a mask made from lengths. Pad left to write.
# - A very small model loses names that are cut to pieces: replace them by names that
#   are one token, always in the same order, and put them back afterwards.
# - ROUGE counts words. Read the summaries, and check who does what.
# - A test set from the source of the training data says little about other chats.
#
# The table at the top says what this lesson should take. Here it took:

# %%
from course_utils import finish_lesson

finish_lesson()

# %% [markdown]
# ## Quiz

# %% tags=["quiz"]
from jupyterquiz import display_quiz

display_quiz([
    {
        "question": "Your fine-tuned model writes a good summary, then goes on with a "
                    "new chat. What is the likeliest cause?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The end token had the label -100.", "correct": True,
             "feedback": "Yes: pad and end share an id, and both were masked."},
            {"answer": "max_new_tokens is too large.", "correct": False,
             "feedback": "That cuts a model off that does not stop by itself."},
            {"answer": "It was trained for too few steps.", "correct": False,
             "feedback": "If the end is never asked for, more steps don't help."},
            {"answer": "The dialogue's labels were -100.", "correct": False,
             "feedback": "That is right, and has nothing to do with stopping."},
        ],
    },
    {
        "question": "You summarise ten chats in one batch, with an attention mask. "
                    "Only the longest gets a good summary. Alone, each gets one. Why?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The batch was padded on the right.", "correct": True,
             "feedback": "Yes. The shorter rows continue from a padding token."},
            {"answer": "Short chats are harder.", "correct": False,
             "feedback": "Then they would fail alone as well."},
            {"answer": "The mask hides the short chats.", "correct": False,
             "feedback": "It hides padding. But what is the next token written from?"},
            {"answer": "The model was trained with padding on the left.",
             "correct": False,
             "feedback": "It was not. See how section 6 pads, and on which side."},
        ],
    },
    {
        "question": "You call tokenizer(text, truncation=True, max_length=512) on "
                    "dialogue, cue and summary. What do long rows lose?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The summary and the end token.", "correct": True,
             "feedback": "Yes. It cuts the end: just what should be learned."},
            {"answer": "The start of the dialogue.", "correct": False,
             "feedback": "That would be right. By default the end goes."},
            {"answer": "Nothing: 512 is enough for SAMSum.", "correct": False,
             "feedback": "For about 98 in 100 pairs. Count the others."},
            {"answer": "Words in the middle.", "correct": False,
             "feedback": "Truncation takes tokens from one end only."},
        ],
    },
    {
        "question": "A summary has a ROUGE-1 of 100. What do you know?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It has the words of the reference, in some order.",
             "correct": True,
             "feedback": "Yes. 'Tom lends Anna' scores like 'Anna lends Tom'."},
            {"answer": "It is correct.", "correct": False,
             "feedback": "Who does what is not counted."},
            {"answer": "It is the reference, word for word.", "correct": False,
             "feedback": "Order does not count for ROUGE-1."},
            {"answer": "The model has seen this chat in training.", "correct": False,
             "feedback": "Possible, but a score cannot tell you that."},
        ],
    },
    {
        "question": "Without the mask on the prompt the training loss is lower. Is "
                    "the model better?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "No. The two losses are over different tokens.",
             "correct": True,
             "feedback": "Yes. Compare the perplexity of the summaries."},
            {"answer": "Yes, a lower loss is a better model.", "correct": False,
             "feedback": "Only over the same tokens. Chats may be easier to guess."},
            {"answer": "Yes, it has learned from more tokens.", "correct": False,
             "feedback": "From tokens that nobody will ask it for."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 7](../exercises/ex07_summarise.ipynb) you write the row, the mask, the
# cut and the batch yourself, and each is checked. The next lesson is [8.
# Evaluate](08_evaluate.ipynb).
#
# ## Further reading
#
# - Gliwa et al. (2019), [*SAMSum Corpus: A Human-annotated Dialogue Dataset for
#   Abstractive Summarization*](https://arxiv.org/abs/1911.12237).
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*,
#   section 3.6: "TL;DR:".
# - Lin (2004), *ROUGE: A Package for Automatic Evaluation of Summaries*.
# - The [card of TinyChats](../docs/cards/tinychats.md): what a result on it does not
#   show.
# - Hermann et al. (2015), [*Teaching Machines to Read and
#   Comprehend*](https://arxiv.org/abs/1506.03340), section 2.2: entities as markers.
# - [How the tiny base was made](../docs/tiny-base.md), with the trials with and without
#   placeholders.
# - [transformers#23530](https://github.com/huggingface/transformers/issues/23530):
#   models that never stop.
