# %% [markdown]
# # 5. Train
#
# You have text, a tokenizer and a model. Now you train the model, and watch every
# number that matters while it learns.
#
# **You will be able to**
#
# - turn the training script that most tutorials show into one that runs today;
# - choose every training argument that matters, and say what it does;
# - find a broken setup in seconds, by overfitting one batch;
# - predict the first loss, the learning rate and the minutes of a run, then measure
#   them;
# - track a run with wandb, with or without an account, and read it back.
#
# | profile | model | steps x tokens | minutes | memory | loss at the end |
# |---|---|---|---|---|---|
# | tiny | GPT-2, 0.8 million parameters | 2,400 x 1,024 | 3 to 4 on one CPU core | 1.5 GB | 3.6 to 3.75 |
# | colab | GPT-2, 124 million | 600 x 16,384 | 7 to 15 (predicted) | 7 GB (predicted) | 5 to 6 (predicted) |
# | full | GPT-2, 124 million | 3,000 x 65,536 | 10 to 30 (predicted) | 11 GB (predicted) | 3.3 to 3.9 (predicted) |
#
# <!-- figure: held-out losses: 3.6 3.75 -->

# %% tags=["setup"]
from course_utils import record, start_lesson
profile = start_lesson("05")

# %% [markdown]
# Every size in this lesson comes from `profile`, so the same cells train a small model
# on a laptop and GPT-2 on a GPU.
#
# ## 1. The script you will meet everywhere
#
# Search for "train GPT-2" and you find this script, in many variations. It takes a text
# file with one example a line.
#
# ```python
# from transformers import (
#     DataCollatorForLanguageModeling, GPT2LMHeadModel, GPT2Tokenizer,
#     TextDataset, Trainer, TrainingArguments,
# )
#
# tokenizer = GPT2Tokenizer.from_pretrained("gpt2")
# model = GPT2LMHeadModel.from_pretrained("gpt2")
# train_data = TextDataset(tokenizer, file_path="train.txt", block_size=128)
# eval_data = TextDataset(tokenizer, file_path="eval.txt", block_size=128)
# collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
#
# arguments = TrainingArguments(
#     output_dir="model",
#     overwrite_output_dir=True,
#     num_train_epochs=3,
#     per_device_train_batch_size=4,
#     per_device_eval_batch_size=4,
#     logging_steps=100,
#     save_steps=500,
#     evaluation_strategy="steps",
#     eval_steps=500,
#     save_total_limit=2,
# )
# trainer = Trainer(
#     model=model, args=arguments, tokenizer=tokenizer, data_collator=collator,
#     train_dataset=train_data, eval_dataset=eval_data,
# )
# trainer.train()
# trainer.evaluate()
# trainer.save_model("model")
# ```
#
# Its plan is still right: tokenize, cut into blocks, train, evaluate, save. But
# Transformers 5 refuses it, because some of its names have gone. Ask the library which.

# %%
import inspect

import transformers
from transformers import Trainer, TrainingArguments

known = {
    *dir(transformers),
    *inspect.signature(TrainingArguments).parameters,
    *inspect.signature(Trainer).parameters,
}
classic = """GPT2Tokenizer TextDataset output_dir overwrite_output_dir num_train_epochs
    per_device_train_batch_size logging_steps save_steps evaluation_strategy eval_steps
    save_total_limit tokenizer data_collator"""
print("gone:", ", ".join(name for name in classic.split() if name not in known))

# %% [markdown]
# The next section names what has taken their place. What the script does not say is as
# important. See what it gets by default:

# %%
defaults = TrainingArguments("model").to_dict()
for name in ("learning_rate", "lr_scheduler_type", "warmup_steps", "report_to"):
    print(f"{name:<18} {defaults[name]}")

# %% [markdown]
# A peak learning rate of 0.00005 suits a pretrained model that you adjust a little.
# From random weights you need a far higher one: this lesson takes 0.006 in tiny and
# 0.0006 for GPT-2. And with an empty `report_to`, logs are printed and kept with the
# run, in `trainer.state.log_history`, but nowhere side by side with another run's.
#
# ## 2. Old and new
#
# | classic | today | why |
# |---|---|---|
# | `GPT2Tokenizer`, `"gpt2"` | `AutoTokenizer` | "Auto" takes the class from the files. Names on the Hub now carry their owner: `openai-community/gpt2`. |
# | `from_pretrained("gpt2")` | `GPT2LMHeadModel(config)` | Here you start from scratch. Lesson 06 starts from pretrained weights. |
# | `TextDataset("train.txt")` | `text_file("train.txt")`, then `pack` | It read the file as one string: no example had an end. |
# | the data collator | nothing, for packed blocks | A collator makes a batch out of examples of unequal lengths. Section 14 shows its trap. |
# | `overwrite_output_dir=True` | nothing | `Trainer` writes into `output_dir` anyway. |
# | `evaluation_strategy` | `eval_strategy` | Renamed. |
# | (not there) | `learning_rate`, `lr_scheduler_type`, `warmup_steps` | The defaults are for fine-tuning. |
# | (not there) | `bf16` or `fp16`, through `profile.precision` | On a GPU, half precision is faster and takes less memory. |
# | `Trainer(tokenizer=...)` | `Trainer(processing_class=...)` | Renamed: it may also process images or sound. |
#
# The missing ends deserve a look. Here is a file with one example a line.

# %%
from transformers import AutoTokenizer
from course_utils.machine.runtime import save_folder

runs = save_folder()
runs.mkdir(parents=True, exist_ok=True)
path = runs / "examples.txt"
path.write_text("A: Are you there?\nB: Yes!\nA: Good night.\nB: Sleep well!\n")
tokenizer = AutoTokenizer.from_pretrained(profile.tokenizer)
tokenizer.pad_token = tokenizer.eos_token  # GPT-2 has none, and Trainer asks for it

# %% [markdown]
# The old way took the text as one string and cut its tokens into blocks, here of 8.

# %%
ids = tokenizer(path.read_text())["input_ids"]
for start in range(0, len(ids) - 7, 8):
    print(repr(tokenizer.decode(ids[start : start + 8])))

# %% [markdown]
# Only a line break marks where an example ends, and line breaks also occur inside
# longer examples. `pack` from lesson 02 puts the token `<|endoftext|>` after each.
#
# ![The same four lines in blocks of 8 tokens: the old way joins them by line breaks,
# pack puts an end token after each.](drawing:old_and_new_blocks)

# %%
from course_utils.data.sources import text_file
from course_utils.data.tokens import pack

examples = text_file(path, by="line")  # a Dataset with 4 rows
for row in pack(examples, tokenizer, block_size=8):
    print(repr(tokenizer.decode(row["input_ids"])))

# %% [markdown]
# Now the model can learn that examples end, and how they begin.
#
# ### The same script, today
#
# It needs two files. Write them from real text: in tiny, real chats of two people,
# cleaned as in lesson 02; on a GPU, Wikipedia's text from the Hub.

# %%
from datasets import load_dataset

