# %% [markdown]
# # 9. Deploy
#
# In this lesson you put your summariser behind an address, load it with requests, break
# it, and decide what to watch once other people use it.
#
# **You will be able to**
#
# - say what belongs to a model besides its weights, and check that it came back whole;
# - make it smaller and faster, and measure what that costs;
# - serve it over HTTP, with your own code, with `course serve` and with
#   `transformers serve`;
# - measure latency and throughput, and say what happens when too much comes in;
# - write a model card from measured figures, and notice without any reference summaries
#   that the model no longer fits its input. A last section takes the same folder to
#   llama.cpp, which needs no Python.
#
# | profile | model | minutes | memory | summaries per second |
# |---|---|---|---|---|
# | tiny | GPT-2, 1.1 million parameters | 1.5 on one CPU core, and 1.5 more if lesson 07 has not run | 2 GB | 15 to 150 |
# | colab, full | GPT-2, 124 million parameters | 4 (predicted) | 6 GB (predicted) | 5 to 60 (predicted) |
#
# <!-- figure: batch 16: #1 15 150 -->
# The servers need a few more packages, most of which Colab has, and so does the last
# section: `pip install "train-gpt-course[serve,export]"`.

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("09")

# %% [markdown]
# ## 1. What belongs to a model
#
# Load the summariser that lesson 08 approved. If that has not run, it is the one of
# lesson 07, and if that is not there, it is trained now. Then save it, and look at what
# you would hand to someone else.

# %%
from course_utils.machine.runtime import save_folder
from course_utils.lesson.summariser import approved_summariser

model, tokenizer = approved_summariser(profile)
model.eval()
folder = (save_folder() / "chat-summariser").resolve()
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
for file in sorted(folder.iterdir()):
    print(f"{file.stat().st_size / 1e6:8.3f} MB  {file.name}")

# %% [markdown]
# | file | what it is | without it |
# |---|---|---|
# | `model.safetensors` | the weights | random weights |
# | `config.json` | the sizes, as in lesson 03 | nobody knows which model to build |
# | `tokenizer.json`, `tokenizer_config.json` | text to token ids and back | the right weights read the wrong ids |
# | `generation_config.json` | defaults of `generate`, such as the token that ends a text | the model may not stop |
#
# The tokenizer is easily forgotten: `Trainer` saves it only if you gave it as
# `processing_class`.
#
# ![Text goes through the tokenizer, the weights and the tokenizer again. The cue,
# config.json and generation_config belong to it.](drawing:what_belongs_to_a_model)
#
# Now load the folder as a stranger would, and compare the *logits*, the scores for the
# next token. They show a difference that a text might hide.

# %%
import torch
from course_utils.data.people import placeholders
from course_utils.data.summaries import prompt
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

held_out = load_dataset(**profile.summaries)["validation"]
held_out = held_out.filter(lambda row: row["dialogue"])
dialogue = held_out["dialogue"][0]
again = AutoModelForCausalLM.from_pretrained(folder).to(model.device).eval()
tokenizer = AutoTokenizer.from_pretrained(folder)
ids = tokenizer(prompt(dialogue), return_tensors="pt").to(model.device)
with torch.no_grad():
    difference = (model(**ids).logits - again(**ids).logits).abs().max().item()
print("largest difference:", difference)
assert difference < 1e-5

# %% [markdown]
# A difference of 0 is what you want. If it is not, ask what changed: the precision, the
# tokenizer, or `eval()` forgotten, so that dropout is on.
#
# One thing is in no file: how to ask. This model was trained on a dialogue followed by
# a cue, and in tiny with placeholders in place of people (lesson 07). See what happens
# without the cue.

# %%
from course_utils.evaluation.generation import generate

asked_of = placeholders(dialogue).dialogue if profile.placeholders else dialogue
asked = {"with the cue": prompt(asked_of), "without": asked_of}
print(asked_of)
for name, text in asked.items():
    print(f"{name:<13} {generate(again, tokenizer, [text])[0].strip()!r}")
print("the cue:     ", repr(prompt("")))

# %% [markdown]
# The second text may look fine or odd, but nobody has ever measured it. (And look at
# the pronouns: with placeholders in place of names, "him" or "her" is a guess.) So cue
# and placeholders belong to what you deploy, in the code that serves and in the model
# card. `summarise` sees to both.
#
# ### Why not a pickle?
#
# For years weights were saved with `torch.save`, which writes a *pickle*. A pickle is a
# small program, and loading runs it. Here is a "model file" with a program inside.

# %%
class Surprise:
    def __reduce__(self):
        return print, ("This ran while you loaded a model.",)


torch.save({"weight": Surprise()}, folder.parent / "model.bin")
state = torch.load(folder.parent / "model.bin", weights_only=False)

# %% [markdown]
# It printed a line. It could have sent your files somewhere. So `torch.load` now
# refuses unless you insist:

# %%
try:
    torch.load(folder.parent / "model.bin")
except Exception as error:
    print(type(error).__name__, "-", str(error).split(".")[0])

# %% [markdown]
# A `.safetensors` file has no program in it. It is a table of names, types and shapes,
# and then plain numbers. You can read the table without loading the numbers.

# %%
from safetensors import safe_open

with safe_open(folder / "model.safetensors", "pt") as file:
    names = list(file.keys())
    shapes = {name: file.get_slice(name).get_shape() for name in names}
print(len(names), "tensors, such as")
print("transformer.wte.weight", shapes["transformer.wte.weight"])
print("lm_head in the file:", any("lm_head" in name for name in names))

# %% [markdown]
# The head is not there, since it shares the table of tokens (lesson 03).
#
# ## 2. Smaller
#
# You trained in float32: 4 bytes a parameter. Two formats take 2 bytes. *float16* has
# more digits and a small range. *bfloat16* has the range of float32 and fewer digits.
# Do the summaries survive? Write 16 of them with each.

# %%
import copy
import time
from course_utils.evaluation.generation import summarise


def timed_summaries(model, dialogues, **options):
    start = time.perf_counter()
    texts = summarise(model, tokenizer, dialogues, progress=False, **options)
    return texts, time.perf_counter() - start


