# %% [markdown]
# # 0. Start here
#
# In this course you train GPT-2: from collecting text to a model that answers requests.
# This first lesson shows you where you will end up, checks your machine, and explains
# how the lessons and exercises work.
#
# **You will be able to**
#
# - see a finished model summarise chats, also one of yours, and catch its mistakes;
# - say what your machine can run, and why the same cells run on a laptop and a GPU;
# - do an exercise, and read the hint when a check fails;
# - find what you save, and get unstuck.
#
# | profile | what runs | minutes | memory |
# |---|---|---|---|
# | tiny | a GPT-2 of 1.1 million parameters that is already trained | under 1 on one CPU core | 1 GB |
# | colab, full | the same | under 1 (predicted) | 2 GB (predicted) |
#
# Run the cells from top to bottom: Shift and Enter run one and go to the next. The
# first cell takes a few seconds, since it loads large libraries.

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("00")

# %% [markdown]
# ## 1. The end first
#
# Here is a model that this course made, with the methods you will learn. It took 1,000
# steps, twice as many as yours will in lesson 07 on a laptop. `load` gives the model and
# its tokenizer, which turns text into numbers and back.

# %%
from course_utils.model.gpt2 import load

model, tokenizer = load("tiny-summariser")
print(f"{model.num_parameters():,} parameters")

# %% [markdown]
# Give it three chats. It was trained on others.

# %%
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.generation import compare

chats = [
    """Anna: Hi Tom! Do you want to go swimming on Saturday?
Tom: Sure! What time?
Anna: Let's meet at the station at 3 pm.
Tom: Perfect, see you there!""",
    """Maria: I have to see the dentist on Friday at 4 pm. Can you watch Leo?
Peter: Of course! I'll take care of him.
Maria: Thanks a lot!""",
    """Kate: We need eggs and milk.
Paul: I'm at the shop. Anything else?
Kate: Bread, please.""",
]
compare({"chat": chats, "summary": summarise(model, tokenizer, chats)})

# %% [markdown]
# The first summary should be right: who, what, when and where. The model has only 1.1
# million *parameters*, the numbers that training sets. GPT-2 has 124 million, and
# today's large models have thousands of times more than that. All of them are built and
# trained in much the same way.
#
# Now compare the other two with their chats, name by name. There you will usually find
# a mistake: a person in the wrong role, a thing that nobody mentioned, or the same words
# again and again, because the model does not find its way out.
#
# ### What a language model is
#
# A language model does one thing: it reads a text, and gives each *token*, a word or a
# piece of one, a chance to come next. The course's own small model gave these chances
# before it learned to summarise:
#
# ![A chat goes into a language model. Out come chances for the next token: 19 percent
# for ' the', 13 for ' a', and something for each of 2,048 tokens.](drawing:a_language_model)
#
# To write, it takes one of them, puts it at the end, and reads again:
#
# ![Four turns of a loop: the model reads 'Anna will', then what it has written so far,
# and adds ' bring', ' a', ' cake' and a full stop.](drawing:writing_is_a_loop)
#
# ### Your own chat
#
# Change the chat below and run the cell again, as often as you like. Keep the form: one
# line for each message, the name, a colon, the text.

# %%
my_chat = """
Lena: Do you want to play tennis on Sunday?
Omar: Sorry, I can't. I have to work.
Lena: Too bad! Another time.
"""
print(summarise(model, tokenizer, [my_chat])[0])

# %% [markdown]
# Change one thing at a time: a name, the day, the order of the lines. What does it hold
# on to?
#
# <!-- live: summariser -->
#
# ### What it gets wrong
#
# This chat comes from elsewhere (the language model that develops this course wrote
# it), and is about something that the model never trained on.

# %%
from course_utils.data.handwritten import handwritten_chats

chat = handwritten_chats()[0]
print(chat["dialogue"])
print("\nA reference:", chat["summary"])
print("The model:", summarise(model, tokenizer, [chat["dialogue"]])[0])

# %% [markdown]
# It fails, and nothing tells you so: no error, no warning. The model learned from
# TinyChats, which a program makes: about a hundred patterns, filled with many names,
# places and times. It has learned these, and not all that people chat about. Training
# on real chats, and a model with room for them, is what a GPU is for. But each step of
# the way is the same, and you can see every one of them on a laptop.
#
# How often is it right, and how sure can you be of that? That is lesson 08.
#
# ## 2. What your machine can do
#
# Three programs do the heavy work: Python, PyTorch (`torch`), which computes, and
# Transformers, which holds the models.

