# %% [markdown]
# # 2. Preprocess
#
# You have text. Between it and a model stand three jobs: clean it, split it, and turn
# it into numbers. Each has a mistake that nearly everybody makes once. You make them
# here, where they cost nothing.
#
# ![The way of this lesson: repair and normalise, scrub, filter, take copies out, split,
# make tokens, cut blocks, train.](drawing:from_text_to_blocks)
#
# **You will be able to**
#
# - repair, normalise and scrub text, remove rubbish and copies, and say how much each
#   step removed;
# - split documents so that nothing leaks from training into the test;
# - train a byte-level BPE tokenizer, and read GPT-2's own;
# - say why you should not lowercase text for GPT-2;
# - pack documents into blocks, and know what the labels are.
#
# | profile | minutes | memory | what is trained |
# |---|---|---|---|
# | tiny (any CPU, no network) | 1, measured | 1 GB, measured | small tokenizers |
# | colab, full (GPU) | about 1, predicted | 2 GB, predicted | the same |

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("02")

# %% [markdown]
# You clean the real chats of lesson 01 in every profile. WikiText, which a GPU profile
# trains on, was cleaned by others before you got it, and clean text teaches no
# cleaning.

# %%
from course_utils.data.sources import chitchat

chats = chitchat()
print(chats)

# %% [markdown]
# ## 1. Same to the eye, different to the model
#
# A computer stores letters as bytes, and there are several ways to do it. When a
# program writes in one way and another reads in a different way, you get this:

# %%
from course_utils.data.cleaning import normalise, repair

sentence = "The café doesn’t open before 9 – sorry!"
broken = sentence.encode("utf-8").decode("cp1252")
print(broken)
print(repair(broken))

# %% [markdown]
# Web text is full of such wreckage, and a model learns to write it. `repair` calls
# `ftfy` ("fixes text for you"), which knows the usual accidents and undoes them. It
# also makes curly quotes straight, as you see in "doesn't".
#
# A quieter problem: the letter é can be one character, or an e followed by an accent.
# You cannot see the difference. For a model that reads bytes, they are two different
# words.

# %%
import unicodedata

one = "café"
two = unicodedata.normalize("NFD", one)
print(one, two, one == two)
print(list(one.encode()), list(two.encode()))
print(normalise(one) == normalise(two))

# %% [markdown]
# `normalise` composes letters (Unicode's form NFC), makes quotes straight, drops
# control characters, and squeezes runs of spaces. It leaves words, case and line breaks
# alone.
#
# There is a form NFKC too, which goes further. Too far:

# %%
print(unicodedata.normalize("NFKC", "x² + ½"))
print(normalise("x² + ½   “Well   then…”"))

# %% [markdown]
# ## 2. Scrub addresses and links
#
# A model can repeat its training text word for word, so an e-mail address that goes in
# may come out. Replace it by a placeholder: the sentence stays whole, the person is
# gone.
#
# Start with the obvious pattern for links, and read what it finds.

# %%
import re

messages = [line[3:] for text in chats["text"] for line in text.split("\n")]
naive = re.compile(r"\S*www\.\S*", re.IGNORECASE)
hits = [hit for message in messages for hit in naive.findall(message)]
print(len(hits), "hits:", ", ".join(hits[:12]))

# %% [markdown]
# "Awww." is not a website. A link has no letter before its `www` and a letter right
# after the point. In a pattern, `(?<!\w)` says "no letter before this" and `(?=\w)`
# says "a letter after this". How many hits were no links?

# %%
link = re.compile(r"(?<!\w)(?:https?://|www\.)(?=\w)\S+", re.IGNORECASE)
email = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def scrub_simply(text: str) -> str:
    return email.sub("<email>", link.sub("<link>", text))


real = sum(bool(link.search(hit)) for hit in hits)
print(f"{len(hits) - real} of the {len(hits)} hits were no links")
for text in ("Awww. See www.example.org/a!", "Write to ann@example.com.", "yes@"):
    print(scrub_simply(text))

# %% [markdown]
# Look again: the exclamation mark after the link is gone too. And `example.com/a`
# without `www` stays. The library's `scrub` has patterns for such cases, and tests that
# throw hundreds of invented addresses at it. Compare the two on all messages.

# %%
from course_utils.data.cleaning import scrub

