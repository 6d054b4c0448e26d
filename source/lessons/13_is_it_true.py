# %% [markdown]
# # 13. Is it true?
#
# A summary can read well, share nearly all its words with a good one, and be false. In
# this laboratory you measure truth: with plain rules, with your own model, and with a
# language model as the judge. And you measure the measures, because each of them errs.
#
# **You will be able to**
#
# - check people, numbers, days, denials and "who did what" of a summary by its chat;
# - say how often a check finds a planted mistake, and how often it doubts what is true;
# - show that ROUGE rewards a false summary;
# - rate with a rubric, and put a number on how far two ratings agree;
# - test a judge for its habits: does the order count, does the length?
#
# | profile | what runs | minutes | memory | false alarms of the rules |
# |---|---|---|---|---|
# | tiny | rules on 350 chats, a model of 1.1 million parameters, stored judgements | 1 | 1.5 GB | 10 to 25 |
# | colab, full | the same, with SAMSum's chats | 1 (predicted) | 2 GB (predicted) | not known |
#
# <!-- figure: elsewhere, doubted though true, percent: #1 10 25 -->
# Nothing is trained here. The chats are those of lesson 08's validation split, and
# chats from elsewhere, which the language model that develops this course wrote.

# %% tags=["setup"]
from course_utils import start_lesson
profile = start_lesson("13")

# %% [markdown]
# ## 1. A lie that scores well
#
# Take a chat from elsewhere. It has two summaries, written side by side, and both are
# true. Now make a third one, in which the two people have changed places. Which does
# ROUGE like better, the true one in other words or the false one?

# %%
from course_utils.data.handwritten import development_chats
from course_utils.evaluation import consistency, damage
from course_utils.evaluation.rouge import rouge_scores

chats = development_chats()
dialogue, (one, other) = chats[6]["dialogue"], chats[6]["references"]
print(dialogue)
for text in (one, other, damage.swap(one, dialogue)):
    score = rouge_scores([text], [one], ["rouge1"])["rouge1"][0]
    print(f"\n{text}\nROUGE-1 {score:.1f}", consistency.who_doubts(text, dialogue))

# %% [markdown]
# Lesson 08 ended here: no measure told swapped names from a true summary in other
# words. `who_doubts` can. It compares the summary with its *chat*, and not with a
# reference, so you can run it on any summary, tomorrow's too. You build it now, check
# by check.
#
# ![ROUGE compares the summary with a reference. A check of truth compares it with the
# chat.](drawing:two_ways_to_compare)
#
# ## 2. People, numbers, days
#
# The easiest lies bring in something that the chat does not have. And a person who does
# something to themselves is suspect: "Ann meets Ann".

# %%
# from course_utils/evaluation/consistency.py
import re

from course_utils.data.people import people_in
from course_utils.evaluation.consistency import sentences


def people_doubts(summary, dialogue):
    doubts = []
    for sentence in sentences(summary):
        for name in sorted(people_in(sentence, dialogue)):
            if name.lower() not in dialogue.lower():
                doubts.append(name)
            elif len(re.findall(rf"\b{re.escape(name)}\b(?!['’]s)", sentence)) > 1:
                doubts.append(f"{name} twice")
    return doubts

# %% [markdown]
# `people_in` finds people, as in lesson 08. (`(?!['’]s)` lets "Ann is in Ann's car"
# pass.)
#
# Numbers need one form first: "two" is 2, and 22:00 is 10 in the evening. `NUMBER`
# finds digits and the words from two to twenty. "One" is not among them, since it is
# rarely a number. Days and months are compared by their first three letters, since
# people write "thurs".

# %%
# from course_utils/evaluation/consistency.py
from course_utils.evaluation.consistency import DAY, NUMBER, SMALL


def numbers(text):
    found = set()
    for word in NUMBER.findall(text.lower()):
        if word in SMALL:
            word = str(SMALL.index(word))
        hour, colon, minutes = word.partition(":")
        for name in {hour, str(int(hour) % 12) if colon else hour}:
            found.add(name if minutes in ("", "00") else f"{name}:{minutes}")
    return found


def number_doubts(summary, dialogue):
    return sorted(numbers(summary) - numbers(dialogue))


def days(text):
    return {word[:3].lower() for word in DAY.findall(text)}


def time_doubts(summary, dialogue):
    said = {word[:3] for word in re.findall(r"\w+", dialogue.lower())}
    return sorted(days(summary) - said)

# %% [markdown]
# Try the three on one chat. Read each answer: is the doubt right?

# %% tags=["nbval-check-output"]
little = "Ann: Can you bring 3 cakes on thurs?\nBen: Sure, at 18:00\nAnn: I'll pay!"
for text in (
    "Ben brings three cakes on Thursday at 6.",
    "Ben brings Zoe four cakes on Friday.",
    "Ben brings Ann as many cakes as Ann pays for.",
):
    checks = (people_doubts, number_doubts, time_doubts)
    print([check(text, little) for check in checks])