# %%
import sys

import torch
import transformers

print("python      ", sys.version.split()[0])
print("torch       ", torch.__version__)
print("transformers", transformers.__version__)
print("GPU         ", torch.cuda.is_available())

# %% [markdown]
# If the last line says False, you work on the CPU. That is fine: the course is made so
# that you can.
#
# For all the rest there is a doctor. In a terminal, type `course doctor`. Here is the
# same report.

# %%
from course_utils.commands.doctor import examine

for finding in examine():
    print("ok  " if finding.ok else "MEND", f"{finding.name:<13}{finding.text}")
    if not finding.ok:
        print("     ", finding.advice)

# %% [markdown]
# | line | what it says |
# |---|---|
# | `hardware` | CPU or GPU, memory, cores |
# | `threads` | How many of the cores PyTorch uses, then the time of one step with each number that was tried. More are not always faster. |
# | `network` | Whether the Hugging Face Hub answers. It has the data and models of the GPU profiles. |
# | `wandb` | Whether a key for tracking is there (section 5). |
# | `cache`, `runs` | The folders for what can be made again, and for what you keep. |
# | `profile` | The sizes that your lessons will use (section 3). |
# | `minutes` | How long the longest training would take at the speed of this moment. On a busy machine it is more than the map in section 7 says. |
#
# A line that says MEND tells you what to do.
#
# ## 3. The profile: one course, three sizes
#
# `start_lesson` gave you a `profile`. It holds every size that a lesson uses.

# %%
print("profile:      ", profile.name)
print("layers, width:", profile.model["n_layer"], "x", profile.model["n_embd"])
print("steps:        ", profile.train_steps)
for kind, source in profile.sources.items():
    print(f"{kind + ':':<14} {source}")

# %% [markdown]
# A lesson writes `GPT2Config(**profile.model)` where you would write numbers. So the
# same cell builds a small model on a laptop, and GPT-2 on a GPU.
#
# ![Two squares whose areas are the parameters. GPT-2 with 124 million is a hundred
# times as large as tiny with 1.1 million.](drawing:tiny_and_gpt2)
#
# | profile | model | data | needs |
# |---|---|---|---|
# | tiny | 1.1 million parameters | real chats from a pip package; TinyChats | any CPU, no network |
# | colab | GPT-2, 124 million | WikiText-2; SAMSum | a GPU such as a T4 |
# | full | GPT-2, 124 million, trained longer | WikiText-103; SAMSum | a GPU with bfloat16 and 30 GB |
#
# The course chooses by your hardware. Without a network you get tiny. To choose
# yourself, set `COURSE_PROFILE` in a cell of your own, and run the setup cell after it:
#
# ```python
# import os
# os.environ["COURSE_PROFILE"] = "tiny"
# ```
#
# Results in the text say which profile they are for. "(predicted)" means that the
# figure was computed and not measured.
#
# ## 4. How to do an exercise
#
# Each of the other lessons has a notebook with exercises. (There is no ex00: this
# lesson has its own, here.) A question has a cell for your answer and a cell that
# checks it. Take the first question of exercise 5: how many steps does one pass over
# `n_blocks` blocks of text take, if each step uses `batch_size * accumulation *
# processes` of them? Return that product, and the number of steps. (Lessons 04 and 05
# explain these words. Here you need only the arithmetic.)
#
# An answer cell begins as a *stub*, a function without its inside. This one has been
# filled in, with a mistake that many people make. `check` runs your function on a few
# inputs.

# %% tags=["raises-exception"]
from course_utils import check


def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    effective_batch_size = batch_size * accumulation * processes
    return effective_batch_size, n_blocks // effective_batch_size


check("ex05_1")

# %% [markdown]
# It is red, and it is meant to be. Read a failed check from the top: the points, then a
# hint that names the likely mistake, then an input, what was expected and what your
# function gave. Here `//` rounds down, and the last, smaller step gets lost.
#
# ![A circle: write the answer, run it, check. A failed check gives a hint and an input,
# and leads back to the answer. Otherwise you have passed.](drawing:reading_a_check)
#
# Mend it and check again. Nothing is counted against you.

# %% tags=["nbval-check-output"]
import math


def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    effective_batch_size = batch_size * accumulation * processes
    return effective_batch_size, math.ceil(n_blocks / effective_batch_size)


