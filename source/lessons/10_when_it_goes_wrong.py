# %% [markdown]
# # 10. When it goes wrong
#
# Most runs that fail do not fail with an error. They train, they draw a curve, and they
# are wrong. In this lesson you get five such runs, look at what they show, and find the
# cause yourself. At the end you see what today's models changed since GPT-2, and how to
# stay up to date.
#
# **You will be able to**
#
# - find the step, the batch and the line of code behind a loss that is NaN, or 0;
# - tell a model that cannot learn from one that is not trained at all;
# - find out why a model never stops, or why a result is too good;
# - catch a configuration that was silently ignored;
# - read a current model's description, and know each part's paper.
#
# | profile | what runs | minutes | memory | losses |
# |---|---|---|---|---|
# | tiny | five broken runs and their repairs, 1.1 million parameters, on the CPU | 1 | 2 GB | 1 to 8, and NaN |
# | colab, full | the same | 1 (predicted) | 2 GB (predicted) | the same (predicted) |
#
# <!-- figure: first loss #1 1 8 -->
# The runs are small in every profile, because a mistake shows at any size.

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("10")

# %% [markdown]
# ## 1. How to look
#
# Every case goes the same way. You see the code as a colleague wrote it, and what came
# out. Then there is a line **Stop here**: say what you think before you read on. A
# wrong guess does no harm.
#
# All runs share the arguments of their `Trainer`. It logs every step here; the default
# is every 500th.

# %%
import torch
from course_utils.machine.runtime import save_folder
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback


def arguments(**options):
    usual = {
        "max_steps": 50,
        "per_device_train_batch_size": 8,
        "learning_rate": 1e-3,
        "lr_scheduler_type": "constant",
        "train_sampling_strategy": "sequential",  # so each batch is found again
        "logging_steps": 1,
        "save_strategy": "no",
        "use_cpu": True,
    }
    return TrainingArguments(str(save_folder() / "broken"), **(usual | options))

# %% [markdown]
# They also share a way to run, and a way to draw.

# %%
from course_utils.evaluation import plots


def logged(trainer, name):
    return [row[name] for row in trainer.state.log_history if name in row]


def run(trainer):
    trainer.remove_callback(PrinterCallback)  # the log is drawn instead
    trainer.train()
    return logged(trainer, "loss")


def draw(title, curves):
    points = {name: (range(1, len(y) + 1), y) for name, y in curves.items()}
    return plots.lines(
        points, title=title, xlabel="step", ylabel="loss (nats per token)"
    )

# %% [markdown]
# And they share the small tokenizer, and real text in blocks of 64 tokens.

# %%
from course_utils.data.tokens import pack
from course_utils.model.gpt2 import load
from datasets import load_dataset
from transformers import set_seed

tokenizer = load("tiny")[1]
texts = load_dataset(**profile.language)["train"].select(range(400))
texts = texts.filter(lambda row: row["text"].strip())
blocks = torch.tensor(pack(texts, tokenizer, 64)[:320]["input_ids"])  # (320, 64)
text_rows = [{"input_ids": ids, "labels": ids} for ids in blocks]

# %% [markdown]
# ## 2. Case 1: a loss of exactly 0
#
# A colleague fine-tunes the base model on chats and summaries. Memory is short, so rows
# are cut to 90 tokens. Chats of like length share a batch, which saves padding.

# %%
import random
from course_utils.data.chats import tinychats
from course_utils.data.summaries import SummaryCollator, prompt

max_length = 90
chats = sorted(tinychats(400), key=lambda row: len(row["dialogue"]))
collator = SummaryCollator(tokenizer)


def encode(row):
    start = tokenizer(prompt(row["dialogue"]))["input_ids"]
    answer = tokenizer(" " + row["summary"])["input_ids"] + [tokenizer.eos_token_id]
    labels = [-100] * len(start) + answer  # learn the summary, not the chat
    return {"input_ids": (start + answer)[:max_length], "labels": labels[:max_length]}


def in_groups(rows):
    groups = [rows[i : i + 4] for i in range(0, len(rows), 4)]
    random.Random(0).shuffle(groups)
    return [row for group in groups for row in group]  # `Trainer` cuts them likewise

# %% [markdown]
# The loss is the colleague's own: the mean over the summary's tokens. `Trainer` calls
# it in place of the model's.

# %%
from torch.nn.functional import cross_entropy


def summary_loss(outputs, labels, num_items_in_batch=None):
    logits = outputs.logits[:, :-1].transpose(1, 2)  # (batch, vocab, time - 1)
    counts = labels[:, 1:] != -100
    targets = labels[:, 1:].clamp(min=0)  # -100 is no token
    losses = cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum() / counts.sum()

# %% [markdown]
# It trains, and all is well, and then it is too well.

# %%
rows = in_groups([encode(row) for row in chats])
model = load("tiny-base")[0]
trainer = Trainer(
    model=model,
    args=arguments(per_device_train_batch_size=4),
    train_dataset=rows,
    data_collator=collator,
    compute_loss_func=summary_loss,
)
broken = run(trainer)
figure = draw("Case 1", {"fine-tuning": broken})
print("last losses:", broken[-3:])

