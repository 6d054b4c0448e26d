# %% [markdown]
# # 6. Fine-tune a pretrained model
#
# In lesson 05 you trained from random weights. Hardly anyone does that twice. You take
# weights that somebody else has trained, and train them a little further on text of
# your own kind. Here these are chats, since lesson 07 summarises chats. You measure what
# that is worth, and what it costs.
#
# **You will be able to**
#
# - say what pretrained weights are, what these ones have read, and why you must know;
# - compare a pretrained start with a random one, at the same budget;
# - show why a model must keep its own tokenizer;
# - measure what a model forgets, and forget less: rate, freezing, old text;
# - fine-tune on a text file of your own, and see when to stop.
#
# | profile | model | steps x tokens, twice | minutes | memory | perplexity at the end: scratch, pretrained |
# |---|---|---|---|---|---|
# | tiny | GPT-2, 1.1 million parameters | 80 x 2,048 | 1 to 2 on one CPU core | 1.3 GB | 50 to 85, 12 to 17 |
# | colab | GPT-2, 124 million | 200 x 16,384 | 5 to 10 (predicted) | 8 GB (predicted) | above 80, below 25 (predicted) |
# | full | GPT-2, 124 million | 80 x 65,536 | 3 to 8 (predicted) | 13 GB (predicted) | above 80, below 25 (predicted) |

# %% tags=["setup"]
from course_utils import record, start_lesson
profile = start_lesson("06")

# %% [markdown]
# ## 1. What "pretrained" means
#
# The same architecture, with other numbers in it. `GPT2LMHeadModel(config)` fills the
# tensors with random numbers. `from_pretrained` fills them with numbers from a file.

# %%
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, set_seed
from course_utils.machine.runtime import device


def load_pretrained():
    model = AutoModelForCausalLM.from_pretrained(profile.pretrained)
    model.loss_type = "ForCausalLM"  # lesson 05 says why
    return model.to(device())


set_seed(profile.seed)
scratch = GPT2LMHeadModel(GPT2Config(**profile.model)).to(device())
scratch.loss_type = "ForCausalLM"
pretrained = load_pretrained()

# %% [markdown]
# Compare them: the number of parameters, and the first numbers of one row.

# %%
for name, model in (("scratch", scratch), ("pretrained", pretrained)):
    row = model.transformer.wte.weight[300, :4].tolist()
    print(f"{name:<11} {model.num_parameters():>11,}", [f"{x:+.3f}" for x in row])

# %% [markdown]
# Only the numbers differ.
#
# ### What have they read?
#
# This is the first question about any pretrained model.
#
# | profile | weights | what they have read |
# |---|---|---|
# | tiny | the course's own base | 15.5 million tokens in about half an hour, on a CPU: pieces of real chats, and echoes, quizzes and word games that a program made of them. |
# | colab, full | OpenAI's GPT-2 (2019) | WebText: 40 GB from 8 million web pages that were linked on Reddit. Wikipedia was left out. |
#
# So in tiny the weights know lesson 05's kind of text, the real chats, though not the
# validation chats. Of this lesson's text they have read nothing. They only know its
# names, since people in part of what they read bear them, and the tokenizer was trained
# on such text too. Write such things down: a score on text that the weights have read
# means little, as section 6 shows. The [card of the tiny
# base](../docs/cards/tiny-base.md) says all of it.
#
# Outside OpenAI nobody knows in full what is in WebText: the weights were published,
# and not the text. But it holds no link from after 2017, so this lesson's text on a GPU,
# which is of 2019, cannot be in it.
#
# ## 2. Before any training
#
# Before you teach a model to summarise chats, let it read some. The text is that of
# lesson 07: the dialogues, without their summaries. On a GPU they are those of SAMSum, a
# data set of about 16,000 chats with summaries; in tiny those of TinyChats, which a
# program made. The test split stays closed until lesson 08. Pack the others with the
# tokenizer *of the weights*.

# %%
import math
from datasets import load_dataset
from transformers import AutoTokenizer
from course_utils.data.tokens import pack


def as_text(row):
    """SAMSum has an empty dialogue, and line ends from Windows."""
    return {"text": (row["dialogue"] or "").replace("\r\n", "\n").strip()}


tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
chats = load_dataset(**profile.summaries)
documents = {
    split: chats[split].map(as_text).filter(lambda row: row["text"])
    for split in ("train", "validation")
}
train = pack(documents["train"], tokenizer, profile.block_size)
held_out = pack(documents["validation"], tokenizer, profile.block_size)
held_out = held_out.select(range(64))
print(f"{len(train):,} blocks to train on, {len(held_out)} held out")
print(documents["train"][0]["text"])

# %% [markdown]
# Predict both perplexities. The random model guesses, so its perplexity is about the
# size of the vocabulary. For the pretrained one there is no formula, but it must be far
# lower.

# %%
from course_utils.evaluation.perplexity import perplexity

before = {
    "scratch": perplexity(scratch, held_out, batch_size=profile.batch_size),
    "pretrained": perplexity(pretrained, held_out, batch_size=profile.batch_size),
}
for name, value in before.items():
    print(f"{name:<11} {value:8,.1f}")

# %% [markdown]
# <!-- figure: language_model.pretrained.perplexity_before 55 67 -->
# In tiny, expect 55 to 67 for the pretrained model. It has never met such chats, and
# guesses among some sixty tokens instead of two thousand.
#
# Let both answer the first lines of three held-out chats, and keep what they write for
# later.

# %%
from course_utils.evaluation.generation import compare, generate

long = [text for text in documents["validation"]["text"] if len(text) > 200]
prompts = [text.split("\n")[0] + "\n" for text in long[:3]]


def write(model):
    options = {"strategy": "top-k", "temperature": 0.8, "seed": profile.seed}
    return generate(model, tokenizer, prompts, **options)


written = {"prompt": prompts, "pretrained, before": write(pretrained)}
compare({"prompt": prompts, "random weights": write(scratch), **written})

# %% [markdown]
# The pretrained model writes words and turns already, of the kinds it has read: in tiny
# small talk of students, and a quiz. Fine-tuning moves it towards *your* kind of text.
#
# Lesson 05 ended with a question that belongs to every language model: is it better
# than counting? So let the same opponents count this text, and put them beside both
# runs.

# %%
from course_utils.evaluation.counting import CountingModel, baseline_losses

counted = train.with_format("numpy")["input_ids"][:]  # (blocks, block_size)
counted = counted.ravel()  # (tokens,): the blocks are one text, cut
five_gram = CountingModel.fit(counted, len(tokenizer), order=5)
opponents = baseline_losses(five_gram, held_out, ["unigram", "bigram", "5-gram"])
for name, loss in opponents.items():
    print(f"{name:<8} loss {loss:.2f}, perplexity {math.exp(loss):6.1f}")

# %% [markdown]
# ## 3. The tokenizer belongs to the weights
#
# You might train a tokenizer on your own text, since it would cut that text into fewer
# tokens. Do it, with as small a vocabulary as any model here has.

# %%
from course_utils.data.tokens import train_bpe

other_tokenizer = train_bpe(documents["train"]["text"][:800], vocab_size=2048)
text = documents["validation"]["text"][0][:60]
print("its own reading:", repr(other_tokenizer.decode(other_tokenizer.encode(text))))
print("what GPT reads: ", repr(tokenizer.decode(other_tokenizer.encode(text))))

# %% [markdown]
# To the model, a token is a row number and nothing else. Row 300 holds what training
# taught it about the 300th token of *its* tokenizer. With another tokenizer the same
# number is another word. See the price, on the same documents.
#
# ![Row 300 is the piece ot in the course's tokenizer and the piece l with a space in
# GPT-2's.](drawing:another_tokenizer_another_word)

# %%
some = documents["validation"].select(range(100))
for name, one in (("its own", tokenizer), ("another", other_tokenizer)):
    blocks = pack(some, one, profile.block_size)
    value = perplexity(pretrained, blocks, batch_size=profile.batch_size)
    print(f"{name:<8} tokenizer: perplexity {value:10,.1f}")

# %% [markdown]
# In tiny this is worse than random weights, since the model is sure of the wrong
# things. (Perplexities over different tokens cannot be compared closely, but the gap is
# a factor of ten and more.) And there was no error: all ids were below the size of the
# vocabulary. Had one been larger, you would have been lucky, and got an `IndexError`.
#
# Training could repair it, by learning all the rows again. That throws away a part of
# what you wanted to have for nothing. So take model and tokenizer from the same place,
# and save them together.
#
# ## 4. The same budget, twice
#
# Both models get the same blocks in the same order, and as many steps. Text that is read
# again and again is learned by heart (section 7), so compare the budget with the text.