check("ex05_1")

# %% [markdown]
# Every exercise works like this. It lists what the function must do, and each point of
# the list is checked. You write where the stub says `raise NotImplementedError`. If you
# are stuck, open the first hint below it, then the second. Only then look at the same
# notebook in `solutions/`, which also discusses what else works and what goes wrong.
#
# In a terminal, `course check exercises/ex05_training.ipynb` runs a whole notebook and
# lists your points.
#
# ## 5. Tracking: with an account or without
#
# In lesson 05 you train for minutes, and on a GPU for longer. wandb (Weights & Biases)
# is a service that keeps the settings and curves of such runs. An account is free for
# personal use, and you do not need one: without a key, runs are written to your disk,
# and the course reads them from there.

# %%
from course_utils.machine.runtime import secret
from course_utils.training.tracking import use_wandb

print("a key is there:", secret("WANDB_API_KEY") is not None)
print("mode:", use_wandb())

# %% [markdown]
# `secret` looks into the environment, and into the secret store of Colab or Kaggle. It
# never prints what it finds. If you have an account:
#
# - in Colab, click the key symbol on the left, add `WANDB_API_KEY`, and allow this
#   notebook to read it;
# - in a terminal, `export WANDB_API_KEY=...` before you start Jupyter.
#
# **Never paste a key into a cell.** Notebooks get shared, and their history keeps what
# you delete. If it has happened, revoke the key on wandb's site.
#
# To stay offline although a key is there, set `WANDB_MODE=offline`.
#
# ## 6. Where files go
#
# A notebook has two kinds of files: those you want to keep, and those that can be made
# again.

# %%
from course_utils.machine.runtime import save_folder, where

print("you are on:", where())
print("models go to:", save_folder())