simply = sum(scrub_simply(message) != message for message in messages)
pairs = [(message, scrub(message)) for message in messages]
changed = [after for before, after in pairs if before != after]
print(f"the simple patterns change {simply} messages, scrub {len(changed)}")
for message in changed[:4]:
    print("-", message[:75])

# %% [markdown]
# The cell prints the messages *after* scrubbing. A report that lists the addresses it
# found has published them once more. (The first cell of this section showed its hits:
# links to public pages, and no person's address. Look before you do that.)
#
# Scrubbing is never complete. Names, account names and life stories stay in. Say so on
# the data card.

# %% [markdown]
# ## 3. Filter rubbish
#
# Lesson 01 found chats of a single "hello?" and chats typed to win points. Two filters
# catch most of them: a least number of words, and a limit on repetition. Repetition is
# the share of three-word sequences that occurred earlier in the same text. Or, if that
# is more, the share of characters in runs of ten or more of the same one, which is what
# the pattern `_RUN` finds. Here is the helper, in full.

# %%
# from course_utils/data/cleaning.py
_RUN = re.compile(r"(\S)\1{9,}")


def repetition(text: str, size: int = 3) -> float:
    words = text.split()
    grams = list(zip(*(words[k:] for k in range(size)), strict=False))
    repeated = 1 - len(set(grams)) / len(grams) if grams else 0.0
    runs = sum(len(match[0]) for match in _RUN.finditer(text))
    return max(repeated, runs / len(text) if text else 0.0)


print(repetition("the more words you type the more points you get"))
print(repetition("a a a a a a a a a a"), repetition("so goooooooooooooood"))

# %% [markdown]
# How high is too high? Nobody can tell you in advance. Sort the texts by the measure,
# and read on **both sides** of a candidate, say 0.3. Above it, what would be lost?
# Below it, what would stay?
#
# The cell takes the chats of at least 100 characters, and shows the three just above
# 0.3 and the three just below. Each line has the measure, the commonest three words and
# how often they occur, and the beginning of the chat.

# %%
from collections import Counter

measured = sorted((repetition(text), text) for text in chats["text"] if len(text) > 99)
above = [pair for pair in measured if pair[0] > 0.3]
below = [pair for pair in measured if pair[0] <= 0.3]
for value, text in above[:3] + below[-3:]:
    words = text.split()
    grams = Counter(zip(words, words[1:], words[2:], strict=False))
    gram, times = grams.most_common(1)[0]
    print(f"{value:.2f} {times:>4} times {' '.join(gram)[:30]!r} in {text[:40]!r}")
print(f"{len(above)} chats above, {len(below):,} below")

# %% [markdown]
# Most of what stands above the line was typed for points, and so was some of what
# stands just below it. A lower line would catch more, and soon also people who merely
# repeat themselves: Adam, in the last chat, sent "Oh I can't see anything at all"
# twice. Every line is a compromise, and 0.3 is where `clean` draws it.
#
# And what does the measure measure? It counts the labels `A:` and `B:` as words.
# Without them, 6 of the 15 chats above the line fall below it: people who send one word
# at a time repeat the label, and not what they say. A filter whose victims you have not
# read is a superstition.

# %% [markdown]
# ## 4. Exact copies
#
# A text that occurs 200 times is learnt 200 times. The model then says it word for
# word, and it has wasted training on nothing new. Exact copies need no more than a
# dictionary.

# %%
# from course_utils/data/duplicates.py
def exact_duplicates(texts):
    first: dict[str, int] = {}
    places = ((first.setdefault(text, i), i) for i, text in enumerate(texts))
    return [(kept, copy) for kept, copy in places if kept != copy]


pairs = exact_duplicates(chats["text"])
print(f"{len(pairs):,} of {len(chats):,} chats are copies of an earlier one")
print("first pairs (kept, copy):", pairs[:3])

# %% [markdown]
# ## 5. Near copies
#
# These two real chats are the same to you and different to a dictionary:

# %%
chat_1 = "A: hello! hows it going?\nA: is anyone there?"
chat_2 = "A: hello! Hows it going?\nA: is anyone here?"
print(chat_1 == chat_2)