# %% [markdown]
# **Stop here.** From one step to the next the loss is 0, and stays there. Which is it?
#
# - The model has learned its task, completely.
# - The learning rate is too high, and the weights exploded.
# - Something in the data.
#
# ### Diagnosis
#
# A loss of 0 would mean that each token was certain. Find the first such step, and look
# at what else the log says of it. A run that explodes climbs first.

# %%
bad = broken.index(0)
lengths_of = logged(trainer, "grad_norm")
for step in range(bad - 3, bad + 2):
    print(f"step {step + 1}: loss {broken[step]:.2f}, gradient {lengths_of[step]:.2f}")
dead = [name for name, p in model.named_parameters() if p.isnan().any()]
print(f"{len(dead)} of {len(list(model.parameters()))} tensors contain NaN")

# %% [markdown]
# Nothing climbed. But from that step on the gradient is `nan`, not a number, and so is
# every weight: anything plus NaN is NaN. The loss must be NaN, too. The 0 is
# `Trainer`'s: by default (`logging_nan_inf_filter=True`) it replaces a loss that is no
# number by the mean of those since the last log. Here there is none since the last log,
# and it writes 0. With `logging_steps=10`, the first bad step would hide behind the mean
# of the good ones.
#
# So take that very batch, and a model that has never been trained on it.

# %%
fresh = load("tiny-base")[0]
for step in (bad - 1, bad):
    batch = collator(rows[4 * step : 4 * step + 4])
    count = int((batch["labels"] != -100).sum())
    with torch.no_grad():
        loss = summary_loss(fresh(batch["input_ids"]), batch["labels"])
    print(f"step {step + 1}: loss {loss:.2f}, {count} tokens to learn from")

# %% [markdown]
# The batch is at fault. Its chats are so long that cutting at 90 tokens took away the
# whole summaries. Nothing is left to learn from, and the mean is 0 divided by 0. What
# does the gradient make of that?
#
# ![A row of chat and cue that is cut at 90 tokens, just before the answer. All labels
# that are left are -100.](drawing:a_summary_cut_away)

# %% tags=["nbval-check-output"]
def gradients(labels):
    logits = torch.zeros(2, 5, requires_grad=True)  # (tokens, vocab)
    counts = labels != -100
    targets = labels.clamp(min=0)
    by_hand = cross_entropy(logits, targets, reduction="none") * counts
    (first,) = torch.autograd.grad(by_hand.sum() / counts.sum(), logits)
    (second,) = torch.autograd.grad(cross_entropy(logits, labels), logits)
    return first[0, :2].abs().tolist(), second[0, :2].abs().tolist()


for labels in (torch.tensor([-100, 3]), torch.tensor([-100, -100])):
    by_hand, built_in = gradients(labels)
    print(f"labels {labels.tolist()}: by hand {by_hand}, built in {built_in}")

# %% [markdown]
# By hand, tokens that do not count get the gradient 0 times infinity, which is NaN.
# PyTorch's own `cross_entropy` leaves out labels of -100 before it computes. Its loss
# is NaN for such a batch, too, but its gradient is 0. So with the model's own loss, the
# same rows look otherwise:

# %%
model = load("tiny-base")[0]
survivor = Trainer(
    model=model,
    args=arguments(per_device_train_batch_size=4),
    train_dataset=rows,
    data_collator=collator,
)
losses = run(survivor)
print("losses:", [round(loss, 2) for loss in losses[bad - 2 : bad + 3]])
assert not any(p.isnan().any() for p in model.parameters())

# %% [markdown]
# One 0 between good losses, and the run goes on. A single 0 is all that you will ever
# see of a batch that is masked throughout, and only if each step is logged. So log the
# first steps one by one, with the filter off.
#
# A lower learning rate would not have helped. Nor did clipping, which `Trainer` did all
# the while: it divides the gradient by its length, and that is NaN.
#
# ### Repair
#
# Cut the start of the chat, never the summary. The course's `encode_summaries` does so.
# And use the model's own loss.

# %%
from course_utils.data.summaries import encode_summaries
from datasets import Dataset

whole, cut = encode_summaries(Dataset.from_list(chats), tokenizer, max_length)
print(f"{cut} chats were cut")
repaired = run(Trainer(
    model=load("tiny-base")[0],
    args=arguments(per_device_train_batch_size=4, logging_nan_inf_filter=False),
    train_dataset=in_groups(whole.to_list()),
    data_collator=collator,
))
figure = draw("Case 1, repaired", {"before": broken, "repaired": repaired})
assert all(loss > 0 for loss in repaired)

# %% [markdown]
# The two curves are close, and one of them goes on. Before the repair, the long chats
# had also taught something wrong, silently: a summary cut in half has no end.
#
# NaN has other causes: 16 bits without loss scaling (lesson 04), a logarithm of 0, a
# missing value in a table. The way is the same: the first bad step, its batch, a fresh
# model.
#
# ## 3. Case 2: a loss that does not move
#
# Training from scratch, in a notebook.

# %%
import math

set_seed(0)
model = load("tiny")[0]  # random weights
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
one_batch = {"input_ids": blocks[:8], "labels": blocks[:8]}
with torch.no_grad():
    first = model(**one_batch).loss
print(f"first loss {first:.2f}, ln(V) = {math.log(model.config.vocab_size):.2f}")

# %% [markdown]
# The first loss is right. Some cells later:

# %%
set_seed(0)
model = load("tiny")[0]  # start from fresh weights


