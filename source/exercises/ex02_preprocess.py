# %% [markdown]
# # Exercise 2. Preprocess
#
# You write the steps between a pile of text and blocks of token ids: scrub it, pack it,
# find its near copies and keep them on one side of a split, and learn one merge of a
# tokenizer. Each is a few lines, and each has a mistake that nothing warns you of.
#
# | | practises | difficulty | minutes | points |
# |---|---|---|---|---|
# | 2.1 | addresses and links | 2 of 5 | 15 | {points} |
# | 2.2 | documents into blocks | 2 of 5 | 10 | {points} |
# | 2.3 | near copies | 3 of 5 | 15 | {points} |
# | 2.4 | groups for a split | 3 of 5 | 15 | {points} |
# | 2.5 | one merge of byte pair encoding | 4 of 5 | 20 | {points} |
#
# This exercise goes with [lesson 2](../notebooks/02_preprocess.ipynb). First run the
# two cells below. Then write your code where a cell says `raise NotImplementedError`,
# run it, and run the `check` cell below it. It prints your points, or one hint and the
# input that shows what is wrong. You may check as often as you like.
#
# Everything here runs on one CPU core in a few seconds.

# %% tags=["setup"]
from course_utils import check, start_lesson
profile = start_lesson("02")

# %%
import re
from collections import Counter
from itertools import chain, combinations, pairwise

# %% [markdown]
# ## 2.1 Scrub, and leave the sentence whole
#
# *Difficulty 2 of 5, about 15 minutes.*
#
# Addresses and links go out of the text before a model can learn them by heart. The
# sentences around them stay, in every letter. Write `scrub`:
#
# - replace each e-mail address by `<email>`. It is a name of letters, digits and
#   `. _ + -`, an `@`, and two or more parts joined by points. A part consists of
#   letters, digits and `-`;
# - replace each link by `<link>`. It starts with `http://`, `https://` or `www.`, in
#   small or capital letters. No letter or digit (and no `_`, which `\w` counts with
#   them) stands before the start, and one of them follows it;
# - a link goes on to the next white space. But marks at its end, `. , ! ? ; : )` and
#   `"`, belong to the sentence and stay. So does the full stop after an address;
# - nothing else changes: case, spaces, line breaks and punctuation stay;
# - write the patterns yourself: do not call `scrub` from `course_utils`.

# %% answer="ex02_1"
def scrub(text: str) -> str:
    """Replace e-mail addresses by <email> and links by <link>."""
    # return the text with placeholders
    ### BEGIN SOLUTION
    email = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    link = r"""(?<!\w)(?:https?://|www\.)(?=\w)\S*[^\s.,!?;:)"]"""
    text = re.sub(link, "<link>", text, flags=re.IGNORECASE)
    return re.sub(email, "<email>", text)
    ### END SOLUTION


# %% check="ex02_1"
check("ex02_1")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `\S+` takes everything up to the next white space, the comma and the bracket too. What
# may the *last* character of a link be? And what tells "www.example.com" from "Awww."?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# link = no letter before:        (?<!\w)
#        the start:               (?:https?://|www\.)
#        a letter after:          (?=\w)
#        anything but spaces:     \S*
#        a last character that is no space and no mark:  [^\s...]
# replace links (ignoring case), then addresses
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a placeholder.** With the address deleted, "Write to ." is a sentence that
# nobody writes. With `<email>` the model learns where an address goes, and none in
# particular.
#
# **What else works.** Take `\S+` and strip the marks off in a function that you pass to
# `re.sub`.
#
# **What goes wrong.** Whoever lowercases the text to find `HTTP://` has changed every
# sentence. Whoever splits and joins it has lost the line breaks, and in a chat those
# are the turns. No pattern is complete: count what changed, and read a sample.
# </details>

# %% [markdown]
# ## 2.2 Pack documents into blocks
#
# *Difficulty 2 of 5, about 10 minutes.*
#
# Write `pack`:
#
# - `documents` is a list of documents, each a list of token ids;
# - join them all in their order, with the token `eos` after *each* document;
# - cut the result into blocks of `block_size` tokens. Drop what does not fill a block;
# - return a list with a dict for each block. It has `input_ids` and `labels`, and the
#   labels are what the models of `transformers` expect;
# - do not call `pack` from `course_utils`.