# %%
steps = profile.adapt_steps
tokens = steps * profile.tokens_per_step
epochs = tokens / (len(train) * profile.block_size)
print(f"{steps} steps x {profile.tokens_per_step:,} = {tokens:,} tokens each")
print(f"that is {epochs:.2f} times the dialogues")

# %% [markdown]
# One thing is not the same: the peak learning rate. Random weights have to travel far.
# Pretrained ones are near a good place, and long steps lead away from what they know.
# Each start gets a rate that suits it: in tiny 0.003 and 0.002, with GPT-2 0.0006 and
# 0.00005.
# Section 6 shows what happens otherwise.
#
# ![Two starts on one slope. Random weights are high up and need large steps, pretrained
# ones are nearly down and need small ones.](drawing:two_starts)

# %%
from transformers import Trainer, TrainingArguments
from course_utils.machine.runtime import save_folder

runs = save_folder()


def arguments(steps, learning_rate, **others):
    return TrainingArguments(
        output_dir=str(runs / "fine_tune"),
        max_steps=steps,
        per_device_train_batch_size=profile.batch_size,
        per_device_eval_batch_size=profile.batch_size,
        gradient_accumulation_steps=profile.accumulation,
        learning_rate=learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0.1,
        weight_decay=0.1,
        adam_beta2=0.95,
        save_strategy="no",
        seed=profile.seed,
        **profile.precision,
        **others,
    )

# %% [markdown]
# You know all of these from lesson 05. Nothing is reported to wandb here, to keep the
# cells short: add `report_to="wandb"` as you did there. Now train both.