documents = load_dataset(**profile.language)
documents = documents.filter(lambda row: row["text"].strip())
for name, split in (("train.txt", "train"), ("eval.txt", "validation")):
    text = "\n".join(documents[split]["text"][:10])
    (runs / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(text.splitlines())} lines, first {text.splitlines()[0]!r}")

# %% [markdown]
# The filter drops empty rows. Each would become an `<|endoftext|>` with nothing before
# it.
#
# "One example a line" is this script's own idea of a document, and a bad one for chats,
# like the lines of lesson 01's book. Section 3 keeps whole chats.
#
# Here is the script again, changed as in the table and no more. Put the paths of two
# files of your own in place of these, and it trains on your text.

# %%
import math
from transformers import GPT2Config, GPT2LMHeadModel

first_model = GPT2LMHeadModel(GPT2Config(**profile.model))
train_data = pack(text_file(runs / "train.txt", by="line"), tokenizer, 128)
eval_data = pack(text_file(runs / "eval.txt", by="line"), tokenizer, 128)
arguments = TrainingArguments(
    output_dir=str(runs / "classic"),
    num_train_epochs=3,
    per_device_train_batch_size=4,
    per_device_eval_batch_size=4,
    logging_steps=100,
    save_steps=500,
    eval_strategy="steps",
    eval_steps=500,
    save_total_limit=2,
)
trainer = Trainer(
    model=first_model,
    args=arguments,
    train_dataset=train_data,
    eval_dataset=eval_data,
    processing_class=tokenizer,
)
trainer.train()
metrics = trainer.evaluate()
trainer.save_model(str(runs / "classic"))
print(f"perplexity {math.exp(metrics['eval_loss']):,.0f}")

# %% [markdown]
# It runs. The first line is an evaluation at the last step, the second sums up the run,
# and the third is `trainer.evaluate()`: the same model, so the same loss.
#
# Is it any good? Nothing here can tell you. The run was shorter than 100 steps, so no
# loss was logged on the way. Nobody said what the perplexity was before, or what it is
# (section 6). And the learning rate was the default. The rest of this lesson answers
# these questions, and ends far lower.
#
# ## 3. The text for this run
#
# Now pack the documents into blocks.

# %%
train = pack(documents["train"], tokenizer, profile.block_size)
validation = pack(documents["validation"], tokenizer, profile.block_size)
held_out = validation.select(range(128))
print(f"train     {len(train):,} blocks, {len(train) * profile.block_size:,} tokens")
print(f"held out  {len(held_out):,} blocks")

# %% [markdown]
# Training never sees the held-out blocks. 128 of them give a steady measure, and keep
# each evaluation short.
#
# ### The opponents: models that only count
#
# Your model will end at some loss. Is it a good one? That depends on what something
# simpler reaches on the same blocks. The simplest language models only count. A
# *bigram* model counts which token follows which: to predict, it looks at the last
# token, and at nothing before it. Try it on a text of a few words.
#
# ![To guess the next token a unigram model looks at none before it, a bigram model at
# one, a 5-gram model at four, GPT-2 at all.](drawing:how_far_each_model_looks)

# %% tags=["nbval-check-output"]
from collections import Counter
from itertools import pairwise

words = "I like tea . You like tea . We like rain . San Francisco . San Francisco ."
words = words.split()
pairs = Counter(pairwise(words))
after_like = {b: count for (a, b), count in pairs.items() if a == "like"}
print(after_like)

# %% [markdown]
# After "like" came "tea" twice and "rain" once: probabilities of 2/3 and 1/3. And 0 for
# any other word. If one of those comes, the loss is -ln(0), which is infinite. So take
# a part of each count away, here 0.75, and give what you have taken to all words.
#
# How much for which word? "Francisco" is frequent, but it only ever follows "San", so
# it is a bad guess after "like". Kneser and Ney (1995) share it out by how many
# *different* words a word has followed. This is *Kneser-Ney smoothing*.

# %% tags=["nbval-check-output"]
def after_like_smoothed(word, discount=0.75):
    follows = sum(b == word for a, b in pairs) / len(pairs)  # a share of all pairs
    kept = max(0, after_like.get(word, 0) - discount)
    given = discount * len(after_like) * follows
    return (kept + given) / sum(after_like.values())


for word in ("tea", "rain", ".", "Francisco"):
    print(f"{word:<10} occurs {words.count(word)} times, "
          f"after 'like' {after_like_smoothed(word):.3f}")
print(f"all words: {sum(map(after_like_smoothed, set(words))):.3f}")

# %% [markdown]
# Neither "." nor "Francisco" has followed "like". But "." has followed three different
# words and "Francisco" one, so it gets three times as much. All words together have a
# probability of 1, as they must.
#
# A 5-gram model does the same with the last four tokens. What it has taken away it
# gives out as a model that looks at the last three would. That one does the same with
# two, and so on, down to a model that guesses evenly.
# The library's class does this for token ids, with discounts estimated as Chen and
# Goodman (1999) proposed. Count the training text. (Of a very long one the first 10
# million tokens, since every token takes about 100 bytes.)

# %%
from course_utils.evaluation.counting import CountingModel

most = 10_000_000 // profile.block_size
counted = train.select(range(min(len(train), most))).with_format("numpy")
counted = counted["input_ids"][:].ravel()  # (tokens,): the blocks are one text, cut
five_gram = CountingModel.fit(counted, len(tokenizer), order=5)
bigram = five_gram.shorter(2)
print(f"{len(counted):,} tokens, {len(five_gram.levels[1].keys):,} different pairs, "
      f"{len(five_gram.levels[4].keys):,} different runs of five")

# %% [markdown]
# The 4.2 million tokens of tiny have 2.9 million different runs of five: most occur only
# once. What does each model expect next?

# %%
context = tokenizer("I would like to")["input_ids"]
for name, one in {"bigram": bigram, "5-gram": five_gram}.items():
    p = one.next_token_probabilities(context)  # (vocab,)
    best = [f"{tokenizer.decode([i])!r} {p[i]:.2f}" for i in p.argsort()[:-6:-1]]
    print(f"{name}: {', '.join(best)}, all together {p.sum():.3f}")

# %% [markdown]
# They write, too: draw a token, append it, and go on.

# %%
for name, one in {"bigram": bigram, "5-gram": five_gram}.items():
    print(f"{name}: {one.write(tokenizer, 'I would like to')!r}")

# %% [markdown]
# The bigram model forgets what it said two tokens ago. The 5-gram model puts phrases
# together from runs that it has read. Neither knows what the text is about. A model that
# is worth its training should predict better than they do.
#
# ## 4. The labels are shifted once, and not by you
#
# You know from lesson 02 that `labels` equals `input_ids`:

# %%
row = train[0]
print("input_ids", row["input_ids"][:8])
print("labels   ", row["labels"][:8])

# %% [markdown]
# and that the model itself compares the prediction at position t with the label at
# t + 1:

# %%
for t in range(4):
    seen = tokenizer.decode(row["input_ids"][: t + 1])
    asked = tokenizer.decode(row["labels"][t + 1])
    print(f"position {t}: sees {seen!r}, is asked for {asked!r}")