# %% [markdown]
# Compare them as sets of short word sequences, called **shingles**. *Jaccard's
# similarity* is the shared shingles over all shingles: 1 for equal sets, 0 for sets
# with nothing in common.

# %%
def shingles(text: str, size: int = 3) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}


set_1, set_2 = shingles(chat_1), shingles(chat_2)
print(sorted(set_1 - set_2), sorted(set_2 - set_1))
jaccard = len(set_1 & set_2) / len(set_1 | set_2)
print(f"{len(set_1 & set_2)} shared of {len(set_1 | set_2)}: {jaccard:.2f}")

# %% [markdown]
# That works for one pair. How many pairs are there? Measure one comparison, and predict
# the rest before you start it.

# %%
import time

start = time.perf_counter()
sets = [shingles(text) for text in chats["text"][:200]]
overlaps = [len(a & b) / max(1, len(a | b)) for a in sets for b in sets]
seconds = (time.perf_counter() - start) / len(overlaps)
count = len(chats) * (len(chats) - 1) // 2
print(f"{count / 1e6:.1f} million pairs, about {count * seconds / 60:.0f} minutes")

# %% [markdown]
# Minutes here. But the pairs grow with the square: a hundred times as many documents
# take ten thousand times as long, and a web corpus has billions. **MinHash** avoids the
# pairs.
#
# Its trick: give every shingle a random number, and keep only the smallest number of
# each set. Look at both sets together: each of their shingles is as likely as any other
# to have the smallest number of all. If it is a shared one, both sets keep that number,
# and otherwise they keep different ones. So the chance that they agree *is* the shared
# shingles over all, Jaccard's similarity. Draw many times, and count.

# %%
from hashlib import md5


def smallest(shingles: set[str], draw: int) -> bytes:
    return min(md5(f"{draw} {shingle}".encode()).digest() for shingle in shingles)


draws = range(128)
sketch_1 = [smallest(set_1, draw) for draw in draws]  # 128 numbers stand for the text
sketch_2 = [smallest(set_2, draw) for draw in draws]
agree = sum(a == b for a, b in zip(sketch_1, sketch_2, strict=True))
print(f"estimate {agree / 128:.2f}, exact {jaccard:.2f}")

# %% [markdown]
# A text of any length has become 128 numbers. The second trick is **locality-sensitive
# hashing**: cut the 128 numbers into 32 bands of 4, and put each text into 32 drawers,
# one for each band. The 4 numbers of the band are the drawer's label. Only texts that
# share a drawer are compared at all. How likely is that, for a given similarity s? One
# number agrees with probability s, all 4 of a band with s⁴. No band agrees with
# (1 - s⁴)³², and 1 minus that is the chance to meet:
#
# ![Two chats as rows of numbers, cut into bands of four. They agree in band 2, so they
# lie in one drawer and are compared.](drawing:drawers_for_near_copies)

# %%
import numpy as np
from course_utils.evaluation import plots

similarity = np.linspace(0, 1, 101)
chance = {}
for bands, rows in ((32, 4), (16, 8)):
    share_a_drawer = 1 - (1 - similarity**rows) ** bands
    chance[f"{bands} bands of {rows}"] = (similarity, share_a_drawer)
axes = {"xlabel": "Jaccard similarity", "ylabel": "chance to be compared"}
figure = plots.lines(chance, title="Which pairs meet in a drawer?", **axes)

# %% [markdown]
# At 0.7, 32 bands of 4 find nearly every pair, and 16 bands of 8 miss many. At 0.2, the
# 32 bands compare 1 pair in 20, and the others are spared. The helper
# `near_duplicates` does all this with NumPy. Then it measures each candidate exactly,
# so it never names a false pair.

# %%
from course_utils.data.cleaning import near_duplicates

start = time.perf_counter()
pairs = near_duplicates(chats["text"][:3000], threshold=0.7)
print(f"{len(pairs)} pairs in 3,000 chats, {time.perf_counter() - start:.1f} seconds")
different = [(a, b) for a, b in pairs if chats[a]["text"] != chats[b]["text"]]
for i in different[-1]:
    print(repr(chats[i]["text"][:100]))

# %% [markdown]
# ## 6. Split without a leak
#
# Here is a mistake that has spoilt many published scores: split at random, test, and
# praise the model for remembering. `train_test_split` is the usual call. Does a test
# chat have a twin in the training set?

