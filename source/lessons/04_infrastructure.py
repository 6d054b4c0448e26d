# %% [markdown]
# # 4. Infrastructure
#
# A training run is also a machine at work. Here you see how it rounds, what fills its
# memory, where its minutes go, and how a run survives when somebody pulls the plug.
#
# **You will be able to**
#
# - choose a precision for your device, and say what can go wrong with each;
# - make a large batch out of small ones, with the same gradient;
# - predict the memory and the minutes of a run before you start it;
# - launch two processes that train as one, kill a run, and go on with the same curve;
# - say what changes from one GPU to many nodes, and what a TPU is.
#
# | profile | what runs here | minutes | memory |
# |---|---|---|---|
# | tiny | GPT-2, 1.1 million parameters, on the CPU; the figures of larger models are predicted | 1 | 2 GB |
# | colab, full | the same; 10 steps of GPT-2, 124 million, on the GPU | 2 (predicted) | 3 GB, and 6 to 11 GB on the GPU (predicted) |
#
# You know the loop from lesson 03: read a batch, compute the loss, go backward, step.
# Here are its words. The *batch size* is how many rows the model reads at once. The
# *forward pass* ends with the loss. The *backward pass* finds the *gradient*: for each
# parameter, how much the loss changes with it, and in which direction. The *optimizer*
# then moves every parameter a little against its gradient, in an *optimizer step*. How
# far it moves is set by the *learning rate*. GPT models use the optimizer *AdamW*, which
# gives each parameter a step size of its own.
#
# ![One step: a batch goes through the model to the loss, gradients come back, and the
# optimizer moves the weights of the model.](drawing:one_step_of_training)
#
# Where does a gradient come from? Each operation knows its own slope. On the way back
# from the loss, the slopes are multiplied:
#
# ![From w = 3 forward to a loss of 1: times 2, minus 5, squared. Backward the slopes 2,
# 1 and 2 are multiplied, and the gradient of w is 4.](drawing:the_chain_rule_goes_back)

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("04")

# %% [markdown]
# ## 1. What do you have?
#
# A *device* computes: the CPU, or a GPU (CUDA is NVIDIA's, MPS is Apple's). Model and
# data must be on the same device.

# %%
from course_utils.machine.runtime import device, hardware

for name, value in hardware().items():
    print(f"{name:<10} {value}")

# %% [markdown]
# The device decides the *precision*: how many bits a number has. Sixteen bits take half
# the memory of 32, and a GPU computes with them several times faster. There are two
# kinds of 16 bits, and this is how the course chooses:

# %%
# from course_utils/machine/runtime.py
def precision():
    if device().type != "cuda":
        return {}
    import torch

    return (
        {"bf16": True}
        if torch.cuda.get_device_capability() >= (8, 0)
        else {"fp16": True}
    )


print(precision() or "float32")

# %% [markdown]
# These are arguments of `TrainingArguments`. NVIDIA numbers its designs by *compute
# capability*, and bfloat16 entered the hardware with 8.0. Ask for this number: PyTorch's
# `is_bf16_supported()` also says yes where bfloat16 works but is slow.

# %%
from course_utils.model.planner import GPUS

capability = {
    "V100": 7.0, "T4": 7.5, "A100": 8.0, "RTX 3090": 8.6,
    "L4": 8.9, "RTX 4090": 8.9, "H100": 9.0, "H200": 9.0,
}
print("GPU       capability  memory  float32    16 bits")
for name, number in capability.items():
    gpu = GPUS[name]
    half = "bfloat16" if number >= 8 else "float16"
    slow, fast = gpu.tflops["float32"], gpu.tflops[half]
    print(f"{name:<9} {number:>10}  {gpu.memory_gb:>3} GB  {slow:>4.0f} TFLOP/s "
          f"{fast:>4.0f} with {half}")

# %% [markdown]
# A TFLOP/s is a million million additions or multiplications a second. These are the
# makers' peaks; good training code reaches 30 to 60 percent of them. On a T4, the GPU of
# Colab's free tier, 16 bits have eight times the peak of 32.
#
# From the A100 on there is a third way, `tf32=True`: numbers stay in float32 and are
# rounded inside a matrix product only, which is several times as fast.
#
# ## 2. What half precision can do to a number
#
# A floating-point number has some bits for its size (the exponent) and some for its
# digits.
#
# ![float32 has 8 bits for the size and 23 for digits, bfloat16 8 and 7, float16 5 and
# 10.](drawing:where_the_bits_go)

# %% tags=["nbval-check-output"]
import torch

for dtype in (torch.float32, torch.float16, torch.bfloat16):
    info = torch.finfo(dtype)
    print(f"{str(dtype)[6:]:<9} {info.bits} bits  largest {info.max:.1e}  "
          f"smallest {info.smallest_normal:.1e}  step after 1: {info.eps:.0e}")

# %% [markdown]
# (Below the "smallest" a number loses digit after digit.) float16 has more digits than
# bfloat16 and a much shorter range, so it *overflows*:

# %% tags=["nbval-check-output"]
large = torch.tensor([60_000.0, 70_000.0])
print("float16 ", large.half().tolist())
print("bfloat16", large.bfloat16().tolist())

# %% [markdown]
# And it *underflows*: what is too small becomes 0.

# %% tags=["nbval-check-output"]
small = torch.tensor([1e-6, 1e-7, 1e-8])
print("float16 ", [f"{x:.1e}" for x in small.half().tolist()])
print("bfloat16", [f"{x:.1e}" for x in small.bfloat16().tolist()])