chats = held_out["dialogue"][:16]
reference, _ = timed_summaries(model, chats)

# %% [markdown]
# `reference` holds what the model writes in float32. A first call is often slower, so
# it is not the one you time.

# %%
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    candidate = copy.deepcopy(model).to(dtype)
    name = str(dtype).removeprefix("torch.")
    candidate.save_pretrained(folder.parent / name)
    size = (folder.parent / name / "model.safetensors").stat().st_size / 1e6
    texts, seconds = timed_summaries(candidate, chats)
    same = sum(a == b for a, b in zip(texts, reference, strict=True))
    print(f"{name:<9} {size:7.2f} MB   {same:>2} of 16 the same   {seconds:5.2f} s")

# %% [markdown]
# The file is half as large, and nearly all summaries are the same, letter for letter.
# Speed is another matter. A GPU computes fast in both formats. A CPU without
# instructions for a format converts each number back and forth, and then the smaller
# file is the slower model: see float16 above. So measure on the machine that will
# serve.
#
# ### Fewer bits
#
# *Quantisation* goes further: whole numbers of few bits, and one scale for each column
# of a matrix. With 8 bits there are 255 values from the largest weight to its negative.
# This function rounds the weights as 8-bit storage would, or 4-bit.
#
# ![Eight weights on a line. With 4 bits they move to the nearest of 15 places, with 3
# bits to one of 7, and two of them fall together.](drawing:rounding_to_few_bits)

# %%
@torch.no_grad()
def rounded(model, bits):
    model = copy.deepcopy(model)
    steps = 2 ** (bits - 1) - 1  # 127 on each side of zero for 8 bits
    for parameter in model.parameters():
        if parameter.dim() == 2:  # matrices only: norms and biases are small
            scale = parameter.abs().amax(dim=0, keepdim=True) / steps
            parameter.copy_((parameter / scale).round() * scale)
    return model

# %% [markdown]
# Write 50 summaries with 8, 6, 4 and 3 bits, count those that stay the same, and read
# the first one that does not.

# %%
from course_utils.evaluation.plots import bars

chats = held_out["dialogue"][:50]
reference, _ = timed_summaries(model, chats)
kept = {}
for bits in (8, 6, 4, 3):
    texts, _ = timed_summaries(rounded(model, bits), chats)
    changed = [(a, b) for a, b in zip(reference, texts, strict=True) if a != b]
    kept[f"{bits} bits"] = 100 * (1 - len(changed) / len(chats))
    print(f"{bits} bits {model.num_parameters() * bits / 8e6:7.2f} MB")
    for was, now in changed[:1]:
        print(f"  was {was}\n  now {now}")
figure = bars(kept, title="Summaries that stay the same", ylabel="percent")

# %% [markdown]
# 8 bits change little. Below that, fewer and fewer stay the same, and with 3 bits
# hardly any. (The megabytes are computed: parameters times bits. `rounded` itself still
# keeps its numbers in float32.) Tools for 4 bits give each 32 to 128 weights a scale of
# their own, and some also correct the error they make.
#
# A changed summary need not be a worse one. Before you release a quantised model, score
# it as in lesson 08.
#
# One trap: many tools look for layers of the class `Linear`. How many would they find
# here?

# %%
from collections import Counter

kinds = Counter(type(part).__name__ for part in model.modules())
print("Linear", kinds["Linear"], " Conv1D", kinds["Conv1D"])

# %% [markdown]
# One, the head. GPT-2 keeps its other matrices in a class of its own. PyTorch's
# `quantize_dynamic(model, {nn.Linear})` would run without an error and leave nearly all
# of the model as it was. (It is deprecated. The library `torchao` takes its place, and
# looks for `Linear` too.) After each such step, look at the size of the file.
#
# ## 3. Faster
#
# ### The cache
#
# To write a token, the model needs the keys and values of all tokens before it (lesson
# 03). They do not change, so `generate` keeps them: the *KV cache*. Switch it off, and
# it computes the whole text anew for each token.
#
# ![Three steps of writing. Keys and values of earlier tokens are kept; each step
# computes one new key and value.](drawing:the_cache_grows)

# %%
from course_utils.evaluation.plots import lines

lengths, curves = (20, 60, 120), {}
for use_cache in (True, False):
    seconds = []
    for length in lengths:
        exact = {"max_new_tokens": length, "min_new_tokens": length}
        start = time.perf_counter()
        model.generate(**ids, **exact, do_sample=False, use_cache=use_cache,
                       pad_token_id=tokenizer.pad_token_id)
        seconds.append(time.perf_counter() - start)
    curves["with the cache" if use_cache else "without"] = (lengths, seconds)

# %% [markdown]
# Both write the same tokens. Draw the time.

# %%
figure = lines(
    curves,
    title="Time to continue one text",
    xlabel="new tokens",
    ylabel="seconds",
)
slower = curves["without"][1][-1] / curves["with the cache"][1][-1]
print(f"120 tokens: {slower:.1f} times slower without the cache")

# %% [markdown]
# With the cache each token costs about the same. Without it each costs more, the longer
# the text. The cache is on by default. Its price is memory: two vectors a token, in
# every layer.
#
# ### Batches
#
# For each step a machine reads all weights, whether for one text or for many. Give
# `generate` several, padded on the left, and each step serves them all.

# %%
chats = held_out["dialogue"][:16]
sizes, per_second, wait = (1, 2, 4, 8, 16), [], []
for batch_size in sizes:
    texts, seconds = timed_summaries(model, chats, batch_size=batch_size)
    same = sum(a == b for a, b in zip(texts, reference[:16], strict=True))
    per_second.append(len(chats) / seconds)
    wait.append(1000 * seconds * batch_size / len(chats))
    print(f"batch {batch_size:>2}: {per_second[-1]:6.1f} summaries per second, "
          f"{wait[-1]:4.0f} ms a batch, {same} of 16 the same")

# %% [markdown]
# The same figures as a picture:

# %%
figure = lines(
    {"measured": (sizes, per_second)},
    title="Summaries per second",
    xlabel="dialogues in a batch",
    ylabel="per second",
)