def with_our_optimizer(rows, steps):
    args = arguments(max_steps=steps)
    return Trainer(model, args, train_dataset=rows, optimizers=(optimizer, None))


broken = run(with_our_optimizer(text_rows, 40))
figure = draw("Case 2", {"training": broken})
print(f"mean of the last ten losses: {sum(broken[-10:]) / 10:.2f}")

# %% [markdown]
# (`Trainer` divides by all 64 labels of a row, and only 63 are guessed. So its first
# loss is 63/64 of the one above.)
#
# **Stop here.** The loss trembles around ln(V) and does not fall. Which is it?
#
# - The learning rate is too low.
# - The labels do not belong to the inputs.
# - The optimizer does not change this model.
#
# ### Diagnosis
#
# Overfit one batch (lesson 05). It tells a hard task from a broken loop.

# %%
losses = run(with_our_optimizer(text_rows[:8], 10))
print(f"one batch, ten times: {losses[0]:.4f} -> {losses[-1]:.4f}")

# %% [markdown]
# The same number each time. A low learning rate creeps, and wrong labels can be learned
# by heart. This model does not change at all. Are there gradients, and do weights move?

# %%
before = [p.detach().clone() for p in model.parameters()]
trainer = with_our_optimizer(text_rows, 1)
run(trainer)
pairs = zip(model.parameters(), before, strict=True)
moved = sum(not torch.equal(new, old) for new, old in pairs)
print(f"{moved} of {len(before)} tensors moved")
print(f"length of the gradient: {logged(trainer, 'grad_norm')[0]:.2f}")

# %% [markdown]
# Nothing moved, and there is a gradient. So it is the optimizer's `step()` that does
# not reach this model. Whose weights does the optimizer hold?

# %%
groups = trainer.optimizer.param_groups
held = {id(p) for group in groups for p in group["params"]}
own = {id(p) for p in model.parameters()}
print(f"the optimizer holds {len(held)} tensors, {len(held & own)} of this model's")

# %% [markdown]
# The model was made anew, and the optimizer kept the old one. In a notebook this takes
# one cell that is run twice. Frozen weights (`requires_grad=False`) do not move either,
# but those have no gradients.
#
# ![Gradients flow from the loss to the new model. The optimizer still moves the first
# model, and nothing joins the two.](drawing:an_optimizer_of_the_old_model)
#
# ### Repair
#
# Let `Trainer` make the optimizer, from the model you give it. If you need your own,
# make model and optimizer in the same cell.

# %%
set_seed(0)
trainer = Trainer(load("tiny")[0], arguments(max_steps=40), train_dataset=text_rows)
repaired = run(trainer)
seconds_per_step = logged(trainer, "train_runtime")[0] / 40
figure = draw("Case 2, repaired", {"before": broken, "repaired": repaired})
assert sum(repaired[-5:]) / 5 < 7

# %% [markdown]
# There is a second place where losses get stuck. A model can learn how frequent each
# token is, and nothing else. Its loss is then the entropy of the frequencies:

# %%
counts = torch.bincount(blocks.flatten()).float()
p = counts[counts > 0] / counts.sum()
print(f"frequencies only: {-(p * p.log()).sum():.2f} nats per token")

# %% [markdown]
# If a curve falls, and goes flat there, the model cannot use its context. Then look at
# the labels: are they shuffled apart from their inputs, or shifted to the wrong side?
#
# ## 4. Case 3: a model that never stops
#
# The base model is to write short messages. Each example is one sentence or two, and
# ends with `<|endoftext|>`. The batches come from Transformers' own collator.

# %%
from transformers import DataCollatorForLanguageModeling

end = tokenizer.eos_token_id
tokenizer.pad_token = tokenizer.eos_token  # GPT-2 has no token for padding
summaries = [row["summary"] for row in tinychats(400)]
rows = [{"input_ids": tokenizer(f"News: {text}")["input_ids"] + [end]}
        for text in summaries]
classic = DataCollatorForLanguageModeling(tokenizer, mlm=False)


def learn_to_write(collator):
    model = load("tiny-base")[0]
    args = arguments()  # 50 batches of 8: one pass over the 400
    trainer = Trainer(model, args, train_dataset=rows, data_collator=collator)
    return model, run(trainer)

# %% [markdown]
# One pass over 400 messages:

# %%
endless, broken = learn_to_write(classic)
figure = draw("Case 3", {"training": broken})

# %% [markdown]
# A good curve. Let the model write.

# %%
from course_utils.evaluation.generation import compare, generate


def news(model):
    prompts = ["News:"] * 12
    options = {"strategy": "top-p", "seed": 0, "progress": False}
    return generate(model, tokenizer, prompts, max_new_tokens=60, **options)


def lengths(texts):
    return sorted(len(tokenizer(text)["input_ids"]) for text in texts)


written = news(endless)
print("tokens:", lengths(written))
compare({"what it writes": written[:3]})

# %% [markdown]
# **Stop here.** One sentence or two was the plan. But the texts run on and on, most of
# them to the limit of 60 tokens. Which is it?
#
# - `max_new_tokens` is too large.
# - It needs more training, or a larger model.
# - It has never been asked for the end.
#
# ### Diagnosis
#
# Give the model a whole message, and ask what comes next. How probable is the end?

