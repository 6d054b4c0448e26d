# %% [markdown]
# # 1. Collect data
#
# A language model says which token is likely to come next, and all it knows is what it
# has read. In this lesson you gather text from five places, give all of it one shape,
# and look at it before any model does.
#
# **You will be able to**
#
# - load a prepared data set with one call, and say where it comes from;
# - turn a package, a book, a web page and your own file into the same kind of records;
# - weigh a data set in documents, words, characters and tokens;
# - recognise noise by looking, and find out how it came to be there;
# - show with numbers why diverse text beats more of the same, and write a data card.
#
# | profile | minutes | memory | what is trained |
# |---|---|---|---|
# | tiny (any CPU, no network) | under 1, measured | 1 GB, measured | nothing |
# | colab, full (GPU) | about 1, predicted | 2 GB, predicted | nothing |

# %% tags=["setup"]
from course_utils import start_lesson

profile = start_lesson("01")

# %% [markdown]
# ## 1. One shape for all text
#
# Whatever the source, you want **records**: a table with one *document* in each row.
# The column is called `text` by habit, and much code expects that name. The library
# `datasets` makes such tables. What it loads from files it keeps on disk (in a format
# called Arrow), so a table may be larger than your memory. The small one below is made
# by hand and stays in memory.
#
# ![A data set on the Hub, a package, a book, a web page and your own file all become
# rows of one table with a column text.](drawing:five_sources_one_shape)

# %%
from datasets import Dataset

documents = ["The first document.", "The second one, a bit longer."]
dataset = Dataset.from_dict({"text": documents})
print(dataset)
print(dataset[1])

# %% [markdown]
# What is *one document*? It is your decision, and it matters: a model learns where
# documents begin and end, and documents are what you later deal out to training and
# test. A chat, an article or a chapter is a document. A line that ends in the middle of
# a sentence is not.

# %% [markdown]
# ## 2. A prepared data set
#
# Most data sets of the field live on the Hugging Face Hub. `load_dataset` fetches one
# by name and keeps it on your disk. Your profile holds the arguments, so that this cell
# is the same everywhere: on a GPU they name WikiText, articles of Wikipedia, on the Hub;
# on a CPU they name local files with cleaned chats.

# %%
from datasets import load_dataset

for name, value in profile.language.items():
    print(f"{name}: {value}")
prepared = load_dataset(**profile.language)
print(prepared)

# %% [markdown]
# You get a dictionary of **splits**: `train` to learn from, `validation` to make
# decisions with, `test` to look at once, at the end. Look at one row before you believe
# anything about a data set.

# %%
row = next(row for row in prepared["train"] if len(row["text"]) > 200)
print(row["text"][:300])

# %% [markdown]
# Two things to know about names on the Hub:
#
# - Write the full name with its owner, `Salesforce/wikitext`. Old tutorials write
#   `load_dataset("wikitext")`, and today's `datasets` refuses that.
# - Data sets that came with a Python script (`samsum` was one) no longer load at all.
#   Somebody has usually uploaded the same rows as plain files: lesson 07 uses
#   `knkarthick/samsum`.
#
# The licence stands on the data set's page. Read it before you train: "I found it on
# the internet" is not a licence. These you will meet:
#
# | licence | allows | asks for |
# |---|---|---|
# | MIT | any use | its text beside each copy |
# | CC BY | any use | the source's name |
# | CC BY-NC-ND | no use that earns money (NC), no changed copies for others (ND) | the source's name |
# | public domain | any use | nothing |
#
# In most countries a book enters the public domain 70 years after its author's death.
# All this is about copyright. It does not say whether the writers were asked, or whose
# personal data a text holds.

# %% [markdown]
# ## 3. A package: from nested JSON to records
#
# Data also hide in places that were never meant for language models. The pip package
# `chitchat-dataset` brings 7,168 real chats as one JSON file. Find the file, and look
# at its structure before you write a line of code.

# %%
import json
from importlib.metadata import metadata
from importlib.resources import files

path = files("chitchat_dataset") / "dataset.json"
raw_chats = json.loads(path.read_text(encoding="utf-8"))
print("licence:", metadata("chitchat-dataset")["License"], "| chats:", len(raw_chats))
raw_chat = list(raw_chats.values())[1]
print("keys:", list(raw_chat))
print(json.dumps(raw_chat["messages"][1], indent=2))