# %% [markdown]
# The last doubt is wrong: that sentence is a true one. A check that never errs in this
# direction would have to say nothing. So from here on you count both kinds of error.
#
# ## 3. Yes or no
#
# "Ben will not come" has the words of "Ben will come". Look for a "not" in the summary,
# and ask whether anybody says no in the chat: in the lines that share a word with the
# clause, or right after them. `content` cuts a text to the stems of its telling words.

# %% tags=["nbval-check-output"]
# from course_utils/evaluation/consistency.py
from course_utils.evaluation.consistency import NEGATIVE, content, turns


def negation_doubts(summary, dialogue):
    said = [turn.said for turn in turns(dialogue)]
    doubts = []
    for clause in re.split(r"(?<=[.,;])\s+|\b(?:but|because)\b", summary):
        found = NEGATIVE.search(clause)
        if not found:
            continue
        words = content(clause[found.end() :])
        places = [i for i, text in enumerate(said) if content(text) & words]
        near = [" ".join(said[i : i + 2]) for i in places] or said
        if not any(NEGATIVE.search(text) for text in near):
            doubts.append(clause[found.start() :].strip())
    return doubts


print(negation_doubts("Ben will not bring cakes.", little))
print(negation_doubts("Ben can't come.", "Ann: Will you come?\nBen: I'm ill, sorry!"))

# %% [markdown]
# The second doubt is wrong: people say no without "not" all the time. And it is half a
# check, since a "not" that is missing goes unseen.
#
# ## 4. Who did what?
#
# For swapped people, a check has to read. A usual way is to make *questions from the
# summary and answer them from the chat*: if the answers differ, something is wrong.
# Here the questions come from a rule. Each clause that begins with a person gives one,
# "Ben brings three cakes" becomes "Who brings three cakes?".
#
# ![A clause of the summary becomes a question. The chat answers it, and the two answers
# are compared.](drawing:question_and_answer)

# %%
# from course_utils/evaluation/consistency.py
from course_utils.evaluation.consistency import Question


def questions(summary, dialogue):
    names = "|".join(map(re.escape, sorted(people_in(summary, dialogue))))
    if not names:
        return []
    start = rf"(?:^|, |; |\b(?:and|but|because|while|so|as|that) )({names}) (?=[a-z])"
    found = []
    for sentence in sentences(summary):
        for clause in re.finditer(rf"{start}(?!and\b|or\b)([^,;.]+)", sentence):
            in_a_list = re.search(rf"(?:{names}),?\s*$", sentence[: clause.start()])
            asks = re.split(rf" (?:and|but|because|while) (?={names})", clause[2])[0]
            if not in_a_list:
                found.append(Question(clause[1], asks.strip()))
    return found

# %% [markdown]
# And the answer? Each speaker gets points for the lines that share words with the
# question; a word that few lines have counts more. There is one turn to it: who says
# "can you bring a cake?" will not be the one who brings it. So a request speaks for the
# others, unless the question is who *asks*.

# %% tags=["nbval-check-output"]
# from course_utils/evaluation/consistency.py
from course_utils.evaluation.consistency import REQUEST, SAYS, Counter


def answers(question, dialogue):
    lines = turns(dialogue)
    speakers = {line.speaker for line in lines}
    words = [content(line.said) for line in lines]
    turns_with = Counter(word for each in words for word in each)
    wanted = content(question.asks) - content(" ".join(people_in(dialogue, dialogue)))
    asker = SAYS.match(question.asks)
    points = dict.fromkeys((line.speaker for line in lines), 0.0)
    for line, own in zip(lines, words, strict=True):
        does = {line.speaker}
        if REQUEST.search(line.said) and not asker and len(speakers) > 1:
            does = speakers - does
        for name in does:
            weight = sum(1 / turns_with[w] for w in sorted(own & wanted))
            points[name] += weight / len(does)
    return points


print(answers(Question("Ann", "brings three cakes"), little))

# %% [markdown]
# A doubt needs a margin: another speaker is ahead by more than one word that nobody
# else says. So a single word does not decide.

# %%
# from course_utils/evaluation/consistency.py
def who_doubts(summary, dialogue, margin=1):
    speakers = {turn.speaker for turn in turns(dialogue)}
    doubts = []
    for question in questions(summary, dialogue):
        points = answers(question, dialogue)
        other, most = max(points.items(), key=lambda item: item[1], default=("", 0))
        if question.name in speakers and most - points.get(question.name, 0) > margin:
            doubts.append(f"Who {question.asks}? {other}, not {question.name}")
    return doubts

