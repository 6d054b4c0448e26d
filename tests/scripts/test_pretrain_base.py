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

from course_utils.data.chats import NAMES, chat
from course_utils.data.summaries import CUE
from scripts import pretrain_base
from scripts.pretraining_corpus import (
    CLOSINGS,
    COPYING,
    LONGEST,
    ONE_WORD,
    REPORTS,
    document,
    echo,
    joined,
    lesson,
    quiz,
    report,
    with_names,
    word_game,
)

REAL = ["A: hello there\nB: hi\nA: how are you"]


def corpus(n: int) -> list[str]:
    rng = random.Random("corpus")
    return [document(rng, REAL) for _ in range(n)]


def words(text: str) -> list[str]:
    """Return the words of a closing but names, and what stands between names."""
    return [w for w in re.findall(r"\w+", text) if w not in NAMES and w != "and"]


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
    question = rf"Who said (.+?)\? ({'|'.join(NAMES)})\.(?: |$)"
    whole = re.fullmatch(rf"(?:{question})+", line)
    return re.findall(question, line) if whole else []


def test_no_dialogue_is_followed_by_its_recap():
    """A document is a story, or speakers' lines and at most a closing or a quiz."""
    turn = re.compile(rf"({'|'.join(NAMES)}|[AB]): ")
    kinds = {"story": 0, "dialogue": 0, "closing": 0, "quiz": 0}
    for text in corpus(3000):
        lines = text.split("\n")
        spoken = [bool(turn.match(line)) for line in lines]
        if not any(spoken):
            assert len(lines) == 1
            kinds["story"] += 1
        elif all(spoken):
            kinds["dialogue"] += 1
        else:
            assert spoken == [True] * (len(lines) - 1) + [False]
            pairs = named(lines[-1])
            assert pairs or words(lines[-1]) in CLOSED
            kinds["quiz" if pairs else "closing"] += 1
    assert min(kinds.values()) > 100
    assert CUE.strip() not in "\n".join(corpus(3000))


def test_the_last_message_of_an_echo_only_repeats_a_line():
    rng = random.Random(0)
    reports = 0
    for _ in range(500):
        *before, last = echo(rng).split("\n")
        if re.match(r"\w+: ", last):
            assert is_report(last, before)
            reports += 1
    assert 250 < reports < 400


@pytest.mark.parametrize("make", [quiz, lambda rng: word_game(rng, 6)])
def test_a_quiz_only_quotes_and_names_the_one_who_said_it(make):
    rng = random.Random(2)
    asked = 0
    for _ in range(200):
        *lines, last = make(rng).split("\n")
        turns = [line.split(": ", 1) for line in lines]
        for quote, name in named(last):
            assert {who for who, line in turns if quote in line} == {name}
            asked += 1
    assert asked > 400


def test_lessons_rise_from_echoes_over_words_to_the_mixture():
    rng = random.Random(4)
    for _ in range(50):
        assert lesson(rng, REAL, 0.0).count("\n") == 1
        *lines, last = lesson(rng, REAL, COPYING).split("\n")
        turns = dict(line.split(": ")[::-1] for line in lines)
        assert re.findall(r"(\S+) (\w+)\.", last)
        assert all(turns[w] == who for w, who in re.findall(r"(\S+) (\w+)\.", last))
    shortest = [word_game(rng, 2) for _ in range(50)]
    longest = [lesson(rng, REAL, ONE_WORD) for _ in range(50)]
    assert max(map(len, shortest)) < max(map(len, longest))
    lines = [x for _ in range(99) for x in word_game(rng, LONGEST).split("\n")[:-1]]
    assert max(len(x.split()) - 1 for x in lines) == LONGEST


def test_a_dialogue_alone_carries_no_summary_of_its_own():
    rng = random.Random(1)
    for _ in range(200):
        source = chat(rng, "pretrain")
        assert source.summary not in source.dialogue
        assert source.story not in source.dialogue


def test_names_take_the_place_of_a_and_b():
    text = with_names(random.Random(3), "A: I am B: ok\nB: hi")
    first, second = (line.split(": ")[0] for line in text.split("\n"))
    assert {first, second} <= set(NAMES)
    assert text == f"{first}: I am B: ok\n{second}: hi"
    assert joined(["Anna", "Tom", "Mei"]) == "Anna, Tom and Mei"


def test_batches_hold_each_document_once_from_its_start(tokenizer):
    texts = corpus(200)
    eos = tokenizer.eos_token_id
    seen = []
    for input_ids, labels in pretrain_base.batches(texts, tokenizer, random.Random(0)):
        assert input_ids.shape == labels.shape
        assert input_ids.numel() <= pretrain_base.BATCH_TOKENS
        for ids, label in zip(input_ids.tolist(), labels.tolist(), strict=True):
            length = sum(x >= 0 for x in label)
            assert label == ids[:length] + [-100] * (len(ids) - length)
            assert ids[length:] == [eos] * (len(ids) - length)
            seen.append(tokenizer.decode(ids[:length]).removesuffix("<|endoftext|>"))
    assert sorted(seen) == sorted(texts)


@pytest.fixture
def small_run(monkeypatch, tokenizer, tiny_model, tmp_path):
    """Return run(budget): a short training whose checkpoint stays in tmp_path."""
    monkeypatch.setattr(pretrain_base, "real_pieces", lambda split="train": REAL * 4)
    monkeypatch.setattr(pretrain_base, "PART", 8)
    monkeypatch.setattr(pretrain_base, "SAVE_EVERY", 1)
    monkeypatch.setattr(pretrain_base, "accuracy", lambda *_: 0.0)
    start = {k: v.clone() for k, v in tiny_model.state_dict().items()}

    def run(name: str) -> dict[str, torch.Tensor]:
        tiny_model.load_state_dict(start)
        path = tmp_path / f"{name}.pt"
        pretrain_base.train(tiny_model, tokenizer, 2500, 1e-3, 0, path)
        return {k: v.clone() for k, v in tiny_model.state_dict().items()}

    return run


def test_a_stopped_run_goes_on_to_the_same_weights(small_run, monkeypatch):
    whole = small_run("whole")
    calls = iter([0.0, 0.0, KeyboardInterrupt()])

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


@pytest.mark.slow
def test_two_minutes_of_the_recipe_move_the_right_way(tokenizer, tmp_path):
    """The recipe as it is, with the real chats, on a twentieth of its budget."""
    torch.manual_seed(0)
    model = pretrain_base.initial_model()
    questions = pretrain_base.examination(tokenizer, "copying")
    assert pretrain_base.accuracy(model, questions) < 3
    log = pretrain_base.train(model, tokenizer, 6e5, 3e-3, 0, tmp_path / "run.pt")
    _, _, loss, copied, _, perplexity = (
        float(x.strip(" M")) for x in log[-1][1:-1].split("|")
    )
    assert loss < 4.5
    assert copied > 8
    assert perplexity < 600
