import re

import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most

from course_utils.data.cleaning import (
    clean,
    exact_duplicates,
    leaks,
    long_enough,
    near_duplicates,
    normalise,
    repair,
    repetition,
    scrub,
    split_documents,
)
from course_utils.data.minhash import shingles
from course_utils.machine.errors import CourseError

STORY = (
    "The ferry left at seven and we had the whole upper deck to ourselves until the "
    "rain came in from the west and sent everybody down to the small warm bar"
)


def stories(count: int) -> list[str]:
    """Return texts that share no shingle."""
    return [" ".join(f"word{n}x{k}" for k in range(30)) for n in range(count)]


def rows(texts: list) -> Dataset:
    return Dataset.from_dict({"id": [str(i) for i in range(len(texts))], "text": texts})


# repair and normalise


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("I donâ€™t", "I don't"),
        ("cafÃ© crÃ¨me", "café crème"),
        ("fish &amp; chips", "fish & chips"),
        ("Plain ASCII, Kept As It Is!\n", "Plain ASCII, Kept As It Is!\n"),
    ],
)
def test_repair(broken, mended):
    assert repair(broken) == mended


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301", "café"),
        ("“Yes,” she said, ‘no’.", "\"Yes,\" she said, 'no'."),
        ("a\u00a0b\u2003c \t d", "a b c d"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen\x07", "zerowidth softhyphen"),
        ("  a  \n\n\n\n  b  \n", "a\n\n  b"),
        ("def f():\n    return 1", "def f():\n    return 1"),
        ("Case, Punctuation!? STAY...", "Case, Punctuation!? STAY..."),
        ("x² ½ ﬁ …", "x² ½ ﬁ …"),
        ("family 👨‍👩‍👧", "family 👨‍👩‍👧"),
        ("half \ud83d surrogate", "half surrogate"),
        ("", ""),
    ],
)
def test_normalise(text, expected):
    assert normalise(text) == expected


messy = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(" \t\r\n\u00a0\u200b\u2028\x85\u0301\u0340“’'a\u212b\ufeff"),
    ),
    max_size=60,
)


@settings(max_examples=400)
@given(messy)
def test_normalise_is_idempotent_and_keeps_case(text):
    once = normalise(text)
    assert normalise(once) == once
    once.encode()  # UTF-8 takes it
    if text.isascii():
        assert re.sub(r"\s", "", once) == re.sub(r"[\s\x00-\x1f\x7f]", "", text)


# scrub


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail ann.b+c@mail.example.co.uk.", "mail <email>."),
        ("'ann@example.com', (bob@example.org)", "'<email>', (<email>)"),
        ("mailto:ann@example.com", "mailto:<email>"),
        ("see https://example.org/a?b=c#d, then", "see <link>, then"),
        ("(HTTP://EXAMPLE.ORG/A)", "(<link>)"),
        ("www.example.de/x and example.com!", "<link> and <link>!"),
        ("https://ann:secret@example.org/x", "<link>"),
        ("ftp://example.org/file.zip", "<link>"),
        ("A: hi\nB: ann@example.com\nA: ok", "A: hi\nB: <email>\nA: ok"),
    ],
)
def test_scrub(text, expected):
    assert scrub(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Awww. That's sweet",
        "Awww.That's sweet",
        "Ewwwwww...",
        "I knowww. Really",
        "yes@",
        "meet me @ the library @ 5",
        "ask @someone",
        "nothing http:// here",
        "It ended.Then we left",
        "3.5 percent, e.g. this, U.S.A.",
        "a common.place",
    ],
)
def test_scrub_leaves_ordinary_text(text):
    assert scrub(text) == text


# An address needs a letter or sign before the @: "'@a.com" is none in real life.
emails = st.emails().filter(lambda address: address.split("@")[0].strip("'`"))
words = st.sampled_from(
    ["hi", "Awww.", "see", "me@", "(", ")", "'", "\n", "ok,", "..."]
)


@settings(max_examples=300)
@given(emails, st.lists(words, max_size=5), st.lists(words, max_size=5))
def test_scrub_leaves_no_address(address, before, after):
    clean_text = scrub(" ".join([*before, address, *after]))
    assert address not in clean_text
    assert not re.search(r"\w@\w[\w-]*\.\w", clean_text)
    assert scrub(clean_text) == clean_text


@settings(max_examples=300)
@given(
    st.sampled_from(["https://", "http://", "www.", "HTTPS://www."]),
    st.from_regex(r"[a-z]{1,10}\.(de|com|io)(/[a-z0-9?=&#._-]{0,20})?", fullmatch=True),
    st.lists(words, max_size=5),
)
def test_scrub_leaves_no_link(scheme, rest, around):
    text = " ".join([*around, scheme + rest, *around])
    assert not re.search(r"https?://\w|www\.\w", scrub(text), re.IGNORECASE)


