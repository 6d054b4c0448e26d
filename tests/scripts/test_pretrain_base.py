"""The recipe of the tiny base: what it reads, how it trains, that it can go on."""

# ruff: noqa: E402 (scripts are no package: their folder is put on the path first)

import random
import re
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from course_utils.data.people import PLACEHOLDERS
from course_utils.data.summaries import CUE
from scripts import pretrain_base, pretraining_corpus
from scripts.pretraining_corpus import (
    CLOSINGS,
    COPYING,
    LONGEST,
    ONE_WORD,
    REPORTS,
    SHARES,
    SHORTEST,
    Corpus,
    echo,
    joined,
    natural_turns,
    people_of,
    quiz,
    report,
    text_of,
    with_other_names,
    word_game,
)

WORDS = [a + b + c for a in ("ka", "lo", "mi") for b in "aeiou" for c in "bdfgklmnprst"]


def line(i: int, j: int) -> str:
    words = [WORDS[(i * 7 + j * 5 + k) % len(WORDS)] for k in range(6)]
    return f"{'AB'[(i * i + j) % 2]}: {' '.join(words)}"


REAL = ["\n".join(line(i, j) for i in range(30)) for j in range(5)]


@pytest.fixture
def corpus(tokenizer):
    return Corpus(REAL, tokenizer, 128)


def texts(corpus: Corpus, n: int) -> list[tuple[str, str]]:
    rng = random.Random("corpus")
    return [corpus.document(rng, 0.9) for _ in range(n)]


def words(text: str) -> list[str]:
    """Return the words of a closing but names, and what stands between names."""
    return [w for w in re.findall(r"\w+", text) if w[0].islower() and w != "and"]


CLOSED = [words(re.sub(r"\{\w+\}", "", line)) for line in CLOSINGS]


def is_report(last: str, before: list[str]) -> bool:
    """Whether `last` only repeats one of the lines before it, with who said it."""
    message = last.split(": ", 1)[1]
    turns = [line.split(": ", 1) for line in before]
    return any(
        message == report(who, line, other, wording)
        for wording in REPORTS
        for who, line in turns
        for other in {name for name, _ in turns}
    )


def named(line: str) -> list[tuple[str, str]]:
    """Return the (words, name) pairs of a quiz's last line; [] if it is none."""
    question = r"Who said (.+?)\? ([A-Z][a-z]+)\.(?: |$)"
    whole = re.fullmatch(rf"(?:{question})+", line)
    return re.findall(question, line) if whole else []


def test_no_dialogue_is_followed_by_its_recap(corpus):
    """A document is a story, or speakers' lines and at most a closing or a quiz."""
    turn = re.compile(r"[A-Z][a-z]+: ")
    kinds = dict.fromkeys(SHARES, 0)
    for kind, text in texts(corpus, 2000):
        lines = text.split("\n")
        spoken = [bool(turn.match(line)) for line in lines]
        kinds[kind] += 1
        assert CUE.strip() not in text
        if kind == "window":
            assert not text
        elif kind == "story":
            assert len(lines) == 1
            assert not any(spoken)
        elif kind in ("dialogue", "echo"):
            assert all(spoken)
        elif not all(spoken):  # a quiz whose quotes were all said twice has no end
            assert spoken == [True] * (len(lines) - 1) + [False]
            closes = words(lines[-1]) in CLOSED
            assert closes if kind == "closing" else named(lines[-1])
    assert min(kinds.values()) > 40


def test_the_control_corpus_has_no_text_of_tinychats(tokenizer, monkeypatch):
    monkeypatch.setattr(pretraining_corpus, "chat", None)  # the generator
    corpus = Corpus(REAL, tokenizer, 128, tinychats=False)
    rng = random.Random(0)
    kinds = {corpus.document(rng, i / 1000)[0] for i in range(1000)}
    assert kinds == set(SHARES) - {"story"}


def test_an_echo_only_repeats_a_line():
    rng = random.Random(0)
    for _ in range(300):
        turns = natural_turns(rng, REAL)
        before = text_of(turns).split("\n")
        assert is_report(echo(rng, turns), before)


def test_a_quiz_only_quotes_and_names_the_one_who_said_it():
    rng = random.Random(2)
    asked = 0
    for i in range(200):
        if i % 2:
            turns = natural_turns(rng, REAL)
            last = quiz(rng, turns)
        else:
            *lines, last = word_game(rng, WORDS, 6).split("\n")
            turns = [line.split(": ", 1) for line in lines]
        for quote, name in named(last):
            assert {who for who, line in turns if quote in line} == {name}
            asked += 1
    assert asked > 300


def test_lessons_rise_from_echoes_over_words_to_the_mixture(corpus):
    rng = random.Random(4)
    for _ in range(50):
        assert corpus.document(rng, 0.0)[1].count("\n") == 1
        *lines, last = corpus.document(rng, COPYING)[1].split("\n")
        turns = dict(line.split(": ")[::-1] for line in lines)
        assert re.findall(r"(\S+) (\w+)\.", last)
        assert all(turns[w] == who for w, who in re.findall(r"(\S+) (\w+)\.", last))
    assert {corpus.document(rng, ONE_WORD)[0] for _ in range(99)} > {"game", "quiz"}
    lines = [
        x for _ in range(99) for x in word_game(rng, WORDS, LONGEST).split("\n")[:-1]
    ]
    assert max(len(x.split()) - 1 for x in lines) == LONGEST


def test_natural_dialogues_have_two_to_six_people():
    rng = random.Random(0)
    found = {len(people_of(natural_turns(rng, REAL))) for _ in range(500)}
    assert {2, 3, 4} <= found <= {2, 3, 4, 5, 6}
    assert joined(["Anna", "Tom", "Mei"]) == "Anna, Tom and Mei"


