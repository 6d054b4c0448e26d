# %% [markdown]
# # Exercise 1. Collect data
#
# You write what stands between "somebody gave me a file" and records that a model may
# learn from: the figures of a data card, word counts that anybody can repeat, a parser
# for a messenger's export, and a split that keeps every chat whole.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1.1 | figures of a data card | 1 of 5 | 10 | {points} |
# | 1.2 | word counts and ties | 2 of 5 | 10 | {points} |
# | 1.3 | a messenger's export | 3 of 5 | 20 | {points} |
# | 1.4 | a split by chats | 3 of 5 | 15 | {points} |
# | 1.5 | licences, in writing | | 10 | {points} |
#
# This exercise goes with [lesson 1](../notebooks/01_collect_data.ipynb). First run the
# two cells below. Then write your code where a cell says `raise NotImplementedError`,
# run it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like. A person grades
# 1.5.
#
# Everything here runs on one CPU core in a few seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("01")

# %%
import math
import random
import re
import statistics
from collections import Counter

# %% [markdown]
# ## 1.1 How long are the documents?
#
# *Difficulty 1 of 5, about 10 minutes.*
#
# A data card says how many documents there are and how long they are. The mean says
# little, since a few long documents pull it up. So you report the median, and the
# length that hardly any document exceeds: it tells you later which `block_size` is
# enough. Write `length_figures`:
#
# - `texts` is a list of documents. Some rows are `None`, empty, or white space only, as
#   real data sets have them. Leave those out of all four figures;
# - a document's length is its number of words, as white space separates them;
# - return a dict with these keys: `documents`, how many there are; `words`, how many
#   they have together; `median`, the median length; `p95`, the smallest length that at
#   least 95 % of the documents do not exceed. `p95` is a length that occurs.

# %% answer="ex01_1"
def length_figures(texts: list[str | None]) -> dict[str, float]:
    """Return documents, words, and the median and 95th percentile of the lengths."""
    # return the four figures
    ### BEGIN SOLUTION
    lengths = sorted(len((text or "").split()) for text in texts)
    lengths = [length for length in lengths if length > 0]
    return {
        "documents": len(lengths),
        "words": sum(lengths),
        "median": statistics.median(lengths),
        "p95": lengths[math.ceil(0.95 * len(lengths)) - 1],
    }
    ### END SOLUTION


# %% check="ex01_1"
check("ex01_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Sort the lengths. With 20 documents, 95 % are 19 of them. At which place, counted from
# 0, stands the greatest length of those 19?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# lengths = the sorted word counts, without the zeros
# p95 = lengths[95 % of their number, rounded up, minus 1]
# median = the middle length, or the mean of the two in the middle
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a length that occurs.** `np.percentile(lengths, 95)` lies between two lengths by
# default. For a plot that does no harm. But "a block of 373.4 words holds 95 % of the
# documents" is a sentence about no document, and with few documents it is not even
# true.
#
# **What else works.** `np.percentile(lengths, 95, method="inverted_cdf")`.
#
# **What goes wrong.** Rows without text. SAMSum has one, and a CSV reader gives it to
# you as `None`. Counted as 0, such rows pull the median down. Not counted here and
# counted there, they make a card that contradicts itself.
# </details>

# %% [markdown]
# ## 1.2 The commonest words
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# The head of Zipf's curve is a list of words. Two people who count the same data should
# get the same list, whatever the order of the documents. Write `commonest_words`:
#
# - words are what the pattern `[\w']+` finds in the text in lower case. (Lowercase for
#   counting, not for training.)
# - return the `n` commonest as pairs `(word, count)`, the highest count first;
# - words of equal count stand in alphabetical order. Where `n` cuts through a group of
#   equal counts, the alphabet decides who stays.

# %% answer="ex01_2"
def commonest_words(texts: list[str], n: int) -> list[tuple[str, int]]:
    """Return the `n` commonest words with their counts, ties in alphabetical order."""
    # return the n commonest words with their counts
    ### BEGIN SOLUTION
    words = (word for text in texts for word in re.findall(r"[\w']+", text.lower()))
    counts = Counter(words)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:n]
    ### END SOLUTION