# %%
from course_utils.data.cleaning import leaks, split_documents

some = chats.select(range(3000))
halves = some.train_test_split(test_size=0.1, seed=0)
found = leaks(halves["train"]["text"][:], halves["test"]["text"][:])
print(f"{len(found)} of {len(halves['test'])} test chats have a twin in training")
print(repr(halves["test"][found[0][1]]["text"]))

# %% [markdown]
# On that share of the test, the model is asked what it has already seen. (The twins
# here are calls of a few words, which `clean` would have removed: they are many chats
# and hardly any text. Articles and programs have long ones.) `split_documents` first
# puts near copies into groups, and deals out whole groups.
#
# ![Split at random, near copies of test documents lie in the training part. Split by
# group, all copies of a document are on one side.](drawing:split_with_and_without_a_leak)

# %%
split = split_documents(some, fractions=(0.8, 0.1, 0.1), seed=0)
print({name: len(part) for name, part in split.items()})
print(leaks(split["train"]["text"][:], split["test"]["text"][:]))

# %% [markdown]
# Split *documents*, never lines or blocks. If half of a chat is in training, the other
# half is no surprise. And split **before** you look for what works: a choice made on
# the test set is a leak as well.

# %% [markdown]
# ## 7. All steps, with a report
#
# `clean` runs the steps of sections 1 to 5 in this order. It drops texts of less than 5
# words, of a repetition above 0.3, and near copies from a similarity of 0.7 on. Predict
# first: which step removes most? (For all chats, [the course's data
# card](../docs/cards/chitchat.md) has the same table.)

# %%
from course_utils.data.cleaning import clean

cleaned, report = clean(some)
report

# %% [markdown]
# Repair and normalise changed nothing: this package holds plain letters only, and
# `chat_text` had squeezed the spaces. The length filter removes most, the calls that
# nobody answered.

# %%
before = sum(map(len, some["text"]))
after = sum(map(len, cleaned["text"]))
print(f"{1 - len(cleaned) / len(some):.0%} of the documents are gone")
print(f"{1 - after / before:.1%} of the text is gone")

# %% [markdown]
# A fifth of the documents, hardly any text: here the rubbish is short. Text from the web
# is another matter, and can lose most of itself. Whenever a step takes a tenth of your
# text, read what it took.

# %% [markdown]
# ## 8. From text to numbers: byte pairs
#
# A model works with numbers, so each text becomes a list of token ids. One id for each
# word? Then a new word has no id. One for each byte? Then texts become very long.
# **Byte pair encoding** (BPE) starts with bytes and learns which neighbours to merge:
# the pair that occurs most often becomes one token, again and again. Try it on three
# words, with how often each occurs. Letters stand for bytes here.

# %%
from itertools import pairwise

counts = {tuple("low"): 5, tuple("lower"): 2, tuple("newer"): 6}


def commonest_pair(counts: dict[tuple, int]) -> tuple[str, str]:
    pairs = Counter()
    for word, count in counts.items():
        for pair in pairwise(word):
            pairs[pair] += count
    return max(pairs, key=pairs.get)


print(commonest_pair(counts))

# %% [markdown]
# "w" and "e" stand side by side 8 times: 2 in "lower", 6 in "newer". So do "e" and "r",
# and of equals `max` takes the first. No pair is more frequent. Merge it everywhere,
# count again, merge again. That is the whole algorithm.
#
# ![The words low, lower and newer as letters, and after each of four merges: w and e,
# we and r, l and o, n and e. Fewer and longer pieces remain.](drawing:byte_pairs_merge)

# %%
def merge(word: tuple, pair: tuple) -> tuple:
    merged, i = [], 0
    while i < len(word):
        size = 2 if word[i : i + 2] == pair else 1
        merged.append("".join(word[i : i + size]))
        i += size
    return tuple(merged)


for _ in range(4):
    pair = commonest_pair(counts)
    counts = {merge(word, pair): count for word, count in counts.items()}
    print("merge", pair, "->", list(counts))

# %% [markdown]
# Common words end as one token, rare ones stay in pieces, and nothing is ever unknown,
# since every text is made of bytes.
#
# The library `tokenizers` does the same in Rust. This is `train_bpe`, in full.