# %%
def chance_of_end(model):
    chances = []
    with torch.no_grad():
        for row in rows[:20]:
            ids = torch.tensor([row["input_ids"][:-1]])  # without its end
            chances.append(model(ids).logits[0, -1].softmax(-1)[end].item())
    return sum(chances) / len(chances)


untrained = load("tiny-base")[0]
print(f"base model         {chance_of_end(untrained):.3f}")
print(f"after fine-tuning  {chance_of_end(endless):.3f}")

# %% [markdown]
# The base model knew it better. 50 steps of text that always ended have made it forget!
# Look at what those steps asked for.

# %%
batch = classic(rows[:8])
print("ends in the inputs, one a row or more:",
      (batch["input_ids"] == end).sum(dim=1).tolist())
print("ends among the labels:                ",
      (batch["labels"] == end).sum(dim=1).tolist())

# %% [markdown]
# Not one: lesson 05 showed these zeros, and why. This is what they do.
#
# ### Repair
#
# Mask by length, as `SummaryCollator` does (lesson 07).

# %%
for row in rows:
    row["labels"] = row["input_ids"]
stopping, repaired = learn_to_write(SummaryCollator(tokenizer))
figure = draw("Case 3, repaired", {"before": broken, "repaired": repaired})

# %% [markdown]
# By the curves, nobody could tell them apart. By the texts, anybody can.

# %%
written = news(stopping)
print("tokens:", lengths(written))
before, after = chance_of_end(endless), chance_of_end(stopping)
print(f"chance of the end: {before:.3f} -> {after:.3f}")
compare({"what it writes": written[:3]})

# %% [markdown]
# The sentences are no wiser, but they end. So read some output at each evaluation, and
# count how many texts end by themselves.
#
# ## 5. Case 4: a result that is too good
#
# A collection of texts, exported from an app. The app keeps another copy each time that
# somebody corrects a text: here two copies of each, with two words fewer.

# %%
several = load_dataset(**profile.language)["test"]["text"]
several = [text for text in several if 40 <= len(text.split()) <= 110]
unseen, originals = several[:10], several[10:28]


def corrected(text, chooser):
    words = text.split(" ")
    for _ in range(2):
        del words[chooser.randrange(len(words))]
    return " ".join(words)


chooser = random.Random(0)
copies = [corrected(text, chooser) for text in originals for _ in range(2)]
export = Dataset.from_dict({"text": originals + copies})
print(len(export), "texts")

# %% [markdown]
# `Trainer` measures the loss on the test before the first epoch and after each one.
# Its exp is the perplexity.

# %%
def with_ends(texts):
    every = tokenizer(list(texts), truncation=True, max_length=200)["input_ids"]
    every = [[*ids, end] for ids in every]
    return [{"input_ids": ids, "labels": ids} for ids in every]


def train_and_test(train_texts, test_texts):
    model = load("tiny-base")[0]
    args = arguments(
        num_train_epochs=4,
        max_steps=-1,  # the epochs decide
        per_device_train_batch_size=4,
        learning_rate=2e-3,
        train_sampling_strategy="random",
        eval_strategy="epoch",
        eval_on_start=True,
    )
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=with_ends(train_texts),
        eval_dataset=with_ends(test_texts),
        data_collator=collator,
    )
    run(trainer)
    return model, [math.exp(loss) for loss in logged(trainer, "eval_loss")]

# %% [markdown]
# A random quarter is kept for the test.

# %%
split = export.train_test_split(test_size=0.25, seed=0)
flattered, results = train_and_test(split["train"]["text"], split["test"]["text"])
print(f"perplexity on the test: {results[0]:.1f} -> {results[-1]:.1f}")
passes = range(len(results))
names = {"xlabel": "passes over the data", "ylabel": "perplexity on the test"}
figure = plots.lines({"test": (passes, results)}, title="Case 4", **names)

# %% [markdown]
# **Stop here.** The test texts were kept apart, and the perplexity falls and falls, far
# below what lesson 05 reached with hundreds of times as much text. Which is it?
#
# - The base model is good, so little is enough.
# - These texts are easy.
# - The model knew the test.
#
# ### Diagnosis
#
# When a result is too good, look for the answer among the training texts. Lesson 02 has
# the tool.

# %%
from course_utils.data.duplicates import leaks

pairs = leaks(split["train"]["text"], split["test"]["text"])
tests = len(split["test"])
print(f"{len(pairs)} of {tests} test texts have a near duplicate in training")
print("equal texts:", len(set(split["train"]["text"]) & set(split["test"]["text"])))
one, other = pairs[0]
compare({"in training": [split["train"]["text"][one]],
         "in the test": [split["test"]["text"][other]]})

# %% [markdown]
# The copies differ by two words here and there, so a search for equal texts finds none
# of them.
#
# ![A text in training and a shorter copy of it in the test: not equal, but the same to
# the model.](drawing:a_leak_between_near_copies)
#
# The proof: other texts, from the same source.

# %%
from course_utils.evaluation.perplexity import perplexity

new = with_ends(unseen)
print(f"the test                   {results[-1]:6.1f}")
print(f"new texts, after training  {perplexity(flattered, new):6.1f}")
print(f"new texts, before          {perplexity(load('tiny-base')[0], new):6.1f}")

# %% [markdown]
# On new texts it has become worse than the base model, by far. It has learned its
# training texts by heart, and the test praised it for that.
#
# ### Repair
#
# Find the near duplicates first, and keep each group on one side. `split_documents`
# does both.