# %% [markdown]
# That is all: five checks of ten lines or so. None of them understands a word. How far
# do they go?
#
# ## 5. Plant mistakes
#
# To know how often a check finds a mistake, you need summaries whose mistake you know.
# So make them. Three kinds are lesson 08's: people *swapped*, the *same person* twice,
# and a "not" put in (*deny*). Four are new.

# %%
from course_utils.evaluation.consistency import doubts
from course_utils.evaluation.damage import DAMAGE

by_length = sorted(chats.select(range(150, 300)), key=lambda row: len(row["summary"]))
for name, change in DAMAGE.items():
    texts = ((change(r["summary"], r["dialogue"]), r) for r in by_length)
    false, row = next(pair for pair in texts if pair[0])  # the shortest that it fits
    found = [each for each in doubts(false, row["dialogue"]).values() if each]
    print(f"{name}\n  {row['summary']}\n  {false}\n  {found}")

# %% [markdown]
# *stranger* is somebody who is not in the chat, *number* adds one to a number, *other
# number* takes one that is in the chat but belongs elsewhere, and *day* moves by a day.
#
# These are mistakes of one word in an otherwise perfect summary. Models also err in
# other ways, such as with things that nobody said. So the rates below belong to these
# kinds of mistakes, and to no others.
#
# Test on two sources: your profile's validation chats, and chats from elsewhere. The
# rules above were tuned on the first 150 of those. So only the other 150 count.
#
# ## 6. Found, and doubted though true
#
# For each kind, take the summaries that it can damage. Count how many are doubted by at
# least one check after the damage (the *detection rate*) and how many were doubted
# before, when they were true (the *false alarm rate*). Any doubt counts as found, even
# one that has nothing to do with the damage. So read the first rate against the second.
# First the data, and four helpers.

# %%
import numpy as np
from course_utils.evaluation.plots import bars
from course_utils.evaluation.rouge import bootstrap
from datasets import load_dataset

validation = load_dataset(**profile.summaries)["validation"]
validation = validation.filter(lambda row: row["dialogue"] and row["summary"])
sources = {
    "validation": validation.select(range(200)),
    "elsewhere": chats.select(range(150, 300)),
}


def doubted(texts, dialogues):
    """Return 100 for each text that some check doubts, else 0."""
    pairs = zip(texts, dialogues, strict=True)
    return np.array([100.0 * any(doubts(*pair).values()) for pair in pairs])


def damaged(rows, change):
    """Return false texts, the true ones they are made from, and their rows."""
    texts = [(change(row["summary"], row["dialogue"]), row) for row in rows]
    texts = [(text, row) for text, row in texts if text not in (None, row["summary"])]
    return [text for text, _ in texts], [row["summary"] for _, row in texts], [
        row for _, row in texts]


def rouge_1(texts, references):
    return rouge_scores(texts, references, ["rouge1"])["rouge1"]


def draw(values, title, ylabel):
    short = {"same person": "same", "other number": "other n."}
    values = {short.get(name, name): rate for name, rate in values.items()}
    bounds = {name: (low, high) for name, (_, low, high) in values.items()}
    means = {name: interval.value for name, interval in values.items()}
    return bars(means, title=title, ylabel=ylabel, intervals=bounds)

# %% [markdown]
# Each rate comes with its interval.

# %%
found = {}
for source, rows in sources.items():
    alarms = bootstrap(doubted(rows["summary"][:], rows["dialogue"][:]))
    print(f"{source}, doubted though true, percent: {alarms}")
    for kind, change in DAMAGE.items():
        false_texts, true_texts, its_rows = damaged(rows, change)
        its_chats = [row["dialogue"] for row in its_rows]
        if len(its_chats) > 20:
            found[source, kind] = bootstrap(doubted(false_texts, its_chats))
            before = doubted(true_texts, its_chats).mean()
            print(f"  {kind:<13} {len(its_chats):>3} texts: found "
                  f"{found[source, kind]!s:<22} before {before:4.1f}")
elsewhere = {k: rate for (source, k), rate in found.items() if source == "elsewhere"}
figure = draw({"none": alarms, **elsewhere}, "How many the rules doubt", "percent")

# %% [markdown]
# <!-- figure: elsewhere: swap found, percent: 40 65 -->
# On the chats from elsewhere, in every profile:
#
# - What is not in the chat is found: strangers always, new numbers nearly always, new
#   days mostly.
# - A swap is found in 40 to 65 of 100. That is far above the false alarms, and about
#   half of them go unseen.
# - *other number* is found no more often than true texts are doubted: the rules are
#   blind for it. To look whether something is there is not to look whether it fits.
# - Of the true summaries, 10 to 25 of 100 are doubted.
#
# Which check does it? One row a damage, one column a check.