# %%
from course_utils import CourseError
from course_utils.data.tokens import END_OF_TEXT

# %%
# from course_utils/data/tokens.py
def train_bpe(texts, vocab_size=2048, show_progress=False):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    if vocab_size < 257:
        raise CourseError("vocab_size must be at least 257: 256 bytes and one end.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=show_progress,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        clean_up_tokenization_spaces=False,
    )


# %% [markdown]
# Four choices in it matter:
#
# - `ByteLevel` cuts the text into words first, each with the space *before* it. Merges
#   stay inside words.
# - `initial_alphabet` holds all 256 bytes, also those that the training text lacks.
# - `END_OF_TEXT` is `<|endoftext|>`, a token of its own. It will stand between
#   documents.
# - `transformers` asks for three special tokens: *bos* begins a text, *eos* ends it, and
#   *pad* fills it up. Here one token serves as all three. Lesson 05 shows what can go
#   wrong with that.
#
# Train one on some of the chats, and read it.

# %%
texts = cleaned["text"][:400]
tokenizer = train_bpe(texts, vocab_size=2048)
print(len(tokenizer), "tokens")
print(tokenizer.tokenize("Hello there, how are you? Unbelievable!"))

# %% [markdown]
# `Ġ` is how byte-level tokenizers print a space. " are" with its space is one token.
# "Hello" takes two here, because the chats write it after `A: `, so the tokenizer has
# learnt " Hello" with its space. Long rare words come in pieces. Which pieces depends on
# the text it was trained on: the course's own tokenizer, drawn here, cuts these words
# otherwise.
#
# ![Two texts with an end between them, cut into tokens with their ids. Common words are
# one token, Unbelievable is six pieces, the end is one token with the id 0.](drawing:tokens_and_special_pieces)
#
# Now the promise that nothing is unknown:

# %% tags=["nbval-check-output"]
strange = "naïve 😀 ☕ Ελλάδα"
ids = tokenizer(strange)["input_ids"]
print(tokenizer.decode(ids) == strange, tokenizer.unk_token)

# %% [markdown]
# ## 9. How many tokens should there be?
#
# A larger vocabulary makes texts shorter. It also makes the model larger, since the
# model has a table with a row of numbers (`n_embd` of them) for each token. Train four
# tokenizers and look at both, on chats that the tokenizers have not seen.

# %%
unseen = cleaned["text"][1000:1100]
sizes = (512, 1024, 2048, 4096)
lengths = []
for size in sizes:
    ids = train_bpe(texts, size)(unseen)["input_ids"]
    lengths.append(sum(map(len, unseen)) / sum(map(len, ids)))
    rows = size * profile.model["n_embd"]
    print(f"{size:>5} tokens: {lengths[-1]:.2f} characters each, {rows:>9,} parameters")

# %%
figure = plots.lines(
    {"chats": (sizes, lengths)},
    title="Longer tokens for a larger vocabulary",
    xlabel="tokens in the vocabulary",
    ylabel="characters per token",
)

# %% [markdown]
# Each doubling of the vocabulary doubles that table, and buys less than the doubling
# before. The course's tiny model stops at 2,048. GPT-2 has 50,257: 256 bytes, 50,000
# merges, one end of text.

# %%
from course_utils.data.tokens import gpt2_tokenizer

gpt2 = gpt2_tokenizer()
assert len(gpt2) == 50_257
ids = gpt2(unseen)["input_ids"]
print(f"{sum(map(len, unseen)) / sum(map(len, ids)):.2f} characters per token")
print(gpt2.tokenize("Hello there, how are you? Unbelievable!"))

# %% [markdown]
# (`gpt2_tokenizer()` is `AutoTokenizer.from_pretrained("openai-community/gpt2")` where
# the Hub can be reached, and the same files from a pip package where it cannot. The
# `assert` is not for show: a tokenizer that is given wrong file names loads without
# complaint, and has a length of 1.)
#
# A tokenizer and a model belong together. Token 1,000 is another word in another
# tokenizer, so weights trained with one mean nothing with the other.

# %% [markdown]
# ## 10. Should you lowercase?
#
# Older courses start with `text.lower()`. For methods that count words it is sound:
# "The" and "the" become one word, and the table of counts shrinks.

