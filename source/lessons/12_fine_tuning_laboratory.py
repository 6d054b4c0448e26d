# %% [markdown]
# # 12. Fine-tuning laboratory
#
# Lesson 07 fine-tuned all weights, at one rate, with a mask. Were these good choices?
# Here you compare them with others. Some runs are made in front of you. The others are
# shipped with the course, and you see of each row which it is.
#
# **You will be able to**
#
# - write LoRA yourself, on GPT-2's own layers, and show that `peft` computes the same;
# - say what a way to fine-tune gains, what it makes the model forget, and what it weighs;
# - judge a choice by several seeds and an interval, and not by one run;
# - write the same training with TRL, and check that its labels are those you want;
# - decide by the number of examples whether pretrained weights are worth having.
#
# | profile | model | pairs a run | minutes | memory |
# |---|---|---|---|---|
# | tiny | GPT-2, 1.1 million parameters | 1,000 | 1 to 2 on one CPU core | 1.6 GB |
# | colab | GPT-2, 124 million | 3,600 | 10 to 20 (predicted) | 8 GB (predicted) |
# | full | GPT-2, 124 million | 11,200 | 10 to 20 (predicted) | 13 GB (predicted) |
#
# This laboratory needs two more packages: `pip install "train-gpt-course[labs]"`. In
# Colab take `pip install peft "trl<1"`: a later TRL would replace its data libraries.

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("12", needs=["peft", "trl"])

# %% [markdown]
# ## 1. What is held fixed
#
# A comparison changes one thing. Everything else is the same in all runs: the base, the
# form of a row (lesson 07), the number of steps, and the chats that are measured on.
# The test split stays closed: TinyChats' validation split serves, and development
# chats.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer
from course_utils.data.tokens import pack

tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
pairs = load_dataset(**profile.summaries)
pairs = pairs.filter(lambda row: row["dialogue"] and row["summary"])
held_out = pairs["validation"].select(range(80, 160))
documents = load_dataset(**profile.language)["validation"]
documents = documents.filter(lambda row: row["text"].strip())
own_text = pack(documents, tokenizer, profile.block_size).select(range(64))
steps, batch_size = profile.finetune_steps // 4, max(1, profile.batch_size // 2)
print(f"{steps} steps of {batch_size * profile.accumulation} pairs in each run")

# %% [markdown]
# Two things say what is gained (lesson 07, section 10): *ROUGE-1*, and *people*, the
# share of summaries that name just the right ones. They are measured on chats like
# those of the training, and *elsewhere*: on development chats, which no generator
# wrote. The perplexity of *own text* says what is forgotten: in tiny it is text of a
# kind that the base was trained on. (On a GPU it is Wikipedia, which GPT-2 has not
# read, but knows the like of.)

# %%
import warnings
from course_utils.data.handwritten import development_chats
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.perplexity import perplexity
from course_utils.evaluation.summary_scores import summary_scores

warnings.filterwarnings("ignore", "[0-9]+ of [0-9]+ prompts")  # a few are cut
places = {"known": held_out, "elsewhere": development_chats().select(range(80))}


def measure(model):
    found = {}
    for place, rows in places.items():
        texts = summarise(model, tokenizer, rows["dialogue"], progress=False)
        scores = summary_scores(texts, rows)
        found[f"{place}.rouge1"] = scores["rouge1"]
        found[f"{place}.people"] = scores["names"]
    found["own_text"] = perplexity(model, own_text, batch_size=profile.batch_size)
    return found

# %% [markdown]
# The base before any training is the first line to beat. The words "A and B.", with the
# first two who speak, are the second.

# %%
from course_utils.machine.runtime import device
from course_utils.model.gpt2 import load


def show(name, scores):
    print(f"{name:<14}", "   ".join(f"{k} {v:.1f}" for k, v in scores.items()))


def two_people(dialogue):
    speakers = dict.fromkeys(line.partition(":")[0] for line in dialogue.splitlines())
    return " and ".join(list(speakers)[:2]) + "."