# %% [markdown]
# A chat holds *turns*, a turn is a list of messages by one person, and a person is a
# long random id. A model should see none of that. It should see what a reader would
# like to see: who speaks, and what they say.
#
# The next cell does it. The first person to write becomes `A`, the second `B`. It is
# the helper `chat_text` from `course_utils`, shown here once and in full.


# %%
# from course_utils/data/sources.py
def chat_text(turns: list[list[dict[str, str]]]) -> str:
    names: dict[str, str] = {}
    lines = []
    for message in (message for turn in turns for message in turn):
        text = " ".join(message["text"].split())
        if text:
            name = names.setdefault(message["sender"], chr(ord("A") + len(names)))
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


print(chat_text(raw_chat["messages"])[:400])

# %% [markdown]
# Each message stays on a line of its own. More than half of these messages end without
# a full stop, a question mark or an exclamation mark, so the line break is the only sign
# of where a thought ends. If you joined the lines, you would delete that sign.
#
# `chitchat()` runs this over all chats.

# %%
from course_utils.data.sources import chitchat

chats = chitchat()
print(chats)
assert chats[1]["text"] == chat_text(raw_chat["messages"])

# %% [markdown]
# ## 4. A book
#
# Old books come as plain text files whose lines are broken at 60 or 70 characters. Here
# is a very short one. Take each line as a document, as many first scripts do, and see
# what a model would learn from.

# %%
samples = files("course_utils") / "assets" / "samples"
book_text = (samples / "small_book.txt").read_text(encoding="utf-8")
lines = [line for line in book_text.split("\n") if line.strip()]
for line in lines[3:8]:
    print(repr(line))

# %% [markdown]
# These are halves of sentences. Worse, the model would learn to break its own lines
# every 60 characters. A paragraph is the smallest piece that makes sense, and it ends
# at an *empty* line. So cut there, then join the lines inside.
#
# ![The same text cut by line gives five halves of sentences. Cut by paragraph it gives
# two documents that make sense.](drawing:what_a_document_is)

# %%
paragraphs = [block.strip("\n") for block in book_text.split("\n\n")]
print(" ".join(paragraphs[2].split("\n")))

# %% [markdown]
# The helper `book` does this and a little more: it finds chapter headings, leaves verse
# as it is, and drops the licence text that Project Gutenberg puts around its books.

# %%
from course_utils.data.sources import book

chapters = book(book_text, by="chapter")
for chapter in chapters:
    print(f"{chapter['chapter'] or '(before the first)':<20}", len(chapter["text"]))
log = chapters[2]["text"]
print(log[log.index("One keeper") : log.index("Marta read it")])

# %% [markdown]
# No rule is perfect. The book has "be-" at the end of a line and "tween" at the start
# of the next. Should that become "be-tween" or "between"? A program without a
# dictionary cannot know, and this one guesses wrong. Read samples of what your code
# makes.

# %%
storm = chapters[3]["text"]
print(storm[storm.index("half the night") :][:104])

# %% [markdown]
# ## 5. A web page
#
# Most of the text that models read comes from web pages, and most of a web page is not
# text. A tempting shortcut is to delete everything between `<` and `>`.

# %%
import re

html = (samples / "web_page.html").read_text(encoding="utf-8")
shortcut = re.sub(r"<[^>]+>", " ", html)
print(" ".join(shortcut.split())[:330])

# %% [markdown]
# The style sheet, the script and the menu are still there, and they stand on every page
# of that site. A model would learn them by heart. `web_page` reads the page with a real
# HTML parser (BeautifulSoup), takes the main part, and leaves out what no reader would
# read.
#
# ![A web page is menu, advert, script and style around a text. Only the text becomes a
# record.](drawing:what_a_web_page_is_made_of)

# %%
from course_utils.data.sources import web_page

print(web_page(html))

# %% [markdown]
# Before you collect pages from the web: read the site's `robots.txt` and its terms, ask
# for few pages a second, and keep the address and date of each page with its text. For
# large collections start from Common Crawl or FineWeb, where others have done that
# work.