# %% [markdown]
# Two numbers, and you want one high and the other low. *Throughput*, summaries per
# second, rises with the batch, up to a point. *Latency*, the wait for one answer, rises
# as well: a step for more texts takes longer, and you wait for the longest of the
# batch. And 16 dialogues at once are far from 16 times as fast: each doubling gains
# less than double.
#
# ![Four chats in a batch. Three are finished early and wait for the longest.](drawing:a_batch_waits_for_its_longest)
#
# The last column compares the texts with those of a larger batch: your neighbours must
# not change your answer. (On a GPU, rounding may let a near tie fall the other way.)
#
# ## 4. An HTTP API, by hand
#
# Programs talk over HTTP: a request with some JSON, an answer with some JSON. FastAPI
# makes that out of a function and its types.

# %%
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


class Chat(BaseModel):
    dialogue: str


api = FastAPI()


@api.post("/summarise")
def summarise_chat(chat: Chat) -> dict[str, str]:
    if not chat.dialogue.strip():
        raise HTTPException(422, "the dialogue is empty")
    summary = summarise(model, tokenizer, [chat.dialogue], progress=False)[0]
    return {"summary": summary}

# %% [markdown]
# In a file of its own, `uvicorn file:api` would serve it. For a first look, the test
# client calls it without a network.

# %%
from fastapi.testclient import TestClient

client = TestClient(api)
print(chats[1])
for body in ({"dialogue": chats[1]}, {"dialogue": " "}, {"dialog": "Ann: Hi!"}):
    response = client.post("/summarise", json=body)
    print(response.status_code, response.text[:100])

# %% [markdown]
# 200 means fine, and 400 to 499 that the request was wrong. FastAPI found the misspelt
# field by itself.
#
# This would do for you alone. What happens with a hundred users? With a text of 10 MB?
# With a request that never ends? A server on the open network has to expect all three.
#
# ![A request is checked, waits in a queue of 16, and is answered by the model, up to 8
# at once. Bad ones get 413 or 422, too many get 429.](drawing:the_way_of_a_request)
#
# | what comes | what the code above does | what a service does |
# |---|---|---|
# | 40 requests at once | 40 calls of `generate` fight for the same cores | a queue, and batches |
# | more than it can do | they pile up, all get slow, memory runs out | status 429, and when to come back |
# | 10 MB | reads all of it | status 413, and holds no more than 64 kB |
# | a dialogue that is too long | cuts off its start in silence | status 422, with both lengths |
# | no answer in time | the user waits | status 504 |
#
# ## 5. Serve it
#
# `course serve` has all of that around the same function, in
# `course_utils/serving`. Start it on your folder, as you would in a terminal. Port 0
# takes a free one, and `--json` prints the address when the server is ready.

# %%
import atexit
import json
import subprocess
import sys

command = ["-m", "course_utils", "serve", str(folder), "--before"]
options = [profile.pretrained, "--port", "0", "--waiting", "16", "--json"]
server = subprocess.Popen(
    [sys.executable, *command, *options], stdout=subprocess.PIPE, text=True
)
atexit.register(server.kill)  # whatever happens to this notebook
ready = json.loads(server.stdout.readline())
print(ready["url"])

# %% [markdown]
# It took some seconds to import PyTorch and load the model. Now it is a program of its
# own. Ask it.

# %%
import httpx

http = httpx.Client(base_url=ready["url"], timeout=60)
print(http.get("/health").json())
answer = http.post("/summarise", json={"dialogue": chats[2]}).json()
print({key: answer[key] for key in ("summary", "model")})

# %% [markdown]
# The notebook is the client here, and it needs only the address. From a terminal you
# would use `curl`:
#
# ```
# curl http://127.0.0.1:8000/summarise -H "Content-Type: application/json" \
#      -d '{"dialogue": "Ann: Are you free at six?\nBen: Yes!"}'
# ```
#
# ### What it refuses
#
# Now be a bad client.

# %% tags=["nbval-check-output"]
bad = {
    "empty": {"dialogue": ""},
    "a number": {"dialogue": 5},
    "a control character": {"dialogue": "Ann: Hi!\x00"},
    "a special token": {"dialogue": "Ann: <|endoftext|>"},
    "10 MB": {"dialogue": "x" * 10_000_000},
}
for name, body in bad.items():
    response = http.post("/summarise", json=body)
    print(f"{name}: {response.status_code}\n   {response.json()['detail']}")

# %% [markdown]
# Each refusal is one line that says what to do. The special token deserves a thought:
# in the text of a user, `<|endoftext|>` would become the very token that ends a text.
# Users can put commands into your model's input, and this is the smallest of them.
#
# ### Many at once
#
# How long does a user wait? Let 1, 4 and 16 users ask at the same time, 32 requests
# each time. The mean hides the worst, so take *percentiles*: half of all requests are
# faster than p50, and 95 in 100 faster than p95. (Of 32 requests, p95 is the second
# slowest. A real test sends thousands.)

# %%
from concurrent.futures import ThreadPoolExecutor

questions = held_out["dialogue"][:32]


def ask(dialogue):
    start = time.perf_counter()
    response = http.post("/summarise", json={"dialogue": dialogue})
    return response, time.perf_counter() - start


for users in (1, 4, 16):
    start = time.perf_counter()
    with ThreadPoolExecutor(users) as pool:
        results = list(pool.map(ask, questions))
    wall = time.perf_counter() - start
    waits = sorted(1000 * seconds for _, seconds in results)
    assert all(response.status_code == 200 for response, _ in results)
    print(f"{users:>2} users: {len(questions) / wall:5.1f} per second, "
          f"p50 {waits[16]:4.0f} ms, p95 {waits[30]:4.0f} ms")

# %% [markdown]
# A single thread takes whatever waits, up to 8 dialogues, and asks the model once.
# Alone, you never wait for a batch to fill. With more users the batches fill by
# themselves: throughput rises several times, and p50 rises too, but less. 16 users are
# more than a batch holds, so some always wait for the next one. When each batch is
# full, throughput has reached its limit, and more users only wait longer. (That end was
# not measured here, and the clients run on the server's own cores, which blurs all of
# these figures.)
#
# The server counts, too:

# %%
metrics = http.get("/metrics").json()
for name in ("requests", "statuses", "batches", "mean_batch", "p50_seconds"):
    print(f"{name:<12} {metrics[name]}")

# %% [markdown]
# ### Too many
#
# The queue holds 16, by the option above. Send 60 at once.

# %%
with ThreadPoolExecutor(60) as pool:
    results = list(pool.map(ask, [dialogue] * 60))
statuses = Counter(response.status_code for response, _ in results)
print(dict(statuses), "answered:", sum(statuses.values()))
refused = [response for response, _ in results if response.status_code == 429]
if refused:
    print(refused[0].json()["detail"], refused[0].headers["Retry-After"])

# %% [markdown]
# Every request got an answer, and those that found the queue full did not wait for
# theirs. That is the point of a bounded queue. Without a bound, the sixtieth would wait
# for all the others, give up, ask again, and make it worse. A good client waits for as
# long as `Retry-After` says.
#
# ### The page
#
# The same server has a page for people at `/demo`: the dialogue on top, and below it,
# side by side, what the model wrote before training and what it writes now. Open the
# address in your browser while the server runs.

# %%
page = http.get("/demo/")
print(page.status_code, ready["page"])

# %% [markdown]
# On Colab the address is another machine's. This shows it there:
#
# ```python
# from google.colab import output
# output.serve_kernel_port_as_iframe(int(ready["url"].rsplit(":", 1)[1]), path="/demo")
# ```
#
# Stop the server politely: it answers what it has, then ends with status 0.

# %% tags=["nbval-check-output"]
server.terminate()
print("exit status", server.wait(timeout=30))

# %% [markdown]
# ## 6. A demo page of your own
#
# Gradio makes a page from a function. This one is complete. `demo.launch()` would open
# it; here you call it as the page would.

# %%
import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # or it reports its use
import gradio
from course_utils.model.gpt2 import load

base, base_tokenizer = load(profile.pretrained)


def before_and_after(dialogue):
    before = summarise(base, base_tokenizer, [dialogue], progress=False)[0]
    return before, summarise(model, tokenizer, [dialogue], progress=False)[0]


demo = gradio.Interface(
    before_and_after,
    inputs=gradio.Textbox(label="Dialogue", lines=8),
    outputs=[gradio.Textbox(label="Before"), gradio.Textbox(label="After")],
    flagging_mode="never",
)

# %% [markdown]
# `flagging_mode="never"` removes a button, shown by default, that writes what users
# type into a file. Know the defaults of what you put in front of people.

# %%
for name, text in zip(("before", "after"), demo.fn(chats[3]), strict=True):
    print(f"{name:<7} {text}")

# %% [markdown]
# ## 7. A server you did not write
#
# Transformers has a server, too. It speaks the protocol of OpenAI's API, which many
# programs know. Your folder is all it needs. Start it, and wait until it is healthy.

# %%
import socket
from pathlib import Path

with socket.create_server(("127.0.0.1", 0)) as free:
    port = str(free.getsockname()[1])