# %%
words = re.findall(r"[\w']+", " ".join(cleaned["text"]))
lowered = {word.lower() for word in words}
print(f"{len(set(words)):,} different words, {len(lowered):,} in lower case")

# %% [markdown]
# For GPT-2 it is a mistake. Its vocabulary was learnt from text with capitals. Names
# have tokens of their own, with a capital:

# %%
for word in (" Jennifer", " jennifer", " Spanish", " spanish"):
    print(f"{word!r:<12} {gpt2.tokenize(word)}")
ids = gpt2(unseen)["input_ids"]
lower_ids = gpt2([text.lower() for text in unseen])["input_ids"]
ratio = sum(map(len, lower_ids)) / sum(map(len, ids))
print(f"lower case takes {ratio:.3f} times the tokens")

# %% [markdown]
# So lowercasing does not even save tokens. A *pretrained* model, one that others have
# trained already, has hardly seen the pieces into which it breaks the names, and soon it
# writes no capitals either. Meaning goes with it:

# %%
for text in ("May met us in Turkey", "may met US in turkey"):
    print(text.lower())

# %% [markdown]
# The rule: feed a pretrained model the kind of text it was trained on. Lowercase for
# counting, searching and comparing. The shingles above did. Do not lowercase what a GPT
# learns from, and keep its punctuation and line breaks too.

# %% [markdown]
# ## 11. Packing
#
# A model trains on **blocks** of equal length, `block_size` tokens. Documents have
# every length. The obvious way is to cut each document to one block, or to fill it up
# with tokens that say nothing, called *padding*. Count what that costs, with the
# tokenizer and block size of your profile.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(profile.tokenizer)
block_size = profile.block_size
documents = cleaned["text"][:300]
lengths = np.array([len(ids) for ids in tokenizer(documents)["input_ids"]])
used = np.minimum(lengths, block_size)
print(f"{1 - used.sum() / lengths.sum():.0%} of the tokens are cut off and lost")
print(f"{1 - used.mean() / block_size:.0%} of the positions are padding")

# %% [markdown]
# You would throw much of the text away (in tiny, most of it) and still pay for empty
# places. **Packing** does neither. Join all documents into one long list, with an
# end-of-text token after each, and cut the list into blocks.
#
# ![Left: one document a row, long ones cut and short ones padded. Right: the same
# documents one after the other with an end token between them, and no empty place.](drawing:padded_or_packed)

# %%
stream = []
for ids in tokenizer(documents)["input_ids"]:
    stream += [*ids, tokenizer.eos_token_id]
n_blocks = len(stream) // block_size
blocks = np.array(stream[: n_blocks * block_size]).reshape(n_blocks, block_size)
print(blocks.shape, "blocks, tokens")
print(f"{len(stream) - blocks.size} of {len(stream):,} tokens lost, 0 padded")

# %% [markdown]
# Only the remainder after the last block is lost. See both ways for the first
# documents, in 24 rows each. A stretch of one colour is a document, and the darkest is
# padding. (There are five colours, used in turn.)

# %%
document_of = np.repeat(np.arange(len(lengths)), lengths + 1)
packed_rows = document_of[: 24 * block_size].reshape(24, block_size) % 5 + 1
padded_rows = np.where(np.arange(block_size) < used[:24, None], 1, 0)
padded_rows = padded_rows * (np.arange(24)[:, None] % 5 + 1)
both = np.hstack([padded_rows, np.full((24, 8), np.nan), packed_rows])
title = "Left: one document a row. Right: packed."
names = {"title": title, "xlabel": "token", "ylabel": "row"}
figure = plots.matrix(both, **names, colorbar=False)

# %% [markdown]
# The library's `pack` gives the same blocks, as a data set that `Trainer` takes.

# %%
from datasets import Dataset
from course_utils.data.tokens import pack

packed = pack(Dataset.from_dict({"text": documents}), tokenizer, block_size)
print(packed)
assert np.array_equal(np.array(packed["input_ids"][:]), blocks)

# %% [markdown]
# Why a helper for three lines? Because of their speed. `pack` hands the text to
# `tiktoken`, OpenAI's own encoder, which it gives your tokenizer's merges, and never
# makes a Python list of numbers. Time both ways with GPT-2's tokenizer, and see that
# nothing but the time differs. (The first call of `pack` translates the merges, so it
# is not timed.)