# %% [markdown]
# `save_folder()` is for what you want to keep: models, checkpoints, runs. What can be
# made again, such as prepared data, goes to a cache, and you may delete that at any
# time. `COURSE_RUNS` and `COURSE_HOME` move the two folders.
#
# ### On Colab
#
# - **A GPU.** Menu Runtime, Change runtime type, T4 GPU. Do it before you start: the
#   change begins a new session. Without a GPU you get tiny, which works as well.
# - **Your Drive.** A session ends after some hours, and its files are gone. Mount your
#   Drive, and `save_folder()` will be a folder in it:
#
# ```python
# from google.colab import drive
# drive.mount("/content/drive")
# ```
#
# - **A copy.** Menu File, Save a copy in Drive. Otherwise your changes are lost.
# - **Links.** If a link to another notebook does not open in Colab: menu File, Open
#   notebook, GitHub.
#
# ## 7. The map
#
# Minutes are what the cells take in tiny, on one quiet core. For reading and trying
# things out, plan an hour a lesson, and one more for its exercise.
#
# ![The way of the course: text, tokens, model, training, then your own text, one task,
# measuring and serving, with the number of each lesson.](drawing:the_way_of_the_course)
#
# | lesson | minutes | what you make |
# |---|---|---|
# | 00 Start here | under 1 | |
# | [01 Collect data](01_collect_data.ipynb) | under 1 | records of one shape out of five sources, and a data card |
# | [02 Preprocess](02_preprocess.ipynb) | 1 | clean text without copies or leaks, and a tokenizer |
# | [03 Build the model](03_build_the_model.ipynb) | under 1 | GPT-2, counted by hand and written out |
# | [04 Infrastructure](04_infrastructure.ipynb) | 1 | a plan of memory and minutes, and two processes that train as one |
# | [05 Train](05_train.ipynb) | 3 to 4 | a language model from random weights |
# | [06 Fine-tune a pretrained model](06_fine_tune.ipynb) | 2 | a model fine-tuned on dialogues, what it gained and what it forgot |
# | [07 Summarise chats](07_summarise.ipynb) | 2 | the summariser |
# | [08 Evaluate](08_evaluate.ipynb) | 1 to 3 | the table that says how good it is |
# | [09 Deploy](09_deploy.ipynb) | 1 | a server, a demo page and a model card |
# | [10 When it goes wrong](10_when_it_goes_wrong.ipynb) | 1 | five diagnoses |
# | [11 Training laboratory](11_training_laboratory.ipynb) | 2 | tables that compare rates, schedules, optimizers, sizes and data |
# | [12 Fine-tuning laboratory](12_fine_tuning_laboratory.ipynb) | 2 | tables that compare ways to fine-tune |
# | [13 Is it true?](13_is_it_true.ipynb) | 2 | measures of truth, and a judge that is judged |
#
# Each lesson runs alone, and they build on each other: follow the order the first time.
# Exercises 1 to 10 go with the lessons of the same number. Lessons 11 to 13 are
# laboratories: they compare choices, and have no exercise. Three larger exercises come at
# the end, and belong to no single lesson: 11, fine-tune GPT on SAMSum; 12, compare what
# it writes before and after; 13, compare training from scratch with a pretrained start.
#
# You need Python with functions, loops and dictionaries. What a probability and a
# logarithm are will help. Everything about neural networks that you need is explained
# where it comes up.
#
# ## 8. When you are stuck
#
# - **A word.** The [glossary](../docs/glossary.md) explains each term in a sentence,
#   and names the lesson that introduces it.
# - **An error.** Read its last line first. It says what went wrong; the lines above it
#   say where. The course's own errors are one line: what is wrong, and what to do.
# - **A strange state.** Cells that ran in another order leave odd values behind.
#   Restart the kernel, and run all cells from the top.
# - **It takes too long.** Set `COURSE_MAX_STEPS` to 20 before the setup cell, as in
#   section 3. Training is cut short, and results get worse, but every cell runs.
# - **The machine.** `course doctor`.
# - **The result is bad, and there is no error.** That is the usual case when you train
#   models. Lesson 10 is about nothing else.
#
# Ask somebody by showing three things: the cell, the last line of the error, and the
# lines that the setup cell printed.
#
# ## Key takeaways
#
# - The same cells run in three sizes. `profile` says which one.
# - A model can sound sure and be wrong. Hold each text against its source.
# - Exercises: write, run, check, read the hint.
# - Keep keys out of cells. What you want to keep goes to `save_folder()`.
# - `course doctor` and the glossary help when you are stuck.
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
        "question": "You have no network and no GPU. What happens in lesson 05?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It runs, with the profile tiny.", "correct": True,
             "feedback": "Yes. Its data and models came with the course."},
            {"answer": "It stops with an error at the first download.",
             "correct": False,
             "feedback": "Tiny downloads nothing. One line says that it was chosen."},
            {"answer": "It trains GPT-2 with 124 million, only slower.",
             "correct": False,
             "feedback": "That would take days. The profile chooses a smaller model."},
            {"answer": "You can read it but not run it.", "correct": False,
             "feedback": "Every cell runs on a CPU."},
        ],
    },
    {
        "question": "check(...) fails with a hint. What do you do?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Change the answer cell, run it, run the check again.",
             "correct": True,
             "feedback": "Yes. Check as often as you like."},
            {"answer": "Change the answer cell and run only the check.",
             "correct": False,
             "feedback": "Then your old function is checked. Run its cell first."},
            {"answer": "Change the check cell until it passes.", "correct": False,
             "feedback": "A grader uses its own check, on other inputs."},
            {"answer": "Install the course again.", "correct": False,
             "feedback": "A hint is about your answer, not about the machine."},
        ],
    },
    {
        "question": "Where do you put your wandb key?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Into the environment or Colab's secrets.", "correct": True,
             "feedback": "Yes. The notebook never contains it."},
            {"answer": "Into a cell that you delete afterwards.", "correct": False,
             "feedback": "Saved versions and outputs may keep it. Revoke such a key."},
            {"answer": "Nowhere: without a key nothing is logged.",
             "correct": False,
             "feedback": "You may do without, but runs are still written to disk."},
            {"answer": "Into a file beside the notebook, in Git.", "correct": False,
             "feedback": "Git keeps it for ever, and pushes it to everyone."},
        ],
    },
])

# %% [markdown]
# ## Exercise
#
# Go on with [1. Collect data](01_collect_data.ipynb), and then with its
# [exercise 1](../exercises/ex01_collect_data.ipynb).
#
# ## Further reading
#
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*: GPT-2.
#   Read its first two pages now, and all of it after lesson 06.
# - Andrej Karpathy, [*A Recipe for Training Neural
#   Networks*](https://karpathy.github.io/2019/04/25/recipe/): the attitude behind this
#   course.
# - [The Hugging Face course](https://huggingface.co/learn): a wider view of the
#   library.
# - [The card of TinyChats](../docs/cards/tinychats.md): what its chats are, and what
#   a result on them does not show.