base = load(profile.pretrained)[0].to(device())
before = measure(base)
show("base", before)
two = {}
for place, rows in places.items():
    two[place] = summary_scores([two_people(text) for text in rows["dialogue"]], rows)
    found = {"rouge1": two[place]["rouge1"], "people": two[place]["names"]}
    show(f"two, {place}", found)

# %% [markdown]
# Now the shipped runs. They were made with the tiny profile, one after the other, by
# `scripts/fine_tuning_runs.py`, and each is a row.

# %%
import json
import pandas as pd
from course_utils.machine.places import ASSETS

shipped = json.loads((ASSETS / "laboratory" / "fine_tuning.json").read_text("utf-8"))
runs = pd.json_normalize(shipped["rows"]).assign(made="shipped", model="tiny-base")
print(f"{len(runs)} runs, {shipped['cpu_seconds'] / 60:.0f} CPU minutes")
print(shipped["versions"])
trials = runs[runs["choosing.rouge1"].notna()]
trials.pivot_table("choosing.rouge1", ["method", "pairs"], "learning_rate").round(1)

# %% [markdown]
# Each way to train has a rate of its own that suits it. So each got two or three
# trials, on 80 chats that nothing else is measured on, and a rule that was written down
# before: take the lowest rate within two points of the best.
#
# ### How sure is a mean of three?
#
# Another seed draws other pairs, another order and other random weights. So a mean gets
# lesson 11's interval over the seeds, which is Student's: three runs say little, and it
# admits that. (The chats are the same in all runs. Other chats would add to it.)

# %%
from course_utils.training.laboratory import interval


def told(values):
    """Return the mean over seeds, and half the width of its 95 % interval."""
    middle, _, high = interval(list(values))
    width = f" ± {high - middle:.1f}" if len(values) > 1 else ""
    return f"{middle:.1f}{width}"

# %% [markdown]
# ## 2. All weights
#
# The live runs have seed 3, which no shipped run has: so yours is one more. `finetune`
# is lesson 07's training in one call. In tiny the trials have chosen its rate, a third
# of lesson 07's: here are fewer steps, and batches of half the size. What do you expect
# of the base's own text, whose perplexity is at 20 to 30 now?
#
# <!-- figure: base 20 30 -->

# %%
from transformers import set_seed
from course_utils.lesson.summariser import finetune

SEED = 3


def tune(model, learning_rate):
    return finetune(
        model, tokenizer, pairs["train"].shuffle(seed=SEED), seed=SEED, steps=steps,
        learning_rate=learning_rate, batch_size=batch_size, people=profile.placeholders,
        accumulation=profile.accumulation, **profile.precision,
    ).model


rate = profile.finetune_learning_rate / 2
if profile.name == "tiny":
    is_chosen = runs["kept"] & (runs["method"] == "all") & (runs["pairs"] == 6000)
    rate = runs.loc[is_chosen, "learning_rate"].iloc[0]
set_seed(SEED)
whole = tune(load(profile.pretrained)[0].to(device()), rate)
scores = {"all": measure(whole)}
show("all weights", scores["all"])

# %% [markdown]
# Put it into the table, beside the shipped runs of the same kind. (With another profile
# the model is another one, and your run stands alone.)

# %%
from pathlib import Path


def add(runs, method, scores, rank=0):
    row = {"model": Path(profile.pretrained).name, "method": method, "rank": rank}
    row |= {"mask": True, "embeddings": True, "pairs": len(pairs["train"])}
    row |= {"seed": SEED, "made": "live", "kept": True} | scores
    return pd.concat([runs, pd.DataFrame([row])], ignore_index=True)


runs = add(runs, "all", scores["all"])
runs = runs[runs["kept"]]  # the chosen rates alone
is_all = (runs["method"] == "all") & (runs["pairs"] == 6000) & runs["mask"]
runs[is_all & runs["embeddings"]][["made", "seed", *before]].round(1)