program = str(Path(sys.executable).with_name("transformers"))
other = subprocess.Popen(
    [program, "serve", str(folder), "--port", port, "--host", "127.0.0.1",
     "--device", model.device.type],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
atexit.register(other.kill)
openai_like = httpx.Client(
    base_url=f"http://127.0.0.1:{port}", timeout=60, headers={"Connection": "close"}
)

# %% [markdown]
# Unlike `course serve`, it says nothing when it is ready. So ask until it answers.
# (`Connection: close` takes a new connection for each request. You will see why.)

# %%
def wait_until_healthy(client, process, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            return client.get("/health").json()
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


print(wait_until_healthy(openai_like, other))

# %% [markdown]
# It completes prompts and knows nothing of dialogues. So the client has to send the
# cue, and to name the model as the server does.

# %%
def complete(text, name=str(folder)):
    body = {"model": name, "prompt": text, "max_tokens": 60}
    return openai_like.post("/v1/completions", json=body)


asked_of = placeholders(chats[4]).dialogue if profile.placeholders else chats[4]
completion = complete(prompt(asked_of)).json()
ours = summarise(model, tokenizer, [asked_of], progress=False)[0]
print(completion["choices"][0]["text"].strip())
print("the same as ours:", completion["choices"][0]["text"].strip() == ours)
print(completion["usage"])

# %% [markdown]
# The same text, from other code. Now the bad client again.

# %%
too_long = prompt("Ann: Hi!\n" * model.config.n_positions)
wrong = {"empty": complete(""), "too long": complete(too_long),
         "another name": complete(prompt(dialogue), name="my-model")}
for name, response in wrong.items():
    print(f"{name:<13} {response.status_code} {response.reason_phrase}")
other.terminate()
status = other.wait(timeout=30)

# %% [markdown]
# A status from 500 on means that the server failed. It blames itself for your bad
# request, hangs up, and a monitor would wake somebody at night. It is a good server for
# trying out a model. And it can *stream*, which ours does not: send each token as soon
# as it is written. For large models and many users there are vLLM, SGLang and others.
# They put new requests into a running batch after every token, and hand out the cache's
# memory in small pieces, so that little of it lies idle.
#
# ## 8. After the release
#
# Now people use it, and nobody sends you reference summaries. ROUGE is gone. What can
# you still see?
#
# ![Before the release there are references. After it only lengths, loops, refusals and
# invented names can be seen, and compared with a baseline.](drawing:what_to_watch)
#
# - how many requests, which statuses, p50 and p95: `/metrics` has them;
# - how long the inputs are, and how many are refused as too long;
# - how long the summaries are, and how many never end;
# - how much of a summary nobody said.
#
# The last comes near to the worst mistake of a summariser, to invent, and it needs no
# reference. Count the longer words whose first four letters begin no word of the
# dialogue.

# %%
import re


def unsaid(summary, dialogue):
    """Return the words that nobody said, and their share of all longer words."""
    said = {word[:4] for word in re.findall(r"\w+", dialogue.lower())}
    words = [word for word in re.findall(r"\w+", summary.lower()) if len(word) > 3]
    new = [word for word in words if word[:4] not in said]
    return new, len(new) / max(1, len(words))


print(unsaid("Zoltan will meet her in Rome.", "Ann: Can you meet me, Ben?"))

# %% [markdown]
# Good summaries have such words too: "will", "invites". So look at the share, and flag a
# summary if it is above a half. Use that on what the model really writes. First 100
# dialogues of the kind it was trained for. Then the course's development chats, which
# come from elsewhere: other topics, other words, longer. The language model that
# develops this course wrote them, one at a time. They stand for the users that you did
# not plan for.

# %%
from course_utils.data.handwritten import development_chats

room = model.config.n_positions - 60


def fits(dialogue):
    return len(tokenizer(prompt(dialogue))["input_ids"]) <= room


def serve_all(dialogues):
    readable = [dialogue for dialogue in dialogues if fits(dialogue)]
    texts = summarise(model, tokenizer, readable, progress=False)
    return list(zip(readable, texts, strict=True)), len(dialogues) - len(readable)


planned, planned_refused = serve_all(held_out["dialogue"][:100])
unplanned, unplanned_refused = serve_all(development_chats()["dialogue"][:100])

# %% [markdown]
# One function computes the whole list, from dialogues and summaries alone. `repetition`
# is the share of a text that repeats itself (lesson 02).

# %%
from course_utils.data.cleaning import repetition
from statistics import median


def monitor(served, refused):
    lengths = [len(tokenizer(dialogue)["input_ids"]) for dialogue, _ in served]
    share = 100 / len(served)
    return {
        "tokens of a dialogue, median": median(lengths),
        "refused as too long": refused,
        "words of a summary, median": median(len(t.split()) for _, t in served),
        "repeats itself, percent": share * sum(repetition(t) > 0.2 for _, t in served),
        "mostly unsaid, percent": share * sum(unsaid(t, d)[1] > 0.5 for d, t in served),
    }


as_planned = monitor(planned, planned_refused)
as_it_came = monitor(unplanned, unplanned_refused)
for name, value in as_planned.items():
    print(f"{name:<29} {value:6.1f} {as_it_came[name]:6.1f}")

# %% [markdown]
# The left column is your baseline, and the right one is an alarm. In tiny, summaries
# that nobody said are rare on the planned chats and frequent on the others. When what
# comes in is no longer what you trained for, that is *drift*. Look at the texts behind
# the number:

# %%
strange = [(d, t) for d, t in unplanned if unsaid(t, d)[1] > 0.5][:3]
for dialogue_in, text in strange:
    print(dialogue_in.split("\n")[0], "...\n ->", text[:100])
    print("    nobody said:", ", ".join(unsaid(text, dialogue_in)[0]))

# %% [markdown]
# ### When to ring
#
# A rate from 50 requests jumps about by chance. The usual size of such a jump is the
# *standard error*: for a share p of n requests, the root of p (1 - p) / n. Take three
# of them above the baseline as the line. With a baseline of 1 percent, chance alone
# crosses it about once in 70 days: 3 of 50 or more. (The baseline comes from 100 chats,
# so it is a rough one itself.) Here are ten days. From the sixth on, another app sends
# its chats too.

# %%
import random

baseline = max(as_planned["mostly unsaid, percent"], 1) / 100
line = 100 * (baseline + 3 * (baseline * (1 - baseline) / 50) ** 0.5)
shares = [0, 0, 0, 0, 0, 0.3, 0.6, 0.9, 0.9, 0.9]
draw, rates = random.Random(profile.seed), []
for new in shares:
    day = draw.choices(unplanned, k=round(50 * new))
    day += draw.choices(planned, k=50 - len(day))
    rates.append(100 * sum(unsaid(text, d)[1] > 0.5 for d, text in day) / 50)

# %% [markdown]
# Two lines make a dashboard: what is measured, and where to ring.

# %%
days = list(range(1, 11))
figure = lines(
    {"measured": (days, rates), "alarm": (days, [line] * 10)},
    title="Summaries that nobody said",
    xlabel="day",
    ylabel="percent",
)

# %% [markdown]
# An alarm says look, not what is wrong. Read twenty of the flagged texts, find out who
# sends them, and decide: refuse them, collect and train on them, or say in the model
# card that it is not for them. In colab and full, the chats from elsewhere are close to
# what SAMSum teaches, and the two levels may lie close together (predicted).
#
# ### What to log, and what not
#
# Chats are personal data: names, plans, illnesses. What you do not store cannot leak.
# So log numbers. A line such as this one, with the status of each request, is enough
# for every figure above.

# %%
import hashlib

version = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]


def log_line(dialogue, summary, seconds):
    return json.dumps({
        "model": version,
        "tokens_in": len(tokenizer(dialogue)["input_ids"]),
        "words_out": len(summary.split()),
        "unsaid": round(unsaid(summary, dialogue)[1], 2),
        "repetition": round(repetition(summary), 2),
        "seconds": round(seconds, 3),
    })


print(log_line(chats[2], answer["summary"], seconds=answer["seconds"]))

# %% [markdown]
# If you need texts, ask for consent, keep a small sample, delete it by a fixed date,
# and scrub it as in lesson 02. `course serve` keeps no texts and no log of who asked.
#
# ### The way back
#
# `version` is a fingerprint of the weights: the same file gives the same 12 characters.
# With it in every log line you know which model wrote what. Then:
#
# - keep the folder of the last version, and never write over a folder that serves;
# - send a small part of the requests to a new version first, and compare the monitors;
# - to go back, restart the server with the old folder. Try that once before you need
#   it.
#
# ## 9. The model card
#
# A *model card* says what a model is for, what it was trained on, how good it is and
# where it fails. On the Hub it is the `README.md` of the folder: a header that programs
# read, and text for people. Take every figure from a cell above. First ROUGE, on the
# 100 planned dialogues. They are of the validation split, on which lesson 08 has chosen
# the model, so the figure may be a little too good. A card that you publish takes those
# of the test split, with their intervals:

# %%
from course_utils.evaluation.summary_scores import summary_scores

rows = {row["dialogue"]: row for row in held_out.select(range(100))}
scores = summary_scores(
    [text for _, text in planned], [rows[dialogue] for dialogue, _ in planned]
)
print({name: round(scores[name], 1) for name in ("rouge1", "rouge2", "rougeL")})

# %% [markdown]
# The header has a class of its own, which puts results where the Hub looks for them.

# %%
from huggingface_hub import EvalResult, ModelCard, ModelCardData

is_local = Path(profile.pretrained).exists()  # tiny's are on no Hub yet
base_model = "YOUR_NAME/tiny-base" if is_local else profile.pretrained
data = "YOUR_NAME/tinychats" if is_local else profile.summaries["path"]
header = ModelCardData(
    language="en",
    license="other",
    license_name="that-of-its-data",
    license_link="LICENSE",
    library_name="transformers",
    pipeline_tag="text-generation",
    base_model=base_model,
    datasets=[data],
    metrics=["rouge"],
    model_name=folder.name,
    eval_results=[
        EvalResult(
            task_type="summarization",
            dataset_type=data,
            dataset_name=profile.sources["summaries"],
            dataset_split="validation",
            metric_type="rouge",
            metric_name=f"ROUGE-{name.removeprefix('rouge')}",
            metric_value=round(scores[name], 1),
        )
        for name in ("rouge1", "rouge2", "rougeL")
    ],
)

# %% [markdown]
# `license` is "other", since the licence of the data matters too. SAMSum's allows no
# commercial use, and a lawyer decides what that means for a model trained on it. With
# "other" the Hub wants a name and a link, here to a file of yours. `base_model` and
# `datasets` are names on the Hub: through them people find your model from theirs.
# `pipeline_tag` says how to call it, and gives it its place among the tasks.

# %%
_ = (folder / "LICENSE").write_text(
    f"Started from: {profile.sources['pretrained']}.\n"
    f"Trained on: {profile.sources['summaries']}.\n"
    "The terms of both come first. (Write here what you allow beyond that.)\n"
)

# %% [markdown]
# Now the text.

# %%
card = ModelCard(f"""---
{header.to_yaml()}
---
# {folder.name}

Summarises short chats in English, one line a message ("Ann: Hi!").
Version {version}, {model.num_parameters():,} parameters.

**How to ask.** The dialogue, then {prompt("")!r}. At most {room} tokens. Greedy.
Placeholders in place of people: {"yes" if profile.placeholders else "no"}.

**Training.** {profile.sources["pretrained"]}, fine-tuned on
{profile.sources["summaries"]}. Lesson 08 chose it on the validation split.

**Results** on {scores["n"]} held-out dialogues: ROUGE-1 {scores["rouge1"]:.1f}, ROUGE-2
{scores["rouge2"]:.1f}, ROUGE-L {scores["rougeL"]:.1f}.

**Limits.** Half of the words or more were said by nobody in
{as_planned["mostly unsaid, percent"]:.0f} of 100 summaries, and in
{as_it_came["mostly unsaid, percent"]:.0f} of 100 on chats from elsewhere, which are
of other kinds. Do not use it where a wrong fact does harm. It was tested on English
only.
""")
card.save(folder / "README.md")
print(card.content)

# %% [markdown]
# Read it as someone who wants to use the model for something else. Does it tell them
# not to? And check each line against what you did. A card that a program fills in is no
# truer than what the program knows: this one does not say how long the model was trained,
# since lesson 08 may have approved another one than lesson 07's. Add it by hand.
#
# Does the header come back as it was written? A field that is misspelt is no error: it
# is kept, and nobody reads it.

# %%
kept = ModelCard.load(folder / "README.md").data.to_dict()
wanted = ("license", "base_model", "datasets", "metrics", "pipeline_tag")
print({name: kept[name] for name in wanted})
assert kept == header.to_dict()

# %% [markdown]
# ### A page of its own
#
# A *Space* is a folder on the Hub that runs a program: `app.py`, what it needs, and a
# `README.md` whose header says which kind of program. This is section 6, with the model
# from the Hub. It asks as the model was trained, since `summarise` knows how.

# %%
space = folder.parent / "space"
space.mkdir(exist_ok=True)
_ = (space / "app.py").write_text("""\
import gradio
from course_utils.evaluation.generation import summarise
from course_utils.machine.errors import CourseError
from course_utils.model.gpt2 import load

model, tokenizer = load("YOUR_NAME/chat-summariser")


def answer(dialogue):
    if not 0 < len(dialogue.strip()) <= 4000:
        raise gradio.Error("Paste a dialogue of at most 4,000 letters.")
    return summarise(model, tokenizer, [dialogue], progress=False)[0]


box = gradio.Textbox(label="Dialogue", lines=8)
demo = gradio.Interface(answer, box, "text", flagging_mode="never")
if __name__ == "__main__":
    demo.launch()
""")

# %% [markdown]
# `OWNER/NAME@TAG` is where you took the course from, as in this notebook's first code
# cell.

# %%
from huggingface_hub import SpaceCardData

_ = (space / "requirements.txt").write_text(
    "train-gpt-course @ git+https://github.com/OWNER/NAME@TAG\n"
)
settings = SpaceCardData(
    title="Chat summaries",
    sdk="gradio",
    sdk_version=gradio.__version__,
    app_file="app.py",
    license="mit",  # of this page's code
    models=["YOUR_NAME/chat-summariser"],
)
(space / "README.md").write_text(f"---\n{settings.to_yaml()}\n---\n")
print((space / "README.md").read_text())

# %% [markdown]
# ### Publish it
#
# With an account on the Hub and a token among the secrets of your notebook (never in a
# cell, which is stored and shared), two calls publish a folder. The Hub checks the
# card before it takes the files. Start with `private=True`:
#
# ```python
# from course_utils.machine.runtime import secret
# from huggingface_hub import HfApi
#
# hub = HfApi(token=secret("HF_TOKEN"))
# name = "YOUR_NAME/chat-summariser"
# hub.create_repo(name, private=True)
# hub.upload_folder(repo_id=name, folder_path=folder)
# page = {"repo_id": "YOUR_NAME/chat-summaries", "repo_type": "space"}
# hub.create_repo(**page, space_sdk="gradio", private=True)
# hub.upload_folder(**page, folder_path=space)
# ```
#
# What is published can be copied. Weights can repeat what they were trained on, so
# never publish a model trained on chats that you may not publish.
#
# ## 10. Extension: without Python
#
# Your folder needs Python, PyTorch and Transformers, some gigabytes of programs.
# *llama.cpp* is a program of some megabytes, in C++, which runs language models on
# laptops and telephones. Ollama, LM Studio and others are built on it. It reads *GGUF*:
# a single file with the sizes, the tokenizer and the weights.
#
# llama.cpp's script `convert_hf_to_gguf.py` writes it for some hundred kinds of models.
# On your folder it stops twice. It looks for `n_ctx`, a field that Transformers no
# longer writes; and it knows a tokenizer by its fingerprint, and so refuses one that it
# has never seen, such as tiny's. `write_gguf` takes the same steps with the library
# under that script, `gguf`. The weights are the heart of it.

# %%
# from course_utils/model/export.py
def add_weights(writer, model, kind):
    import gguf

    exact = gguf.GGMLQuantizationType.F32
    layers = model.config.n_layer
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPT2, layers)
    for name, weights in model.state_dict().items():
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue  # it is the table of tokens
        values = weights.float().cpu().numpy()
        if ".c_" in name and values.ndim == 2:
            values = values.T  # Conv1D keeps (in, out), llama.cpp (out, in)
        chosen = exact if values.ndim == 1 or ".wpe." in name else kind
        new_name = names.get_name(name, (".weight", ".bias"))
        assert new_name, name
        writer.add_tensor(new_name, gguf.quantize(values, chosen), raw_dtype=chosen)

