# %% [markdown]
# # Exercise 11. Fine-tune GPT on SAMSum
#
# The first of three capstones. You take a pretrained GPT and make it write summaries of
# chats, from the raw rows to a model that is tested on dialogues nobody trained on.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 11.1 | empty rows and line ends | 1 of 5 | 10 | {points} |
# | 11.2 | prompt, mask and end of a row | 3 of 5 | 20 | {points} |
# | 11.3 | a batch of rows of differing length | 2 of 5 | 15 | {points} |
# | 11.4 | fine-tuning | 3 of 5 | 20 | {points} |
# | 11.5 | the real run | 3 of 5 | 20 | {points} |
# | 11.6 | your judgement, in words | 3 of 5 | 20 | {points} |
#
# With a GPU and a network the chats are those of SAMSum, and the model is GPT-2. On a
# CPU they are TinyChats and the course's tiny base. You write the same code for both.
#
# 11.1 to 11.4 are checked on small examples, in seconds. The real run of 11.5 takes one
# to two minutes on one CPU core, or 5 to 10 minutes with GPT-2 on a Colab GPU
# (predicted). It needs what lesson 07 shows, so the set-up cell is that of lesson 07.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("07")

# %%
import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

from course_utils.evaluation.generation import summarise
from course_utils.evaluation.generation import compare
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
# ## 11.2 A row to learn from
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# A training row is the dialogue, the cue `"\nTL;DR:"`, a space, the summary, and the
# end-of-text token. The model is to learn the summary and where it ends, and nothing
# else. Write `encode_pair`:
#
# - return a dict with `input_ids` and `labels`, two lists of one length;
# - `labels` are the token ids of the summary, its end of text included, each at the
#   place of its own token. Everything before the summary has the label -100. The space
#   belongs to the summary's first token;
# - if the row has more than `max_length` tokens, cut tokens from the beginning of the
#   dialogue. Its end, the cue, the summary and the end of text stay whole;
# - dialogue and summary are clean, and `max_length` leaves room for some of the
#   dialogue;
# - write it yourself: do not call `encode` or `encode_summaries` of `course_utils`.

# %% answer="ex11_2"
def encode_pair(dialogue: str, summary: str, tokenizer, max_length: int) -> dict:
    """Return input_ids and labels of one row; the prompt's labels are -100."""
    # return input_ids and labels
    ### BEGIN SOLUTION
    prompt = tokenizer(dialogue + "\nTL;DR:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"] + [tokenizer.eos_token_id]
    prompt = prompt[-(max_length - len(answer)) :]
    return {
        "input_ids": prompt + answer,
        "labels": [-100] * len(prompt) + answer,
    }
    ### END SOLUTION