# %% [markdown]
# Shift the labels by hand, and they are shifted twice. To see what that does, you need
# something that trains. The first four lines inside this loop are all of training.
# `Trainer` runs the same four, with a schedule and logs around them. (In lesson 03 you
# shifted by hand, once: there the loss was your own.)
#
# ![The loop: take a batch, compute its loss, backward, step, zero_grad, and again,
# 2,400 times in tiny.](drawing:the_training_loop)

# %%
import torch


def fit(model, input_ids, labels, steps, learning_rate=3e-3):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = model(input_ids=input_ids, labels=labels).loss
        loss.backward()  # a gradient for every parameter
        optimizer.step()  # every parameter moves a little against its gradient
        optimizer.zero_grad()  # forget the gradients, or they add up
        losses.append(loss.item())
    return losses

# %% [markdown]
# Take the smallest text there is, counting. Each row counts on from another number,
# modulo 50.

# %%
counting = (torch.arange(50)[:, None] + torch.arange(12)) % 50  # (50, 12)
shifted_by_hand = counting[:, 1:]  # (50, 11): the next numbers
print(counting[7].tolist())
print(shifted_by_hand[7].tolist())

# %% [markdown]
# Train two equal models of one layer: one with the labels as they are, and one with
# labels shifted by hand.

# %%
from transformers import set_seed


def counter(input_ids, labels):
    set_seed(0)
    config = GPT2Config(vocab_size=50, n_positions=16, n_embd=64, n_layer=1, n_head=2)
    model = GPT2LMHeadModel(config)
    losses = fit(model, input_ids, labels, steps=80, learning_rate=1e-2)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    return model.eval()

# %% [markdown]
# `counting` has 12 columns. The shifted labels have 11, so their inputs lose the last.

# %%
right = counter(counting, counting)
shifted_twice = counter(counting[:, :-1], shifted_by_hand)

# %% [markdown]
# Both losses begin near ln(50) = 3.91 and fall close to 0. Nothing warns you. Now let
# both count on from 3, 4, 5.

# %%
def count_on(model, numbers, steps=6):
    ids = torch.tensor([numbers])  # (1, 3)
    for _ in range(steps):
        logits = model(ids).logits  # (1, time, 50)
        ids = torch.cat([ids, logits[:, -1:].argmax(-1)], dim=1)
    return ids[0].tolist()


print("right        ", count_on(right, [3, 4, 5]))
print("shifted twice", count_on(shifted_twice, [3, 4, 5]))

# %% [markdown]
# The second model has learned the number after the next, with a loss that falls. So pass
# `labels=input_ids`, and let the model shift.
#
# ## 5. The model, and the loss before any training
#
# You built this model in lesson 03. Its weights are random. In tiny it has one layer
# here instead of four (section 8 shows why), and a table of its own for the output
# ([performance.md](../docs/performance.md) has what that is worth).

# %%
from course_utils.machine.runtime import device

set_seed(profile.seed)
model = GPT2LMHeadModel(GPT2Config(**profile.scratch_model)).to(device())
model.loss_type = "ForCausalLM"
print(f"{model.num_parameters():,} parameters on {model.device}")

# %% [markdown]
# `loss_type` names the loss for `Trainer`. Section 12 says why it is set.
#
# What loss should it start with? In lesson 03 it was the loss of guessing among V
# tokens, ln(V). Measure it on four blocks.

# %%
record("language_model.log_vocab", math.log(model.config.vocab_size))
batch = torch.tensor(train[:4]["input_ids"], device=model.device)  # (4, block_size)
with torch.no_grad():
    output = model.eval()(input_ids=batch, labels=batch)
record("language_model.initial_loss", output.loss.item())

# %% [markdown]
# The two numbers should differ by less than 0.3. The measured one is usually a little
# higher: random weights do not guess quite evenly, and an uneven guess costs more.
#
# Check this before every run. A first loss far above ln(V) says that the weights are
# too large (lesson 03), or that the vocabulary is not the tokenizer's. One far below
# says that the model sees the answer.
#
# ## 6. From loss to perplexity
#
# Take a vocabulary of four tokens and a model's raw scores, the logits, at three
# positions. A softmax turns each row into probabilities.

# %% tags=["nbval-check-output"]
logits = torch.tensor(
    [[2.0, 1.0, 0.0, -1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]]
)  # (3, 4)
targets = torch.tensor([0, 2, 1])  # the tokens that really came next
probabilities = logits.softmax(dim=-1)  # (3, 4)
for row in probabilities.tolist():
    print([f"{p:.2f}" for p in row], f"sum {sum(row):.2f}")

# %% [markdown]
# The second row is what a model without any idea says: 0.25 for all. Pick the
# probability of the token that really came, and take its negative logarithm.

# %% tags=["nbval-check-output"]
p = probabilities[torch.arange(3), targets]  # (3,)
nats = -p.log()
for probability, loss in zip(p.tolist(), nats.tolist(), strict=True):
    print(f"p = {probability:.2f}   loss = {loss:.2f}")

# %% [markdown]
# The surer the model is of what came, the smaller the loss. Losses with the natural
# logarithm are counted in *nats*. The mean over the positions is the cross entropy, and
# PyTorch's function gives the same number.
#
# ![The loss over the probability of the token that came: 3.00 at 0.05, 1.39 at 0.25,
# 0.69 at 0.5 and 0 at 1.](drawing:what_a_probability_costs)

# %% tags=["nbval-check-output"]
import torch.nn.functional as F

print(f"{nats.mean():.4f}")
print(f"{F.cross_entropy(logits, targets):.4f}")

# %% [markdown]
# A mean of logarithms is hard to picture, so take it back with exp. That is the
# *perplexity*: the model is as unsure as if it chose evenly among that many tokens.

# %% tags=["nbval-check-output"]
print(f"perplexity            {nats.mean().exp():.2f}")
print(f"of guessing among 4   {torch.tensor(4.0).log().exp():.2f}")

# %% [markdown]
# The perplexity of guessing is the size of the vocabulary. 1 would mean that every token
# was certain, which no real text allows.
#
# Now the same for the real model. The library's `perplexity`, which you will use from
# here on, stands on this function. Here is its whole body.

# %%
# from course_utils/evaluation/perplexity.py
IGNORED = -100  # a label that is left out


def token_losses(model, input_ids, labels, **inputs):
    from torch.nn.functional import cross_entropy

    logits = model(input_ids=input_ids, use_cache=False, **inputs).logits
    # Half precision is too coarse for a sum over a whole vocabulary.
    return cross_entropy(
        logits[:, :-1].float().transpose(1, 2),
        labels[:, 1:],
        ignore_index=IGNORED,
        reduction="none",
    )

# %% [markdown]
# `logits[:, :-1]` and `labels[:, 1:]` are the one shift. (`transpose` is there because
# `cross_entropy` wants the vocabulary in the second dimension.) Its mean must be the
# loss that the model itself returned.

# %%
with torch.no_grad():
    losses = token_losses(model, batch, batch)  # (4, block_size - 1)
print(f"{losses.mean():.5f}  our mean, over {losses.numel()} tokens")
print(f"{output.loss:.5f}  the model's loss")