# %% [markdown]
# Only the matrices get smaller. `q8_0` keeps 8 bits a weight, and one scale for each 32
# of them, not for each column as in section 2.

# %%
from course_utils.model.export import write_gguf

files = {}
for kind in ("f32", "f16", "q8_0"):
    files[kind] = folder / f"{folder.name}-{kind}.gguf"
    write_gguf(folder, files[kind], kind)
    print(f"{kind:<5} {files[kind].stat().st_size / 1e6:8.2f} MB")

# %% [markdown]
# Now run them. The package `xllamacpp` is llama.cpp itself, compiled, with a thin layer
# of Python around it. It is a server, too, and speaks the protocol of section 7.

# %%
import xllamacpp


def engine(file):
    options = xllamacpp.CommonParams()
    options.model.path = str(file)
    options.n_ctx, options.n_parallel = model.config.n_positions, 1
    options.cpuparams.n_threads = torch.get_num_threads()
    options.cpuparams_batch.n_threads = torch.get_num_threads()
    options.cache_prompt, options.cache_ram_mib = False, 0  # ask, do not remember
    options.verbosity = -1
    return xllamacpp.Server(options)


servers = {kind: engine(file) for kind, file in files.items()}

# %% [markdown]
# Like the server of section 7, it completes prompts. Cue and placeholders are yours to
# bring, here as there.