# %% [markdown]
# ## 6. Your own text
#
# Here is the place for your own data: notes, lyrics, a manual, anything you may use.
# Save it as UTF-8 text. The cell writes a small example. To read your own file, change
# the last line but one: `my_file = Path("notes.txt")`. It is only read.

# %%
from course_utils.machine.runtime import save_folder

folder = save_folder() / "collect_data"
folder.mkdir(parents=True, exist_ok=True)
example = folder / "example.txt"
example.write_text("First idea.\nStill the first.\n\nSecond idea.\n", encoding="utf-8")
my_file = example
print(my_file.read_text(encoding="utf-8")[:300])

# %% [markdown]
# `load_dataset` reads text files too. With `sample_by="paragraph"` a document ends at
# an empty line, with `"line"` (the default) at each line.

# %%
mine = load_dataset("text", data_files=str(my_file), sample_by="paragraph")["train"]
print(len(mine), "documents, the first two:", mine["text"][:2])

# %% [markdown]
# Files that people have at hand are often not what they seem. A Windows editor may have
# saved yours as UTF-16, as the cell saves this one, and then you see:

# %%
odd_file = folder / "windows.txt"
odd_file.write_text("First idea.\n\nSecond idea.\n", encoding="utf-16")
try:
    odd_file.read_text(encoding="utf-8")
except UnicodeDecodeError as error:
    print(type(error).__name__, "-", error)

# %% [markdown]
# The course's `text_file` says the same in words, and what to do about it. It also
# accepts Windows line ends, cuts at empty lines or at each line, whichever suits the
# file, and cuts a line of many megabytes into pieces. `course train` reads your file
# with it.

# %%
from course_utils import CourseError
from course_utils.data.sources import text_file

try:
    text_file(odd_file)
except CourseError as error:
    print(error)
odd_file.write_text("First idea.\r\n\r\nSecond idea.\r\n", encoding="utf-8")
print(text_file(odd_file)["text"][:])

# %% [markdown]
# ## 7. What does it weigh?
#
# You compare data sets in four units: documents, words, characters and **tokens**. A
# token is a word or a piece of one, as the model reads it. A *tokenizer* cuts text into
# tokens; lesson 02 trains one. Counting all tokens takes a while, so estimate their
# number from a sample of 200 documents.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(profile.tokenizer)