# %%
from course_utils.data.duplicates import split_documents

honest = split_documents(export, fractions=(0.75, 0.0, 0.25))
print("leaks:", len(leaks(honest["train"]["text"], honest["test"]["text"])))
_, fair = train_and_test(honest["train"]["text"], honest["test"]["text"])
curves = {"random split": (passes, results), "split by group": (passes, fair)}
figure = plots.lines(curves, title="Case 4, repaired", **names, log=True)

# %% [markdown]
# The same model, the same training. The honest test says what the flattering one hid:
# these passes over a few texts make the model worse. With the first test one would add
# more of them. A leak does not only give a wrong number, it leads to wrong decisions.
#
# ## 6. Case 5: a run that is slower than planned
#
# A configuration, carried over from another code base. The plan: 12 steps, like those
# of case 2.

# %%
from transformers import GPT2Config, GPT2LMHeadModel

wished = {
    "vocab_size": 2048,
    "n_ctx": 256,
    "n_embd": 128,
    "n_layers": 4,
    "n_head": 4,
    "dropout": 0.0,
}


def timed_run(model):
    trainer = Trainer(model, arguments(max_steps=12), train_dataset=text_rows)
    losses = run(trainer)
    (seconds,) = logged(trainer, "train_runtime")
    print(f"planned {12 * seconds_per_step:.1f} s, took {seconds:.1f} s")
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")

# %% [markdown]
# The model, and the run:

# %%
set_seed(0)
slow = GPT2LMHeadModel(GPT2Config(**wished))
timed_run(slow)

# %% [markdown]
# **Stop here.** It learns, and takes about three times as long as it should. Which is
# it?
#
# - The machine is busy.
# - The text is longer.
# - It is another model than you think.
#
# ### Diagnosis
#
# The cheapest question of all: how many parameters does it have?

# %% tags=["nbval-check-output"]
with torch.device("meta"):
    expected = GPT2LMHeadModel(GPT2Config(
        vocab_size=2048, n_positions=256, n_embd=128, n_layer=4, n_head=4
    ))
print(f"expected {expected.num_parameters():,}")
print(f"got      {slow.num_parameters():,}")

# %% [markdown]
# Another model. Which of the wishes were heard?

# %% tags=["nbval-check-output"]
known = GPT2Config()
for name, value in wished.items():
    print(f"{name:<11} {value!s:<5} {'a field' if hasattr(known, name) else 'ignored'}")
for name in ("n_layer", "n_positions", "resid_pdrop"):
    print(f"{name:<11} is {getattr(slow.config, name)}")

# %% [markdown]
# Three names are not GPT-2's, and `GPT2Config` takes any name without a word (lesson
# 03). So the model has 12 layers, 1,024 positions and dropout. In a long run this costs
# days, and the results are compared with the wrong model.
#
# ### Repair
#
# The right names, and a check that refuses the others. The course's `preset` has one.

# %%
from course_utils import CourseError
from course_utils.model.gpt2 import preset

try:
    preset("tiny", n_layers=4)
except CourseError as error:
    print(error)
set_seed(0)
quick = GPT2LMHeadModel(preset("tiny", n_positions=256, n_layer=4, resid_pdrop=0.0))
timed_run(quick)
assert quick.num_parameters() == expected.num_parameters()