# %% check="ex11_2"
check("ex11_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Tokenize the prompt and the answer apart, then you know where one ends and the other
# begins. How many tokens may the prompt have, and which of them do you keep?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# prompt = ids of dialogue + "\nTL;DR:"
# answer = ids of " " + summary, and then tokenizer.eos_token_id
# prompt = its last (max_length - number of answer's tokens) ids
# input_ids = prompt + answer
# labels = -100 for each of prompt, + answer
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why cut the beginning.** A summary tells how a chat ends. Cutting the other side, as
# `truncation=True` does, takes the cue and the summary away first: the longest rows would
# teach nothing.
#
# **What else works.** Tokenizing the whole text at once and counting the prompt's tokens.
# That gives the same ids here, because a byte-level BPE never joins a line break or a
# space to the letters before it.
#
# **What goes wrong.** Without the end of text the model never learns to stop: it writes
# a good summary and then another chat. With labels on the prompt most of the loss is
# about dialogues, since they are several times as long as the summaries.
# </details>

# %% [markdown]
# ## 11.3 A batch
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# Rows differ in length, a tensor's rows do not. And GPT-2 has no padding token, so the
# end-of-text token fills up. Write `collate`:
#
# - `rows` is a list of dicts with `input_ids` and `labels`;
# - return a dict of three tensors of whole numbers, each of shape (rows, longest row):
#   `input_ids`, `attention_mask` and `labels`;
# - rows are filled up on the right: with `pad_token_id` in `input_ids`, 0 in
#   `attention_mask`, and -100 in `labels`;
# - real tokens may be equal to `pad_token_id`: each row's end of text is. They have a 1
#   in the mask, and keep their labels.

# %% answer="ex11_3"
def collate(rows: list[dict], pad_token_id: int) -> dict[str, torch.Tensor]:
    """Return one batch, padded on the right."""
    # return input_ids, attention_mask and labels
    ### BEGIN SOLUTION
    longest = max(len(row["input_ids"]) for row in rows)
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        length = len(row["input_ids"])
        missing = longest - length
        batch["input_ids"].append(row["input_ids"] + [pad_token_id] * missing)
        batch["attention_mask"].append([1] * length + [0] * missing)
        batch["labels"].append(row["labels"] + [-100] * missing)
    return {name: torch.tensor(values) for name, values in batch.items()}
    ### END SOLUTION


# %% check="ex11_3"
check("ex11_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# How do you tell the padding from a real end of text, if both are the same token? Not by
# looking at it. What else do you know about each row?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# longest = the largest length of the rows
# for each row: missing = longest - its length
#     input_ids + missing times pad_token_id
#     a 1 for each of its tokens + missing times 0
#     labels + missing times -100
# make a tensor of each of the three lists of lists
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why from the lengths.** `labels[labels == pad_token_id] = -100` is what
# `DataCollatorForLanguageModeling` does. With padding by end-of-text it hides every real
# end from the loss, and the model never learns to stop.
#
# **What else works.** `torch.nn.utils.rnn.pad_sequence(..., batch_first=True)`, once for
# each of the three, with a padding value of its own.
#
# **What goes wrong.** Padding on the left while training is not wrong in itself, but
# GPT-2 counts positions from the left: without `position_ids` a short row would start at
# a position where no dialogue starts.
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
#   `batch_size` rows in each batch. Use your `collate`, with
#   `model.config.pad_token_id`;
# - `arguments` are further fields of `TrainingArguments`, such as the precision. A loop
#   of your own may ignore them;
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
# `data_collator`, a function of a list of rows. Yours has a second parameter. How do you
# fill that in?
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
# ## 11.5 The real run
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Now the whole way: the rows of `chats["train"]` cleaned, encoded, and the pretrained
# model of your profile fine-tuned on them. Call the model `tuned`:
#
# - start from `AutoModelForCausalLM.from_pretrained(profile.pretrained,
#   dtype=torch.float32)`. Without `dtype` you may get half-precision weights, which do
#   not train well;
# - `tuned.transformer.wte.weight.requires_grad_(False)` leaves the token embeddings as
#   they are. They are also the output layer, where every step lowers the tokens that are
#   not in the batch: names that no row contains would be unlearnt;
# - a row has at most 512 tokens, and at most `tuned.config.n_positions`;
# - `profile` knows what suits the model: `finetune_learning_rate`, `batch_size`,
#   `accumulation`, and `precision` for `**arguments`. `finetune_steps` is the length of
#   lesson 07's run, and half of it will do;
# - train it yourself: loading lesson 07's model, or the one that ships with the course,
#   teaches you nothing, and is recognised;
# - at the end save the model and its tokenizer in one folder,
#   `save_folder() / "samsum-tuned"`. Exercise 12.5 loads it from there.
#
# The weights are judged, not a number that you report: they summarise dialogues that you
# do not have. For the tiny base these are 60 new TinyChats, and ROUGE-1 has to reach 55.
# For GPT-2 they are 40 dialogues of SAMSum's test split, and ROUGE-1 has to reach 28
# (predicted: a right run reaches 38 to 46, and the first three lines of a chat about 31,
# so passing alone is no success). For any other model a person gives the
# points.

# %% answer="ex11_5"
# fine-tune the pretrained model on chats["train"], and call it tuned
### BEGIN SOLUTION
tuned = AutoModelForCausalLM.from_pretrained(profile.pretrained, dtype=torch.float32)
tuned.transformer.wte.weight.requires_grad_(False)
longest = min(512, tuned.config.n_positions)
rows = [
    encode_pair(row["dialogue"], row["summary"], tokenizer, longest)
    for row in clean_rows(chats["train"])
]
tuned = finetune(
    tuned,
    rows,
    steps=profile.finetune_steps // 2,
    learning_rate=profile.finetune_learning_rate,
    batch_size=profile.batch_size,
    gradient_accumulation_steps=profile.accumulation,
    logging_steps=0.1,  # ten times in the run
    seed=profile.seed,
    **profile.precision,
)
tuned.save_pretrained(save_folder() / "samsum-tuned")
tokenizer.save_pretrained(save_folder() / "samsum-tuned")
### END SOLUTION
examples = clean_rows(chats["test"].select(range(6)))
dialogues = [row["dialogue"] for row in examples]
compare(
    {
        "dialogue": dialogues,
        "reference": [row["summary"] for row in examples],
        "tuned": summarise(tuned, tokenizer, dialogues, progress=False),
    }
)

# %% check="ex11_5"
check("ex11_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Everything is there: your four functions and the profile's settings. Try 10 steps first,
# to see it run to the end. If a function of yours is not right yet, `course_utils` has
# its like: `encode` and `SummaryCollator` in `course_utils.data.summaries`.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# tuned = the pretrained model, in float32, its token embeddings frozen
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
# ROUGE-1 of 65 to 80, 500 steps reach about 85. A cosine ends at 0, so a run that is cut
# off at half of its steps is worse than one that was planned for half of them.
#
# **What else works.** More steps; training the embeddings too, as long as all names of
# the test are in the training rows; other seeds.
#
# **What goes wrong.** Trained from random weights the model learns what summaries sound
# like, and puts other people and other things into them. A learning rate for GPT-2,
# such as 5e-5, hardly moves the tiny base in 250 steps.
# </details>

# %% [markdown]
# ## 11.6 Your judgement
#
# *Read by a person, about 20 minutes.*
#
# Look at the table above and at 10 more summaries that your model writes for
# `chats["test"]`. Then answer in 150 to 250 words:
#
# 1. What does your model do well, and what does it get wrong? Give two mistakes, each
#    with the dialogue's words and the model's.
# 2. Where do these mistakes come from: data, model, length of training, or decoding?
# 3. Would you show these summaries to the people who wrote the chats? What would have to
#    be better first, and how would you measure it?
#
# | points | for |
# |---|---|
# | 1 | two real mistakes, each shown with words of the dialogue and of the summary |
# | 1 | a cause for each that fits what is seen, and that could be tested |
# | 1 | a decision with a reason, and a measure other than ROUGE alone |

# %% [markdown] answer="ex11_6" points=3
# (A model answer, from one run of 250 steps in the tiny profile. Yours will differ.)
#
# The summaries are whole sentences, they stop, and they sound right. Places and times
# are mostly kept: "at the Persian restaurant on Tuesday evening at 6 pm". Two kinds of
# mistakes stand in the table. People: Liam writes "My keys are at school", and the model
# writes "Budi left her keys at school". Where Priya brings juice and Megan popcorn, it
# has "Karl will bring some juice", and no Karl takes part. What happens: Erik writes
# "they have no free table", and the model "Erik books a table".
#
# The data are not to blame: the dialogues say clearly who speaks and what comes of it. I
# blame the short training. Whom a kind of chat is about, and which endings it can have,
# the model learns only in fine-tuning, and 250 steps are few. Longer runs would test
# that. Greedy decoding adds to it, since one wrong name is never taken back.
#
# I would not show them. A summary that names the wrong person is worse than none, and it
# reads just as well as a right one. First the share of summaries that name exactly the
# right people would have to be above 95 %, measured on at least 200 new dialogues with an
# interval, and a person should have read 50 of them. ROUGE hardly sees this mistake: Budi
# in Liam's place costs it 10 points of 100. And TinyChats are simple, made-up chats. None
# of this says what happens with real ones.

# %% [markdown] tags=["solution-only"]
# **How to read 11.6.** By the table above. No points for "the ROUGE is high, so it is good", or for mistakes that are not in the
# student's own outputs.