# %%
from course_utils.evaluation.consistency import CHECKS
from course_utils.evaluation.plots import matrix

rows, table = sources["elsewhere"], []
for change in (lambda summary, dialogue: summary, *DAMAGE.values()):
    texts = [(change(row["summary"], row["dialogue"]), row) for row in rows]
    each = [doubts(text, row["dialogue"]) for text, row in texts if text]
    table.append([np.mean([100 * bool(d[kind]) for d in each]) for kind in CHECKS])
figure = matrix(table, title="Percent doubted, by check", xticks=list(CHECKS),
                yticks=["(true)", *DAMAGE], xlabel="check", ylabel="damage")

# %% [markdown]
# Each check finds its own kind. "negation" and "who" doubt a little everywhere.
#
# What is such a list worth in use? It depends on how many summaries are false. Say 10
# of 100 have swapped people, and count in whole summaries.

# %%
hit, alarm = found["elsewhere", "swap"].value / 100, alarms.value / 100
print(f"elsewhere: swap found, percent: {100 * hit:.1f}")
for false_share in (0.5, 0.1, 0.02):
    true_doubts, wrong_doubts = false_share * hit, (1 - false_share) * alarm
    right = true_doubts / (true_doubts + wrong_doubts)
    print(f"{false_share:4.0%} are false: {true_doubts + wrong_doubts:4.0%} doubted, "
          f"of these {right:3.0%} rightly")

# %% [markdown]
# The rarer the mistake, the more of the doubts are wrong. Use such rules to choose what
# a person reads first, not to decide.
#
# ## 7. What ROUGE rewards
#
# Now ROUGE on the same texts. These chats have two references each. Keep the first as
# the reference, and take the second as a summary that somebody wrote. Then damage it:
# how far does ROUGE fall when a true summary becomes false?

# %%
from course_utils.evaluation.rouge import paired_difference

others = [{**row, "summary": row["references"][1]} for row in rows]
for kind, change in DAMAGE.items():
    false_texts, true_texts, its_rows = damaged(others, change)
    references = [row["references"][0] for row in its_rows]
    lie, truth = rouge_1(false_texts, references), rouge_1(true_texts, references)
    print(f"{kind:<13} true {truth.mean():4.1f}, false - true "
          f"{paired_difference(lie, truth)!s:<20} "
          f"no lower in {100 * np.mean(lie >= truth):3.0f} of 100")

# %% [markdown]
# A swap costs nothing: the words are the same. The other kinds cost 6 points at the
# most, and of the wrong numbers many scored no lower than the right ones. (A number
# that is not in the reference cannot be missed.) Is that much? Damage the *reference*
# itself, and let it run against the true summary in other words.

# %%
first, second = zip(*(row["references"] for row in rows), strict=True)
rouge_of, lie_wins = {"other words": bootstrap(rouge_1(second, first))}, []
for kind, change in DAMAGE.items():
    false_texts, true_texts, its_rows = damaged(rows, change)
    lie = rouge_1(false_texts, true_texts)
    truth = rouge_1([row["references"][1] for row in its_rows], true_texts)
    rouge_of[kind] = bootstrap(lie)
    lie_wins += list(lie > truth)
print(f"the lie scores higher, percent: {100 * np.mean(lie_wins):.1f}")
figure = draw(rouge_of, "ROUGE-1 of lies, and of a true text", "ROUGE-1")

# %% [markdown]
# <!-- figure: the lie scores higher, percent: 98 100 -->
# Of 100 damaged references, 98 to 100 score a higher ROUGE-1 than the true summary in
# other words. ROUGE was made to compare systems that all try to be true. A system that
# is trained or chosen by it learns to sound like a reference.
#
# ## 8. Ask your own model
#
# Your summariser has read many chats. Does it know who did what? Ask it the questions
# of section 4: put each speaker into the answer, and take the one that makes the
# sentence most likely, in nats.

# %%
import torch
from course_utils.data.people import placeholders
from course_utils.data.summaries import SummaryCollator, encode
from course_utils.evaluation.perplexity import token_losses
from course_utils.model.gpt2 import load

model, tokenizer = load("tiny-summariser")
model.eval()


def nats(dialogue, texts):
    """Return how unlikely the model finds each text as a summary of the dialogue."""
    pairs = [placeholders(dialogue, text) for text in texts]
    pairs = [{"dialogue": pair.dialogue, "summary": pair.summary} for pair in pairs]
    batch = SummaryCollator(tokenizer)(
        [encode(pair, tokenizer, model.config.n_positions) for pair in pairs])
    with torch.no_grad():
        losses = token_losses(model, batch.pop("input_ids"), **batch)
    return losses.sum(dim=1).tolist()  # (texts,)