# %% [markdown]
# <!-- figure: all weights 50 75 -->
# Look at the rows together. One more seed lies among the others or a little beside
# them: that is what a seed is worth. Look at *people*, too: in tiny the words "A and
# B." had 60 on known chats and 54 elsewhere. The runs are above the one, and not above
# the other. The price is large. In tiny the perplexity of the base's own text goes to
# 50 to 75, from 24. After 1,000 pairs of a new task the model has lost much of its old
# one. Only the last column shows it.
#
# ## 3. LoRA by hand
#
# LoRA leaves W as it is and trains two thin matrices beside it (lesson 06): the layer
# computes x W + scale · x A B. B starts at 0, so that the first step starts from the
# base. The scale is alpha / rank, which lets one learning rate serve all ranks.
#
# ![While training, x goes through W and, beside it, through A and B. After the merge
# there is one matrix, W plus the product.](drawing:two_ways_and_one)

# %%
import torch
from torch import nn
from transformers.pytorch_utils import Conv1D


class LoRA(nn.Module):
    def __init__(self, layer, rank, alpha=16):
        super().__init__()
        inputs, outputs = layer.weight.shape  # Conv1D; nn.Linear has (out, in)
        self.layer, self.scale = layer, alpha / rank
        self.A = nn.Parameter(layer.weight.new_empty(inputs, rank))
        self.B = nn.Parameter(layer.weight.new_zeros(rank, outputs))
        nn.init.uniform_(self.A, -(inputs**-0.5), inputs**-0.5)

    def forward(self, x):
        return self.layer(x) + self.scale * (x @ self.A @ self.B)

    def merged(self):
        self.layer.weight.data += self.scale * (self.A @ self.B).data
        return self.layer

# %%
def replace_layers(model, kind, new):
    for module in list(model.modules()):
        for name, layer in list(module.named_children()):
            if isinstance(layer, kind):
                setattr(module, name, new(layer))
    return model

# %% [markdown]
# ### The trap of the transpose
#
# GPT-2's layers are `Conv1D`s: their weight is (in, out). An `nn.Linear` keeps (out,
# in), and most code about LoRA is written for that. What if you add the product the
# wrong way round?
#
# ![GPT-2's Conv1D stores 128 x 384 and computes x W, nn.Linear stores 384 x 128 and
# computes x times the transpose. A square weight fits
# both.](drawing:two_ways_to_store_a_weight)

# %%
block = base.transformer.h[0]
for name, layer in {"c_attn": block.attn.c_attn, "c_proj": block.attn.c_proj}.items():
    lora = LoRA(layer, rank=8)
    nn.init.normal_(lora.B, std=0.1)
    x = torch.randn(1, lora.A.shape[0], device=device())
    try:
        wrong = layer(x) + lora.scale * (x @ (lora.A @ lora.B).T)
        print(name, "no error, off by", f"{(wrong - lora(x)).abs().max().item():.2f}")
    except RuntimeError as error:
        print(name, "is not square:", str(error).split("(")[0])

# %% [markdown]
# The layer that is not square complains. `attn.c_proj` is square, and is silent. So a
# shape that fits proves nothing: compare outputs, as you do below.
#
# Now wrap every `Conv1D` of the base. Nothing else is trained. Predict how many numbers
# that leaves, and what the model computes before its first step.

# %%
RANK = 8
set_seed(SEED)
ids = own_text.with_format("torch")["input_ids"][:4].to(device())  # (4, block_size)
adapted = load(profile.pretrained)[0].to(device()).requires_grad_(False)
adapted = replace_layers(adapted, Conv1D, lambda layer: LoRA(layer, RANK))
count = adapted.num_parameters(only_trainable=True)
print(f"{count:,} numbers, {count / base.num_parameters():.1%} of the model")
with torch.no_grad():
    assert torch.equal(adapted(ids).logits, base(ids).logits)