# %%
many = Dataset.from_dict({"text": cleaned["text"][:1000]})
pack(many.select(range(50)), gpt2, block_size)

start = time.perf_counter()
joined = []
for ids in gpt2(many["text"][:], verbose=False)["input_ids"]:
    joined += [*ids, gpt2.eos_token_id]
n_blocks = len(joined) // block_size
plain = np.array(joined[: n_blocks * block_size]).reshape(n_blocks, block_size)
plain_seconds = time.perf_counter() - start

start = time.perf_counter()
fast = pack(many, gpt2, block_size)
fast_seconds = time.perf_counter() - start

print(f"plain {plain_seconds:.2f} s, pack {fast_seconds:.2f} s")
print(f"{plain_seconds / fast_seconds:.1f} times as fast, {len(joined):,} tokens")
assert np.array_equal(plain, np.array(fast["input_ids"][:]))

# %% [markdown]
# Both ways hold all of the text in memory. A few gigabytes of it, and your notebook is
# gone. `prepare` does every step of this lesson on a **stream**: it reads the text in
# parts, cleans each, and writes the token ids to files, the **shards**. Training reads
# them from disk, block by block. Here it is for the chats of section 7:

# %%
import json
import tempfile
from pathlib import Path

from course_utils.data.preparation import prepare

folder = Path(tempfile.mkdtemp())
rows = (json.dumps({"text": text}) for text in some["text"])
(folder / "chats.jsonl").write_text("\n".join(rows))
shards = prepare([folder / "chats.jsonl"], folder / "shards", gpt2)
for what, count in shards.index["report"].items():
    print(f"{count:>12,} {what}")
print(shards.blocks("train", block_size))

# %% [markdown]
# Compare the counts with the report of `clean`. In a terminal the two commands are
# `course prepare chats.jsonl --out shards` and `course train shards`. The first one may
# be killed at any time. With `--resume` it goes on where it was.

# %% [markdown]
# Why the end-of-text token? Without it the model would see one chat run into the next,
# and learn that conversations never end. With it, it learns to stop.

# %%
end = stream.index(tokenizer.eos_token_id)
print(tokenizer.decode(stream[end - 30 : end + 20]))

# %% [markdown]
# ## 12. What are the labels?
#
# A language model learns to guess the next token. So the right answer at each position
# is the token one place later. Your data set says something else:

# %%
print(packed[0]["input_ids"][:8])
print(packed[0]["labels"][:8])

# %% [markdown]
# `labels` equals `input_ids`. That is right: the models of `transformers` shift the
# labels by one place themselves. This is what they compare:
#
# ![The rows input_ids and labels are equal. An arrow leads from each place to the token
# that is asked for: the one to its right.](drawing:labels_are_shifted_once)

# %%
ids = packed[0]["input_ids"][:8]
for position in range(5):
    seen = tokenizer.decode(ids[: position + 1])
    print(f"{seen!r:<30} -> {tokenizer.decode(ids[position + 1])!r}")

# %% [markdown]
# The mistake: somebody shifts them by hand, too. Nothing fails, and training goes on
# (lesson 05 lets it). The model learns to skip a token:

# %%
shifted_by_hand = ids[1:]
for position in range(5):
    seen = tokenizer.decode(ids[: position + 1])
    print(f"{seen!r:<30} -> {tokenizer.decode(shifted_by_hand[position + 1])!r}")

# %% [markdown]
# If a model's text looks as if every other word were missing, look at its labels first.