# %% [markdown]
# `placeholders` gives each person a name of one token, as in lesson 07. So no name is
# dearer than another.
#
# Let rules and model answer one question for each chat. Two baselines belong beside
# them: to guess, and to name whoever wrote first.

# %%
def first_question(row):
    speakers = list(dict.fromkeys(turn.speaker for turn in turns(row["dialogue"])))
    asked = questions(row["summary"], row["dialogue"])
    asked = [question for question in asked if question.name in speakers]
    return (asked[0], speakers) if asked else None


def shares(row):
    """Return how right each way to answer is, 0 to 100; a tie counts in part."""
    question, speakers = first_question(row)
    points = answers(question, row["dialogue"])
    best = [name for name in speakers if points[name] == max(points.values())]
    texts = [f"{name} {question.asks}." for name in speakers]
    likely = speakers[int(np.argmin(nats(row["dialogue"], texts)))]
    right = question.name
    return {"guessing": 100 / len(speakers), "who wrote first": 100 * (
        speakers[0] == right), "rules": 100 * (right in best) / len(best),
        "model": 100 * (likely == right)}


for source, its_rows in sources.items():
    asked = [shares(row) for row in its_rows if first_question(row)]
    columns = {name: np.array([each[name] for each in asked]) for name in asked[0]}
    print(f"{source}: {len(asked)} questions")
    for name, column in columns.items():
        print(f"  {source}, {name} right, percent: {bootstrap(column)}")
    print("  model - rules:", paired_difference(columns["model"], columns["rules"]))

# %% [markdown]
# <!-- figure: validation, model right, percent: #1 65 85 -->
# <!-- figure: elsewhere, model right, percent: #1 35 55 -->
# In tiny, on the kind of chats that it was trained on, the model names the right
# person in 65 to 85 of 100 questions. (Whether it beats the rules there, ask the
# interval of the difference.) On chats from elsewhere it is 35 to 55, where guessing
# gives 40. There, to name whoever wrote first does better, and the rules do better
# still.
#
# Likelihood can also judge a whole summary: which is likelier, the text or the same
# text with its people swapped? There is a catch. If the text is false, its swap is the
# true one. So here the detection rate is 100 less the false alarm rate, always: one
# number says it all, and 50 is a coin. A baseline again: the person who is named first
# is the one who wrote first.

# %%
for source, rows in sources.items():
    false_texts, true_texts, its_rows = damaged(rows, damage.swap)
    likelier, in_order = [], []
    for lie, true, row in zip(false_texts, true_texts, its_rows, strict=True):
        likelier.append(100.0 * (np.argmin(nats(row["dialogue"], [true, lie])) == 0))
        people = people_in(true, row["dialogue"])
        first = [min(people, key=text.find) for text in (true, row["dialogue"])]
        in_order.append(100.0 * (first[0] == first[1]))
    print(f"{source}: the truth is likelier, percent: {bootstrap(np.array(likelier))}")
    print(f"  first named is first to write: {bootstrap(np.array(in_order))}")

# %% [markdown]
# <!-- figure: validation: the truth is likelier, percent: #1 80 95 -->
# <!-- figure: elsewhere: the truth is likelier, percent: #1 42 62 -->
# <!-- figure: first named is first to write: #1 60 80 -->
# On its own kind of chats, the tiny model prefers the truth in 80 to 95 of 100, where
# the order alone gives 60 to 80. Elsewhere it is 42 to 62, about a coin, and the
# order alone does better. (Its summaries of such chats name the right people in more
# than half. It does not know who of them did what.) A model checks what it could also
# write. So a judge should be a stronger model than the writer.
#
# ## 9. A judge with a rubric
#
# Such a judge needs a *rubric*: fixed questions, with a sentence for each grade. The
# next cell prints the one of the course, as a prompt.
#
# No strong model runs on every laptop. So the course stores judgements: 50 summaries of
# chats from elsewhere (each of another chat), rated twice. **No person rated them.**
# The judge is the AI language model that develops this course. It wrote the chats and
# their references, too, and it wrote the damage. [The
# card](../docs/cards/judgements.md) says what that means. The texts were shuffled, and
# the judge did not see who wrote which. (Two damaged texts were put in later, in the
# place of others, and of these it knew.)

# %%
from course_utils.evaluation.judge import PROMPT, QUESTIONS, stored_judgements

print(PROMPT.format(dialogue="(the chat)", summary="(its summary)"), "\n")
judged, by_id = stored_judgements()["summaries"], {row["id"]: row for row in chats}
for row in judged:
    row["dialogue"] = by_id[row["chat"]]["dialogue"]
    row["writer"] = "damaged" if row["source"] in DAMAGE else row["source"]
for writer in ("reference", "damaged", "lead", "model"):
    rows = [row["first"] for row in judged if row["writer"] == writer]
    means = {q: round(np.mean([row[q] for row in rows]).item(), 2) for q in QUESTIONS}
    print(f"{writer:<10} {len(rows)} texts  {means}")