# %%
from course_utils.data.people import restore


def ask_llama(server, dialogues):
    texts, tokens = [], 0
    for dialogue in dialogues:
        found = placeholders(dialogue) if profile.placeholders else None
        answer = server.handle_completions({
            "prompt": prompt(found.dialogue if found else dialogue),
            "max_tokens": 60, "temperature": 0, "stop": ["\n"],
        })
        text = answer["choices"][0]["text"].strip()
        texts.append(restore(text, found.people) if found else text)
        tokens += answer["usage"]["completion_tokens"]
    return texts, tokens

# %% [markdown]
# Does it write what PyTorch writes? Take the 100 planned dialogues of section 8. The
# right people are those whom the reference names (lesson 08).

# %%
asked, by_torch = [d for d, _ in planned], [text for _, text in planned]
wanted = [rows[dialogue] for dialogue in asked]
written = {"PyTorch": by_torch}
written |= {kind: ask_llama(server, asked)[0] for kind, server in servers.items()}
for name, texts in written.items():
    same = sum(a == b for a, b in zip(texts, by_torch, strict=True))
    scored = summary_scores(texts, wanted)
    print(f"{name:<8} the same {same:>3} of {len(asked)}   "
          f"ROUGE-1 {scored['rouge1']:.1f}   right people {scored['names']:.0f} %")

# %% [markdown]
# <!-- figure: f32 the same #1 100 100 -->
# <!-- figure: f16 the same #1 97 100 -->
# <!-- figure: q8_0 the same #1 90 100 -->
# In 32 bits, expect all of them the same in tiny, letter for letter: two programs that
# share no line of code compute one model. In 16 bits expect 97 to 100 of 100, and in 8
# bits 90 to 100, since a near tie between two tokens may fall the other way (section
# 2). ROUGE and the people hardly move.
#
# And how fast? Take turns, so that a busy moment of the machine meets all of them, and
# the median of three rounds.

# %%
first, speeds = asked[:16], {}
_, tokens = ask_llama(servers["f32"], first)
for _ in range(3):
    for batch_size in (1, 16):
        _, seconds = timed_summaries(model, first, batch_size=batch_size)
        speeds.setdefault(f"PyTorch, {batch_size} at once", []).append(tokens / seconds)
    for kind, server in servers.items():
        start = time.perf_counter()
        _, count = ask_llama(server, first)
        took = time.perf_counter() - start
        speeds.setdefault(f"{kind}, one by one", []).append(count / took)
for name, found in speeds.items():
    print(f"{name:<19} {median(found):6.0f} tokens per second")
ratio = median(speeds["f16, one by one"]) / median(speeds["PyTorch, 1 at once"])
print(f"f16 against PyTorch, text by text: {ratio:.0f} times as fast")

