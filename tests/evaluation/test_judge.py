"""The judge: its answers, the service behind it, and the stored judgements."""

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import jupytext
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import given
from hypothesis import strategies as st
from loopback import listening

from course_utils.data.handwritten import development_chats
from course_utils.evaluation.damage import DAMAGE
from course_utils.evaluation.judge import (
    PROMPT,
    QUESTIONS,
    ask,
    read_rating,
    stored_judgements,
)
from course_utils.evaluation.summary_scores import lead
from course_utils.machine.errors import CourseError

GOOD = {"people": 2, "facts": 1, "complete": 0}
KEY = "sk-FindMeIfYouCan"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "2 1 0",
        "[2, 1, 0]",
        "```json\n{}\n```",
        json.dumps(GOOD) + " because",
        json.dumps(GOOD | {"facts": 3}),
        json.dumps(GOOD | {"facts": -1}),
        json.dumps(GOOD | {"facts": True}),
        json.dumps(GOOD | {"facts": 1.0}),
        json.dumps(GOOD | {"facts": "1"}),
        json.dumps(GOOD | {"note": 1}),
        json.dumps({"people": 2, "facts": 1}),
        "[" * 100_000,
        '{"people": ' + "9" * 5000 + "}",
    ],
    ids=range(14),
)
def test_any_other_answer_is_refused_in_one_line(answer):
    with pytest.raises(CourseError, match="the judge answered") as error:
        read_rating(answer)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@given(st.text())
def test_no_text_breaks_the_reader(answer):
    with suppress(CourseError):
        assert sorted(read_rating(answer)) == sorted(QUESTIONS)


@given(st.fixed_dictionaries({name: st.integers(0, 2) for name in QUESTIONS}))
def test_a_rating_is_read_as_it_was_written(rating):
    assert read_rating(f" {json.dumps(rating, indent=1)}\n") == rating