# %% [markdown]
# The trials have chosen a rate for LoRA, ten times as high as that for all weights: A
# and B start small, and B at nothing. Such a factor is usual. (At the lowest of its
# rates it gained some points less: see the trials.)

# %%
adapted = tune(adapted, 10 * rate)
scores["lora"] = measure(adapted)
show("all weights", scores["all"])
show("LoRA, rank 8", scores["lora"])
runs = add(runs, "lora", scores["lora"], RANK)

# %% [markdown]
# ### The same with `peft`
#
# The library does this, and much more, in a line. `fan_in_fan_out=True` is its name for
# the transpose. If it is left out, `peft` notices a `Conv1D`, sets it, and warns. Its
# matrices are stored the way of `nn.Linear`. Copy yours into it: do both models compute
# the same?

# %%
from peft import LoraConfig, get_peft_model

config = LoraConfig(
    r=RANK, lora_alpha=16, target_modules=["c_attn", "c_proj", "c_fc"],
    fan_in_fan_out=True, task_type="CAUSAL_LM",
)
with_peft = get_peft_model(load(profile.pretrained)[0].to(device()), config)
ours = [module for module in adapted.modules() if isinstance(module, LoRA)]
theirs = [module for module in with_peft.modules() if hasattr(module, "lora_A")]
for our, their in zip(ours, theirs, strict=True):
    their.lora_A["default"].weight.data = our.A.data.T.contiguous()
    their.lora_B["default"].weight.data = our.B.data.T.contiguous()
with torch.no_grad():
    logits = adapted(ids).logits  # (4, block_size, vocab)
    torch.testing.assert_close(with_peft(ids).logits, logits, atol=1e-3, rtol=1e-4)
with_peft.print_trainable_parameters()

# %% [markdown]
# ### Merge, and what is saved
#
# In use the second way costs time. So add scale · A B to W once: the model has its old
# form again. What you keep for each task is the adapter alone. How large is it on disk,
# beside the model?

# %%
from course_utils.machine.runtime import save_folder

folder = save_folder() / "laboratory"
with_peft.save_pretrained(folder / "adapter")
merged = replace_layers(adapted, LoRA, LoRA.merged)
with torch.no_grad():
    torch.testing.assert_close(merged(ids).logits, logits, atol=1e-3, rtol=1e-4)
merged.save_pretrained(folder / "merged")
for name in ("adapter/adapter_model", "merged/model"):
    size = (folder / f"{name}.safetensors").stat().st_size
    print(f"{size / 1e6:8.2f} MB  {name}")

# %% [markdown]
# In tiny the adapter is a sixteenth of the model. For a large model, with a rank that
# is small beside its width, it is a hundredth and less: one base, and a small file for
# each task.
#
# ### Which weights, then?
#
# All of them, the last half of the blocks, or LoRA at three ranks? Predict the order in
# both columns before you run the cell.

# %%
def compare_kinds(rows, by):
    groups = rows.groupby(by)
    count = {made: groups["made"].agg(lambda x, made=made: (x == made).sum())
             for made in ("shipped", "live")}
    return groups[list(before)].agg(told).assign(**count)


is_other_start = runs["method"].isin(["scratch", "familiar"])  # see section 6
usual = runs["mask"] & runs["embeddings"] & ~is_other_start
whole_set = runs[usual & (runs["pairs"] >= 6000)]
compare_kinds(whole_set, ["model", "method", "rank"])

# %% [markdown]
# <!-- figure: LoRA, rank 8 75 120 -->
# LoRA of rank 8 trains 6 numbers of 100. Does it then forget less? In tiny its own text
# is at 75 to 120. Many intervals overlap. That does not say that the ways are equal
# (lesson 08): the seeds are the same, so take the difference seed by seed.