# %% [markdown]
# ## Key takeaways
#
# - Repair, normalise, scrub, filter, deduplicate: in this order, with a count of each.
# - Choose a filter's threshold by reading texts on both sides of it.
# - MinHash finds near copies without comparing all pairs. Measure the candidates
#   exactly.
# - Split documents, with copies on one side, and check for leaks.
# - Byte-level BPE has no unknown tokens. A tokenizer and its model belong together.
# - Do not lowercase for GPT-2.
# - Pack documents with an end token between them. `labels` equals `input_ids`.
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
        "question": "You split 7,000 chats at random. 150 of the 700 test chats have "
                    "a near copy in training. What does the test score tell you?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "A mix of skill and memory that you cannot "
                       "take apart", "correct": True,
             "feedback": "A fifth of the test can be answered by remembering. Group "
                         "the copies, and split again."},
            {"answer": "It is right, since the split was random", "correct": False,
             "feedback": "Random splitting puts copies on both sides. That is how "
                         "the leak came about."},
            {"answer": "It is a little too low", "correct": False,
             "feedback": "Remembered answers make it too high."},
            {"answer": "Nothing changes if the model is large", "correct": False,
             "feedback": "A larger model remembers more, so the leak matters more."},
        ],
    },
    {
        "question": "Two texts of 500 shingles each share 400. How similar are they, "
                    "after Jaccard?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "400 / 600, about 0.67", "correct": True,
             "feedback": "Shared over all. All is 500 + 500 - 400 = 600."},
            {"answer": "400 / 500 = 0.8", "correct": False,
             "feedback": "That is the share of one text. Jaccard divides by the "
                         "union of both."},
            {"answer": "400 / 1,000 = 0.4", "correct": False,
             "feedback": "The shared ones would be counted twice in that union."},
            {"answer": "1, since more than half is shared", "correct": False,
             "feedback": "Only equal sets have similarity 1."},
        ],
    },
    {
        "question": "Before fine-tuning GPT-2 on your mails, what do you do about "
                    "capitals?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Leave them as they are", "correct": True,
             "feedback": "GPT-2 was trained on text with capitals, and its tokens "
                         "are made for it."},
            {"answer": "Lowercase everything, so that the "
                       "vocabulary is smaller", "correct": False,
             "feedback": "GPT-2's vocabulary is fixed. Lowercasing only breaks names "
                         "into rare pieces."},
            {"answer": "Lowercase the training text but not the test", "correct": False,
             "feedback": "Then training and test differ, and the model has learnt "
                         "the wrong kind of text."},
            {"answer": "Capitalise every word", "correct": False,
             "feedback": "That is text the model has hardly seen, as lower case is."},
        ],
    },
    {
        "question": "You call model(input_ids=ids[:, :-1], labels=ids[:, 1:]): you "
                    "have shifted the labels yourself. What happens?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The model learns to predict the token after "
                       "the next", "correct": True,
             "feedback": "The model shifts the labels once more. The loss still "
                         "falls, so nothing warns you."},
            {"answer": "It learns the next token, as it should", "correct": False,
             "feedback": "It would if the model did not shift. It does."},
            {"answer": "The loss becomes zero", "correct": False,
             "feedback": "It becomes harder to guess, not trivial."},
            {"answer": "The model repeats its input", "correct": False,
             "feedback": "That would need labels that are not shifted at all, by "
                         "anyone."},
        ],
    },
    {
        "question": "Why does an end-of-text token stand between packed documents?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "The model learns where a document ends, and "
                       "to stop there", "correct": True,
             "feedback": "Without it, one chat runs into the next, and generation "
                         "never ends."},
            {"answer": "It fills each block up to block_size", "correct": False,
             "feedback": "That is padding. Packing needs none."},
            {"answer": "The tokenizer needs it to find words", "correct": False,
             "feedback": "The tokenizer works on each document before packing."},
            {"answer": "It hides earlier documents from attention", "correct": False,
             "feedback": "It does not. Attention still sees them. The model learns "
                         "that they no longer matter."},
        ],
    },
])

# %% [markdown]
# ## Practise
#
# In [exercise 2](../exercises/ex02_preprocess.ipynb) you write the shingles, the split
# and the packing yourself. The next lesson is [3. Build the
# model](03_build_the_model.ipynb).
#
# ## Further reading
#
# - Lee et al. (2022), *Deduplicating Training Data Makes Language Models Better*.
# - Carlini et al. (2021), *Extracting Training Data from Large Language Models*.
# - Broder (1997), *On the resemblance and containment of documents*: MinHash.
# - Rae et al. (2021), *Scaling Language Models* (Gopher), appendix A: quality and
#   repetition filters in numbers.
# - Sennrich et al. (2016), *Neural Machine Translation of Rare Words with Subword
#   Units*: BPE for text.
# - Radford et al. (2019), section 2.2: why GPT-2's BPE works on bytes.
# - The documentation of `tokenizers`, https://huggingface.co/docs/tokenizers, and of
#   `ftfy`, https://ftfy.readthedocs.io