# %% [markdown]
# Does training meet numbers as small as that? At the start each of the V tokens has a
# probability of about 1/V. The gradient at the logit of a token that did not come is
# that probability, divided by the tokens in the batch. For GPT-2 and only 1,024 tokens
# that makes about 2e-8. How many of these gradients survive?

# %% tags=["nbval-check-output"]
torch.manual_seed(0)
logits = 0.3 * torch.randn(256, 50257)  # (tokens, vocab): an untrained GPT-2
gradient = logits.softmax(dim=-1) / 1024  # these 256 are part of a batch of 1,024
print(f"typical gradient       {gradient.median():.0e}")
print(f"lost in float16        {(gradient.half() == 0).float().mean():.0%}")
scaled = (2**16 * gradient).half()
print(f"lost, scaled by 65,536 {(scaled == 0).float().mean():.0%}")
del logits, gradient, scaled

# %% [markdown]
# Nearly all are lost, silently. The remedy is *loss scaling*: multiply the loss by a
# large number, and every gradient grows with it. Divide by that number, in float32,
# before the optimizer's step. PyTorch's scaler starts with 65,536. When a gradient
# overflows, it skips the step and halves its number, so the first steps of a float16 run
# may do nothing.
#
# bfloat16 needs none of this. What it lacks is digits. Add a small update to a weight, a
# thousand times.

# %% tags=["nbval-check-output"]
for dtype in (torch.float32, torch.bfloat16):
    weight = torch.tensor(0.5, dtype=dtype)
    for _ in range(1000):
        weight += 0.0005
    print(f"{str(dtype)[6:]:<9} 0.5 + 1000 x 0.0005 = {weight.item():.3f}")

# %% [markdown]
# From 0.5 the next bfloat16 number is 0.004 away, so each addition is rounded back: a
# weight kept in bfloat16 does not feel small steps. *Mixed precision* keeps weights and
# optimizer in float32, and makes a 16-bit copy for the large matrix products. In PyTorch
# this is `autocast`.
#
# ![Weights in float32 are copied to 16 bits for forward and backward. The gradients go to
# AdamW, which changes the float32 weights.](drawing:two_copies_of_the_weights)

# %%
from course_utils.model.gpt2 import load
from datasets import load_dataset
from course_utils.data.tokens import pack
from transformers import set_seed

set_seed(0)
model, tokenizer = load("tiny")  # random weights
texts = load_dataset(**profile.language)["train"].select(range(500))
texts = texts.filter(lambda row: row["text"].strip())
blocks = pack(texts, tokenizer, block_size=128)
batch = torch.tensor(blocks[:16]["input_ids"])  # (16, 128)

# %% [markdown]
# This model and batch serve the whole lesson. Now the same loss twice:

# %%
with torch.no_grad():
    full = model(batch, labels=batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model(batch, labels=batch)
for name, output in (("float32", full), ("autocast", mixed)):
    print(f"{name:<9} logits {str(output.logits.dtype)[6:]:<9} loss {output.loss:.4f}")
print("weights  ", next(model.parameters()).dtype)

# %% [markdown]
# The two losses differ by less than 0.01. One forward pass proves little, so train two
# copies on the same batches.

# %%
import copy


def trained(copy_of, autocast=False, steps=30):
    optimizer = torch.optim.AdamW(copy_of.parameters(), lr=3e-3)
    losses = []
    for step in range(steps):
        rows = torch.tensor(blocks[4 * step : 4 * step + 4]["input_ids"])  # (4, 128)
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            loss = copy_of(rows, labels=rows).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


plain = trained(copy.deepcopy(model))
mixed = trained(copy.deepcopy(model), autocast=True)
largest = max(abs(a - b) for a, b in zip(plain, mixed, strict=True))
print(f"loss {plain[0]:.2f} -> {plain[-1]:.3f} in float32, {mixed[-1]:.3f} in bfloat16")
print(f"largest difference on the way: {largest:.3f}")
assert largest < 0.2

# %% [markdown]
# The curves stay within a few hundredths of each other, while the loss falls by more
# than 1. Now the way that looks shorter: turn the weights themselves into float16.

# %%
halved = copy.deepcopy(model).half()
losses = trained(halved, steps=2)
weights = torch.cat([p.detach().flatten() for p in halved.parameters()])
print(f"losses {losses}")
print(f"weights that are still numbers: {weights.isfinite().float().mean():.0%}")

# %% [markdown]
# One step was enough. AdamW divides by the root of a mean of squared gradients, plus
# 0.00000001. In float16 that number is 0, and so are the squares of small gradients: it
# divides by zero. (`fused=True` computes in float32 inside and survives, but the weights
# still have too few digits.)
#
# | | speed on a GPU | range | extra care |
# |---|---|---|---|
# | float32 | slow | wide | none |
# | `fp16=True` | fast | short | loss scaling, done by `Trainer` |
# | `bf16=True` | fast | wide | needs capability 8.0 |
# | `model.half()` | fast | short | do not train so: it breaks, or stops learning |
#
# ## 3. How large is a step?
#
# One optimizer step learns from **batch size x accumulation x processes** examples. For
# your profile:

# %%
print(f"{profile.batch_size} blocks x {profile.accumulation} passes x 1 process "
      f"x {profile.block_size} tokens = {profile.tokens_per_step:,} tokens per step")

# %% [markdown]
# GPT-2 was trained with 512 x 1,024 tokens a step, too many for one GPU. *Gradient
# accumulation* runs several small batches, adds up their gradients, and steps once. Is
# that the same as one big batch? First the gradient of the big one.
#
# ![Four times 4 rows, each gradient divided by 4. Their sum is the gradient of 16 rows,
# and then comes one step.](drawing:accumulation)

# %%
def flat_gradient(model):
    return torch.cat([p.grad.flatten() for p in model.parameters()])


model.zero_grad()
model(batch, labels=batch).loss.backward()
big = flat_gradient(model)  # (parameters,)
print(f"{big.numel():,} numbers, length {big.norm():.4f}")

# %% [markdown]
# Now four batches of four. Each loss is a mean over its own batch, so divide it by 4.

# %%
model.zero_grad()
for four in batch.split(4):  # four times (4, 128)
    (model(four, labels=four).loss / 4).backward()
difference = (flat_gradient(model) - big).abs().max()
print(f"largest difference: {difference:.1e}")
assert difference < 1e-6

# %% [markdown]
# Equal, but for rounding. `Trainer` and Accelerate divide for you. A loop of your own
# must do it itself.
#
# ### When batches have unequal numbers of tokens
#
# Packed blocks have equal lengths. Summaries do not: one batch may have 300 tokens to
# learn from and the next one 30. Make two rows like that. A label of -100 is left out of
# the loss.

# %%
rows = batch[:2]  # (2, 128)
labels = rows.clone()
labels[0, 9:] = -100  # the first row keeps 8 tokens to predict, the second all 127
with torch.no_grad():
    together = model(rows, labels=labels).loss
    one, two = (model(rows[i : i + 1], labels=labels[i : i + 1]).loss for i in (0, 1))
print(f"both rows in one batch      {together:.4f}")
print(f"mean of two batches of one  {(one + two) / 2:.4f}")
print(f"weighted by tokens          {(8 * one + 127 * two) / 135:.4f}")

# %% [markdown]
# The plain mean gives the 8 tokens as much weight as the 127. An untrained model finds
# all tokens about equally hard, so the losses hardly differ. The gradients do. How far
# is each from the right one, as a share of its length?

# %%
def accumulated(**options):
    model.zero_grad()
    for row, label in zip(rows.split(1), labels.split(1), strict=True):
        loss = model(row, labels=label, **options).loss
        (loss if options else loss / 2).backward()
    return flat_gradient(model)


model.zero_grad()
model(rows, labels=labels).loss.backward()
right = flat_gradient(model)
by_tokens = {"num_items_in_batch": 8 + 127}
for name, options in (("mean of means", {}), ("by tokens", by_tokens)):
    off = (accumulated(**options) - right).norm() / right.norm()
    print(f"{name:<14} off by {off:.1%}")

# %% [markdown]
# The mean of means misses by more than the right gradient is long. With
# `num_items_in_batch` the model adds the losses up and divides by all tokens of the
# step. `Trainer` has passed it since October 2024; before, it took the mean of means, as
# most code did.
#
# Processes have the same problem, and `Trainer` has a switch, on by default:

# %%
from transformers import TrainingArguments

print(TrainingArguments("unused").average_tokens_across_devices)

# %% [markdown]
# ## 4. Predict memory and minutes
#
# In mixed precision, each parameter needs
#
# - 4 bytes for the weight, and 2 for its 16-bit copy,
# - 4 bytes for the gradient,
# - 8 bytes for AdamW, which remembers two means: of the gradients, and of their squares.
#
# For GPT-2 that is:

# %% tags=["nbval-check-output"]
for name, bytes_each in (("weights", 4 + 2), ("gradients", 4), ("AdamW", 8)):
    print(f"{name:<10} {bytes_each * 124_439_808 / 1e9:.2f} GB")

# %% [markdown]
# These do not depend on the batch. The *activations* do: the results inside the model
# that the backward pass needs again. The planner counts them too. Plan a run with the
# sizes of the profile colab.
#
# ![Memory over one step. Weights and AdamW are always there. Activations grow in the
# forward pass and go in the backward pass, while gradients come. The peak lies between
# the two.](drawing:memory_over_a_step)

# %%
from course_utils.model.gpt2 import preset
from course_utils.model.planner import plan

# Without dropout, as GPT models are pretrained today.
gpt2 = preset("gpt2", resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
on_t4 = plan(
    gpt2, device="T4", precision="float16",
    batch_size=8, block_size=512, accumulation=4, steps=600,
)
on_t4

# %% [markdown]
# All of this is predicted. (The peak is a little above the sum of the four: for a moment
# the token table has two gradients, one for each end of the model.)

# %%
from course_utils.evaluation import plots

parts = ("weights", "gradients", "optimizer", "activations")
figure = plots.bars(
    {part: on_t4.memory[part] / 1e9 for part in parts},
    title="GPT-2 in float16, 8 blocks of 512 tokens (predicted)",
    ylabel="GB",
)

# %% [markdown]
# Activations dominate, and they grow with batch size x block size. How many blocks of
# 1,024 tokens fit into a T4?

# %%
from course_utils.model.planner import training_memory


def peak(batch_size, precision):
    return training_memory(gpt2, batch_size, 1024, precision)["peak"] / 1e9


batch_sizes = [1, 2, 4, 8, 12, 16, 20]
figure = plots.lines(
    {"float32": (batch_sizes, [peak(size, "float32") for size in batch_sizes]),
     "float16": (batch_sizes, [peak(size, "float16") for size in batch_sizes]),
     "a T4": (batch_sizes, [16] * len(batch_sizes))},
    title="GPT-2, memory at its peak (predicted)",
    xlabel="blocks of 1,024 tokens in a batch",
    ylabel="GB",
)

# %% [markdown]
# Where does each cross the line of the T4?

# %%
for name in ("float32", "float16"):
    fitting = [size for size in range(1, 40) if peak(size, name) < 16]
    print(f"{name}: at most {fitting[-1]} blocks in 16 GB (predicted)")

# %% [markdown]
# Half precision does not halve the memory: weights and optimizer still have 32 bits, and
# the loss turns the logits back into 32. When memory runs out, halve the batch and double
# the accumulation: the step stays the same.
#
# ### Where the minutes come from
#
# For each token, a parameter does about 6 operations: a multiplication and an addition
# forward, and twice that backward. So you can compute the time without a GPU. Take 3,000
# steps of 8 x 8 blocks of 1,024 tokens, at a share of the A100's 312 TFLOP/s.

# %% tags=["nbval-check-output"]
from course_utils.model.planner import ASSUMED_MFU, flops_per_token

operations = flops_per_token(gpt2, block_size=1024)
print(f"6 x parameters    {6 * 124_439_808:.2e} operations per token")
print(f"with attention    {operations:.2e}")
tokens = 3000 * 8 * 8 * 1024
seconds = tokens * operations / (312e12 * ASSUMED_MFU)
print(f"{tokens:,} tokens on an A100 at {ASSUMED_MFU:.0%} of its peak: "
      f"{seconds / 60:.0f} minutes (predicted)")

# %% [markdown]
# The share of the peak that a run reaches is called *MFU*, model FLOPs utilisation. 30
# to 40 percent is good for a script like yours. At 5, the GPU waits: for data, for
# Python, or for a batch large enough to fill it.
#
# ## 5. Measure
#
# Now your own machine. The planner takes a few steps with random tokens, for two seconds,
# and works out the rest.

# %%
from course_utils.machine.runtime import precision_name
from transformers import GPT2Config, GPT2LMHeadModel

half = precision_name(profile.precision)
config = GPT2Config(**profile.model)
sizes = {"batch_size": profile.batch_size, "block_size": profile.block_size}
predicted = plan(config, **sizes, steps=10, precision=half)
print(f"predicted: 10 passes of {profile.batch_size} x {profile.block_size} tokens "
      f"in {predicted.seconds:.2f} s")

# %% [markdown]
# Then take these ten steps, with real text.

# %%
import time

real = GPT2LMHeadModel(config).to(device())
optimizer = torch.optim.AdamW(real.parameters(), lr=1e-4, fused=True)
inputs = pack(texts, tokenizer, profile.block_size)
inputs = torch.tensor(inputs[: profile.batch_size]["input_ids"], device=device())


def ten_steps():
    for _ in range(10):
        with torch.autocast(device().type, getattr(torch, half), half != "float32"):
            loss = real(inputs, labels=inputs, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return loss.item()  # waits until a GPU has finished

# %% [markdown]
# A GPU starts work and returns at once, so a clock must wait for it: `loss.item()` does.

# %%
start = time.perf_counter()
ten_steps()
measured = time.perf_counter() - start
print(f"predicted {predicted.seconds:.2f} s, measured {measured:.2f} s")
print(f"{10 * inputs.numel() / measured:,.0f} tokens per second")

# %% [markdown]
# On a quiet machine the two agree within a third. Where other programs come and go, they
# need not. And the memory? Count the bytes of the tensors.

# %%
real(inputs, labels=inputs).loss.backward()
there = {
    "weights": sum(p.nbytes for p in real.parameters()),
    "gradients": sum(p.grad.nbytes for p in real.parameters()),
    "optimizer": sum(t.nbytes for s in optimizer.state.values() for t in s.values()),
}
for part, count in there.items():
    print(f"{part:<10} predicted {predicted.memory[part] / 1e6:7.1f} MB, "
          f"there {count / 1e6:7.1f} MB")
del real, optimizer

# %% [markdown]
# They agree, but for one number per tensor in which AdamW counts its steps. On a GPU,
# `torch.cuda.max_memory_allocated()` tells the peak.
#
# Activations live only between forward and backward. PyTorch can call a function of yours
# for each tensor that it keeps. (Two tensors may share one piece of memory. `data_ptr`
# is its address, so nothing counts twice.)

# %%
def kept_for_backward(model, batch):
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    sizes = {}

    def note(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = model(batch, labels=batch, use_cache=False).loss
    assert loss.requires_grad
    return sum(sizes.values())

# %% [markdown]
# The planner also counts three tables of tokens x vocabulary, for logits and loss. Two of
# them live only while the loss is computed, so take them off.

# %%
tables = 2 * 4 * batch.numel() * model.config.vocab_size
activations = training_memory(model.config, *batch.shape)["activations"] - tables
plain = kept_for_backward(model.train(), batch)
print(f"predicted {activations / 1e6:.1f} MB, kept {plain / 1e6:.1f} MB")

# %% [markdown]
# They agree within a few percent. The weights take 4 MB: one batch keeps far more.
#
# ## 6. Pay time, save memory
#
# *Gradient checkpointing* keeps only the input of each block, and runs the block once
# more when the backward pass needs the rest. Take the gradient both ways.
#
# ![Four blocks. Plain training keeps all results inside each block. With checkpointing
# only each block's input is kept, and the rest is computed once
# more.](drawing:what_checkpointing_keeps)

# %%
def timed_gradient(model, passes=4):
    seconds = []
    for _ in range(passes):
        model.zero_grad()
        start = time.perf_counter()
        model(batch, labels=batch, use_cache=False).loss.backward()
        seconds.append(time.perf_counter() - start)
    return flat_gradient(model), min(seconds)


gradient, seconds = timed_gradient(model)
model.gradient_checkpointing_enable()
again, longer = timed_gradient(model)
thrifty = kept_for_backward(model, batch)
model.gradient_checkpointing_disable()

# %% [markdown]
# Is it the same gradient? What was saved, and at what price?

# %%
print(f"largest difference of the gradients: {(gradient - again).abs().max():.1e}")
print(f"kept for the backward pass: {plain / 1e6:.0f} MB -> {thrifty / 1e6:.0f} MB")
print(f"time: {longer / seconds:.2f} times as long")
assert torch.allclose(gradient, again, atol=1e-6)

# %% [markdown]
# <!-- figure: time: 1.1 1.4 -->
# The forward pass is a third of the work, so doing it twice costs about a third more:
# expect 1.1 to 1.4 times as long. What is left is mostly the table of logits, which
# belongs to no block.
#
# In `Trainer` it is `gradient_checkpointing=True`. Newer versions call it
# `activation_checkpointing`, warn of the old name, and will drop it in version 6.
#
# `torch_compile=True` joins many small operations into few large ones, which saves time
# and memory. It compiles in the first step. Again for each new length? Count.

# %%
from torch._dynamo.testing import CompileCounter

counter = CompileCounter()  # stands in for the compiler: it only counts
shallow = GPT2LMHeadModel(preset("tiny", n_layer=1))
compiled = torch.compile(shallow, backend=counter)
for length in (20, 40, 60, 80, 100):
    compiled(batch[:, :length])
    print(f"{length:>3} tokens: compiled {counter.frame_count} time(s) so far")

# %% [markdown]
# At the second length PyTorch sees that lengths vary, compiles once more for any length,
# and is done. Compiling pays in long runs, and the profile full uses it on a GPU.
#
# ## 7. Threads and workers
#
# A CPU computes with several *threads*, one per core by default. Is that faster? The
# course has measured it on your machine.

# %%
from course_utils.machine.runtime import thread_speeds

speeds = thread_speeds()
for threads, milliseconds in speeds["milliseconds"].items():
    print(f"{threads} thread(s): {milliseconds:5.1f} ms a step")
print("chosen:", speeds["best"])

# %% [markdown]
# For a small model, two threads often take longer than one. The work is cut into pieces,
# and after each piece all threads wait for the last, keeping their cores busy. If another
# program needs one of these cores, everybody waits. That is why `OMP_NUM_THREADS=1` can
# make a run faster. Large models on an idle machine do gain from threads. So measure.
# (Lesson 05 uses the course's `EaseThreads`, which measures again when steps become twice
# as slow.)
#
# A DataLoader's *workers* are processes that prepare batches while the model computes.
# Are they needed here? Time the batches alone.

# %%
from torch.utils.data import DataLoader
from transformers import default_data_collator

loader = DataLoader(blocks, batch_size=16, collate_fn=default_data_collator)
start = time.perf_counter()
count = sum(1 for _ in loader)
milliseconds = 1000 * (time.perf_counter() - start) / count
print(f"a batch {milliseconds:.1f} ms, a training pass {1000 * seconds:.0f} ms")

# %% [markdown]
# No: packed tokens are ready to use. When text is tokenized on the way, or images are
# read, try 2 or 4 `dataloader_num_workers`.
#
# ## 8. Two processes, one gradient
#
# With several GPUs you start one *process* per GPU. Each has the whole model and its own
# part of the batch. After the backward pass an *all-reduce* gives each of them the mean
# of all gradients, so all take the same step. This is *distributed data parallel*, DDP.
#
# ![Two processes with other rows and the same model have two gradients. The all-reduce
# gives both the mean, and both take the same step.](drawing:all_reduce)
#
# Two processes on your CPU do exactly the same, with the library gloo in place of
# NVIDIA's NCCL. First save what both will read.

# %%
from course_utils.machine.runtime import save_folder

folder = save_folder() / "infrastructure"
folder.mkdir(parents=True, exist_ok=True)
model.save_pretrained(folder / "small")
torch.save(batch, folder / "batch.pt")

# %% [markdown]
# Then write the script. Each process learns its number, its *rank*, and takes every
# second row. First it computes its gradient alone: `no_sync` holds the exchange back.

# %%
script = folder / "two_processes.py"
script.write_text('''
import sys
import torch
from accelerate import Accelerator
from transformers import GPT2LMHeadModel

folder = sys.argv[1]
accelerator = Accelerator()
rank, processes = accelerator.process_index, accelerator.num_processes
assert processes == 2, f"{processes} process(es) instead of 2"
accelerator.print(processes, "processes:", accelerator.distributed_type)

model = accelerator.prepare(GPT2LMHeadModel.from_pretrained(f"{folder}/small"))
rows = torch.load(f"{folder}/batch.pt")[rank::processes]  # (8, 128)

def gradient():
    model.zero_grad()
    accelerator.backward(model(rows, labels=rows).loss)
    return torch.cat([p.grad.flatten() for p in model.parameters()])

with accelerator.no_sync(model):
    alone = gradient()
together = gradient()
torch.save({"alone": alone, "together": together}, f"{folder}/process{rank}.pt")
''')
print(script.name, "written")

# %% [markdown]
# `torchrun` starts the script twice and tells each copy its rank. It has to be a new
# process, since a notebook that has touched a GPU cannot be copied.

# %%
import os
import subprocess
import sys

environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
command += ["--nproc_per_node", "2", str(script), str(folder)]
done = subprocess.run(command, env=environment, capture_output=True, text=True)
print(done.stdout.strip() or done.stderr)

# %% [markdown]
# Each process saw other rows, so alone they differ.

# %%
first, second = (torch.load(folder / f"process{rank}.pt") for rank in (0, 1))
for name in ("alone", "together"):
    difference = (first[name] - second[name]).abs().max()
    print(f"{name:<9} lengths {first[name].norm():.4f} and {second[name].norm():.4f}, "
          f"largest difference {difference:.1e}")

# %% [markdown]
# Together they are the same, to the last bit. Is it the mean of the two, and the big
# batch's gradient from section 3?

# %%
mean = (first["alone"] + second["alone"]) / 2
for name, expected in (("the mean of both", mean), ("the big batch's", big)):
    difference = (first["together"] - expected).abs().max()
    print(f"{name:<17} largest difference {difference:.1e}")
    assert difference < 1e-6

# %% [markdown]
# Yes. Two processes with 8 rows each teach what one teaches with 16.
#
# The assertion in the script is not for show. `accelerate launch --cpu --num_processes
# 2` looks right, and silently starts a single process: each step would learn from half
# of what you planned.
#
# `Trainer` does the same when `torchrun` starts it, and `course train` has it built in:
#
# ```
# course train my_text.txt --processes 2
# ```
#
# ## 9. Kill it, and go on
#
# Long runs get interrupted: Colab disconnects, a machine is taken back, the disk fills
# up. A *checkpoint* holds all that a run needs to go on. This script looks for the
# newest whole checkpoint, and begins anew if there is none.
#
# ![A run is killed after step 15. Its checkpoint is of step 10, so the resumed run does
# steps 11 to 15 again and goes on to 30.](drawing:killed_and_resumed)

# %%
run_script = folder / "small_run.py"
run_script.write_text('''
import sys
from datasets import load_from_disk
from transformers import GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments
from course_utils.training.trainer import MarkWhole, last_checkpoint

folder, name, weights = sys.argv[1:]
run = f"{folder}/{name}"

class Losses(TrainerCallback):
    def on_log(self, args, state, control, logs, **kwargs):
        if "loss" in logs:
            with open(f"{run}.txt", "a") as file:
                print(state.global_step, logs["loss"], file=file)

arguments = TrainingArguments(
    run, max_steps=30, save_steps=10, logging_steps=1, learning_rate=3e-3,
    lr_scheduler_type="cosine", warmup_steps=5, seed=0, use_cpu=True, disable_tqdm=True,
)
trainer = Trainer(
    model=GPT2LMHeadModel.from_pretrained(f"{folder}/{weights}"), args=arguments,
    train_dataset=load_from_disk(f"{folder}/blocks"), callbacks=[Losses(), MarkWhole()],
)
checkpoint = last_checkpoint(run)
trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
''')
pack(texts, tokenizer, 64).save_to_disk(folder / "blocks")

# %% [markdown]
# The learning rate follows a *schedule*: it rises for 5 steps, the warm-up, and then
# falls along half a wave of a cosine. Lesson 05 draws it. Two small helpers start a run
# and read its losses.

# %%
import shutil


def start(name, weights="small"):
    command = [sys.executable, str(run_script), str(folder), name, weights]
    with open(folder / f"{name}.log", "a") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def losses(name):
    path = folder / f"{name}.txt"
    rows = path.read_text().splitlines() if path.exists() else []
    return [(int(step), float(loss)) for step, loss in map(str.split, rows)]


for name in ("unbroken", "killed", "weights_only"):  # in case this cell has run before
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / f"{name}.txt").unlink(missing_ok=True)

# %% [markdown]
# Start it twice, under two names. After 15 steps, one of them gets `SIGKILL` (`kill
# -9`), a signal that no program can catch.

# %%
unbroken, killed = start("unbroken"), start("killed")
while killed.poll() is None and len(losses("killed")) < 15:
    time.sleep(0.02)
killed.kill()
print("killed:   exit status", killed.wait(), "after step", losses("killed")[-1][0])
print("unbroken: exit status", unbroken.wait(), "after step", losses("unbroken")[-1][0])

# %% [markdown]
# Exit status -9 is the kill. What did the run leave behind?

# %%
from course_utils.training.trainer import last_checkpoint

newest = last_checkpoint(folder / "killed")
print(newest.name)
for file in sorted(newest.iterdir()):
    print(f"  {file.stat().st_size / 1e6:6.2f} MB  {file.name}")

# %% [markdown]
# | file | what it is |
# |---|---|
# | `model.safetensors` | the weights |
# | `optimizer.pt` | AdamW's two numbers for each weight: twice the model's size |
# | `scheduler.pt` | where the learning rate is on its way |
# | `trainer_state.json` | the step, so that the data go on where they stopped; the logs |
# | `rng_state.pth` | the random state, for dropout and the order of the data |
# | `complete.txt` | the course's mark: all files are there, of these sizes |
#
# Give the same command again. Beside it, start a run with a common mistake: it takes the
# weights from the same checkpoint, and nothing else.

# %%
resumed, restarted = start("killed"), start("weights_only", f"killed/{newest.name}")
print("exit status", resumed.wait(), "and", restarted.wait())
steps = [step for step, _ in losses("killed")]
print("done twice:", sorted({step for step in steps if steps.count(step) > 1}))

# %% [markdown]
# The steps after the last checkpoint were done again. That is the price of a kill:
# `save_steps` says how much you can lose. Compare the curves.

# %%
whole, broken = dict(losses("unbroken")), dict(losses("killed"))
first = int(newest.name.split("-")[1])  # the step of the checkpoint
wrong = {first + s: loss for s, loss in losses("weights_only") if first + s <= 30}
figure = plots.lines(
    {"unbroken": (list(whole), list(whole.values())),
     "killed and resumed": (sorted(broken), [broken[s] for s in sorted(broken)]),
     "weights only": (list(wrong), list(wrong.values()))},
    title="The same run, unbroken, resumed, and resumed wrongly",
    xlabel="step",
    ylabel="loss (nats per token)",
)

# %% [markdown]
# The first two lines hide each other. In numbers:

# %%
assert whole.keys() == broken.keys()
for name, curve in (("resumed", broken), ("weights only", wrong)):
    difference = max(abs(whole[step] - curve[step]) for step in curve)
    print(f"{name:<13} largest difference {difference:.1e}")
assert max(abs(whole[step] - broken[step]) for step in whole) < 1e-4

# %% [markdown]
# The resumed run is the unbroken one. The other is a new run: AdamW has to learn again
# how large gradients are, the schedule begins with its warm-up, and the data start from
# the beginning. No message tells you. It need not end higher (here its learning rate was
# high for longer), but it is not the run that you planned.
#
# On a GPU, some sums are taken in a different order each time, so that even a right
# resume differs in the last digits.
#
# ### Killed in the middle of saving
#
# A kill can also strike while a checkpoint is written. Cut a file of the newest one
# short, and ask where to resume.

# %%
from transformers.trainer_utils import get_last_checkpoint

run = folder / "killed"
path = run / "checkpoint-30" / "optimizer.pt"
path.write_bytes(path.read_bytes()[:1000])
print("Transformers:", os.path.basename(get_last_checkpoint(str(run))))
print("the course:  ", last_checkpoint(run).name)

# %% [markdown]
# Transformers takes the highest number, and would fail on the broken file. `MarkWhole`
# writes the sizes of all files into `complete.txt` once they are there, and
# `last_checkpoint` believes nothing else. With `course train`, add one word:
#
# ```
# course train my_text.txt --out my_run
# course train my_text.txt --out my_run --resume
# ```
#
# ## 10. From one GPU to many nodes
#
# DDP needs the whole model on each GPU. How much is that for the largest GPT-2, without
# any activations?

# %%
xl = training_memory(preset("gpt2-xl"), 1, 1024, "bfloat16")
state = xl["weights"] + xl["gradients"] + xl["optimizer"]
for name in ("T4", "L4", "A100", "H100"):
    fits = "fits" if state < 1e9 * GPUS[name].memory_gb else "does not fit"
    print(f"{name:<5} {GPUS[name].memory_gb} GB: {state / 1e9:.0f} GB {fits}")

# %% [markdown]
# *Fully sharded data parallel* (FSDP; DeepSpeed calls it ZeRO) cuts weights, gradients
# and optimizer into as many pieces as there are GPUs. Each keeps one piece, and borrows
# the weights of a block just when it computes that block.
#
# ![With DDP each of four GPUs holds all weights, gradients and AdamW. With FSDP each
# holds a quarter of them.](drawing:what_each_gpu_holds)

# %%
gpus = [1, 2, 4, 8, 16]
figure = plots.lines(
    {"DDP": (gpus, [state / 1e9] * 5), "FSDP": (gpus, [state / 1e9 / n for n in gpus])},
    title="GPT-2 XL: weights, gradients and optimizer (predicted)",
    xlabel="number of GPUs",
    ylabel="GB on each GPU",
)

# %% [markdown]
# | | each GPU holds | what travels | when to use it |
# |---|---|---|---|
# | DDP | the whole model | gradients, once a step | it fits, and is too slow |
# | FSDP, ZeRO | a piece of everything | weights and gradients, at each block | it does not fit |
# | tensor parallel | a slice of each matrix | activations, inside every block | one block is too large |
# | pipeline parallel | some of the blocks | activations, between neighbours | many nodes, slow links |
#
# Large runs combine them: tensor parallel inside a *node* (a machine with several GPUs),
# FSDP or pipelines between nodes. In `Trainer`, FSDP is the argument `fsdp`, and
# `torchrun` still starts the processes:
#
# ```
# torchrun --nproc_per_node 8 train.py                      # one node
# torchrun --nnodes 2 --nproc_per_node 8 --rdzv_backend c10d \
#          --rdzv_endpoint FIRST_NODE:29500 train.py        # the same on each node
# ```
#
# Why do links matter? Let N GPUs stand in a ring, and each pass on to its neighbour what
# it has added up. In a step each sends nearly twice the size of the gradients. For GPT-2
# 124M on 8 GPUs:

# %% tags=["nbval-check-output"]
sent = 2 * (8 - 1) / 8 * 4 * 124_439_808  # bytes that each GPU sends in a step
print(f"{sent / 1e9:.2f} GB a step")
links = {
    "Ethernet, 10 Gbit/s": 1.25, "PCIe 4.0 x16": 32, "InfiniBand, 400 Gbit/s": 50,
    "NVLink of an H100": 450,
}
for name, gigabytes_per_second in links.items():
    print(f"{name:<23} {1000 * sent / 1e9 / gigabytes_per_second:6.1f} ms (predicted)")
one_pass = 8 * 1024 * operations / (312e12 * ASSUMED_MFU)
print(f"a pass on an A100       {1000 * one_pass:6.1f} ms (predicted)")

# %% [markdown]
# The last line is 8 x 1,024 tokens, forward and backward. Over plain Ethernet the GPUs
# would wait most of the time. DDP hides a part of the exchange behind the backward pass;
# accumulation makes it rarer.
#
# With N times the GPUs, a step has N times the tokens. To keep the run as it was, divide
# the accumulation by N.
#
# ## 11. What a TPU is
#
# Google's *TPU* (tensor processing unit) does one thing well: it multiplies matrices. Its
# cells stand in a grid and pass numbers on to their neighbours, so that few have to be
# fetched from memory, which costs far more energy than multiplying.
#
# For you one thing changes: *XLA*, the compiler of TPUs, compiles the whole step for one
# shape of batch, and anew for each other shape. How many shapes are there if each batch
# is padded to its longest text?

# %%
lengths = [len(ids) for ids in tokenizer(texts["text"][:])["input_ids"]]
padded = [max(lengths[i : i + 8]) for i in range(0, len(lengths), 8)]
packed = [len(ids) for ids in blocks[: 8 * len(padded)]["input_ids"]]
print(f"{len(padded)} padded batches of 8 texts:  {len(set(padded))} shapes")
print(f"{len(packed) // 8} packed batches of 8 blocks: {len(set(packed))} shape")

# %% [markdown]
# Packed blocks are compiled once: one more reason for lesson 02's `pack`.
#
# ## Key takeaways
#
# - bfloat16 from compute capability 8.0, float16 with loss scaling below it, float32 on
#   a CPU. Weights and optimizer stay in float32.
# - A step is batch x accumulation x processes. Weigh by tokens.
# - Training needs 16 to 18 bytes per parameter, and activations, which grow with the
#   batch.
# - 6 x parameters x tokens, divided by a third of the peak, is the time.
# - DDP averages gradients. FSDP also divides what each GPU keeps.
# - Resume needs optimizer, schedule, step and random state, not only weights.
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
        "question": "Colab gives you a T4 (capability 7.5). Which precision?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "fp16=True", "correct": True,
             "feedback": "Yes. It has fast float16; Trainer scales the loss."},
            {"answer": "bf16=True: PyTorch says it is supported.", "correct": False,
             "feedback": "It is emulated there, and slow. Ask for the capability."},
            {"answer": "float32, to be safe.", "correct": False,
             "feedback": "It is safe, and about eight times slower at its peak."},
            {"answer": "model.half()", "correct": False,
             "feedback": "AdamW's own numbers are 0 in float16: it divides by zero."},
        ],
    },
    {
        "question": "Out of memory. Which change leaves the training the same?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Half the batch size, double the accumulation.", "correct": True,
             "feedback": "Yes. The gradient of the step is the same."},
            {"answer": "Half the batch size.", "correct": False,
             "feedback": "It fits, but each step learns from half the tokens."},
            {"answer": "Half the block size.", "correct": False,
             "feedback": "It fits, but the model sees half the context."},
            {"answer": "A smaller learning rate.", "correct": False,
             "feedback": "It has no influence on memory."},
        ],
    },
    {
        "question": "You resume from model.safetensors alone. What happens?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Another run: AdamW and schedule start anew.", "correct": True,
             "feedback": "Yes. AdamW's memory, the step and the rate are lost."},
            {"answer": "The same curve: weights are all there is.", "correct": False,
             "feedback": "AdamW holds twice as many numbers as the model."},
            {"answer": "It fails with an error.", "correct": False,
             "feedback": "It runs without a word. That is the trouble."},
            {"answer": "It starts from random weights.", "correct": False,
             "feedback": "The weights are there. The rest of the run is not."},
        ],
    },
    {
        "question": "2 GPUs instead of 1, all arguments unchanged. What changes?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Each step learns from twice the tokens.", "correct": True,
             "feedback": "Yes. Halve the accumulation to keep the run as it was."},
            {"answer": "Nothing but the time.", "correct": False,
             "feedback": "The batch size is per device, so the step is larger."},
            {"answer": "Each GPU holds half of the model.", "correct": False,
             "feedback": "That is FSDP. DDP has the whole model on each."},
            {"answer": "Gradients are added, so they are twice as long.",
             "correct": False,
             "feedback": "DDP takes their mean."},
        ],
    },
    {
        "question": "Your run reaches 5 percent MFU. What do you look at first?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "What the GPU waits for: data, batch size.", "correct": True,
             "feedback": "Yes. Time the batches alone, then fill the memory."},
            {"answer": "The learning rate.", "correct": False,
             "feedback": "It changes what is learned, not how fast it computes."},
            {"answer": "Nothing: 5 percent is normal.", "correct": False,
             "feedback": "30 to 40 is normal for GPT-2. You pay for the rest."},
            {"answer": "Gradient checkpointing: switch it on.", "correct": False,
             "feedback": "It saves memory and makes each pass slower."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 4](../exercises/ex04_infrastructure.ipynb) you count memory, accumulate