def judge(seen):
    """Return a service that answers by the name of the model it is asked for."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def answer(request: Request):
        body = await request.json()
        seen.append((request.headers.get("authorization"), body))
        if body["model"] == "redirects":
            return JSONResponse({}, 307, {"Location": "/elsewhere"})
        if body["model"] == "refuses":
            return JSONResponse({"error": f"bad key\n{KEY}"}, 401)
        if body["model"] == "other form":
            return {"choices": []}
        if body["model"] == "no text":
            return {"choices": [{"message": {"content": None}}]}
        said = "well..." if body["model"] == "chatty" else json.dumps(GOOD)
        return {"choices": [{"message": {"content": said}}]}

    @app.post("/elsewhere")
    async def elsewhere(request: Request):
        seen.append("elsewhere")

    return app


@pytest.fixture(scope="module")
def seen():
    return []


@pytest.fixture(scope="module")
def url(seen):
    with listening(judge(seen)) as (port, _):
        yield f"http://127.0.0.1:{port}/v1"


def test_a_live_judge_is_asked_and_answers(url, seen):
    prompt = PROMPT.format(dialogue="Ann: {x}", summary="Ann says {x}.")
    assert "Ann says {x}." in prompt
    assert '{"people": 2' in prompt
    assert read_rating(ask(prompt, f"{url}/", "good", KEY)) == GOOD
    authorization, body = seen[-1]
    assert authorization == f"Bearer {KEY}"
    assert body["messages"] == [{"role": "user", "content": prompt}]
    ask(prompt, url, "good")
    assert seen[-1][0] is None


@pytest.mark.parametrize("model", ["refuses", "redirects", "other form", "no text"])
def test_a_judge_that_fails_is_one_line_without_the_key(model, url, seen):
    with pytest.raises(CourseError, match=model) as error:
        ask("?", url, model, KEY)
    assert KEY not in str(error.value)
    assert "\n" not in str(error.value)
    assert "elsewhere" not in seen


@pytest.mark.parametrize("place", ["http://127.0.0.1:1/v1", "nowhere", "http://[bad"])
def test_nobody_at_the_address_is_one_line(place):
    with pytest.raises(CourseError, match="check the URL"):
        ask("?", place, "good")


def live_cell():
    path = Path(__file__).parents[2] / "source" / "lessons" / "13_is_it_true.py"
    cells = jupytext.read(path, fmt="py:percent").cells
    return next(cell.source for cell in cells if "def live_ratings" in cell.source)


@pytest.mark.parametrize("model", ["good", "chatty", ""])
def test_the_lessons_cell_asks_the_live_judge(model, url, monkeypatch, capsys):
    from course_utils.evaluation.agreement import weighted_kappa

    monkeypatch.setenv("COURSE_JUDGE_URL", url)
    monkeypatch.setenv("COURSE_JUDGE_MODEL", model)
    rows = [
        {
            "dialogue": "Ann: Hi!",
            "summary": "Ann says hi.",
            "first": GOOD | {"facts": k},
        }
        for k in (1, 2)
    ]
    known = {"PROMPT": PROMPT, "QUESTIONS": QUESTIONS, "ask": ask}
    known |= {"read_rating": read_rating, "CourseError": CourseError}
    exec(live_cell(), known | {"weighted_kappa": weighted_kappa, "judged": rows})
    said = capsys.readouterr().out
    wanted = {"good": "2 of 10", "chatty": "0 of 10", "": "the stored judgements stand"}
    assert wanted[model] in said
    assert ("kappa" in said) == (model == "good")


@pytest.fixture(scope="module")
def stored():
    return stored_judgements()


@pytest.fixture(scope="module")
def chats():
    return {row["id"]: row for row in development_chats()}


def made_from(source, text, chat):
    """Say whether a text is what its source makes of its chat."""
    if source == "lead":
        return text == lead(chat["dialogue"])
    if source == "reference":
        return text in chat["references"]
    made = [DAMAGE[source](each, chat["dialogue"]) for each in chat["references"]]
    return text in made and text not in chat["references"]


def test_each_stored_summary_is_what_its_source_makes(stored, chats):
    for row in stored["summaries"]:
        if row["source"] != "model":
            assert made_from(row["source"], row["summary"], chats[row["chat"]]), row


def test_each_stored_pair_is_what_its_kind_says(stored, chats):
    for pair in stored["pairs"]:
        chat, one, two = chats[pair["chat"]], pair["one"], pair["two"]
        assert one in chat["references"]
        if pair["kind"] == "length":
            assert two in chat["references"]
            assert len(two.split()) >= 1.25 * len(one.split())
        elif pair["kind"] == "padding":
            assert two.startswith(f"{one} ")
        else:
            assert made_from(pair["kind"], two, chat)
        assert {pair["first"]["shown"], pair["second"]["shown"]} == {"one", "two"}


def test_the_stored_judgements_are_those_of_the_card(stored):
    card = Path(__file__).parents[2] / "docs" / "cards" / "judgements.md"
    text = card.read_text(encoding="utf-8")
    counts = Counter(row["source"] for row in stored["summaries"])
    assert f"| a reference as it is | {counts['reference']} |" in text
    assert f"(`lead`) | {counts['lead']} |" in text
    assert f"(`model`) | {counts['model']} |" in text
    damaged = {kind: counts[kind] for kind in DAMAGE if counts[kind]}
    assert all(f"{kind} {number}" in text for kind, number in damaged.items())
    assert f"| {sum(damaged.values())} |" in text
    assert Counter(pair["kind"] for pair in stored["pairs"]) == {
        "swap": 3, "deny": 3, "number": 3, "day": 3, "length": 12, "padding": 6
    }  # fmt: skip
    used = [row["chat"] for rows in stored.values() for row in rows]
    assert len(set(used)) == len(used) == 80
    assert min(used) > "dev-150"
    for row in stored["summaries"]:
        for when in ("first", "second"):
            assert read_rating(json.dumps(row[when])) == row[when]