# %%
def train_and_watch(model, learning_rate):
    trainer = Trainer(
        model=model,
        args=arguments(
            steps,
            learning_rate,
            logging_steps=max(1, steps // 20),
            eval_strategy="steps",
            eval_steps=max(1, steps // 4),
            eval_on_start=True,
            disable_tqdm=False,
        ),
        train_dataset=train,
        eval_dataset=held_out,
    )
    trainer.train()
    return trainer


trainers = {"scratch": train_and_watch(scratch, profile.learning_rate)}

# %% [markdown]
# That was the random start. Its loss begins at ln(V) and falls fast. Now the pretrained
# start. Where will its loss begin?

# %%
trainers["pretrained"] = train_and_watch(pretrained, profile.adapt_learning_rate)

# %% [markdown]
# At the logarithm of the perplexity that you have measured. In tiny that is about where
# the random start has ended. From there it falls further, within a few steps. Both runs
# in one picture:

# %% tags=["headline"]
from course_utils.evaluation.plots import lines


def curve(trainer, key):
    rows = [row for row in trainer.state.log_history if key in row]
    return [row["step"] for row in rows], [row[key] for row in rows]


series = {}
for name, trainer in trainers.items():
    series[f"{name}, training"] = curve(trainer, "loss")
    series[f"{name}, held out"] = curve(trainer, "eval_loss")
figure = lines(
    series,
    title="The same text and steps from two starts",
    xlabel="step",
    ylabel="loss (nats per token)",
    baselines=opponents,
)

# %% [markdown]
# The random start makes the steeper curve. But what counts is where a curve ends, and
# not how far it fell. In tiny, held-out and training loss stay together, since both
# runs read less than one epoch. (On a GPU they read some dialogues three times.)
#
# ## 5. What the start was worth

# %%
after = {
    "scratch": perplexity(scratch, held_out, batch_size=profile.batch_size),
    "pretrained": perplexity(pretrained, held_out, batch_size=profile.batch_size),
}
for name in after:
    print(f"{name:<11} {before[name]:8,.1f} -> {after[name]:6,.1f}")
record("language_model.pretrained.perplexity_before", before["pretrained"])
record("language_model.pretrained.perplexity_after", after["pretrained"])
record("language_model.scratch_same_budget.perplexity_after", after["scratch"])
for name, value in after.items():
    beaten = [one for one, loss in opponents.items() if math.log(value) < loss]
    print(f"{name:<11} beats {', '.join(beaten) or 'nothing that counts'}")

# %% [markdown]
# <!-- figure: language_model.scratch_same_budget.perplexity_after 50 85 -->
# <!-- figure: language_model.pretrained.perplexity_after 12 17 -->
# In tiny, expect 50 to 85 from scratch and 12 to 17 from pretrained weights. It is one
# run each, so a small difference would mean nothing. This one is a factor of more than 4.
#
# Is the comparison fair? Your two runs cost the same. The pretrained start had cost
# more before you came: in tiny, 15.5 million tokens. You use weights that others have
# paid for, which is the point. But don't conclude that it learns faster. It had read
# more, and not even of this kind.
#
# See which of the dotted lines each run has passed. In tiny, the random start has
# learned less than a table of pairs holds. The pretrained one ends close to that table,
# and the 5-gram table is far better than both. TinyChats come from a program that puts
# phrases together, and phrases are what a count of five tokens holds. It has also
# counted all blocks, and your runs have read half of them.
#
# And where in a block does the gain come from? Average the losses by how many tokens
# stand before the one to predict, as in lesson 05.

# %%
from itertools import pairwise
from course_utils.evaluation.perplexity import losses_by_position

last = profile.block_size - 1
edges = [0, *(2**k for k in range(12) if 2**k < last), last]
names = [str(edge) for edge in edges[1:]]
models = {"as it came": load_pretrained(), "fine-tuned": pretrained}
by_position = {}
for name, one in (models | {"5-gram": five_gram}).items():
    losses = losses_by_position(one, held_out)  # (block_size - 1,)
    by_position[name] = (names, [losses[a:b].mean() for a, b in pairwise(edges)])
figure = lines(
    by_position,
    title="Where fine-tuning gains",
    xlabel="tokens before the one to predict, up to",
    ylabel="loss (nats per token)",
)

# %% [markdown]
# A gain at every position is knowledge of the text. A gain at the first positions only
# would mean something else: that the model has learned how *blocks* begin, in the middle
# of a text. In tiny it gains more than a nat everywhere, so it is the text.
#
# Now read the texts.

# %%
written["scratch, after"] = write(scratch)
written["pretrained, after"] = write(pretrained)
compare(written)

# %% [markdown]
# From scratch you see frequent words in a loose order. The pretrained model keeps to the
# kind of your text after fine-tuning, with phrases that fit together for longer, and in
# tiny its quizzes are gone. Much sense there is not.
#
# ## 6. What it forgets
#
# Fine-tuning moves weights that were good for something else. To see what is lost, you
# need text of a kind that the weights knew before. Take that of lesson 05. In tiny these
# are the real chats, which the base has read by the thousand (not these ones). On a GPU
# it is Wikipedia. WebText has left that out, but articles are nearer to the web pages
# that GPT-2 has read than chats are.

# %%
old = load_dataset(**profile.language)
old_text = old["validation"].filter(lambda row: row["text"].strip())
old_text = pack(old_text, tokenizer, profile.block_size).select(range(64))
new_and_old = {"new text": held_out, "old text": old_text}


def measure(name, model, texts=new_and_old):
    print(f"{name:<24}", end="")
    for kind, rows in texts.items():
        value = perplexity(model, rows, batch_size=profile.batch_size)
        print(f"   {kind} {value:7,.1f}", end="")
    print()


measure("as it came", load_pretrained())
measure("after section 4", pretrained)

# %% [markdown]
# <!-- figure: after section 4 55 90 -->
# In tiny the old text had a perplexity of 24, and after the run expect 55 to 90. So what
# the model has gained on one kind of chat, it has paid for with the other kind. This is
# *catastrophic forgetting*. No curve has shown it, since the held-out blocks are of the
# new kind. If your model has to keep something, measure that too.
#
# What helps? Try the same few steps, 10 in tiny, in five ways. Here is one run, short
# and quiet.

# %%
from transformers.trainer_callback import PrinterCallback


def few_steps(model, learning_rate, dataset=train):
    few = max(1, profile.adapt_steps // 8)
    trainer = Trainer(model, arguments(few, learning_rate), train_dataset=dataset)
    trainer.remove_callback(PrinterCallback)  # one line of ours instead
    result = trainer.train()
    print(f"{result.metrics['train_runtime']:4.1f} s  ", end="")
    return model

# %% [markdown]
# ### The learning rate
#
# First with the rate of training from scratch, which many keep by mistake. Then with
# that of section 4, and with a quarter of it.

# %%
rate = profile.adapt_learning_rate
measure("rate from scratch", few_steps(load_pretrained(), profile.learning_rate))
measure("rate for fine-tuning", few_steps(load_pretrained(), rate))
measure("a quarter of it", few_steps(load_pretrained(), rate / 4))

# %% [markdown]
# Look at both columns. In tiny, the higher the rate, the more the model learns in so few
# steps, and the more it forgets. With a quarter of the rate it gains less, and the old
# text hardly notices it. (One run each: read the large differences.)
#
# A usual way to choose: try three rates, a factor of about 3 apart, at the length of
# your run. Take the smallest that is nearly as good as the best on the new text, and
# write down what it forgets.
#
# ### Freezing layers
#
# What does not move cannot be forgotten. Freeze both embedding tables and the lower
# half of the blocks: their parameters get no gradient.
#
# ![The tables and blocks 1 and 2 are frozen. Gradients come down through blocks 4 and 3
# and stop there.](drawing:frozen_below)

# %%
def freeze_lower_half(model):
    parts = model.transformer
    lower = parts.h[: len(parts.h) // 2]
    for part in (parts.wte, parts.wpe, *lower):
        part.requires_grad_(False)
    return model


half = freeze_lower_half(load_pretrained())
print(f"{half.num_parameters(only_trainable=True):,} of {half.num_parameters():,}")

# %% [markdown]
# Fewer gradients also mean less memory and less time: the backward pass stops halfway
# down. Compare the seconds. The output layer is the token table again (lesson 03), so
# it is frozen too.

# %%
measure("lower half frozen", few_steps(half, rate))

# %% [markdown]
# In tiny this lies between the full rate and a quarter of it, in both columns: again
# less forgotten for less learned.
#
# ### Some of the old text
#
# The model forgets because nothing asks it to remember. So mix in some of the old kind:
# here one block in four, drawn at random. (Not the text you measure on.)
#
# ![Twelve blocks of training: nine new ones, and among them three old
# ones.](drawing:mixing_in_old_text)

# %%
from datasets import interleave_datasets

some_old = old["train"].select(range(2000)).filter(lambda row: row["text"].strip())
old_train = pack(some_old, tokenizer, profile.block_size)
mixed = interleave_datasets(
    [train, old_train], probabilities=[3 / 4, 1 / 4], seed=profile.seed
)
measure("one block in four is old", few_steps(load_pretrained(), rate, mixed))

# %% [markdown]
# Compare with the line "rate for fine-tuning". In tiny the new text loses
# little, and most of the old one is kept. No other of the five ways gives so much for so
# little. But you need the old text, or some like it: GPT-2's was never published.
#
# ### LoRA: small additions
#
# LoRA (low-rank adaptation) leaves *all* weights as they are. Beside a matrix W it
# trains two thin ones, A and B, of rank 8 say, and uses W + A B. How many numbers is
# that, on the attention's input matrix of each block?
#
# ![LoRA: beside the frozen matrix W of 128 x 384 go two thin ones, A of 128 x 8 and B
# of 8 x 384. Both ways are added.](drawing:lora_beside_w)

# %%
config = pretrained.config
rank = 8
added = config.n_layer * rank * (config.n_embd + 3 * config.n_embd)
print(f"{added:,} numbers, {added / pretrained.num_parameters():.1%} of the model")

# %% [markdown]
# So the optimizer has little to store, and you can keep one model and many small
# additions, one for each task. That is why large models are often fine-tuned this way,
# with the library `peft`. At our sizes it would save little, so the course trains the
# weights themselves.
#
# ### Had it read the like?
#
# The course ships a twin of its base, tiny-familiar. It has the same sizes and as many
# tokens behind it. It differs in one thing: part of what it read are chats by the
# program that makes TinyChats, if hardly the very ones you measure on. Both are small,
# so here every profile takes them, with the texts of tiny. First what you measure on:
# dialogues of TinyChats, each alone, as the twin has read them, and real chats.

# %%
from course_utils.lesson.profile import get_profile
from course_utils.lesson.start_lesson import with_data
from course_utils.model.gpt2 import load

small = with_data(get_profile("tiny"))
tinychats, real = (load_dataset(**data) for data in (small.summaries, small.language))
small_tokenizer = AutoTokenizer.from_pretrained(small.pretrained)
to_read = pack(tinychats["train"], small_tokenizer, 128, column="dialogue")
alone = small_tokenizer(tinychats["validation"]["dialogue"][:100])["input_ids"]
both = {
    "TinyChats": [{"input_ids": ids} for ids in alone],
    "real chats": pack(real["validation"], small_tokenizer, 128).select(range(64)),
}

# %% [markdown]
# Both as they came, and after the same few steps on TinyChats, at the same rate. What
# do you expect of each?

# %%
for name in ("tiny-base", "tiny-familiar"):
    model = load(name)[0].to(device())
    model.loss_type = "ForCausalLM"
    measure(name, model, both)
    model = few_steps(model, small.adapt_learning_rate, to_read)
    measure(f"{name}, after", model, both)

# %% [markdown]
# The base learns: these few steps take it from 43 to below 30, and cost it real chats.
# The twin begins at 5, and the same steps make it worse. On real chats the two were
# nearly alike before.
#
# Now suppose that somebody hands you the twin and says "pretrained", and no more. How
# good it is at chats! Yet at real ones it is no better than the base, only at those of
# one program. So of any model whose reading you do not know:
#
# - A low perplexity may mean that it is good, or that it has read your text or its like.
#   The figure alone does not say which.
# - What fine-tuning gains depends on it as well: the same steps help one base and hurt
#   the other.
# - Measure also on text that it cannot have read: younger than the weights, or your own,
#   as in the next section.
#
# ## 7. Your own text file
#
# Now something the weights have never met: the log of a night ferry, one entry a line.
# Put your own text in its place. `load_dataset("text")` makes an example of each line.

# %%
log = """\
22:00 Left the south pier. Calm. Nine on board, two bikes.
22:20 Fast at the north pier. All off. One hat found.
22:40 Left the north pier. Calm. Three on board.
23:00 Fast at the south pier. All off. Nothing found.
23:20 Left the south pier. Light wind. Six on board, one dog.
23:40 Fast at the north pier. All off. One glove found.
00:00 Left the north pier. Light wind. Nobody on board.
00:20 Fast at the south pier. Nothing found. Lamp mended.
00:40 Left the south pier. Rain. Four on board, one bike.
01:00 Fast at the north pier. All off. One umbrella found.
01:20 Left the north pier. Rain. Two on board, asleep.
01:40 Fast at the south pier. One off, one woken. Nothing found.
02:00 Left the south pier. Fog. Horn tested. Two on board.
02:20 Fast at the north pier. All off. Nothing found.
02:40 Left the north pier. Fog. Five on board, one tuba.
03:00 Fast at the south pier. All off. One tuba found.
03:20 Left the south pier. Calm. Nobody on board but the tuba.
03:40 Fast at the north pier. Tuba claimed. Nothing found.
04:00 Left the north pier. Calm. Seven on board, four bikes.
04:20 Fast at the south pier. All off. One boot found.
04:40 Left the south pier. Light wind. Two on board.
05:00 Fast at the north pier. All off. Boot not claimed.
05:20 Left the north pier. Sun. Eleven on board, one goat.
05:40 Fast at the south pier. All off. Half a hat found.
"""

# %% [markdown]
# The last six of the 24 entries are held out. (With a text of your own, change 18 and
# 24 in the next cell.) A block is 32 tokens here, since there is so little text.

# %%
runs.mkdir(parents=True, exist_ok=True)
path = runs / "ferry_log.txt"
path.write_text(log, encoding="utf-8")
entries = load_dataset("text", data_files=str(path))["train"]
mine = pack(entries.select(range(18)), tokenizer, block_size=32)
mine_held_out = pack(entries.select(range(18, 24)), tokenizer, block_size=32)
print(f"{len(mine)} blocks to train on, {len(mine_held_out)} held out")

# %% [markdown]
# All of it fits into one step, so a step is an epoch: one pass over the file. How many
# should there be? Measure both parts as you go. `eval_dataset` may be a dict, and each
# name gets a loss of its own.

# %%
def train_on_mine(epochs):
    trainer = Trainer(
        model=load_pretrained(),
        args=arguments(
            epochs, rate, eval_strategy="steps", eval_steps=2, eval_on_start=True
        ),
        train_dataset=mine,
        eval_dataset={"read": mine, "unread": mine_held_out},
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return trainer


trainer = train_on_mine(epochs=40)
epochs, unread = curve(trainer, "eval_unread_loss")
figure = lines(
    {
        "entries it trains on": curve(trainer, "eval_read_loss"),
        "entries held out": (epochs, unread),
    },
    title="A small file, many epochs",
    xlabel="epoch",
    ylabel="loss (nats per token)",
)

# %% [markdown]
# At first both fall: the model learns what an entry looks like. Then the held-out loss
# turns upwards, while the other goes on towards 0. From there on it learns these
# eighteen entries by heart. This is *overfitting*, and the turning point is where to
# stop. (GPT-2 with its low rate is slower, and may only come near it; predicted.)
#
# ![Over the epochs the loss of the training text keeps falling. The held-out loss turns
# upwards, and the turning point is where to stop.](drawing:where_to_stop)

# %%
best = max(1, epochs[unread.index(min(unread))])
print(f"lowest held-out loss {min(unread):.2f}, in epoch {best}")
print(f"last held-out loss   {unread[-1]:.2f}, in epoch {epochs[-1]}")

# %% [markdown]
# So train once more and stop there. It is another run: its learning rate comes down to
# 0 within these epochs. (`Trainer` can also stop by itself, with
# `EarlyStoppingCallback`, and go back to the best checkpoint, with
# `load_best_model_at_end=True` and `metric_for_best_model`.)

# %%
stopped = train_on_mine(epochs=best)
starts = ["06:00 Left the", "06:20 Fast at", "06:40 Rain."]


def entry(model):
    texts = generate(model, tokenizer, starts, max_new_tokens=20, stop="\n")
    return [start + text for start, text in zip(starts, texts, strict=True)]


compare({
    "before": entry(load_pretrained()),
    f"{best} epochs": entry(stopped.model),
    "40 epochs": entry(trainer.model),
})

# %% [markdown]
# After the early stop the entries have the form of the log, and little in them: eighteen
# entries are very few. After 40 epochs, look for whole entries of the file:
# the model recites. What did the file bring, and what did it cost? Measure the log's
# held-out entries, and beside them the old text of section 6.

# %%
log_and_old = {"ferry log": mine_held_out, "old text": old_text}
measure("as it came", load_pretrained(), log_and_old)
measure("stopped early", stopped.model, log_and_old)
measure("40 epochs", trainer.model, log_and_old)

# %% [markdown]
# Two cautions about the column of the ferry log. The epoch was chosen on these very
# entries, so the figure is a little too good: an honest one needs entries that chose
# nothing. And compare it with exp of the lowest loss above: in tiny the long run was
# better, in the same epoch, at a higher rate. There you would keep its checkpoint.
#
# How much text do you need, then? Rules of thumb:
#
# - A few hundred words teach a form, as here.
# - Some thousand examples teach a task. Lesson 07 takes 6,000 in tiny and 14,700 on a
#   GPU, and goes round them once or twice, in full about six times.
# - New knowledge takes far more than a new form.
# - If the held-out loss turns early, more steps will not help. More text will.
#
# ## 8. Save it
#
# Save the weights and their tokenizer in one folder. Here it is the model of section 4.

# %%
folder = runs / "fine_tuned"
pretrained.save_pretrained(folder)
tokenizer.save_pretrained(folder)
again = AutoModelForCausalLM.from_pretrained(folder).to(device())
value = perplexity(again, held_out, batch_size=profile.batch_size)
print(f"saved {after['pretrained']:.3f}, loaded {value:.3f}")

# %% [markdown]
# To the next person this folder is a pretrained model. Tell them what it has read: its
# own card and yours.
#
# ## Key takeaways
#
# - Pretrained means: the same architecture, with weights that have read something. Ask
#   what.
# - Take the tokenizer of the weights. With another one there is no error, and each
#   token is another word.
# - At the same budget the pretrained start ended far lower. It had read more before,
#   though nothing of this kind.
# - Use a lower learning rate than from scratch.
# - Fine-tuning forgets. Measure the old text as well as the new.
# - A lower rate and frozen layers made it forget less, and learn less. Old text among
#   the new kept most of both. Measure it at the length of your run.
# - A model that has read the like of your text looks good before you begin. Measure on
#   text that it cannot have read.
# - On a small file, stop where the held-out loss turns.
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
        "question": "You fine-tune GPT-2 with a tokenizer trained on your own text, "
                    "also of 50,257 tokens. What happens?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "No error, and a perplexity of guessing, or worse.",
             "correct": True,
             "feedback": "Yes. Every row of the table now stands for another word."},
            {"answer": "An error: the vocabularies differ.", "correct": False,
             "feedback": "The model sees numbers only. All are below 50,257."},
            {"answer": "It works better: fewer tokens for your text.",
             "correct": False,
             "feedback": "Fewer tokens, but the weights know none of them."},
            {"answer": "Only rare words suffer.", "correct": False,
             "feedback": "The common ones move to other numbers as well."},
        ],
    },
    {
        "question": "The held-out loss on your text falls all the time. What do you "
                    "know about forgetting?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Nothing, until you measure on old text.", "correct": True,
             "feedback": "Yes. In section 6 both were true at once."},
            {"answer": "There is none, or the loss would rise.", "correct": False,
             "feedback": "The held-out text is of the new kind. It knows no old text."},
            {"answer": "There is some: lower loss, more forgetting.", "correct": False,
             "feedback": "Mixed with old text, it gained nearly as much, forgot less."},
            {"answer": "Weight decay prevents it.", "correct": False,
             "feedback": "It pulls towards 0, not towards the pretrained weights."},
        ],
    },
    {
        "question": "Your training loss is 0.05, the held-out loss was 2.0 and is now "
                    "3.0. What next?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Go back to the epoch with 2.0, or find more text.",
             "correct": True,
             "feedback": "Yes. Since then it has been learning by heart."},
            {"answer": "Train on until the held-out loss falls again.",
             "correct": False,
             "feedback": "At a training loss of 0.05 nothing is left to learn."},
            {"answer": "Raise the learning rate.", "correct": False,
             "feedback": "It would learn by heart sooner, and forget more."},
            {"answer": "Add the held-out entries to the training.", "correct": False,
             "feedback": "Then nothing is left to tell you when to stop."},
        ],
    },
    {
        "question": "Before any training, one model has a perplexity of 5 on your "
                    "chats, another 43, with the same tokenizer. What do you know?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The first may have read the like. Measure on other chats.",
             "correct": True,
             "feedback": "Yes. The figure does not tell skill from having read."},
            {"answer": "The first is the better model of chats.", "correct": False,
             "feedback": "Perhaps of these only. The twin was no better at real ones."},
            {"answer": "The first will gain more from fine-tuning.", "correct": False,
             "feedback": "There is less left to learn: the twin even got worse."},
            {"answer": "Nothing: they cannot be compared.", "correct": False,
             "feedback": "Same tokenizer, same text: they can, on this text."},
        ],
    },
    {
        "question": "You freeze wte, wpe and the lower half of GPT-2. Which statement "
                    "is wrong?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The output layer is still trained.", "correct": True,
             "feedback": "Right, this is the wrong one. It is the same tensor as wte."},
            {"answer": "A step takes less time.", "correct": False,
             "feedback": "This is true: the backward pass ends halfway down."},
            {"answer": "The optimizer needs less memory.", "correct": False,
             "feedback": "This is true: it stores nothing for frozen parameters."},
            {"answer": "The model forgets less.", "correct": False,
             "feedback": "This is true: what does not move is not forgotten."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 6](../exercises/ex06_fine_tune.ipynb) you work out a fair budget, choose
# a learning rate by what it gains and what it forgets, and freeze layers; each is
# checked. The next lesson is [7. Summarise chats](07_summarise.ipynb).
#
# ## Further reading
#
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*,
#   section 2.1: WebText.
# - Howard and Ruder (2018), [*Universal Language Model Fine-tuning for Text
#   Classification*](https://arxiv.org/abs/1801.06146): rates, freezing and forgetting,
#   before GPT.
# - Hu et al. (2021), [*LoRA: Low-Rank Adaptation of Large Language
#   Models*](https://arxiv.org/abs/2106.09685), and the library
#   [peft](https://huggingface.co/docs/peft).
# - Kirkpatrick et al. (2017), [*Overcoming catastrophic forgetting in neural
#   networks*](https://arxiv.org/abs/1612.00796).
# - Gururangan et al. (2020), [*Don't Stop
#   Pretraining*](https://arxiv.org/abs/2004.10964): going on with text of your field
#   before fine-tuning on a task.