# gradients and weigh them by tokens. The next lesson is [5. Train](05_train.ipynb).
#
# ## Further reading
#
# - Micikevicius et al. (2017), [*Mixed Precision
#   Training*](https://arxiv.org/abs/1710.03740): loss scaling.
# - Kalamkar et al. (2019), [*A Study of BFLOAT16 for Deep Learning
#   Training*](https://arxiv.org/abs/1905.12322).
# - Chen et al. (2016), [*Training Deep Nets with Sublinear Memory
#   Cost*](https://arxiv.org/abs/1604.06174): gradient checkpointing.
# - Chowdhery et al. (2022), [*PaLM*](https://arxiv.org/abs/2204.02311), appendix B: MFU.
# - Li et al. (2020), [*PyTorch Distributed*](https://arxiv.org/abs/2006.15704): DDP.
# - Rajbhandari et al. (2019), [*ZeRO*](https://arxiv.org/abs/1910.02054): cutting the
#   optimizer, the gradients and the weights into pieces.
# - Shoeybi et al. (2019), [*Megatron-LM*](https://arxiv.org/abs/1909.08053): tensor
#   parallel.
# - Jouppi et al. (2017), [*In-Datacenter Performance Analysis of a Tensor Processing
#   Unit*](https://arxiv.org/abs/1704.04760), and [TPU
#   v5e](https://cloud.google.com/tpu/docs/v5e).
# - [transformers#34191](https://github.com/huggingface/transformers/pull/34191): the
#   mean of means, mended.