# %% [markdown]
# `perplexity` adds these losses up over all blocks, divides by the number of tokens,
# and takes exp. Measure the untrained model on the held-out blocks.

# %%
from course_utils.evaluation.perplexity import perplexity

before = perplexity(model, held_out, batch_size=profile.batch_size)
print(f"perplexity before training: {before:,.0f}")
print(f"size of the vocabulary:     {model.config.vocab_size:,}")

# %% [markdown]
# It is a little above the vocabulary's size, for the same reason as the first loss.
#
# Now the opponents, on the same blocks and tokens. They read a block from its start, as
# your model does, and know nothing of what stood before it. The unigram model looks at
# no token at all, and only knows how frequent each one is. The trigram model looks at
# two.
#
# The last column counts in *bits per byte*: the loss in bits instead of nats, for each
# byte of text and not for each token. It can be compared between tokenizers (lesson
# 08).

# %%
from course_utils.evaluation.counting import baseline_losses, bytes_per_token

counting_losses = baseline_losses(five_gram, held_out)
to_bits = 1 / math.log(2) / bytes_per_token(held_out, tokenizer)
counting = {
    name: {"perplexity": math.exp(loss), "bits_per_byte": loss * to_bits}
    for name, loss in counting_losses.items()
}
for name, row in counting.items():
    print(f"{name:<8} loss {counting_losses[name]:.2f}   "
          f"perplexity {row['perplexity']:6.1f}   "
          f"{row['bits_per_byte']:.2f} bits per byte")

# %% [markdown]
# One token of context is worth most. Each further one adds less, since long runs seldom
# come twice. Keep these figures for the report of this run.

# %%
record("language_model.counting", counting)

# %% [markdown]
# ## 7. Overfit one batch first
#
# Before a long run, give the model two blocks, again and again. A model with hundreds
# of thousands of parameters can learn 256 tokens by heart. If it can't, the data, the
# labels, the loss or the loop are broken, and you know within seconds.
#
# A copy does it, so that your model stays untrained. `eval()` turns dropout off, which
# is there to hinder learning by heart.

# %%
import copy

practice = copy.deepcopy(model).eval()
two = batch[:2]  # (2, block_size)
losses = fit(practice, two, two, steps=100,
             learning_rate=profile.scratch_learning_rate)

# %% [markdown]
# The loss has to start at ln(V) and fall close to 0, far below what any model reaches
# on new text. On the way it may jump, since the learning rate is high for so little
# text.

# %%
from course_utils.evaluation.plots import lines

figure = lines(
    {"one batch": (range(len(losses)), losses)},
    title="Overfitting two blocks",
    xlabel="step",
    ylabel="loss (nats per token)",
)

# %% [markdown]
# Look at the two ends, and stop here if the last loss is not low.

# %%
print(f"first {losses[0]:.2f}, last {losses[-1]:.2f}")
assert losses[-1] < 1, "one batch cannot be learned: look for a bug"

# %% [markdown]
# It says nothing about new text. What does the copy make of the held-out blocks?

# %%
some = held_out.select(range(32))
print(f"untrained model:      {perplexity(model, some):,.0f}")
print(f"two blocks by heart:  {perplexity(practice, some):,.0f}")

# %% [markdown]
# Worse than guessing: the copy knows two blocks, and is sure of the wrong things
# everywhere else. Overfitting is a test of your setup, not a way to train.
#
# ## 8. The arguments
#
# First, how much text is this run?

# %%
tokens = profile.train_steps * profile.scratch_tokens_per_step
rows = profile.scratch_batch_size
print(f"{rows} blocks x {profile.accumulation} x {profile.block_size} "
      f"= {profile.scratch_tokens_per_step:,} tokens per step")
print(f"{profile.train_steps} steps = {tokens:,} tokens")
print(f"= {tokens / (len(train) * profile.block_size):.2f} epochs")

# %% [markdown]
# An epoch is one pass over all training text. Below one epoch, the model never sees a
# block twice, so it cannot learn any by heart. The classic script's three epochs make
# sense for a small file.
#
# ### What to spend your minutes on
#
# You have a few minutes of a machine. They buy many steps of a small model, or few
# steps of a large one. Which is better? Do not guess: give each the same seconds and
# look.
#
# This loop trains until its seconds of computing are used up. (`process_time` counts
# only the time of this program, not that of others on the same machine.) The learning
# rate falls with the time that is left. It has the same peak for all, so that only what
# you change differs.

# %%
import time

shuffled = train.shuffle(seed=profile.seed)