# %% [markdown]
# The tokenizer has a silent case of the same kind: given wrong file names, it loads
# with a single token. So assert two numbers at the start of each run: the parameters,
# and `len(tokenizer)`.
#
# ## 7. Symptom, and where to look first
#
# | symptom | first | then | then |
# |---|---|---|---|
# | loss is NaN, or exactly 0 | the first bad step and its batch: any labels? | that batch on a fresh model | precision: 16 bits, loss scaling |
# | loss climbs, then stays high | learning rate, warm-up | gradient clipping | the size of the initial weights |
# | stays at ln(V) | overfit one batch | do weights move? does the optimizer hold them? | are weights frozen? |
# | flat at the frequencies' entropy | do labels belong to inputs? | shifted twice, or to the wrong side | padding side, attention mask |
# | falls far below anything known | leaks between splits | the causal mask | labels within the inputs |
# | training falls, held out rises | too many passes for the data | a smaller rate, fewer steps | near duplicates in training |
# | never stops | ends among the labels | padding masked by id | the end token's id at generation |
# | writes nonsense at once | tokenizer and model belong together? | left padding at generation | were the weights loaded at all? |
# | slower than planned | count the parameters | is the GPU used, and which precision? | threads, data loading |
# | out of memory | batch x block size | accumulation, checkpointing | logits: vocabulary x tokens |
# | resumed run differs | optimizer and schedule loaded? | the step, and the data's order | random state |
# | others cannot repeat it | versions | seed, data, split | number of processes |
#
# Three habits help with most of it: look at one batch in words before you train,
# overfit one batch, and read texts at each evaluation.
#
# ![Five symptoms and where to look first: NaN, the bad batch; stuck at ln(V), one
# batch; never stops, the ends; too good, leaks; too slow, the parameters.](drawing:where_to_look_first)
#
# ## 8. What changed since GPT-2
#
# GPT-2 is from 2019. Open the description of a current model and you find the same
# plan: tokens, blocks of attention and MLP, one loss. These parts changed:
#
# ![What changed since GPT-2: LayerNorm to RMSNorm, positions to RoPE, keys shared in
# GQA, GELU to SwiGLU, biases gone. Mask, residual sums and next token stayed.](drawing:from_gpt2_to_today)
#
# | part | GPT-2 | today | paper |
# |---|---|---|---|
# | positions | a learned table of 1,024 | *RoPE*: queries and keys are turned by an angle, and only distances count | Su et al. (2021), [2104.09864](https://arxiv.org/abs/2104.09864) |
# | norm | LayerNorm | *RMSNorm*: scale only, no mean and no shift | Zhang and Sennrich (2019), [1910.07467](https://arxiv.org/abs/1910.07467) |
# | place of the norm | before attention and MLP | mostly the same: *pre-norm* stays | Xiong et al. (2020), [2002.04745](https://arxiv.org/abs/2002.04745) |
# | MLP | two matrices and GELU | *SwiGLU*: a third matrix opens and closes a gate | Shazeer (2020), [2002.05202](https://arxiv.org/abs/2002.05202) |
# | heads | each query has its own key and value | *GQA*: several queries share them, and the cache shrinks | Ainslie et al. (2023), [2305.13245](https://arxiv.org/abs/2305.13245) |
# | biases | in every layer | mostly none | Chowdhery et al. (2022), [2204.02311](https://arxiv.org/abs/2204.02311) |
# | attention in memory | a table of time x time | *FlashAttention*: the same result in tiles, the table is never stored | Dao et al. (2022), [2205.14135](https://arxiv.org/abs/2205.14135) |
# | context | 1,024 tokens | 100,000 and more, by stretching RoPE (*YaRN*) | Peng et al. (2023), [2309.00071](https://arxiv.org/abs/2309.00071) |
# | which weights work | all, for each token | *mixture of experts*: a router picks a few MLPs for each token | Shazeer et al. (2017), [1701.06538](https://arxiv.org/abs/1701.06538); DeepSeek-AI (2024), [2412.19437](https://arxiv.org/abs/2412.19437) |
# | size and data | 1.5 billion parameters, 40 GB of text | about 20 tokens per parameter is the best use of a budget; small models get far more | Hoffmann et al. (2022), [2203.15556](https://arxiv.org/abs/2203.15556) |
# | the text | pages linked from Reddit | filtered and deduplicated web, documented | Penedo et al. (2024), [2406.17557](https://arxiv.org/abs/2406.17557) |
# | optimizer | Adam | AdamW; lately *Muon* for the matrices | Jordan et al. (2024), [Muon](https://kellerjordan.github.io/posts/muon/); Liu et al. (2025), [2502.16982](https://arxiv.org/abs/2502.16982) |
# | after pretraining | nothing | instructions, then *RLHF*: reinforcement learning from people's choices | Ouyang et al. (2022), [2203.02155](https://arxiv.org/abs/2203.02155) |
# | | | *DPO*: the same aim with a plain loss | Rafailov et al. (2023), [2305.18290](https://arxiv.org/abs/2305.18290) |
# | | | reasoning, learned from checked answers | DeepSeek-AI (2025), [2501.12948](https://arxiv.org/abs/2501.12948) |
# | fine-tuning | all weights | *LoRA*: small matrices beside frozen ones | Hu et al. (2021), [2106.09685](https://arxiv.org/abs/2106.09685) |
#
# What did not change: the causal mask, the residual sums, next-token prediction,
# cross entropy, perplexity, and all of the mistakes above.
#
# ## 9. Four of the changes, by hand
#
# ### RMSNorm
#
# LayerNorm takes the mean off and divides by the standard deviation. RMSNorm only
# divides by the root of the mean square.

# %% tags=["nbval-check-output"]
from torch.nn.functional import layer_norm


def rms_norm(x):
    return x / (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()


torch.manual_seed(0)
x = torch.randn(4, 768)  # (tokens, n_embd)
x = x - x.mean(dim=-1, keepdim=True)
for name, vector in (("mean 0", x), ("mean 1", x + 1)):
    difference = (rms_norm(vector) - layer_norm(vector, (768,))).abs().max()
    print(f"{name}: largest difference {difference:.4f}")

# %% [markdown]
# Where the mean is 0, the two are equal. Otherwise RMSNorm keeps the mean as
# information. It has half the parameters and less to compute, and the paper found that
# models train as well with it.
#
# ### RoPE
#
# GPT-2 adds a learned vector for each position, and has none for position 1,024. RoPE
# takes the numbers of a query or key in pairs (below, one from the first half and one
# from the second), and turns each pair by an angle that grows with the position: fast
# for the first pairs, slowly for the last.
#
# ![Arrows turned by their positions. Between 3 and 5 lies the same angle as between 103
# and 105, between 4 and 5 half of it.](drawing:rope_turns_by_the_position)

# %%
def rotate(x, position):
    half = x.shape[-1] // 2
    speeds = 10_000.0 ** (-torch.arange(half) / half)
    cos, sin = (position * speeds).cos(), (position * speeds).sin()
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)

# %% [markdown]
# What does attention see of it? The dot product of a turned query and a turned key.