# %%
made = whole_set[whole_set["made"] == "shipped"]
by_way = made.pivot(index="seed", columns=["method", "rank"], values=list(before))
for name, way, other in (
    ("rank 8 minus all weights", ("lora", 8), ("all", 0)),
    ("rank 8 minus rank 1", ("lora", 8), ("lora", 1)),
    ("rank 64 minus rank 8", ("lora", 64), ("lora", 8)),
):
    print(f"{name}:")
    for column in before:
        print(f"  {column:<18} {told(by_way[column][way] - by_way[column][other])}")

# %% [markdown]
# LoRA of rank 8 forgets *more* than all weights do, and no other difference between the
# two is shown. From rank 1 to 8 ROUGE-1 and people gain on known chats, and the own
# text pays: rank 1 forgets less. From 8 to 64 nothing is shown to change. So few
# trained numbers are no sure protection. (Of fifteen intervals, one may leave out 0 by
# chance alone.)
#
# Is a row's last column a property of the way to train, or of its rate? The trials can
# say. Draw what each of their runs gained over what it forgot.

# %%
from course_utils.evaluation.plots import lines

curves = {}
for method, rows in trials[trials["pairs"] == 6000].groupby("method"):
    if method not in ("scratch", "familiar"):
        rows = rows.sort_values("own_text")
        curves[method] = rows["own_text"].tolist(), rows["known.rouge1"].tolist()
figure = lines(
    curves,
    title="Gained against forgotten: each way at two or three rates",
    xlabel="perplexity of the base's own text (the base: 24)",
    ylabel="ROUGE-1 on known chats",
)

# %% [markdown]
# Within each way the higher rate forgets more, mostly for some more points. At equal
# forgetting, all weights and the last blocks lie above LoRA. (These are single runs, of
# seed 0.) So what you read about LoRA and forgetting depends on the rate at which it
# was compared. What LoRA saves for certain is memory and disk.
#
# ## 4. The mask, and the embeddings
#
# Lesson 07 left a question open: does the mask make better summaries, or only a loss
# that can be read? And exercise 11 lets you keep the token table as it is: does that
# help? Here are the same seeds, once each way. What a seed draws is the same in both,
# so take the difference seed by seed.

# %%
def difference(column, **change):
    usual = {"method": "all", "rank": 0, "pairs": 6000}
    usual |= {"mask": True, "embeddings": True}
    values = []
    for settings in (usual | change, usual):
        rows = runs[(runs[list(settings)] == pd.Series(settings)).all(axis=1)]
        values.append(rows[rows["made"] == "shipped"].set_index("seed")[column])
    return told(values[0] - values[1])


for column in before:
    mask_off = difference(column, mask=False)
    kept = difference(column, embeddings=False)
    print(f"{column:<18} mask off {mask_off:>16}   embeddings kept {kept:>16}")

# %% [markdown]
# An interval that holds 0 says: no difference was shown. In tiny the mask earns a point
# of ROUGE-1 or two on known chats, and nothing else that is shown. It also forgets
# more: without it three labels of four are dialogue, so the model goes on practising
# chats. Keeping the embeddings shows no difference in what is gained, and forgets less.
# So for a task near to what the base can do, keep them. (Both got the rate that was
# chosen with the mask and all weights. At a rate of its own, a rival may do better.)
#
# ## 5. The short form: TRL
#
# `SFTTrainer` of the library TRL makes rows, mask and batches from a prompt and a
# completion. It has defaults of its own: 2e-5 as the rate, bfloat16, and recomputed
# activations. Write down what matters. And check the one thing that fails in silence:
# the labels.

# %%
from datasets import Dataset
from trl import SFTConfig, SFTTrainer
from course_utils.data.people import with_placeholders
from course_utils.data.summaries import SummaryCollator, encode_summaries, prompt