def learn_for(seconds, layers, rows):
    set_seed(profile.seed)
    config = GPT2Config(**profile.scratch_model | {"n_layer": layers})
    one = GPT2LMHeadModel(config).to(device())
    optimizer = torch.optim.AdamW(one.parameters())
    batches = shuffled.iter(batch_size=rows)
    steps, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        optimizer.param_groups[0]["lr"] = profile.learning_rate * (1 - spent / seconds)
        ids = torch.tensor(next(batches)["input_ids"], device=device())  # (rows, time)
        one(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        steps += 1
    value = perplexity(one, held_out, batch_size=profile.batch_size)
    print(f"{layers:>2} layer(s), {rows:>2} blocks a step: {steps:>4} steps, "
          f"perplexity {value:6.1f}")
    return value

# %% [markdown]
# Two changes, one after the other: first half of the blocks in each step, then fewer
# layers.

# %%
deep, shallow = profile.model["n_layer"], profile.scratch_model["n_layer"]
many, few = profile.batch_size, profile.scratch_batch_size
choices = [(deep, many), (deep, few), (shallow, few)]
for choice in dict.fromkeys(choices):  # on a GPU all three are the same
    learn_for(6, *choice)

# %% [markdown]
# In six seconds the smaller batch alone may help or harm: a few dozen steps are too few
# either way. (Over thirty seconds it helps: [performance.md](../docs/performance.md) has
# a table.) Fewer layers help at once. A model with one layer makes more than twice as
# many steps as one with four. And what it has to learn first needs no depth: which
# tokens are frequent, and which follow which.
#
# It is a choice for *this* budget. With hours instead of minutes, a deeper model should
# pass the shallow one, which has learned what it can. And on a GPU small batches leave
# most of the processor idle. How the best size grows with the budget is what *scaling
# laws* describe (Hoffmann et al., 2022).
#
# Here are the arguments.

# %%
arguments = TrainingArguments(
    output_dir=str(runs / "checkpoints"),
    max_steps=profile.train_steps,
    per_device_train_batch_size=profile.scratch_batch_size,
    per_device_eval_batch_size=profile.batch_size,
    gradient_accumulation_steps=profile.accumulation,
    learning_rate=profile.scratch_learning_rate,
    lr_scheduler_type="linear",
    warmup_steps=0.05,
    weight_decay=0.1,
    adam_beta2=0.99,
    max_grad_norm=1.0,
    logging_steps=max(1, profile.train_steps // 100),
    eval_strategy="steps",
    eval_steps=max(1, profile.train_steps // 4),
    eval_on_start=True,
    save_steps=max(1, profile.train_steps // 2),
    save_total_limit=2,
    report_to="wandb",
    run_name="scratch",
    include_num_input_tokens_seen="all",
    seed=profile.seed,
    disable_tqdm=False,
    **profile.precision,
)

# %% [markdown]
# | argument | what it does | what goes wrong |
# |---|---|---|
# | `max_steps` | Number of optimizer steps. It wins over `num_train_epochs`. | The schedule is stretched over it: if you stop halfway, the learning rate never got low. |
# | `per_device_train_batch_size` | Blocks in one forward pass, on each GPU. | Too large: out of memory. |
# | `gradient_accumulation_steps` | Forward passes before one step. 4 x 8 blocks teach as much as 32. | Forgotten when you count steps or epochs. |
# | `learning_rate` | Size of a step at its peak. The most important number here. | Too high: the loss jumps or sticks. Too low: it creeps. |
# | `lr_scheduler_type` | How the rate falls after its peak: here along a straight line. | `constant` gives away the last improvement. |
# | `warmup_steps` | Below 1, it is the share of steps in which the rate rises. | 1.0 is one step, not all of them. |
# | `weight_decay` | Pulls weights a little towards 0. Biases and norms are left out. | |
# | `adam_beta2` | How long AdamW remembers the gradients' size. 0.95 is usual for large batches, 0.99 for small ones, and the default is 0.999. | |
# | `max_grad_norm` | Longer gradients are cut to this length. | Without it, one odd batch can wreck a run. |
# | `eval_strategy`, `eval_steps` | When the held-out loss is measured. | Without it, you cannot see overfitting. |
# | `eval_on_start` | Also measures before the first step. | |
# | `save_steps`, `save_total_limit` | When a checkpoint is written, and how many are kept. | A GPT-2 checkpoint takes 1.5 GB: without a limit, the disk fills up. |
# | `report_to`, `run_name` | Where else everything is logged. | By default nowhere. |
# | `include_num_input_tokens_seen` | Counts tokens, and logs tokens per second. | |
# | `seed` | Order of the data. Set it before you build the model, too. | Two runs can't be compared. |
# | `disable_tqdm=False` | Shows the table while it trains. | |
# | `bf16`, `fp16` | Half precision, from `profile.precision`. | `fp16` on a GPU that has bf16: needless trouble with overflow. |
#
# Four more are worth knowing: `gradient_checkpointing` and `torch_compile` (lesson 04),
# `load_best_model_at_end` when a run overfits (lesson 06), and
# `resume_from_checkpoint`, which is an argument of `trainer.train`.
#
# What does AdamW do with a gradient? It divides the mean of the last ones by their
# usual size:
#
# ![A weight with small steady gradients gets a mean over size of 0.98, one with large
# gradients of both signs -0.03: AdamW moves the first far and the second hardly.](drawing:what_adamw_does)
#
# ### The learning rate, drawn before the run
#
# GPT-3 was trained with the cosine. Today many keep the rate at its peak for most of
# the run and let it fall at the end (`warmup_stable_decay`).
#
# ![Three schedules after a warm-up: a straight fall, half a wave of a cosine, and a
# long plateau with a fall at the end.](drawing:three_schedules)
#
# The next cell calls the function that `Trainer` will call.

# %%
from transformers import get_scheduler


def schedule(kind, warmup_steps):
    nothing = torch.optim.SGD([torch.zeros(1)], lr=profile.scratch_learning_rate)
    scheduler = get_scheduler(kind, nothing, warmup_steps, profile.train_steps)
    rates = []
    for _ in range(profile.train_steps):
        rates.append(scheduler.get_last_lr()[0])
        nothing.step()
        scheduler.step()
    return rates

# %% [markdown]
# `get_scheduler` wants an optimizer whose rate it can set, so it gets one that holds
# nothing of use. Draw the straight line of this run, and a cosine without a warm-up.

# %%
steps = range(profile.train_steps)
planned = schedule("linear", arguments.get_warmup_steps(profile.train_steps))
figure = lines(
    {"linear, warm-up": (steps, planned), "cosine": (steps, schedule("cosine", 0))},
    title="Learning rate",
    xlabel="step",
    ylabel="learning rate",
)

# %% [markdown]
# In its first steps AdamW has seen few gradients, and its idea of their size is poor.
# The warm-up keeps these steps short. The slow end lets the model settle.
#
# ## 9. Track the run
#
# Without records, you will not know next week which learning rate gave which loss.
# wandb (Weights & Biases) keeps them. By itself it asks for a login, and a notebook
# that waits for one hangs. `use_wandb` sets a few environment variables so that it
# never asks.

# %%
import os
from course_utils.training.tracking import use_wandb

mode = use_wandb("train-gpt", folder=runs)
print(mode, "·", {name: os.environ[name] for name in ("WANDB_PROJECT", "WANDB_MODE")})

# %% [markdown]
# Offline, the run is written to disk, and nothing leaves your machine. To see it on
# wandb's pages, set your key once as the secret `WANDB_API_KEY` (in Colab: the key
# symbol on the left) and run the cell again. `wandb sync FOLDER` uploads an offline run
# later.
#
# ## 10. Watch the loss, and the text
#
# `Trainer` calls your code at fixed moments: when it begins, logs, evaluates, saves and
# ends. Such code is a *callback*. This one draws the loss while it falls. Here is its
# whole body, as it is in the library.
#
# ![The moments of a run in a row: begin, log, evaluate, save, log, end. LiveLoss draws
# at a log, Samples writes at an evaluation.](drawing:what_trainer_calls_and_when)

# %%
# from course_utils/training/trainer.py
from transformers import TrainerCallback


class LiveLoss(TrainerCallback):
    def __init__(self, every_seconds=2.0, baselines=None):
        self.every_seconds = every_seconds
        self.baselines = baselines
        self.title = "Loss"
        self.picture, self.drawn_at = None, 0.0

    def on_train_begin(self, args, state, control, **kwargs):
        # A callback may serve several runs: each draws a picture of its own.
        self.picture, self.drawn_at = None, 0.0
        self.title = f"Loss: {args.run_name}" if args.run_name else "Loss"

    def on_log(self, args, state, control, **kwargs):
        if time.monotonic() - self.drawn_at > self.every_seconds:
            self.draw(state.log_history)

    def on_train_end(self, args, state, control, **kwargs):
        self.draw(state.log_history)

    def draw(self, log_history):
        import matplotlib.pyplot as plt
        from IPython.display import display

        from course_utils.evaluation.plots import loss_curve

        if not any("loss" in row for row in log_history):
            return
        figure = loss_curve(log_history, self.title, self.baselines)
        if self.picture is None:
            self.picture = display(figure, display_id=True)
        else:
            self.picture.update(figure)
        plt.close(figure)
        self.drawn_at = time.monotonic()

# %% [markdown]
# `state.log_history` is a list of all that was logged. With `display_id=True`, a
# picture can be replaced in place. The opponents go in as `baselines`: each becomes a
# horizontal line with its name.
#
# A loss is a number. You also want to read what the model writes. This callback lets it
# continue a few prompts at each evaluation.

# %%
# from course_utils/training/trainer.py
class Samples(TrainerCallback):
    def __init__(self, prompts, max_new_tokens=40, **options):
        self.prompts = list(prompts)
        self.options = {"max_new_tokens": max_new_tokens, "progress": False, **options}
        self.rows: list[tuple[int, str, str]] = []

    def on_evaluate(self, args, state, control, model, processing_class, **kwargs):
        from course_utils.evaluation.generation import generate

        texts = generate(model, processing_class, self.prompts, **self.options)
        step = state.global_step
        self.rows += [(step, p, t) for p, t in zip(self.prompts, texts, strict=True)]

    def on_train_end(self, args, state, control, **kwargs):
        if "wandb" in args.report_to:
            import wandb

            if wandb.run is not None:
                columns = ["step", "prompt", "continuation"]
                wandb.log({"samples": wandb.Table(columns, data=self.rows)})

# %% [markdown]
# At the end it logs its table, so the texts are kept beside the losses. From now on,
# both are imported. The prompts are the first eight words of three held-out documents,
# and each next token is drawn at random from the 50 likeliest, at a temperature a little
# below 1 (lesson 03).

# %%
from course_utils.training.trainer import EaseThreads, LiveLoss, Samples

long = [text for text in documents["validation"]["text"] if len(text) > 200]
prompts = [" ".join(text.split(" ")[:8]) for text in long[:3]]
samples = Samples(prompts, strategy="top-k", temperature=0.8, seed=0)
prompts

# %% [markdown]
# ## 11. Predict, then train
#
# How long will it take? Time some steps of full size with the practice copy.

# %%
full = torch.tensor(train[:rows]["input_ids"], device=model.device)  # (rows, time)
fit(practice, full, full, steps=1)  # the first step is slower: do not count it
start = time.perf_counter()
fit(practice, full, full, steps=10)
speed = 10 * full.numel() / (time.perf_counter() - start)
predicted = tokens / speed / 60
del practice  # the run needs its memory
print(f"{speed:,.0f} tokens per second: predicted {predicted:.1f} minutes")

# %% [markdown]
# This leaves out the evaluations, the drawing, and what `Trainer` does around a step:
# some five milliseconds on a CPU, a tenth of so small a step. On a GPU, the run will be
# faster than predicted, since this loop uses float32 and the run half precision.
#
# Now the real thing. Watch three things. The first loss should be about ln(V). Then the
# loss falls fast, in tiny below the unigram model's within a hundred steps: it has
# learned which tokens are frequent. Then it slows down: it learns which tokens follow
# which. The validation loss, measured at five steps only, should stay close to the
# training loss. The dotted lines are the models that count. Which will it pass?

# %% tags=["headline"]
opponents = {name: counting_losses[name] for name in ("unigram", "bigram", "5-gram")}
trainer = Trainer(
    model=model,
    args=arguments,
    train_dataset=train,
    eval_dataset=held_out,
    processing_class=tokenizer,
    callbacks=[
        samples, LiveLoss(every_seconds=10, baselines=opponents), EaseThreads(),
    ],
)
result = trainer.train()

# %% [markdown]
# The table is `Trainer`'s own, the picture is yours. `EaseThreads` takes fewer CPU
# threads when another program wants the cores (lesson 04). Compare with the prediction.

# %%
seconds = result.metrics["train_runtime"]
print(f"predicted {predicted:.1f} minutes, measured {seconds / 60:.1f}")
print(f"{tokens / seconds:,.0f} tokens per second, all included")

# %% [markdown]
# On a quiet machine the two differ by less than a third. If other programs use the same
# cores, both wander.
#
# Did the learning rate do what you drew?

# %%
logged = [row for row in trainer.state.log_history if "learning_rate" in row]
for row in logged[:: max(1, len(logged) // 5)]:
    step, rate = row["step"], row["learning_rate"]
    print(f"step {step:>4}: planned {planned[step - 1]:.6f}, logged {rate:.6f}")

# %% [markdown]
# ## 12. What has it learned?
#
# `evaluate` measures the loss on the held-out blocks. exp of it is the perplexity, and
# the library's function, which counts for itself, must agree.

# %%
metrics = trainer.evaluate()
after = perplexity(model, held_out, batch_size=profile.batch_size)
print(f"exp(eval_loss) = {math.exp(metrics['eval_loss']):.2f}")
print(f"perplexity()   = {after:.2f}")

# %% [markdown]
# This is what `model.loss_type` in section 5 is for. A block of 128 labels has only 127
# predictions. For a model that names its loss, `Trainer` divides by 127. GPT-2's class
# does not name it, and then `Trainer` divides by 128: a loss that is 1/128 too low, in
# silence. Compute an important number in two ways, and such things come to light.
#
# Before training, the model was as unsure as someone who chooses among the whole
# vocabulary. And now?

# %%
record("language_model.scratch.perplexity_before", before)
record("language_model.scratch.perplexity_after", after)
record("language_model.scratch.bits_per_byte_after", math.log(after) * to_bits)
record("sources.language", profile.sources["language"])
print(f"{before / after:.0f} times fewer tokens to choose from")

# %% [markdown]
# <!-- figure: language_model.scratch.perplexity_after 37 41 -->
# In tiny, expect 37 to 41. Is that good? Ask the opponents.

# %%
for name, loss in counting_losses.items():
    verdict = "wins" if math.log(after) < loss else "loses"
    print(f"{name:<8} {math.exp(loss):6.1f}: the trained GPT-2, {after:.1f}, {verdict}")

# %% [markdown]
# They have counted the whole training text, of which this run has read a part. So let a
# bigram model count as much text as the run has read, drawn at random.

# %%
seen = min(len(train), tokens // profile.block_size)
seen = train.shuffle(seed=profile.seed).select(range(seen))
bigram_of_seen = CountingModel.fit(seen, len(tokenizer), order=2)
print(f"bigram of as much text: {bigram_of_seen.perplexity(held_out):.1f}")

# %% [markdown]
# In tiny the run passes the bigram model of the whole text, and does not come near the
# longer counts. Two minutes of training are worth a little more than a table of pairs,
# which is filled in a second or two: remember it when a loss curve looks convincing.
# (The 200 million tokens of full should pass all the lines; predicted.)
#
# The optimizer is a choice, too. *Muon* changes each matrix's update so that it moves as
# far in rare directions as in frequent ones. It comes with PyTorch, for matrices;
# embeddings keep AdamW. `Trainer` takes a ready optimizer with its schedule:
#
# ```python
# from course_utils.training.muon import muon
#
# optimizer = muon(model)
# schedule = get_scheduler("linear", optimizer, 100, profile.train_steps)
# trainer = Trainer(..., optimizers=(optimizer, schedule))
# ```
#
# 2,300 such steps took the tiny model to 36.8, in the time of 2,400 of these (one
# seed). Nine hundred steps more of AdamW took it to 35.2: the cheapest way to a better
# model is to wait. [performance.md](../docs/performance.md) has the table.
#
# What is context worth to each of them? Average the losses by how many tokens stand
# before the one to predict, over more held-out blocks.

# %%
from course_utils.evaluation.perplexity import losses_by_position

more = validation.select(range(min(len(validation), 512)))
last = profile.block_size - 1
edges = [0, *(2**k for k in range(12) if 2**k < last), last]
names = [str(edge) for edge in edges[1:]]
by_position = {}
for name, one in {"GPT-2": model, "bigram": bigram, "5-gram": five_gram}.items():
    losses = losses_by_position(one, more)  # (block_size - 1,)
    by_position[name] = [losses[a:b].mean() for a, b in pairwise(edges)]
    print(f"{name:<7}", "  ".join(f"{x:.2f}" for x in by_position[name]))

# %% [markdown]
# The columns end at 1, 2, 4, 8 tokens and so on. So the first two are one position each,
# and rest on the fewest tokens.

# %%
figure = lines(
    {name: (names, values) for name, values in by_position.items()},
    title="What context is worth",
    xlabel="tokens before the one to predict, up to",
    ylabel="loss (nats per token)",
)

# %% [markdown]
# The bigram model gains nothing after the first token, and the 5-gram model nothing
# after the fourth: they cannot see further, so any rise or fall there comes from the
# tokens that happen to stand there. Only GPT-2 could use them all. If its curve is as
# flat as theirs, it has not learned to yet.
#
# Now read what it wrote on the way. This is the first prompt, before training and at
# each evaluation.

# %%
from course_utils.evaluation.generation import compare

by_step = {step: text for step, prompt, text in samples.rows if prompt == prompts[0]}
print(prompts[0], "...")
compare({"step": list(by_step), "continuation": list(by_step.values())})

# %% [markdown]
# At step 0 the 50 likeliest are hardly likelier than the rest, so it writes any pieces
# at all. (� stands for a token that is only a part of a character.) In the chats of
# tiny you then see frequent words first, and lines that begin with a speaker. Later
# come phrases that fit together for three or four words. Watch texts and not only
# losses: a loss cannot tell you that.
#
# The other prompts, before and after:

# %%
first = [text for step, _, text in samples.rows if step == 0]
last = [text for step, _, text in samples.rows if step == trainer.state.global_step]
compare({"prompt": prompts, "before": first[:3], "after": last[:3]})

# %% [markdown]
# It is not good text. It is what a model of this size learns from this much text.
#
# ### An hour instead of two minutes
#
# What would patience bring? `scripts/scratch_run.py` repeats this run with other
# choices. Here is the log of an hour of one CPU thread on the chats of tiny: four
# layers, Muon, 16 blocks a step, one seed. The lines are the same opponents, which
# have counted the same text.

# %%
from course_utils.evaluation.plots import loss_curve
from course_utils.training.replay import replay

hour = replay("scratch_long")
for name in ("layers", "optimizer", "steps", "epochs", "cpu_seconds", "perplexity"):
    print(f"{name:<12} {hour.facts[name]}")
figure = loss_curve(
    hour.log_history, title="A replay", baselines=hour.facts["opponents"]
)
asked = hour.samples[0][1]
texts_at = {step: text for step, prompt, text in hour.samples if prompt == asked}
kept = [step for step in texts_at if step in (0, 1000, 6000, 22000)]
print(asked, "...")
compare({"step": kept, "continuation": [texts_at[step] for step in kept]})

# %% [markdown]
# (The opponents are in nats; their perplexities stand in section 6.) It passes the counts
# of pairs within 1,500 steps, those of three tokens within 13,000 and the 5-gram within
# 17,000, and ends at 18.2 against the 5-gram's 21.6. That is almost 30 times the work of
# your run, for less than half of its perplexity. It has read the text ten times, and
# the loss falls faster again at the end, where the learning rate goes down to 0.
#
# In the texts, pieces come first, then words, then turns of a chat that fit together for
# half a line. What is missing after an hour, too, is something to say. Lesson 06 does
# not start from nothing: it takes weights that were trained before.
#
# ## 13. Read the run back, save the model
#
# Log the results of the whole run beside its parameters, and end it.

# %%
import wandb

wandb.log({"perplexity_before": before, "perplexity_after": after})
wandb.finish()

# %% [markdown]
# Online, you would now open the run's page. Offline there is no page, so the course has
# a function that reads what wandb wrote to disk.

# %%
from course_utils.training.tracking import read_offline_run

run = read_offline_run(runs)
print(len(run.config), "parameters, among them:")
for name in ("learning_rate", "weight_decay", "max_steps", "n_layer", "vocab_size"):
    print(f"  {name:<14} {run.config[name]}")

# %% [markdown]
# Every training argument is there, and every field of the model's configuration. The
# results are there too:

# %%
print("logged losses:    ", len(run.series("train/loss")))
print("held-out losses:  ", [round(x, 2) for x in run.series("eval/loss")])
print("perplexity after: ", round(run.series("perplexity_after")[0], 2))
print("samples:          ", len(run.table("samples")["data"]), "texts")

# %% [markdown]
# The last held-out loss is there twice, since section 12 evaluated once more.
#
# Next week you can draw what you need from it. Here is the perplexity over the tokens
# that the model had read.

# %%
evaluations = [row for row in run.history if "eval/loss" in row]
figure = lines(
    {"held out": (
        [row["train/num_input_tokens_seen"] for row in evaluations],
        [math.exp(row["eval/loss"]) for row in evaluations],
    )},
    title="Perplexity",
    xlabel="tokens read",
    ylabel="perplexity",
    log=True,
    baselines={name: math.exp(loss) for name, loss in opponents.items()},
)

# %% [markdown]
# The first quarter of the text brought nearly all of the fall. The other three together
# brought far less. (Lines only join what was measured: five times.)
#
# Now save. `save_model` writes everything another program needs: weights, configuration
# and tokenizer.

# %%
folder = runs / "scratch"
trainer.save_model(str(folder))
for file in sorted(folder.iterdir()):
    print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")

# %% [markdown]
# A saved model is only worth something if it can be loaded. So load it, and measure.

# %%
from transformers import AutoModelForCausalLM

again = AutoModelForCausalLM.from_pretrained(folder).to(device())
reloaded = perplexity(again, held_out, batch_size=profile.batch_size)
print(f"saved {after:.4f}, loaded {reloaded:.4f}")
assert math.isclose(after, reloaded, rel_tol=1e-3)

# %% [markdown]
# ## 14. Two more mistakes
#
# ### Padding that hides the end
#
# Packed blocks need no padding. Single examples have different lengths, and a batch
# needs equal ones. GPT-2 has no token for padding, so everyone takes the end-of-text
# token. See what the classic collator makes of two examples that end.

# %%
from transformers import DataCollatorForLanguageModeling

end = tokenizer.eos_token
tokenizer.pad_token = end
rows = [tokenizer(text + end) for text in ("A: Hi", "A: Hello, how are you today?")]
collated = DataCollatorForLanguageModeling(tokenizer, mlm=False)(rows)
for name in ("input_ids", "labels"):
    print(name, collated[name].tolist())

# %% [markdown]
# A label of -100 is left out of the loss. The collator gives it to each padding token,
# and knows padding by its id. But the true ends have that same id. How many ends is the
# model asked to predict?

# %%
def ends(labels):
    return (labels == tokenizer.eos_token_id).sum(dim=1).tolist()


print("collator:       ", ends(collated["labels"]))

# %% [markdown]
# None. A model trained so is never taught to stop: this is one of the most reported
# troubles with fine-tuned models. So leave the padding in?
#
# ![Two examples padded with the end token. If padding is masked by its id, the true end
# has the label -100. If it is masked by length, the end is learned.](drawing:padding_that_hides_the_end)

# %%
print("nothing masked: ", ends(collated["input_ids"]))

# %% [markdown]
# Now the short row asks for the end many times over. That is easy to predict, so the
# loss looks better than it is, and the model spends its effort on padding. Right is one
# end a row. The attention mask knows which tokens are padding.

# %%
labels = collated["input_ids"].masked_fill(collated["attention_mask"] == 0, -100)
print("mask by length: ", ends(labels))

# %% [markdown]
# ### Training on the test file
#
# In the classic script it takes one slip: the same file name twice. Do it on purpose:
# train a copy on the first 8 held-out blocks, for a few steps.

# %%
cheat = copy.deepcopy(again).train()
leaked = torch.tensor(held_out[:8]["input_ids"], device=cheat.device)
fit(cheat, leaked, leaked, steps=20, learning_rate=profile.learning_rate / 2)

tested, unseen = held_out.select(range(8)), held_out.select(range(64, 96))
for name, one in (("honest", again), ("cheating", cheat)):
    print(f"{name:<9} on the test blocks {perplexity(one, tested):6.1f}, "
          f"on unseen ones {perplexity(one, unseen):6.1f}")

# %% [markdown]
# By its test the cheating model is far better. On text that neither has seen, it is
# worse. No curve shows this. Only clean splits prevent it (lesson 02).
#
# ## Key takeaways
#
# - The classic script's plan holds. Its names changed: `eval_strategy`,
#   `processing_class`, no `TextDataset`, no `overwrite_output_dir`.
# - Pass `labels=input_ids`. The model shifts them.
# - The first loss is about ln(V), and the perplexity about V. If not, stop and look.
# - Overfit one batch before each long run.
# - Predict steps, learning rate and minutes. Then measure.
# - Log every parameter and result, also offline, and read them back.
# - Perplexity is exp of the mean loss per token, on text that training never saw.
# - Compare a loss with what counting reaches on the same blocks, before you praise it.
#
# The table at the top says what this lesson takes on a quiet machine. Here it took:

# %%
from course_utils import finish_lesson

finish_lesson()

# %% [markdown]
# ## Quiz

# %% tags=["quiz"]
from jupyterquiz import display_quiz

display_quiz([
    {
        "question": "Your GPT-2 with 50,257 tokens starts with a loss of 10.9. Why?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It guesses: ln(50,257) is 10.8.", "correct": True,
             "feedback": "Yes. Random weights guess nearly evenly."},
            {"answer": "The learning rate is too high.", "correct": False,
             "feedback": "The first loss is measured before the first step."},
            {"answer": "The data are broken.", "correct": False,
             "feedback": "Even perfect data give ln(V) to a model that guesses."},
            {"answer": "It is already half trained.", "correct": False,
             "feedback": "Then the loss would be far below ln(V)."},
        ],
    },
    {
        "question": "You call model(ids[:, :-1], labels=ids[:, 1:]). What happens?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The model learns the token after the next.", "correct": True,
             "feedback": "Yes. It shifts your shifted labels once more."},
            {"answer": "It learns the next token, as it should.", "correct": False,
             "feedback": "It would with a loss of your own, but labels= shifts."},
            {"answer": "It raises an error, the shapes differ.", "correct": False,
             "feedback": "Both have one token less, so they fit. Nothing warns you."},
            {"answer": "The loss stays at ln(V).", "correct": False,
             "feedback": "It falls: the token after the next can be learned too."},
        ],
    },
    {
        "question": "The held-out loss falls from 5.0 to 4.0. The perplexity falls ...",
        "type": "multiple_choice",
        "answers": [
            {"answer": "from 148 to 55.", "correct": True,
             "feedback": "Yes: exp(5.0) and exp(4.0). It shrinks by a factor of e."},
            {"answer": "by 20 percent.", "correct": False,
             "feedback": "The loss does. Perplexity is exp of the loss."},
            {"answer": "from 32 to 16.", "correct": False,
             "feedback": "That is a power of 2. These losses are nats, not bits."},
            {"answer": "by 1.", "correct": False,
             "feedback": "The loss does. Take exp of both."},
        ],
    },
    {
        "question": "On one batch, the loss stays at ln(V) for 200 steps. What now?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Look for a bug in labels, loss or loop.", "correct": True,
             "feedback": "Yes. A few hundred tokens can be learned by heart."},
            {"answer": "Train longer.", "correct": False,
             "feedback": "200 steps on one batch are plenty. More hide the bug."},
            {"answer": "Take more data.", "correct": False,
             "feedback": "More is harder to learn. One batch is the easiest case."},
            {"answer": "Take a larger model.", "correct": False,
             "feedback": "A million parameters can hold a few hundred."},
        ],
    },
    {
        "question": "Your fine-tuned model never stops. pad_token is eos_token. Why?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The collator masked every end.", "correct": True,
             "feedback": "Yes. It knows padding by its id. Mask by length instead."},
            {"answer": "max_new_tokens is too large.", "correct": False,
             "feedback": "That only says when to cut off a model that doesn't stop."},
            {"answer": "It was padded on the right.", "correct": False,
             "feedback": "That spoils generation in batches, not learning to stop."},
            {"answer": "It was trained too briefly.", "correct": False,
             "feedback": "It was never asked for the end, however long it trains."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 5](../exercises/ex05_training.ipynb) you write the count of steps, the
# loss, the schedule, the perplexity and the loop yourself, and each is checked. The
# next lesson is [6. Fine-tune a pretrained model](06_fine_tune.ipynb).
#
# ## Further reading
#
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*: GPT-2.
# - Loshchilov and Hutter (2019), [*Decoupled Weight Decay
#   Regularization*](https://arxiv.org/abs/1711.05101): AdamW.
# - Hoffmann et al. (2022), [*Training Compute-Optimal Large Language
#   Models*](https://arxiv.org/abs/2203.15556): how large, for which budget.
# - Jordan et al. (2024), [*Muon*](https://kellerjordan.github.io/posts/muon/).
# - Loshchilov and Hutter (2017), [*SGDR*](https://arxiv.org/abs/1608.03983): where the
#   cosine comes from.
# - Kneser and Ney (1995), *Improved backing-off for m-gram language modeling*; Chen and
#   Goodman (1999), *An empirical study of smoothing techniques for language modeling*:
#   the models that count, and why they were hard to beat.
# - Andrej Karpathy, [*A Recipe for Training Neural
#   Networks*](https://karpathy.github.io/2019/04/25/recipe/): overfitting one batch,
#   and much more.
# - [nanoGPT](https://github.com/karpathy/nanoGPT): the same run without `Trainer`.
# - [Trainer](https://huggingface.co/docs/transformers/main_classes/trainer): every
#   argument.
# - [transformers#23530](https://github.com/huggingface/transformers/issues/23530):
#   padding that hides the end, as it was reported.