# %% tags=["nbval-check-output"]
query, key = torch.randn(2, 64, dtype=torch.float64)
for i, j in ((5, 3), (105, 103), (5003, 5001), (5, 4)):
    score = rotate(query, i) @ rotate(key, j)
    print(f"query at {i:>4}, key at {j:>4}: distance {i - j}, score {score:.4f}")

# %% [markdown]
# Only the distance counts: equal distances give equal scores, anywhere in the text.
# Turning also leaves lengths alone, so nothing is added to the meaning of a token. And
# there is no table that could end.
#
# ### SwiGLU and GQA, counted
#
# SwiGLU needs a third matrix. Models narrow the middle to 8/3 of the width, so that the
# count stays. GQA is about memory at writing time: keys and values of all earlier
# tokens are kept.
#
# ![SwiGLU: one matrix with SiLU makes a gate, another makes the content. Their product
# goes through the third.](drawing:a_gate_in_the_mlp)
#
# ![Four queries with four keys and values in GPT-2. In GQA two queries share each, and
# the cache is half as large.](drawing:shared_keys)

# %% tags=["nbval-check-output"]
d = 768
print(f"GELU MLP, 4 d wide      {2 * d * 4 * d:,} weights")
print(f"SwiGLU MLP, 8/3 d wide  {3 * d * (8 * d // 3):,} weights")
layers, head_dim, context = 32, 128, 8192  # a model of 7 to 8 billion parameters
for kind, pairs in (("32 keys, one a query", 32), ("8 keys, GQA         ", 8)):
    cache = 2 * layers * pairs * head_dim * context * 2  # bytes, in 16 bits
    print(f"{kind}  {cache / 1e9:.2f} GB of cache for one text (predicted)")

# %% [markdown]
# ### All of them at once
#
# In Transformers you exchange a configuration, and today's parts are there. This is a
# small model of Llama's kind (Touvron et al., 2023).

# %%
from transformers import LlamaConfig, LlamaForCausalLM

modern = LlamaForCausalLM(LlamaConfig(
    vocab_size=2048,
    hidden_size=128,
    intermediate_size=344,
    num_hidden_layers=4,
    num_attention_heads=4,
    num_key_value_heads=2,
    tie_word_embeddings=True,
))
for name, parameter in modern.model.layers[0].named_parameters():
    print(f"{name:<32} {tuple(parameter.shape)}")

# %% [markdown]
# You can name every line now: no biases, keys and values half as wide as queries (GQA),
# a gate (SwiGLU), norms with a scale only (RMSNorm), and no table of positions (RoPE).
# And it obeys the same laws as GPT-2:

# %%
with torch.no_grad():
    first = modern(**one_batch).loss
print(f"{modern.num_parameters():,} parameters, GPT-2's way {quick.num_parameters():,}")
print(f"first loss {first:.2f}, ln(V) = {math.log(2048):.2f}")

# %% [markdown]
# Does it learn better? Train both with `Trainer`, from three seeds each, and see whether
# the difference is larger than the one between seeds. The papers measured with larger
# models, at equal budgets. Do so before you change a part.
#
# ## 10. Keep up
#
# How much text is right? Hoffmann et al. found about 20 tokens per parameter, for the
# best model that a fixed budget of computation can buy.

# %% tags=["nbval-check-output"]
for name, size in (("GPT-2", 124e6), ("GPT-2 XL", 1.56e9), ("8 billion", 8e9)):
    operations = 6 * size * 20 * size  # 6 x parameters x tokens, as in lesson 04
    days = operations / (312e12 * 0.3) / 86_400
    print(f"{name:<10} {20 * size / 1e9:5.1f} billion tokens, "
          f"{days:6.1f} days on one A100 (predicted)")

# %% [markdown]
# (An A100 could do 312e12 operations per second, and 0.3 is the share that a run often
# gets.) Llama 3 with 8 billion parameters read 15 trillion tokens, nearly a hundred
# times as many (Grattafiori et al., 2024). The rule asks for the best model after
# training. Whoever will answer many requests wants a small model, and pays for more
# text. So a paper's figure answers one question. Ask of each paper:
#
# - What was compared, and was the budget the same for both?
# - How many seeds? Is the gain larger than the noise between them?
# - Could the test be in the training data?
# - Did somebody else find the same?
#
# Libraries change faster than ideas. The script of lesson 05 was right when it was
# written, and does not run any more. So write down what you ran with:

# %%
from course_utils.machine.runtime import versions

for name, number in versions().items():
    print(f"{name:<13} {number}")

# %% [markdown]
# The next change is announced before it comes, as a warning that most people switch
# off. The course also hides them, to keep the lessons readable. Listen once:

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    quick.gradient_checkpointing_enable()
for warning in caught or ["no warning in this version"]:
    print(getattr(warning, "message", warning))