some = pairs["train"].select(range(64))
some = with_placeholders(some) if profile.placeholders else some
sft_rows = Dataset.from_list([
    {"prompt": prompt(row["dialogue"]), "completion": " " + row["summary"].strip()}
    for row in some
])
options = dict(
    per_device_train_batch_size=8, max_length=min(512, base.config.n_positions),
    gradient_checkpointing=False, report_to="none", save_strategy="no",
    use_cpu=device().type == "cpu", **({"bf16": False} | profile.precision),
)
trainer = SFTTrainer(
    load(profile.pretrained)[0],
    SFTConfig(str(folder), max_steps=8, logging_steps=4, learning_rate=rate, **options),
    train_dataset=sft_rows,
    processing_class=tokenizer,
)

# %% [markdown]
# Take four rows and ask for the batch: TRL's, and the one by hand.

# %%
theirs = trainer.data_collator([trainer.train_dataset[i] for i in range(4)])
rows, _ = encode_summaries(some.select(range(4)), tokenizer, options["max_length"])
ours = SummaryCollator(tokenizer)(rows.to_list())
for name in ("input_ids", "labels", "attention_mask"):
    assert torch.equal(theirs[name], ours[name]), name
print("labels that count:", (ours["labels"] != -100).sum(dim=1).tolist())

# %% [markdown]
# The same rows, to the last label: the prompt is masked, the end token counts, padding
# does not. So TRL is a shorter way to write lesson 07, and no other training. (Two
# habits to know: it adds the end token itself, and a prompt that ends in a space would
# be cut into other tokens than prompt and completion together.) Eight steps show that
# it runs:

# %%
from transformers.trainer_callback import PrinterCallback


def train_quietly(trainer):
    trainer.remove_callback(PrinterCallback)  # it prints all that is logged
    trainer.train()
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    print("loss:", *(f"{loss:.2f}" for loss in losses))


train_quietly(trainer)

# %% [markdown]
# ## 6. How many pairs? Scratch or pretrained?
#
# Now the question that decides most projects. 50, 200, 1,000 or all 6,000 pairs, from
# random weights (*scratch*), from the base (*all*), and from lesson 06's twin, which
# has read TinyChats too, but no dialogue with its summary (*familiar*). Three seeds
# each. The rates come from the trials above: both bases were tried with 200 and with
# 6,000 pairs, and scratch with 6,000 alone. All runs have the same number of steps:
# with 50 pairs they go round 20 times, with 6,000 not once. (The base ran at four times
# the rate with 50 and 200 pairs, so do not compare its last column across the sizes.)
# Predict: at how many pairs does scratch catch up? And to whom is the twin's reading of
# use?

# %%
sizes = runs[runs["mask"] & runs["embeddings"] & (runs["model"] == "tiny-base")]
sizes = sizes[sizes["method"].isin(["all", "familiar", "scratch"])]
compare_kinds(sizes, ["method", "pairs"])

# %% [markdown]
# As a picture, for each kind of chats:

# %%
names = {"all": "the base", "familiar": "its twin", "scratch": "scratch"}
for place in places:
    curves = {}
    for method, rows in sizes.groupby("method"):
        means = rows.groupby("pairs")[f"{place}.rouge1"].mean()
        curves[names[method]] = [f"{n:,}" for n in means.index], means.tolist()
    figure = lines(
        curves, title=f"What pretrained weights are worth: {place}",
        xlabel="pairs to learn from", ylabel="ROUGE-1",
        baselines={"A and B.": two[place]["rouge1"]},
    )