# %% [markdown]
# <!-- figure: f16 against PyTorch, text by text: #1 2 40 -->
# Text by text, expect 2 to 40 times the tokens per second in tiny: PyTorch spends most of
# so small a step on starting its operations, one by one, and sixteen texts at once make
# up for a part of that. The larger the model, the more its weights count, all of which
# are read for each token. Of GPT-2's size (random weights, one thread of the CPU that
# this course was made on), a CPU second gave:
#
# | 124 million parameters | file | tokens in a CPU second |
# |---|---|---|
# | PyTorch, float32 | 498 MB | 25 |
# | PyTorch, bfloat16 | 249 MB | 32 |
# | llama.cpp, f32 | 500 MB | 35 |
# | llama.cpp, f16 | 252 MB | 49 |
# | llama.cpp, q8_0 | 137 MB | 76 |
#
# (40 tokens after a prompt of 151, whose reading counts too: the best of three rounds in
# turns, by `python -m scripts.export_speed` in the course's repository.) In colab and
# full PyTorch has the GPU and this build of llama.cpp only the CPU, so there PyTorch
# should win (predicted). The files lie in the folder that you publish, and the Hub offers
# them to whoever has such a program.
#
# Two other ways out of PyTorch. *ONNX* is a file format for the computation itself;
# `optimum-cli export onnx` writes it, and ONNX Runtime runs it in browsers and in
# programs of other languages, with a loop for `generate` that you bring. *vLLM* needs no
# export: `vllm serve FOLDER` reads yours as it is, and is made for one thing, many users
# on a GPU. (Neither was run here.)
#
# ## Key takeaways
#
# - A model is weights, configuration, tokenizer, and the way to ask. Compare logits
#   after you reload.
# - Never load a pickle from a stranger. Take safetensors.
# - Half precision halves the file and hardly changes the texts. Whether it is faster,
#   measure on your machine.
# - With the cache each token costs about the same. Batches trade latency for
#   throughput.
# - Bound everything: body, length, queue and time. A quick refusal is better than a
#   slow failure.
# - Report p50 and p95, never only the mean.
# - Without references, watch lengths, refusals, repetition and what nobody said, and
#   compare them with a baseline.
# - Log numbers and no texts. Know your version, and your way back.
# - The same weights run in other programs. Compare the texts before you believe it.
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
        "question": "A reloaded model writes nonsense. Its loss in training was fine. "
                    "What do you check first?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Tokenizer and prompt: are they those of training?",
             "correct": True,
             "feedback": "Yes. Right weights fail so with wrong ids or no cue."},
            {"answer": "Whether float32 was lost in saving.", "correct": False,
             "feedback": "Half precision hardly changes the texts: see section 2."},
            {"answer": "Whether it needs more training.", "correct": False,
             "feedback": "It is the same model. First show that the logits are equal."},
            {"answer": "The batch size of the server.", "correct": False,
             "feedback": "With the right padding a batch changes no text."},
        ],
    },
    {
        "question": "You raise the batch size from 1 to 8. What happens under load?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "More summaries per second; each batch takes longer.",
             "correct": True,
             "feedback": "Yes. That is throughput against latency."},
            {"answer": "Eight times the throughput at the same latency.",
             "correct": False,
             "feedback": "Only if the machine were idle seven eighths of the time."},
            {"answer": "Nothing, tokens are still written one by one.",
             "correct": False,
             "feedback": "One step now writes a token for each of eight texts."},
            {"answer": "The summaries get worse.", "correct": False,
             "feedback": "Padding is masked. Section 3 compares the texts."},
        ],
    },
    {
        "question": "For an hour, requests come twice as fast as you can answer. "
                    "What should the service do?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Refuse half at once with 429 and Retry-After.",
             "correct": True,
             "feedback": "Yes. The others keep their usual wait."},
            {"answer": "Queue all of them, none must be lost.", "correct": False,
             "feedback": "After an hour the last one waits an hour. All are lost."},
            {"answer": "Answer with 500, so that someone notices.", "correct": False,
             "feedback": "500 says the server is broken. It is only busy."},
            {"answer": "Raise the time limit.", "correct": False,
             "feedback": "Then everyone waits longer, and the queue still grows."},
        ],
    },
    {
        "question": "p50 is 100 ms and p95 is 4 s. What does a user see?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "One request in 20 takes 4 s or more.", "correct": True,
             "feedback": "Yes. With 20 requests a day, two in three users meet it."},
            {"answer": "About 100 ms, the rest are outliers.", "correct": False,
             "feedback": "One in 20 is no outlier. People remember the slow ones."},
            {"answer": "2 s on average.", "correct": False,
             "feedback": "Percentiles give no mean, and their mean means nothing."},
            {"answer": "95 percent of requests fail.", "correct": False,
             "feedback": "They succeed: 95 percent take less than 4 s."},
        ],
    },
    {
        "question": "Which change shows without reference summaries?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "More names that are not in the dialogue.", "correct": True,
             "feedback": "Yes. Summary and dialogue are all that it needs."},
            {"answer": "A lower ROUGE.", "correct": False,
             "feedback": "ROUGE compares with a reference. Live, you have none."},
            {"answer": "A higher validation loss.", "correct": False,
             "feedback": "It needs reference summaries as well."},
            {"answer": "None: without references you are blind.", "correct": False,
             "feedback": "Lengths, refusals, repetition and names need none."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# In [exercise 9](../exercises/ex09_deploy.ipynb) you write the parts of a service
# yourself, and each is checked. The next lesson is
# [10. When it goes wrong](10_when_it_goes_wrong.ipynb).
#
# ## Further reading
#
# - Mitchell et al. (2019), [*Model Cards for Model
#   Reporting*](https://arxiv.org/abs/1810.03993).
# - Pope et al. (2022), [*Efficiently Scaling Transformer
#   Inference*](https://arxiv.org/abs/2211.05102): cache, batches and latency.
# - Kwon et al. (2023), [*Efficient Memory Management for Large Language Model Serving
#   with PagedAttention*](https://arxiv.org/abs/2309.06180): vLLM.
# - Dettmers et al. (2022), [*LLM.int8()*](https://arxiv.org/abs/2208.07339): 8 bits,
#   and where they fail.
# - Dean and Barroso (2013), *The Tail at Scale*: why p95 counts more than the mean.
# - [Safetensors](https://huggingface.co/docs/safetensors): the format, and
#   [GGUF](https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): the other one.
# - [FastAPI](https://fastapi.tiangolo.com) and [Gradio](https://www.gradio.app/docs):
#   the two libraries behind `course serve`.
# - [Serving](https://huggingface.co/docs/transformers/serving): `transformers serve`.