# %% [markdown]
# In recent versions of Transformers this says that the name will go. Good habits:
#
# | how often | what |
# |---|---|
# | each run | keep versions, seed, configuration and data with the results |
# | each month | update in a fresh environment, run your tests with warnings on, read the release notes and the migration guide |
# | each new model | read its configuration file first: it says which of the parts above it has |
# | each paper | write down its claim in one sentence, and the cheapest experiment that could refute it |
# | each surprise | a small script that shows it; search the issues; report it |
#
# Good places: the [releases of
# Transformers](https://github.com/huggingface/transformers/releases) and of
# [PyTorch](https://github.com/pytorch/pytorch/releases), the technical reports of open
# models (OLMo is open to its data and logs), and the [papers that people
# discuss](https://huggingface.co/papers).
#
# ## Key takeaways
#
# - A failed run seldom raises an error. Look at the first loss, one batch, the weights
#   and the texts.
# - NaN, or a loss of exactly 0: first bad step, its batch, a fresh model. It is often
#   the data.
# - Stuck at ln(V): see whether weights move, and whose weights the optimizer holds.
# - Curves do not show a missing end. Texts do.
# - Too good? Look for near duplicates before you celebrate.
# - Configurations ignore what they do not know. Count the parameters.
# - Today's models are GPT-2 with exchanged parts, more text, and training after the
#   training.
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
        "question": "The loss is NaN from step 812 on. What do you do first?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Run step 812's batch on a fresh model.", "correct": True,
             "feedback": "Yes. It tells in seconds whether the data are to blame."},
            {"answer": "Halve the learning rate and start again.", "correct": False,
             "feedback": "If a batch has no labels, it is NaN at any rate."},
            {"answer": "Clip the gradients.", "correct": False,
             "feedback": "Clipping divides by the length, and that is NaN too."},
            {"answer": "Go on: it will recover.", "correct": False,
             "feedback": "NaN weights never do. Anything plus NaN is NaN."},
        ],
    },
    {
        "question": "The loss stays at ln(V), even on one batch. Gradients exist. Why?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The optimizer holds another model's weights.", "correct": True,
             "feedback": "Yes. Compare the ids of both, or see whether weights move."},
            {"answer": "The labels are shuffled.", "correct": False,
             "feedback": "One batch with wrong labels can still be learned by heart."},
            {"answer": "The model is too small.", "correct": False,
             "feedback": "Even a tiny model moves a little. This one does not."},
            {"answer": "It needs more steps.", "correct": False,
             "feedback": "No number of steps moves weights that nobody updates."},
        ],
    },
    {
        "question": "Test perplexity 8, perplexity on new texts 400. What is it?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "A leak: the test has twins in training.", "correct": True,
             "feedback": "Yes. Near duplicates, split at random."},
            {"answer": "Overfitting: the test is fine.", "correct": False,
             "feedback": "It overfits, and an honest test would have shown that."},
            {"answer": "The new texts are from a harder source.", "correct": False,
             "feedback": "Possible. Take them from the same source, as case 4 does."},
            {"answer": "Too little training.", "correct": False,
             "feedback": "More of it makes the new texts worse still."},
        ],
    },
    {
        "question": "GPT2Config(n_layers=4) trains slowly. What happened?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It has 12 layers: the name was ignored.", "correct": True,
             "feedback": "Yes. The field is n_layer. Count the parameters."},
            {"answer": "Four layers need a GPU.", "correct": False,
             "feedback": "Four small ones do not. There are twelve."},
            {"answer": "The optimizer is slow.", "correct": False,
             "feedback": "It takes a small part of a step."},
            {"answer": "It raised a warning that you missed.", "correct": False,
             "feedback": "There is none. That is why you have to count."},
        ],
    },
    {
        "question": "What does RoPE give that GPT-2's positions do not?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Scores that depend on distances only.", "correct": True,
             "feedback": "Yes, at any place in the text, and without a table."},
            {"answer": "More parameters for positions.", "correct": False,
             "feedback": "It has none at all. It turns queries and keys."},
            {"answer": "A causal mask.", "correct": False,
             "feedback": "The mask is still there, and still needed."},
            {"answer": "Unlimited context without training.", "correct": False,
             "feedback": "Untrained distances are strange to it; see YaRN."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 10](../exercises/ex10_when_it_goes_wrong.ipynb) you get more broken runs,
# and find what is wrong. Then there are three projects that take all of the course:
#
# - [Exercise 11: fine-tune GPT on SAMSum](../exercises/ex11_samsum.ipynb);
# - [Exercise 12: before and after](../exercises/ex12_before_and_after.ipynb): what the
#   model writes, compared;
# - [Exercise 13: from scratch or
#   pretrained?](../exercises/ex13_scratch_or_pretrained.ipynb)
#
# The laboratories 11 to 13 compare choices: how to train, how to fine-tune, and what is
# true. They are no part of these projects, though they share the numbers.
#
# Here the way of the course ends. You have collected text, built GPT-2, trained it,
# measured it, put it to work, and mended it. To learn more, break something on purpose,
# and see what it looks like.
#
# ## Further reading
#
# - Andrej Karpathy, [*A Recipe for Training Neural
#   Networks*](https://karpathy.github.io/2019/04/25/recipe/).
# - Lee et al. (2022), [*Deduplicating Training Data Makes Language Models
#   Better*](https://arxiv.org/abs/2107.06499).
# - Touvron et al. (2023), [*LLaMA*](https://arxiv.org/abs/2302.13971): most of the
#   parts above in one model.
# - Grattafiori et al. (2024), [*The Llama 3 Herd of
#   Models*](https://arxiv.org/abs/2407.21783).
# - OLMo team (2025), [*2 OLMo 2 Furious*](https://arxiv.org/abs/2501.00656): a model
#   with its data, code, logs and mistakes.
# - [transformers#23530](https://github.com/huggingface/transformers/issues/23530):
#   case 3, as it was reported.
# - [The migration guide to Transformers
#   5](https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md).