# %% [markdown]
# On chats of the known kind both pretrained starts are ahead at every size, with 200
# pairs and more by far, and 200 pairs are enough for most of it. Scratch does not catch
# up in so few steps, with any number of pairs. It even looks better with few pairs than
# with all: what it then knows by heart may be good English, and of some other chat. And
# its intervals are wide: look at one run from scratch, and you have seen luck.
#
# The twin is ahead of the base on known chats, by four or five points of ROUGE-1 up to
# 200 pairs and by two or three above. With 200 pairs the intervals lie apart, at the
# other sizes they overlap: to have read the like is worth most where pairs are few. On
# chats from elsewhere it is not ahead. From 1,000 pairs on its mean is two or three
# points below the base's, and the intervals overlap.
#
# And on chats from elsewhere, compare with the words "A and B." of section 1. In tiny
# the base passes them by some 7 points of ROUGE-1 from 1,000 pairs on, and names
# people about as well as they do. Scratch is below in both. [Longer
# runs](../docs/tiny-base.md) show the same with more steps and all 200 chats from
# elsewhere: there pretrained weights are worth 4 points. So ask two questions of
# weights: what did they read, and was it like the texts that you will *use* them on?
# GPT-2 has read far more kinds.
#
# ## 7. Preferences (optional)
#
# Fine-tuning shows right summaries and never a wrong one. Preference training shows
# both. DPO makes the chosen text likelier and the rejected one less likely, each
# compared with what the model said before. For the rejected text take the mistake that
# ROUGE cannot see: the same words, with two people swapped.
#
# ![A chat, the right summary as the chosen text, and the same words with Tom and Anna
# swapped as the rejected one.](drawing:right_people_against_swapped)

# %%
import re


def preferences(rows):
    found = []
    for row in with_placeholders(rows) if profile.placeholders else rows:
        names = list(dict.fromkeys(re.findall(r"^(\w+):", row["dialogue"], re.M)))[:2]
        other = dict(zip(names, reversed(names), strict=True))
        summary = row["summary"].strip()
        words = re.split(r"(\W+)", summary)
        wrong = "".join(other.get(word, word) for word in words)
        both = {f"{a} and {b}" for a, b in other.items()}  # no mistake if swapped
        if set(names) <= set(words) and not any(x in summary for x in both):
            texts = {"chosen": f" {summary}", "rejected": f" {wrong}"}
            found.append({"prompt": prompt(row["dialogue"])} | texts)
    return found

# %% [markdown]
# ROUGE does not see a swap, so measure the thing itself: of how many pairs does the
# model find the right summary likelier than the swapped one?

# %%
from course_utils.evaluation.perplexity import token_losses


def nats(model, pair, which):
    start = len(tokenizer(pair["prompt"])["input_ids"])
    ids = tokenizer(pair["prompt"] + pair[which], return_tensors="pt")["input_ids"]
    ids = ids[:, -base.config.n_positions :].to(device())
    with torch.no_grad():
        return token_losses(model, ids, ids)[0, start - 1 :].sum().item()


def prefers_right(model):
    right = {name: [100.0 * (nats(model, p, "chosen") < nats(model, p, "rejected"))
                    for p in test] for name, test in tests.items()}
    for name, values in right.items():
        print(f"  {name:<10} {sum(values) / len(values):4.1f} % of {len(values)}")
    return right


tests = {
    "known": preferences(pairs["validation"].select(range(80, 240))),
    "elsewhere": preferences(development_chats()),
}
print("before DPO:")
right_before = prefers_right(whole.eval())

# %% [markdown]
# The training pairs come from TinyChats' training split. The rate is a tenth of that of
# fine-tuning: the model is good already, and a large step would spoil its language.
# `ref_model` is what the model said before. Left out, TRL loads it anew from where the
# weights once came from: the base, and not your fine-tuned model, without a warning.

# %%
import copy
from course_utils.evaluation.rouge import paired_difference
from trl import DPOConfig, DPOTrainer