# %% answer="ex02_2"
def pack(
    documents: list[list[int]], eos: int, block_size: int
) -> list[dict[str, list[int]]]:
    """Return blocks of `block_size` tokens, with eos after each document."""
    # return the blocks with their labels
    ### BEGIN SOLUTION
    stream = list(chain.from_iterable([*ids, eos] for ids in documents))
    ends = range(block_size, len(stream) + 1, block_size)
    blocks = [stream[end - block_size : end] for end in ends]
    return [{"input_ids": block, "labels": list(block)} for block in blocks]
    ### END SOLUTION


# %% check="ex02_2"
check("ex02_2")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Forget documents once they are joined: a block may begin in the middle of one and end
# in the middle of another. And who shifts the labels, you or the model?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# stream = all ids of all documents, eos after each
# n_blocks = length of the stream // block_size
# block i = stream[i * block_size : (i + 1) * block_size]
# input_ids = the block, labels = the same ids
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why drop the rest.** A shorter row would need padding and a mask, for a few tokens
# in millions. Drop it once over all documents, though, and not once a document.
#
# **What else works.** `np.array(stream[:n * block_size]).reshape(n, block_size)`.
#
# **What goes wrong.** nanoGPT's loader returns `x` and a `y` that is one token ahead,
# and its model does not shift. Bring that `y` to `GPT2LMHeadModel`, and labels are
# shifted twice. Setting the label of eos to -100 is the other classic: the model then
# never learns to stop.
# </details>

# %% [markdown]
# ## 2.3 Find near copies
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# Write `near_copies`, which compares all pairs of texts exactly:
#
# - words are what `\w+` finds in the text in lower case;
# - a text's shingles are the *set* of all sequences of `size` words that follow each
#   other. A text with fewer words has one shingle: all its words;
# - two texts are near copies if their Jaccard similarity, shared shingles over all
#   shingles of both, is at least `threshold`;
# - return the pairs `(i, j)` of their places in `texts`, `i < j`, in sorted order;
# - do not call `near_duplicates` from `course_utils`.

# %% answer="ex02_3"
def near_copies(
    texts: list[str], size: int, threshold: float
) -> list[tuple[int, int]]:
    """Return the pairs of texts whose shingles' Jaccard similarity is high enough."""
    # return the pairs of near copies
    ### BEGIN SOLUTION
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        places = range(max(1, len(words) - size + 1))
        sets.append({tuple(words[i : i + size]) for i in places})
    return [
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]
    ### END SOLUTION


# %% check="ex02_3"
check("ex02_3")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# How many pairs of neighbours do 5 words have? And what do you divide by: what one text
# has, what both have added up, or what occurs in either?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each text:
#     words = \w+ in the text in lower case
#     set = words[i : i + size] as a tuple, for i from 0 to len(words) - size
#           (at least i = 0, for short texts)
# for each pair i < j:
#     keep it if len(a & b) / len(a | b) >= threshold
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why normalise first.** "Hello!" and "hello" are one text to a reader. Lower case and
# `\w+` are for the comparison only: the text that you keep stays as it was.
#
# **Why Jaccard.** Divided by the shorter text, a quotation of one sentence would make a
# copy of every article that it stands in. If you want to find quotations, that is the
# right measure: it is called containment.
#
# **What else works.** Compare the sizes of two sets first: if the smaller one has less
# than `threshold` times the larger one's shingles, the pair cannot be near enough. That
# skips most pairs of texts of different lengths, and changes no result.
#
# **What goes wrong.** The number of pairs. This function is exact, and hopeless beyond
# some ten thousand texts. MinHash proposes the pairs, and then you measure only those,
# as here.
# </details>

# %% [markdown]
# ## 2.4 Which documents must stay together?
#
# *Difficulty 3 of 5, about 15 minutes.*
#
# A split deals out documents, and copies have to end on one side. Copies come in pairs,
# though, and pairs make chains: 1 is like 2, and 2 is like 3. All three belong
# together, even if 1 and 3 are below the threshold. Write `copy_groups`:
#
# - there are `n_documents` documents, numbered from 0. `pairs` are the sorted pairs of
#   near copies;
# - return a list with a number for each document: the smallest document number in its
#   group;
# - documents are in one group if a chain of pairs leads from one to the other;
# - a document without a copy is a group of its own.