# %% [markdown]
# `lead` is lesson 08's baseline, and `model` an earlier tiny summariser than the one
# that ships. The grades go from 0 to 2. Copied lines are true and incomplete. A damaged
# reference is complete, and loses in people or facts. On chats from elsewhere, it loses
# everywhere.
#
# Take *true* as the sum of people and facts. How many planted lies did the judge see?

# %%
def truth(row):
    return row["first"]["people"] + row["first"]["facts"]  # 0 to 4


for writer in ("damaged", "reference", "lead"):
    rows = [row for row in judged if row["writer"] == writer]
    marks = bootstrap(np.array([100.0 * (truth(row) < 4) for row in rows]))
    rules = doubted([r["summary"] for r in rows], [r["dialogue"] for r in rows])
    print(f"{writer:<9} judge marks down {marks!s:<20} rules doubt {bootstrap(rules)}")
lie = next(row for row in judged if row["writer"] == "damaged" and truth(row) == 4)
print("not seen:", lie["dialogue"], lie["summary"], lie["second"], sep="\n\n")

# %% [markdown]
# The judge saw all lies but one (and that one in its second reading; of two it knew
# beforehand), and did not doubt a single reference or copied line. The rules find
# fewer, and doubt half of the copied lines, for which they were not made. But 12
# references are few (0 of 12 still allows for 3 of 12: lesson 08), and the judge had
# written them itself: that it finds them true is no surprise.
#
# ## 10. Rated twice
#
# A grade that changes with the day is worth little. So the judge read the 50 again, in
# another order. *Agreement* is the share of equal grades. It flatters: who always says
# 2 agrees perfectly. *Cohen's kappa* takes off what two raters would reach by chance,
# who give each grade as often as these: `by_chance` compares each grade of the first
# reading with *each* of the second. With ordered grades, 0 against 2 counts as twice 0
# against 1.

# %%
# from course_utils/evaluation/agreement.py
from course_utils.evaluation.agreement import interval


def weighted_kappa(first, second):
    a, b = np.array(list(zip(first, second, strict=True)), float).T
    apart = np.abs(a - b).mean()
    by_chance = np.abs(a[:, None] - b[None, :]).mean()
    return float(1 - apart / by_chance) if by_chance else float("nan")


for question in QUESTIONS:
    first = [row["first"][question] for row in judged]
    second = [row["second"][question] for row in judged]
    same = np.mean(np.array(first) == np.array(second))
    print(f"{question:<9} equal {same:.0%}   kappa "
          + "{:.2f} [{:.2f}, {:.2f}]".format(*interval(weighted_kappa, first, second)))
always_2 = [2] * 50
print(f"\nalways 2: equal to the first reading of people in "
      f"{np.mean(np.array([r['first']['people'] for r in judged]) == 2):.0%}, "
      f"kappa {weighted_kappa([r['first']['people'] for r in judged], always_2):.2f}")

# %%
points = [[0] * 7 for _ in range(7)]
totals = {when: [sum(row[when].values()) for row in judged]
          for when in ("first", "second")}
for a, b in zip(totals["first"], totals["second"], strict=True):
    points[a][b] += 1
figure = matrix(points, title="Two readings of 50 summaries", xlabel="second, 0 to 6",
                ylabel="first, 0 to 6", xticks=list("0123456"), yticks=list("0123456"))

# %% [markdown]
# Such a high kappa deserves suspicion. Both readings are by *one* model in *one*
# sitting, so it still had its first grades before it. And a judge can agree with itself
# and be wrong. What counts is agreement with somebody else, best of all with you: ten
# of them take ten minutes ("Your own run").
#
# ## 11. The judge, the rules and ROUGE
#
# Does a measure put the summaries into the judge's order? That is a *rank correlation*:
# 1 is the same order, 0 is none. Take Spearman's, the correlation of the ranks. Do it
# for all 50, and for the 40 that read well, without those of the tiny model. ROUGE
# takes the reference that is *less* like the text, so that no text is compared with
# itself.

# %%
from itertools import product

from course_utils.evaluation.agreement import rank_correlation


def measures(row):
    doubted_by = doubts(row["summary"], row["dialogue"])
    references = by_id[row["chat"]]["references"]
    return {
        "few doubts": -sum(map(len, doubted_by.values())),
        "ROUGE-1": rouge_1([row["summary"]] * len(references), references).min(),
        "words": len(row["summary"].split()),
    }