# %% check="ex01_2"
check("ex01_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `Counter.most_common` leaves equal counts in the order in which it met them. You need
# a sort of your own, by two things at once: one falls, the other rises.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# count the words of all texts
# sort the pairs by (minus the count, the word)
# return the first n
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why ties matter.** By Zipf's law most words are rare, so most counts are shared by
# many words. A vocabulary that is cut at `n` cuts through such a group. If the order of
# the documents decides who stays, two runs have two vocabularies, and the ids of one
# mean nothing in the other.
#
# **What else works.** Sort twice: by word first, then by count. Python's sort keeps the
# order of equals.
#
# **What goes wrong.** `most_common(n)` and then sorting: the cut has been made by then.
# And `reverse=True` turns the alphabet round together with the counts.
# </details>

# %% [markdown]
# ## 1.3 A messenger's export
#
# *Difficulty 3 of 5, about 20 minutes.*
#
# Messengers export a chat as a text file that looks like this:
#
# ```
# [03.05.24, 18:01] Ana Ruiz named the group Trip
# [03.05.24, 18:02] Ana Ruiz: Are you there?
# I am at the door.
# [smiles]
# [03.05.24, 18:03] +44 20 7946 0018: Two things: bread and milk
# ```
#
# Write `parse_export`, which makes a list of pairs `(name, text)` of it:
#
# - a message starts on a line that begins with a time stamp in exactly this form,
#   `[dd.mm.yy, hh:mm]` and a space;
# - then comes a name, which ends at the first `: ` (a colon and a space). The rest is
#   text, whatever it holds;
# - a line without a time stamp goes on with the message above it. Keep the line break
#   between them as `\n`. An empty line is such a line, too;
# - a line with a time stamp and without `: ` is a notice by the app. Leave it out. The
#   line after it has a time stamp, too;
# - lines end in `\n` or, in an export from another phone, in `\r\n`. No `\r` may be
#   left. The file ends in one line end, which belongs to no message.

# %% answer="ex01_3"
def parse_export(export: str) -> list[tuple[str, str]]:
    """Return the messages of a messenger's export as pairs of name and text."""
    # return the pairs of name and text
    ### BEGIN SOLUTION
    messages = []
    for line in export.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        stamp = re.match(r"\[\d\d\.\d\d\.\d\d, \d\d:\d\d\] ", line)
        if stamp:
            name, colon, text = line[stamp.end() :].partition(": ")
            if colon:
                messages.append([name, text])
        elif messages:
            messages[-1][1] += "\n" + line
    return [(name, text) for name, text in messages]
    ### END SOLUTION


# %% check="ex01_3"
check("ex01_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Every line is one of three things: the start of a message, a notice, or more of the
# message above. What do you look at to tell them apart? A bracket alone is not enough,
# and neither is a colon.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# replace \r\n by \n, take off the last line end, split into lines
# for each line:
#     if the pattern of a time stamp matches at its start:
#         cut the rest at the first ": "
#         if there was one: start a new message
#     else: append "\n" and the line to the last message
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why so strict.** A parser of a loose pattern fails without a word: a picture's
# caption in brackets vanishes, a message with a colon loses its end, and you find out
# when a model writes half sentences. A strict pattern fails loudly, since nothing
# matches, for example on an export with American dates.
#
# **What else works.** One `re.split` over the whole file, with the stamp as the
# separator and `re.MULTILINE`. Then the lines inside a message need no care.
#
# **What goes wrong.** `line.split(": ")[1]` loses all after a second colon.
# `split("\n")` on a file from Windows leaves `\r` at each end, invisible in print, and
# a token of its own for the model. After parsing, count the messages of each name, and
# read a few.
# </details>

# %% [markdown]
# ## 1.4 Split, and keep every chat whole
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Your table has one message in each row, and a column that says to which chat it
# belongs. Write `split_by_chat`, which deals the rows out to training and test:
#
# - `chats[i]` is the id of the chat of row `i`. The rows of a chat need not stand
#   together;
# - return two lists of row numbers, `(train, test)`. Every row is in exactly one;
# - all rows of a chat are on the same side;
# - the test gets `test_share` of the *chats*, rounded to the nearest whole number,
#   drawn at random;
# - the same `seed` gives the same split, also after a restart of Python; another seed
#   gives another.

# %% answer="ex01_4"
def split_by_chat(
    chats: list[str], test_share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Return the row numbers of training and test; no chat is on both sides."""
    # return the row numbers of training and test
    ### BEGIN SOLUTION
    names = sorted(set(chats))
    drawn = set(random.Random(seed).sample(names, round(test_share * len(names))))
    train = [row for row, chat in enumerate(chats) if chat not in drawn]
    test = [row for row, chat in enumerate(chats) if chat in drawn]
    return train, test
    ### END SOLUTION


# %% check="ex01_4"
check("ex01_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Do not draw rows. Draw from a list in which each chat stands once. And what does the
# order of that list depend on?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# names = the different chats, sorted
# drawn = round(test_share * number of names) of them, by random.Random(seed).sample
# test = the rows whose chat was drawn; train = the other rows
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why whole chats.** The message after "Shall we meet at 6?" is no surprise to a model
# that was trained on the message before it and the one after it. Its score would be for
# remembering.
#
# **Why sort.** Python gives strings another hash each time it starts, and a set has the
# order of the hashes. `random.Random(0).sample(list(set(chats)), 3)` is repeatable as
# long as you do not restart. Then your test set changes, and old scores mean nothing.
#
# **What else works.** `dict.fromkeys(chats)` keeps the order of first occurrence. Or
# hash each id by `hashlib.md5` and take the smallest: then a chat stays on its side
# when new chats are added.
#
# **What goes wrong.** The last chats as a test. Data are sorted more often than they
# look, and then the test is about another month or another topic.
# </details>

# %% [markdown]
# ## 1.5 May you use it?
#
# *In writing, about 10 minutes. A person grades it.*
#
# You want to train a model and publish its weights for everybody to use, companies
# included. You can get these four texts:
#
# 1. 7,000 chats by students, in a pip package with the MIT licence. Its page does not
#    say whether the writers were asked.
# 2. 16,000 chats with summaries, under CC BY-NC-ND 4.0.
# 3. A novel of 1897, from Project Gutenberg. Its author died in 1912.
# 4. 5,000 mails between you and your colleagues.
#
# For each, write two or three sentences: what does the licence (or the law) say, what
# would you have to do, and what remains open? End with your decision.
#
# | points | for |
# |---|---|
# | 1 | the licences read rightly: what each of them allows, and what it asks of you |
# | 1 | what no licence settles: who agreed, and whose personal data it is |
# | 1 | a decision on each of the four that fits the purpose, with its reason |

# %% [markdown] answer="ex01_5" points=3
# 1. MIT allows any use, if you pass on its text with copies of the data. It speaks of
#    copyright only. Whether the writers agreed is open, and chats hold personal data. I
#    would use them after scrubbing, and write on the card that consent is unknown.
# 2. NC forbids commercial use, ND forbids passing on changed versions. Whether weights
#    are a changed version is disputed. I would train on it to learn and to compare,
#    name the source, and not publish these weights for companies.
# 3. The author died more than 70 years ago, so the text is in the public domain in most
#    countries. Gutenberg's licence is about its name and its header: take both off. I
#    would use it.
# 4. Mails belong to those who wrote them, and they hold personal data and secrets of
#    the firm. That I can read them gives me no right to train on them. I would not use
#    them without the consent of all.
#
# This is a layman's reading. For a product, ask a lawyer.

# %% [markdown] tags=["solution-only"]
# <details><summary>Rubric (3 points)</summary>
#
# - 1 point: reads the licences rightly. MIT asks for its notice; NC rules out
#   commercial use; ND is named; public domain goes with the author's death or the
#   book's age.
# - 1 point: sees that a licence on a package or a page does not settle consent and
#   personal data (1 and 4).
# - 1 point: decides on each of the four, and the decision fits the purpose: weights
#   that companies may use. "It depends" without saying on what earns nothing here.
#
# Another decision than the model answer's is as good if its reasons are.
# </details>