trainer = DPOTrainer(
    whole,
    ref_model=copy.deepcopy(whole),
    args=DPOConfig(
        str(folder), max_steps=max(1, steps // 5), logging_steps=5, beta=0.1,
        learning_rate=rate / 10, **options,
    ),
    train_dataset=Dataset.from_list(preferences(pairs["train"].select(range(1000)))),
    processing_class=tokenizer,
)
train_quietly(trainer)
print("after DPO:")
right_after = prefers_right(whole.eval())
for name in tests:
    change = paired_difference(right_after[name], right_before[name])
    print(f"  {name:<10} changed by {change}")
show("all weights", scores["all"])
show("after DPO", measure(whole))

# %% [markdown]
# The pairs are the same before and after, so the change has an interval of its own,
# over the pairs. It is one run. In tiny both intervals hold 0: no change is shown.
# Yet the loss fell, and on pairs that were new at each step, since 25 steps are less
# than one epoch. The loss asks whether the distance between the two texts has grown
# since `ref_model`; the share asks which one is ahead. A distance can grow, and few
# pairs change sides. On known chats fine-tuning had taught most of it. Look, too, at
# what the other columns paid.
#
# ## Key takeaways
#
# - Compare over seeds, and give each rival its own rate, chosen on other chats.
# - LoRA is x W + scale · x A B. On GPT-2's `Conv1D` the product is not transposed, and
#   only a comparison of outputs proves it.
# - A merged adapter computes the same as before, and the adapter is a small file.
# - What is forgotten depends on the rate as much as on the way to train. Measure it.
# - TRL makes the same rows as lesson 07. Check the labels of one batch.
# - Pretrained weights are worth most where pairs are few. To have read the like helps on
#   the like, and not elsewhere.
#
# The table at the top says what this laboratory should take. Here it took:

# %%
from course_utils import finish_lesson

finish_lesson()

# %% [markdown]
# ## Quiz

# %% tags=["quiz"]
from jupyterquiz import display_quiz

display_quiz([
    {
        "question": "You wrote LoRA for nn.Linear and use it on GPT-2. One layer gives "
                    "no error. What do you know?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Only that its weight is square.", "correct": True,
             "feedback": "Yes. Both orders fit, and one of them is wrong."},
            {"answer": "That this layer is right.", "correct": False,
             "feedback": "A shape that fits proves nothing. Compare outputs."},
            {"answer": "That this layer is an nn.Linear.", "correct": False,
             "feedback": "All four are Conv1Ds. Print their types."},
        ],
    },
    {
        "question": "Three seeds give 54, 55 and 59. Another way gives 57 in one run. "
                    "Which is better?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Nobody can say from this.", "correct": True,
             "feedback": "Yes. One run may be anywhere in such a spread."},
            {"answer": "The second: 57 is above the mean of 56.", "correct": False,
             "feedback": "So was the third seed. One run says little."},
            {"answer": "The first: its best run is higher.", "correct": False,
             "feedback": "The best of three is no fair rival to a single run."},
        ],
    },
    {
        "question": "An adapter of 0.3 MB is merged into a model of 4 MB. What do you "
                    "save for the next task?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The adapter alone: the base is the same.", "correct": True,
             "feedback": "Yes. One base and many small files."},
            {"answer": "The merged model: the adapter is gone.", "correct": False,
             "feedback": "You can, at its full size. The adapter says the same."},
            {"answer": "Both, since merging loses digits.", "correct": False,
             "feedback": "It costs a rounding error. You have measured it."},
        ],
    },
])

# %% [markdown]
# ## Your own run
#
# Choose a question that a run of yours can answer: other seeds, LoRA on `c_attn` alone,
# another alpha, half of the blocks frozen. Write down beforehand what would change your
# mind, call `tune` and `measure`, and put the row into the table with `add`. [The third
# project](../exercises/ex13_scratch_or_pretrained.ipynb) takes section 6 further.
#
# ## Further reading
#
# - Hu et al. (2021), [*LoRA: Low-Rank Adaptation of Large Language
#   Models*](https://arxiv.org/abs/2106.09685).
# - Rafailov et al. (2023), [*Direct Preference
#   Optimization*](https://arxiv.org/abs/2305.18290).
# - The libraries [peft](https://huggingface.co/docs/peft) and
#   [TRL](https://huggingface.co/docs/trl).
# - [How the tiny base was made](../docs/tiny-base.md), with longer runs of some of these
#   choices.