@pytest.mark.parametrize(
    "part", ["a", "a.", "a@", "a@b.", "www.", "http://", "!", "'a", "-", ".com", "@"]
)
def test_scrub_takes_linear_time(part):
    with at_most(5):
        scrub("@" + part * (400_000 // len(part)))


# filters


def test_long_enough():
    assert long_enough("one two three four five")
    assert not long_enough("one two three four")
    assert not long_enough("one two three", min_words=1, max_words=2)


def test_repetition():
    assert repetition("") == 0
    assert repetition("one two") == 0
    assert repetition(STORY) == 0
    # 7 of the 8 runs of three words were seen before.
    assert repetition("a a a a a a a a a a") == 7 / 8
    assert repetition("x" * 30 + "0123456789") == 0.75
    assert repetition("sooooo good") == 0


# duplicates


def test_exact_duplicates():
    pairs = exact_duplicates(["a", "b", "a", "A", "a", "b"])
    assert pairs == [(0, 2), (0, 4), (1, 5)]
    assert exact_duplicates([]) == []


def test_near_duplicates_are_found_and_others_are_not():
    edited = STORY.replace("seven", "eight").upper() + "!!"
    half = " ".join(STORY.split()[:15]) + " and then nothing else of note took place"
    assert near_duplicates([STORY, "Nothing alike here at all.", edited, half]) == [
        (0, 2)
    ]


def test_near_duplicates_of_short_and_wordless_texts():
    assert near_duplicates(["hi", "Hi!", "ho", ":-)", "???", "", ":-)"]) == [
        (0, 1),
        (3, 6),
    ]
    assert near_duplicates([]) == []
    assert near_duplicates([""]) == []


def test_identical_texts_make_one_pair_each():
    assert near_duplicates([STORY] * 4) == [(0, 1), (0, 2), (0, 3)]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_near_duplicates_equal_a_comparison_of_all_pairs(data):
    base = STORY.split()
    texts = []
    for _ in range(data.draw(st.integers(0, 6))):
        words = list(base)
        for place in data.draw(st.lists(st.integers(0, len(base) - 1), max_size=6)):
            words[place] = data.draw(st.sampled_from("xyz"))
        texts.append(" ".join(words))
    texts = list(dict.fromkeys(texts))
    sets = [{tuple(t.lower().split()[i : i + 3]) for i in range(28)} for t in texts]
    truth = {
        (i, j)
        for j in range(len(texts))
        for i in range(j)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.5
    }
    found = set(near_duplicates(texts, 0.5))
    # A pair at the very threshold may be missed, once in 100.
    sure = {(i, j) for i, j in truth if len(sets[i] & sets[j]) > 20}
    assert sure <= found <= truth


def test_shingles_are_runs_of_words_without_case():
    sets = shingles(
        ["One two, three FOUR", "one TWO three", "two three four!", "", "a b"]
    )
    assert [len(ids) for ids in sets] == [2, 1, 1, 1, 1]
    assert set(sets[0]) == {*sets[1], *sets[2]}
    assert len({int(ids[0]) for ids in sets[1:]}) == 4
    assert shingles([]) == []
    long = shingles(stories(50), size=12)
    assert all(len(ids) == 19 for ids in long)
    assert len(set().union(*map(set, long))) == 50 * 19


def test_threshold_must_make_sense():
    for threshold in (0, -1, 1.5):
        with pytest.raises(CourseError, match="threshold"):
            near_duplicates(["a"], threshold)


def test_near_duplicates_are_fast():
    texts = [f"{STORY} {text}" for text in stories(2000)]
    with at_most(10):
        assert near_duplicates(texts) == []


# splits


def test_split_is_a_partition():
    data = rows(stories(200))
    split = split_documents(data, (0.8, 0.1, 0.1), seed=3)
    assert {name: len(part) for name, part in split.items()} == {
        "train": 160,
        "validation": 20,
        "test": 20,
    }
    ids = [i for part in split.values() for i in part["id"]]
    assert sorted(ids) == sorted(data["id"])
    again = split_documents(data, (0.8, 0.1, 0.1), seed=3)
    assert again["test"]["id"][:] == split["test"]["id"][:]
    other = split_documents(data, (0.8, 0.1, 0.1), seed=4)
    assert other["test"]["id"][:] != split["test"]["id"][:]


def test_near_duplicates_stay_on_one_side():
    texts = stories(60)
    chain = [texts[0]]
    for k in range(5):  # each is near the one before; the last is far from the first
        changed = chain[-1].split()
        changed[4 * k : 4 * k + 2] = ["other"] * 2
        chain.append(" ".join(changed))
    assert near_duplicates([chain[0], chain[-1]]) == []
    for seed in range(5):
        split = split_documents(rows(texts + chain), (0.6, 0.2, 0.2), seed)
        sides = {
            name
            for name, part in split.items()
            if set(part["text"]) & {*chain, texts[0]}
        }
        assert len(sides) == 1


def test_a_large_group_does_not_upset_the_fractions():
    for seed in range(5):
        split = split_documents(rows(stories(60) + [STORY] * 40), (0.6, 0.2, 0.2), seed)
        assert [len(part) for part in split.values()] == [60, 20, 20]


def test_a_planted_leak_is_found_and_a_clean_split_has_none():
    split = split_documents(rows(stories(100)), (0.8, 0.1, 0.1))
    train, test = split["train"]["text"][:], split["test"]["text"][:]
    assert leaks(train, test) == []
    copy = train[7] + " and a little more"
    assert leaks(train, [*test, copy, copy]) == [(7, 10), (7, 11)]
    assert leaks([train[7]] * 3, [copy]) == [(0, 0)]
    assert leaks(train, [STORY, STORY + " and then some"]) == []
    assert leaks([], test) == []
    assert leaks(train, []) == []


def test_a_test_set_equal_to_the_training_set_leaks_whole():
    texts = stories(20)
    assert leaks(texts, texts) == [(i, i) for i in range(20)]


def test_too_few_documents_to_split():
    with pytest.raises(CourseError, match="too few"):
        split_documents(rows(stories(2)), (0.8, 0.1, 0.1))
    with pytest.raises(CourseError, match="too few"):
        split_documents(rows([STORY] * 50), (0.8, 0.1, 0.1))
    split = split_documents(rows(stories(2)), (0.5, 0, 0.5))
    assert len(split["validation"]) == 0


def test_fractions_must_add_up():
    with pytest.raises(CourseError, match="add up"):
        split_documents(rows(stories(9)), (0.9, 0.2, 0.1))


# clean


def test_clean_reports_each_step():
    texts = [
        STORY,
        STORY,
        STORY.upper(),
        "hi",
        "ho ho ho ho ho ho ho ho",
        "  I donâ€™t  know, write to ann@example.com  ",
    ]
    data, report = clean(rows(texts))
    assert data["text"][:] == [STORY, "I don't know, write to <email>"]
    assert data["id"][:] == ["0", "5"]
    assert data.column_names == ["id", "text"]
    steps = {step.name: (step.changed, step.removed) for step in report.steps}
    assert steps == {
        "repair": (1, 0),
        "normalise": (1, 0),
        "scrub": (1, 0),
        "length": (0, 1),
        "repetition": (0, 1),
        "exact copies": (0, 1),
        "near copies": (0, 1),
    }
    assert report.kept == 2
    table = str(report)
    assert max(map(len, table.splitlines())) <= 105
    assert "hi" in table
    assert table.splitlines()[-1].split() == ["kept", "2"]
    assert "ann@example.com" not in table + report._repr_html_()
    assert report._repr_html_().count("<tr>") == 9


def test_clean_can_skip_and_widen():
    texts = ["hi", "ho ho ho ho ho ho ho ho", STORY, STORY.lower()]
    data, report = clean(rows(texts), min_words=1, max_repetition=1, threshold=None)
    assert len(data) == 4
    assert "near copies" not in str(report)
    data, _ = clean(rows(texts), min_words=1, max_words=10, max_repetition=1)
    assert data["text"][:] == texts[:2]


def test_a_chain_of_near_copies_loses_only_what_is_near_a_kept_text():
    first = " ".join(f"w{k}" for k in range(40))
    middle = first.replace("w0 w1 w2", "x y z")
    last = middle.replace("w37 w38 w39", "u v w")
    assert near_duplicates([first, middle, last], 0.8) == [(0, 1), (1, 2)]
    data, _ = clean(rows([first, middle, last]), threshold=0.8)
    assert data["text"][:] == [first, last]


def test_all_copies_of_a_near_copy_go():
    edited = STORY.replace("seven", "eight")
    data, _ = clean(rows([STORY, edited, edited.upper(), edited + "!"]))
    assert data["text"][:] == [STORY]


def test_clean_of_nothing_left_and_of_a_single_column():
    data, report = clean(Dataset.from_dict({"text": ["hi"]}))
    assert len(data) == 0
    assert report.kept == 0
    data, _ = clean(Dataset.from_dict({"dialogue": [STORY]}), column="dialogue")
    assert data[0] == {"dialogue": STORY}


@pytest.mark.parametrize("step", [clean, split_documents])
def test_bad_data_sets_end_in_one_line(step):
    for data, words in [
        (Dataset.from_dict({"dialogue": [STORY]}), "no column 'text'.*it has dialogue"),
        (Dataset.from_dict({"text": [STORY, None, None]}), "2 of 3 rows have no text"),
        (Dataset.from_dict({"text": [1, 2]}), "holds no text"),
    ]:
        with pytest.raises(CourseError, match=words) as caught:
            step(data)
        assert "\n" not in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(messy, st.just(STORY), st.emails()), max_size=8))
def test_clean_takes_any_text_and_is_stable(texts):
    texts = [text.encode(errors="ignore").decode() for text in texts]
    once, _ = clean(rows(texts))
    twice, report = clean(once)
    assert twice["text"][:] == once["text"][:]
    assert all(step.changed == step.removed == 0 for step in report.steps)


@pytest.mark.slow
def test_what_the_data_card_says_of_the_real_chats():
    from course_utils.data.sources import chitchat

    _, report = clean(chitchat())
    counts = {step.name: step.changed + step.removed for step in report.steps}
    assert counts == {
        "repair": 0,
        "normalise": 0,
        "scrub": 69,
        "length": 1080,
        "repetition": 19,
        "exact copies": 197,
        "near copies": 96,
    }
    assert report.kept == 5776