def test_windows_begin_anywhere_in_the_chats(corpus, tokenizer):
    rng = random.Random(0)
    starts = [tokenizer(text)["input_ids"][:20] for text in REAL]
    windows = [corpus.window(rng) for _ in range(300)]
    at_start = sum(ids[:20] in starts for ids in windows) / 300
    assert 0.15 < at_start < 0.4
    stream = " ".join(map(str, corpus.stream))
    assert all(" ".join(map(str, ids)) in stream for ids in windows)
    assert SHORTEST <= min(map(len, windows)) < max(map(len, windows)) <= 128


def test_half_of_the_documents_have_placeholders():
    rng = random.Random(0)
    text = "Zofia: Hi Kwame!\nKwame: Hi Zofia."
    made = [with_other_names(rng, text) for _ in range(400)]
    placed = f"{PLACEHOLDERS[0]}: Hi {PLACEHOLDERS[1]}!"
    assert 0.4 < sum(t.startswith(placed) for t in made) / 400 < 0.6
    assert 0.2 < made.count(text) / 400 < 0.45


def test_batches_hold_each_document_once_from_its_start(corpus, tokenizer):
    rows = [ids for _, ids in corpus.documents(random.Random(0), 0.9, 200)]
    eos = tokenizer.eos_token_id
    seen = []
    for input_ids, labels in pretrain_base.batches(rows, eos, random.Random(0)):
        assert input_ids.shape == labels.shape
        assert input_ids.numel() <= pretrain_base.BATCH_TOKENS
        for ids, label in zip(input_ids.tolist(), labels.tolist(), strict=True):
            length = sum(x >= 0 for x in label)
            assert label == ids[:length] + [-100] * (len(ids) - length)
            assert ids[length:] == [eos] * (len(ids) - length)
            seen.append(ids[:length])
    assert sorted(seen) == sorted(rows)


@pytest.fixture
def small_run(monkeypatch, corpus, tiny_model, tmp_path):
    """Return run(budget): a short training whose checkpoint stays in tmp_path."""
    monkeypatch.setattr(pretrain_base, "real_chats", lambda split: REAL * 4)
    monkeypatch.setattr(pretrain_base, "PART", 8)
    monkeypatch.setattr(pretrain_base, "SAVE_EVERY", 1)
    monkeypatch.setattr(pretrain_base, "accuracy", lambda *_: 0.0)
    corpus.longest = tiny_model.config.n_positions
    start = {k: v.clone() for k, v in tiny_model.state_dict().items()}

    def run(name: str) -> dict[str, torch.Tensor]:
        tiny_model.load_state_dict(start)
        path = tmp_path / f"{name}.pt"
        pretrain_base.train(tiny_model, corpus, 2500, 1e-3, 0, path)
        return {k: v.clone() for k, v in tiny_model.state_dict().items()}

    return run


def test_a_stopped_run_goes_on_to_the_same_weights(small_run, monkeypatch):
    whole = small_run("whole")
    calls = iter([0.0, 0.0, 0.0, 0.0, KeyboardInterrupt()])

    def stop(*_):
        answer = next(calls)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(pretrain_base, "accuracy", stop)
    with pytest.raises(KeyboardInterrupt):
        small_run("stopped")
    monkeypatch.setattr(pretrain_base, "accuracy", lambda *_: 0.0)
    resumed = small_run("stopped")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_the_learning_rate_warms_up_and_falls():
    rates = [pretrain_base.learning_rate(1.0, s, s / 1000) for s in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == pytest.approx(rates[99], abs=0.03)
    assert rates[-1] == pytest.approx(0.05, abs=0.01)


def test_questions_are_answered_in_the_dialogue(corpus, tokenizer):
    for kind in ("copying", "speakers"):
        for row in pretrain_base.examination(corpus, kind, placed=True, count=20):
            at = sum(label < 0 for label in row["labels"])
            prompt, answer = map(
                tokenizer.decode, (row["input_ids"][:at], row["input_ids"][at:])
            )
            *turns, asked = prompt.split("\n")
            if kind == "copying":
                who = asked.split(": ")[1].removesuffix(" said:")
                assert f"{who}:{answer}" in turns
            else:
                said = asked.removeprefix("Who said ").removesuffix("?")
                assert f"{answer.strip()}: {said}" in turns


def test_the_loss_by_position_is_the_models(tiny_model):
    blocks = torch.randint(0, 50, (3, 12))
    by_place = pretrain_base.loss_by_position(tiny_model, blocks)
    with torch.no_grad():
        whole = tiny_model.eval()(input_ids=blocks, labels=blocks).loss
    assert by_place.shape == (11,)
    assert by_place.mean().item() == pytest.approx(whole.item(), rel=1e-4)


@pytest.mark.long
def test_two_minutes_of_the_recipe_move_the_right_way(tokenizer, tmp_path):
    """The recipe as it is, with the real chats, on a twentieth of its budget."""
    torch.manual_seed(0)
    model = pretrain_base.initial_model()
    corpus = Corpus(pretraining_corpus.chats_to_read(), tokenizer, 256)
    log = pretrain_base.train(model, corpus, 6e5, 3e-3, 0, tmp_path / "run.pt")
    _, _, loss, copied, _, by_place, perplexity = log[-1][1:-1].split("|")
    assert float(loss) < 4.5
    assert int(copied.split("/")[0]) > 4
    assert float(by_place.split(",")[1]) < 9
    assert float(perplexity) < 600