# %% answer="ex02_4"
def copy_groups(n_documents: int, pairs: list[tuple[int, int]]) -> list[int]:
    """Return each document's group: the smallest number among its copies."""
    # return the group of each document
    ### BEGIN SOLUTION
    groups = list(range(n_documents))
    for i, j in pairs:
        keep, drop = sorted((groups[i], groups[j]))
        groups = [keep if group == drop else group for group in groups]
    return groups
    ### END SOLUTION


# %% check="ex02_4"
check("ex02_4")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Take the pairs (0, 3), (1, 2) and (2, 3) on paper, one after the other. The last one
# joins two groups that exist already. Who has to move?
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# each document starts as its own group
# for each pair:
#     the two documents' groups become one:
#     every document of the group with the larger number moves to the smaller
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why this way.** After each pair the list is right for the pairs so far. That makes
# it easy to trust. It reads the whole list for every pair, so for millions of documents
# use union-find, which only moves a group's name.
#
# **What else works.** `scipy.sparse.csgraph.connected_components`, or a search that
# walks from each document along the pairs.
#
# **What goes wrong.** Moving only the two documents of the pair. It works as long as
# chains are short, and leaves a few copies on both sides of the split. To split, draw
# whole groups, as you drew whole chats in 1.4.
# </details>

# %% [markdown]
# ## 2.5 One merge of byte pair encoding
#
# *Difficulty 4 of 5, about 20 minutes.*
#
# BPE learns its vocabulary by one step, done thousands of times: find the commonest
# pair of neighbours, and merge it everywhere. Write `merge_step`:
#
# - `words[k]` is a word as a list of pieces, and it occurs `counts[k]` times in the
#   text;
# - a pair's count is how often the two pieces are neighbours in the text. Pairs do not
#   reach from one word into the next;
# - choose the pair with the highest count. Of several, choose the first in alphabetical
#   order, as Python sorts tuples;
# - merge it in every word, from left to right: `["a", "a", "a"]` becomes
#   `["aa", "a"]`;
# - return two things: the pair as a tuple of its two pieces, and the new words. Do not
#   change `words` in place.

# %% answer="ex02_5"
def merge_step(
    words: list[list[str]], counts: list[int]
) -> tuple[tuple[str, str], list[list[str]]]:
    """Return the commonest pair of pieces, and the words with that pair merged."""
    # return the pair and the merged words
    ### BEGIN SOLUTION
    totals = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            totals[pair] += count
    best = min(totals, key=lambda pair: (-totals[pair], pair))

    def merge(word: list[str]) -> list[str]:
        merged, i = [], 0
        while i < len(word):
            size = 2 if tuple(word[i : i + 2]) == best else 1
            merged.append("".join(word[i : i + size]))
            i += size
        return merged

    return best, [merge(word) for word in words]
    ### END SOLUTION


# %% check="ex02_5"
check("ex02_5")

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A word that occurs 100 times brings each of its pairs 100 times. And when you merge,
# compare whole pieces. In a joined string, the end of a long piece looks like a short
# one.
# </details>
#
# <details><summary>Hint 2</summary>
#
# ```
# for each word and its count: add the count to the total of each pair of neighbours
# best = the pair with the smallest (minus total, pair)
# merge a word: i = 0; while i is inside the word:
#     if pieces i and i + 1 are the pair: append them joined, i += 2
#     else: append piece i, i += 1
# ```
# </details>

# %% [markdown] tags=["solution-only"]
# <details><summary>Discussion</summary>
#
# **Why a rule for ties.** Rare pairs have equal counts by the thousand. Without a rule
# the order of the files decides, and the same data give two vocabularies whose ids mean
# different things. (`tokenizers` has a rule of its own: the pair with the smaller ids.)
#
# **What else works.** Keep the totals, and change only those that the merge touches.
# That is what makes fast trainers fast: counting anew for each of 50,000 merges is not.
#
# **What goes wrong.** `" ".join(word).replace("a b", "ab")` also merges the end of a
# piece `"xa"` with a `"b"` after it. The very first published code for BPE guards
# against this with a regular expression.
# </details>