correlations = {}
read_well = [row for row in judged if row["writer"] != "model"]
for group, rows in {"all 50": judged, "40 that read well": read_well}.items():
    columns = [measures(row) for row in rows]
    sides = {"true": [truth(row) for row in rows],
             "complete": [row["first"]["complete"] for row in rows]}
    for (side, grades), name in product(sides.items(), columns[0]):
        found_it = interval(rank_correlation, grades, [each[name] for each in columns])
        print(f"{group}, {side}, {name}: "
              "{:.2f} [{:.2f}, {:.2f}]".format(*found_it))
        correlations[f"{name}\n{side}"] = found_it  # the last group stays
figure = draw(correlations, "The judge's order, of 40 that read well", "correlation")

# %% [markdown]
# Over all 50, ROUGE follows both: what the tiny model wrote is neither true nor
# complete, and ROUGE sees that it shares few words. Among the 40 that read well, this
# is mostly gone. Its interval for *true* contains 0, and the one for *complete* does
# not. Few doubts go with *true*, weakly, and not with *complete*.
#
# Read no more into it. The intervals are wide and overlap: 40 texts are too few to say
# which measure is nearer to the judge.
#
# ## 12. Order and length
#
# Judges are often asked for the better of two. Known bad habits are to prefer what
# comes first, and what is longer. So the stored pairs were judged in both orders, and a
# judge without that habit calls the first one better in half of the verdicts.
#
# In *swap*, *deny*, *number* and *day*, `one` is true and `two` is false. In *length*
# both are true, and `two` is the longer one. In *padding*, `two` is `one` with an empty
# sentence.

# %%
pairs = stored_judgements()["pairs"]
same = [p["first"]["better"] == p["second"]["better"] for p in pairs]
shown_first = [np.mean([p[when]["better"] == p[when]["shown"]
                        for when in ("first", "second")]) for p in pairs]  # of a pair
print(f"{sum(same)} of {len(pairs)} verdicts stay when the order is swapped")
print("the one shown first wins, percent:", bootstrap(100.0 * np.array(shown_first)))
two_wins = {}
for kind in dict.fromkeys(pair["kind"] for pair in pairs):
    rows = [pair for pair in pairs if pair["kind"] == kind]
    verdicts = [pair[when]["better"] == "two"
                for pair in rows for when in ("first", "second")]
    two_wins[kind] = 100 * np.mean(verdicts)
    print(f"{kind:<8} {len(rows):>2} pairs: `two` wins {two_wins[kind]:5.1f} %")
print(next(pair["two"] for pair in pairs if pair["kind"] == "padding"))
figure = bars(two_wins, title="How often the second text wins", ylabel="percent")

# %% [markdown]
# (The interval is over pairs: both verdicts of a pair count as one value. A verdict
# that stays wins once in each order, so this judge is near 50 percent by
# construction.)
#
# The true one wins each time, and an empty sentence never helps. But of two *true*
# summaries, the longer one wins nearly always. Is that a bias? The longer one says
# more, and the judge was asked for the more complete of two true texts. This test
# cannot tell the habit from the reason. To tell, you would need pairs of equal content
# and different length, as in *padding*, written with more care. Until then, compare
# systems of equal length, or report the length.
#
# ## 13. A judge of your own
#
# Any model behind an OpenAI-compatible URL can judge: a server of yours (`transformers
# serve` of lesson 09, llama.cpp, vLLM) or a company's. The request is one POST.

# %%
import requests


def ask(prompt, url, model, key=None):
    reply = requests.post(
        f"{url}/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": prompt}]},
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=60,
    )
    return reply.json()["choices"][0]["message"]["content"]

# %% [markdown]
# The library's `ask` does this with all that can go wrong in one line. What comes back
# is read strictly: one JSON object with three grades, or a refusal. A lenient reader
# would turn a chatty answer into a wrong grade.

# %% tags=["nbval-check-output"]
from course_utils import CourseError
from course_utils.evaluation.judge import ask, read_rating

for answer in ('{"people": 2, "facts": 1, "complete": 0}', "I would say: facts 2.",
               '{"people": 2, "facts": 3, "complete": 0}'):
    try:
        print(read_rating(answer))
    except CourseError as error:
        print(error)

# %% [markdown]
# Set `COURSE_JUDGE_URL` (such as `http://localhost:8000/v1`), `COURSE_JUDGE_MODEL` and,
# if it needs one, `COURSE_JUDGE_KEY` before you start the notebook. Then the next cell
# sends ten of the chats there. They are invented, so nobody's messages leave your
# machine; a company may charge you for ten short requests.

# %%
import os

from course_utils.machine.runtime import secret


def live_ratings(rows, url, model, key=None):
    """Return (row, rating) of each answer that can be read."""
    ratings = []
    for row in rows:
        prompt = PROMPT.format(dialogue=row["dialogue"], summary=row["summary"])
        try:
            ratings.append((row, read_rating(ask(prompt, url, model, key))))
        except CourseError as error:
            print(error)
    return ratings