def characters_per_token(texts: list[str]) -> float:
    sample = texts[:: max(1, len(texts) // 200)]
    ids = tokenizer(sample)["input_ids"]
    return sum(map(len, sample)) / sum(map(len, ids))


# %% [markdown]
# Python's own manual joins the table as a fifth text: half a megabyte of technical
# English that is on every computer with Python.

# %%
from pydoc_data.topics import topics

texts = {
    "prepared (train)": prepared["train"]["text"][:],
    "chats": chats["text"][:],
    "Python's manual": list(topics.values()),
    "small book": chapters["text"][:],
    "web page": [web_page(html)],
}

# %%
import pandas as pd

rows = {}
for name, documents in texts.items():
    size = sum(map(len, documents))
    words = sum(len(text.split()) for text in documents)
    tokens = int(size / characters_per_token(documents))
    rows[name] = [len(documents), words, size, tokens, size / tokens]
columns = ["documents", "words", "characters", "tokens (about)", "characters per token"]
table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
table.style.format("{:,.0f}").format("{:.1f}", subset="characters per token")

# %% [markdown]
# The last column says how well the tokenizer knows this kind of text. The one of tiny
# was made from chats, so it needs more tokens for a manual than for a chat of the same
# length.
#
# (The `A:` at the start of each line counts as a word here.)
#
# Is that much text? A rule of thumb from the Chinchilla paper: a model that starts
# *from scratch*, with random numbers, makes good use of about 20 tokens for each of its
# *parameters*, the numbers that training changes. The paper found this ratio best for
# a given amount of computing. Turned round, it says how large a model your data set can
# feed.
#
# ![One square for a parameter above twenty squares for tokens. Tiny asks for 22 million
# tokens, GPT-2 for 2.5 billion.](drawing:twenty_tokens_a_parameter)

# %%
tokens = table.loc["prepared (train)", "tokens (about)"]
print(f"{tokens / 1e6:.1f} million tokens feed {tokens / 20 / 1e6:.2f} M parameters")
print(f"GPT-2 small, 124 M parameters, asks for {124e6 * 20 / 1e9:.1f} billion tokens")

# %% [markdown]
# The rule is no limit: you may train a larger model on less text, and it learns less
# than it could. Tiny does so, with 1.1 million parameters.
#
# That is why lesson 06 does not start from nothing: it takes a model that somebody has
# already fed, and only adds your text.

# %% [markdown]
# ## 8. The first curve: lengths
#
# An average hides almost everything. Draw all lengths. They spread over four powers of
# ten, so the axis is logarithmic, and so are the widths of the bars.

# %%
import numpy as np
from course_utils.evaluation import plots

words = np.array([len(text.split()) for text in texts["chats"]])
figure = plots.histogram(
    words,
    title="How long is a chat?",
    xlabel="words in a chat, logarithmic",
    bins=np.geomspace(2, words.max(), 40),
    marks={"median": np.median(words), "mean": words.mean()},
)
figure.axes[0].set_xscale("log")

# %% [markdown]
# Median and mean differ by a factor of seven, and neither describes a typical chat. The
# picture does: a spike at two words (`A: Hello?`), a hump near 30 words, and a second
# hump near 500. Those are three kinds of chat: no answer, a short exchange, a
# conversation. Each kind wants its own decision.

# %% [markdown]
# ## 9. The second curve: Zipf's law
#
# Count how often each word occurs, and sort the words by that count. In most
# texts, in very different languages, the count falls roughly as one over the rank. With
# both axes logarithmic, that would be a straight line. Take the messages without their
# `A:` and `B:`.

# %%
from collections import Counter

messages = [line[3:] for text in texts["chats"] for line in text.split("\n")]
counts = {}
for name, lines in (("chats", messages), ("manual", topics.values())):
    found = (word for text in lines for word in re.findall(r"[\w']+", text.lower()))
    counts[name] = Counter(found)
    print(f"{name}: {len(counts[name]):,} different words", counts[name].most_common(5))

# %% [markdown]
# Small words lead in both. Now the curves. The two texts could hardly be more
# different:

# %%
series = {}
for name, counter in counts.items():
    frequency = np.array(sorted(counter.values(), reverse=True)) / counter.total()
    series[name] = (np.arange(1, len(frequency) + 1), frequency)
axes = {"xlabel": "rank of the word", "ylabel": "share of all words"}
figure = plots.lines(series, title="Zipf's law", log=True, **axes)
figure.axes[0].set_xscale("log")

# %% [markdown]
# The two lie almost on each other. They are not quite straight, since the rarer words
# fall a little faster. The steps at the right end are the words that occur three times,
# twice and once.
#
# A few words are everywhere, and most words are rare. Look at what that means for
# learning:

# %%
counter = counts["chats"]
once = sum(count == 1 for count in counter.values())
top = sum(count for _, count in counter.most_common(100))
print(f"{once / len(counter):.0%} of the different words occur exactly once")
print(f"the 100 commonest words make {top / counter.total():.0%} of the text")

# %% [markdown]
# Of all the different words, a model meets almost half only once. (They are few in the
# running text, where the common words fill the lines.) This is why tokenizers cut rare
# words into pieces that are not rare, and why more data keeps helping: much of what
# there is to know stands in the rare words.

# %% [markdown]
# ## 10. What noise looks like
#
# Now read. Sort, and look at both ends: the shortest, the longest, the commonest. Ten
# minutes of this save days of training on rubbish.

# %%
commonest = Counter(message.lower() for message in messages).most_common(16)
print(f"{len(messages):,} messages; the commonest:")
print(", ".join(f"{message!r} {count}" for message, count in commonest))

# %% [markdown]
# "Hello?" and "haha" are what people say. But `'a'`? And `'a a a a a a a a'`, hundreds
# of times? Count the chats with one writer and the messages of one character.

# %%
alone = sum("\nB: " not in text for text in texts["chats"])
single = sum(len(message) == 1 for message in messages)
print(f"{alone:,} of {len(chats):,} chats have only one writer")
print(f"{single:,} messages are a single character")

# %% [markdown]
# Strange data have a reason, and the data often tell it themselves. Search for it.

# %%
told = [m for m in messages if re.search(r"more points|ton of points|spam", m)]
print(len(told), "messages, for example:")
for message in (told[0], told[3], told[-4]):
    print("-", message)

# %% [markdown]
# The chats were collected as a contest with points, and points rewarded words. So some
# people typed words. **How data were made decides what is in them.** A contest brings
# filler, a help forum brings complaints, a shop's reviews bring praise that was paid
# for. Ask how your text came into being before you ask how much there is.
#
# Lesson 02 removes the worst of this noise, and counts what it removes.

# %% [markdown]
# ## 11. Why diversity counts
#
# You may train on 40,000 words. Should they all be chats, all be manual, or half and
# half? A crude measure will do: take a text that was *not* in the training data. How
# many of its words occur anywhere in the training data?
#
# ![Two circles of words. A second helping of chats lies almost on the first, while
# chats and manual together cover much more.](drawing:more_or_other_text)

# %%
import random


def shuffled_words(texts: list[str]) -> list[str]:
    texts = random.Random(0).sample(texts, len(texts))
    return [word for text in texts for word in re.findall(r"[\w']+", text.lower())]


chat_words = shuffled_words(texts["chats"])
manual_words = shuffled_words(texts["Python's manual"])
tests = {"chats": chat_words[-10_000:], "manual": manual_words[-10_000:]}

# %%
n = 20_000
choices = {
    "only chats": chat_words[: 2 * n],
    "only manual": manual_words[: 2 * n],
    "half and half": chat_words[:n] + manual_words[:n],
}
known = {
    choice: {name: np.isin(test, train).mean() for name, test in tests.items()}
    for choice, train in choices.items()
}
pd.DataFrame(known).T.style.format("{:.1%}")

# %% [markdown]
# The columns are the texts you test on. Half and half gives up a few points at home and
# gains more than twenty on the other side, with the same number of words. A second
# helping of the same teaches little, by Zipf's law: it brings the common words again. A
# model that must serve many kinds of reader should have read many kinds of text.
#
# The same goes for people. These chats are by students of one university. A model
# trained on them has met no one else.

# %% [markdown]
# ## 12. Write a data card
#
# A data set without a description is a trap for the next person, and that is usually
# you. A **data card** says where the data come from, under which licence, how they were
# made, what is in them, and what they are not good for. Let the program fill in what
# can be counted.

# %%
weight = table.loc["chats"]
card = f"""# Data card: the chats

- Source: pip package chitchat-dataset
- Licence: {metadata("chitchat-dataset")["License"]}
- Made: students chatted in pairs in a contest with points, 2018
- Size: {weight["documents"]:,.0f} chats, {weight["words"]:,.0f} words
- Known noise: {alone:,} chats with one writer, {single:,} one-character messages
- Not for: publishing what a model says about people; any claim about people in general
"""
(folder / "data-card.md").write_text(card, encoding="utf-8")
print(card)

# %% [markdown]
# The course's own card for these chats is docs/cards/chitchat.md. It also says what we
# do **not** know, for example whether the writers agreed to this use. That belongs
# there too. Yours lies in the folder `collect_data`, among what you keep.

# %% [markdown]
# ## Key takeaways
#
# - Every source ends in the same shape: one document a row, in a column `text`.
# - A document is a unit of sense. Lines of a wrapped book are not documents.
# - Weigh data in tokens: about 20 for each parameter you want to train from scratch.
# - Draw the lengths and Zipf's curve, then read both ends. Averages hide the noise.
# - How data were made decides what is in them. Write it on the data card.
# - New kinds of text teach more than more of the same.
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
        "question": "A novel comes as a text file whose lines are broken at 60 "
                    "characters, with empty lines between paragraphs. What should one "
                    "record be?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "A paragraph or a chapter, with its lines "
                       "joined", "correct": True,
             "feedback": "It is a unit of sense, and the line breaks inside it say "
                         "nothing about the language."},
            {"answer": "Each line of the file", "correct": False,
             "feedback": "Most lines begin and end inside a sentence, and the model "
                         "would learn to break lines at 60 characters."},
            {"answer": "Each sentence", "correct": False,
             "feedback": "Sentences lean on each other. Cut apart, they no longer "
                         "teach how a text goes on."},
            {"answer": "Each word", "correct": False,
             "feedback": "A model learns from what comes before a word. A single "
                         "word has nothing before it."},
        ],
    },
    {
        "question": "Your data set has 40 million tokens. By the rule of thumb from "
                    "the Chinchilla paper, how large a model does it feed from "
                    "scratch?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "About 2 million parameters", "correct": True,
             "feedback": "40 million tokens divided by 20 tokens for each parameter."},
            {"answer": "About 800 million parameters", "correct": False,
             "feedback": "You multiplied by 20. It is 20 tokens for each parameter, "
                         "so divide."},
            {"answer": "About 40 million parameters", "correct": False,
             "feedback": "That would be one token for each parameter, far too little "
                         "text."},
            {"answer": "About 124 million parameters, as GPT-2 small", "correct": False,
             "feedback": "GPT-2 small asks for about 2.5 billion tokens by the same "
                         "rule."},
        ],
    },
    {
        "question": "The mean length of your documents is 350 words and the median is "
                    "20. What do you do first?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Draw all lengths, and read both ends", "correct": True,
             "feedback": "So large a gap means that there is more than one kind of "
                         "document. Look at them before you decide anything."},
            {"answer": "Remove everything above the mean", "correct": False,
             "feedback": "The long ones may be the only real documents. You have not "
                         "read any yet."},
            {"answer": "Report the mean, since it uses all the data", "correct": False,
             "feedback": "It describes neither the many short documents nor the few "
                         "long ones."},
            {"answer": "Cut all documents to 20 words", "correct": False,
             "feedback": "That throws away most of the text, before you know what is "
                         "in it."},
        ],
    },
    {
        "question": "Why is load_dataset(\"samsum\"), as in many tutorials, no "
                    "longer of use?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It needed a loading script, and those are no "
                       "longer run", "correct": True,
             "feedback": "Today's library loads plain files only. Use an upload of "
                         "the same rows as files, by its full name with the owner."},
            {"answer": "The rows were lost", "correct": False,
             "feedback": "The same rows are on the Hub as plain files, under another "
                         "owner's name."},
            {"answer": "It needs a GPU", "correct": False,
             "feedback": "Loading data never needs one."},
            {"answer": "A name must be written in capitals", "correct": False,
             "feedback": "Case is not the matter. The owner is missing, and the "
                         "script is refused."},
        ],
    },
    {
        "question": "You may add 10 million words to a training set of news. Which "
                    "addition widens what the model knows most?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "A mix of forum posts, manuals, stories and "
                       "chats", "correct": True,
             "feedback": "New kinds of text bring words and turns of phrase that the "
                         "model has not met."},
            {"answer": "10 million more words of news from the same "
                       "year", "correct": False,
             "feedback": "By Zipf's law most of it is what the model has already "
                         "read."},
            {"answer": "The same news a second time", "correct": False,
             "feedback": "It brings no new word at all, and the model begins to "
                         "learn it by heart."},
            {"answer": "The news, translated word by word by a "
                       "program", "correct": False,
             "feedback": "It repeats the same facts with a program's mistakes."},
        ],
    },
])

# %% [markdown]
# ## Practise
#
# Exercise 1 lets you read, count, split and judge texts yourself:
# [exercises/ex01_collect_data.ipynb](../exercises/ex01_collect_data.ipynb). The next
# lesson is [2. Preprocess](02_preprocess.ipynb).
#
# ## Further reading
#
# - Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*:
#   section 2.1 says how GPT-2's WebText was collected.
# - Gebru et al. (2021), *Datasheets for Datasets*: the questions a data card answers.
# - Dodge et al. (2021), *Documenting Large Webtext Corpora*: what is really in C4.
# - Penedo et al. (2024), *The FineWeb Datasets*: each choice of a web corpus, measured.
# - Hoffmann et al. (2022), *Training Compute-Optimal Large Language Models*: the 20
#   tokens.
# - The documentation of `datasets`: https://huggingface.co/docs/datasets