url, judge_model = (os.environ.get(f"COURSE_JUDGE_{x}") for x in ("URL", "MODEL"))
if not url or not judge_model:
    print("no COURSE_JUDGE_URL and COURSE_JUDGE_MODEL: the stored judgements stand")
else:
    live = live_ratings(judged[:10], url, judge_model, secret("COURSE_JUDGE_KEY"))
    print(f"{len(live)} of 10 answers could be read")
    for question in QUESTIONS if live else ():
        stored = [row["first"][question] for row, _ in live]
        its = [rating[question] for _, rating in live]
        print(f"{question:<9} kappa {weighted_kappa(stored, its):.2f}")

# %% [markdown]
# If your judge and the stored one disagree, read the chats. Either may be wrong.
#
# ### What this laboratory has not shown
#
# - The mistakes were planted, a word each. How often models make which mistake is
#   another question.
# - One hand, a language model's, wrote the chats, the references, the rules and the
#   judgements. A person's judgement is in none of the numbers.
# - 50 summaries and 30 pairs are few. The intervals say how few.
#
# ## Key takeaways
#
# - ROUGE compares with a reference, truth with the chat. Report both.
# - A check has two rates: what it finds, and what it doubts though it is true.
# - What is not in the chat is easy to find. Who did what needs a reader.
# - A model can check what it could write. Elsewhere, it guesses.
# - Test a judge before you trust it: planted lies, two readings, both orders, length.
# - Say who the judge was. Agreement with itself is not truth.
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
        "question": "A check finds 9 of 10 lies, and 2 of 100 texts lie. Trust it?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "That depends on its false alarms.", "correct": True,
             "feedback": "Yes. At 20 of 100, nine of ten doubts would be wrong."},
            {"answer": "Yes, 90 percent is good.", "correct": False,
             "feedback": "It says nothing about the 98 summaries that are true."},
            {"answer": "No, it has to find all.", "correct": False,
             "feedback": "No check does. It can still choose what to read first."},
        ],
    },
    {
        "question": "Why does a lie score a higher ROUGE than a true text?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "It shares more words with the reference.", "correct": True,
             "feedback": "Yes. One word makes it false, all the others still count."},
            {"answer": "ROUGE has been computed wrongly.", "correct": False,
             "feedback": "It does what it was made for: it counts shared words."},
            {"answer": "The reference is false as well.", "correct": False,
             "feedback": "The references here are true. The damage came after."},
        ],
    },
    {
        "question": "Two readings agree in 90 of 100 grades. Is that good?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Kappa tells: it takes off the agreement by chance.",
             "correct": True,
             "feedback": "Yes. If 90 of 100 grades are a 2, chance does nearly that."},
            {"answer": "Yes, 90 percent is always good.", "correct": False,
             "feedback": "Who always gives the commonest grade gets there, too."},
            {"answer": "No, they have to agree in all.", "correct": False,
             "feedback": "Careful readers differ. The question is by how much."},
        ],
    },
    {
        "question": "A judge prefers the longer of two true summaries. What follows?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "Nothing yet: the longer one may say more.", "correct": True,
             "feedback": "Yes. Only pairs of equal content can tell them apart."},
            {"answer": "It has a length bias.", "correct": False,
             "feedback": "Perhaps. It was also asked for the more complete one."},
            {"answer": "Longer summaries are better.", "correct": False,
             "feedback": "To this judge, under this rubric, and in these pairs."},
        ],
    },
])

# %% [markdown]
# ## Your own run
#
# Rate ten of the 50 yourself: print `dialogue` and `summary` of `judged[:10]`, write
# ten grades for *facts* into a list, and only then compute your kappa with the judge.
# Where do you differ, and who is right? Then run `doubts` on what your own model
# writes: in [exercise 12](../exercises/ex12_before_and_after.ipynb), before and after
# training.
#
# ## Further reading
#
# - Kryściński et al. (2020), [*Evaluating the Factual Consistency of Abstractive Text
#   Summarization*](https://aclanthology.org/2020.emnlp-main.750/): planted damage as
#   training data for a checker.
# - Wang, Cho and Lewis (2020), [*Asking and Answering Questions to Evaluate the Factual
#   Consistency of Summaries*](https://arxiv.org/abs/2004.04228): questions from the
#   summary, answers from the text.
# - Zheng et al. (2023), [*Judging LLM-as-a-Judge with MT-Bench and Chatbot
#   Arena*](https://arxiv.org/abs/2306.05685): order, length, and a judge's own texts.
# - Cohen (1968), [*Weighted kappa*](https://doi.org/10.1037/h0026256).
# - Laban et al. (2022), [*SummaC*](https://arxiv.org/abs/2111.09525): consistency as
#   entailment, sentence by sentence.
