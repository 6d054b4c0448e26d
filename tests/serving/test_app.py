"""The service: what it answers, what it refuses, and what it does under load."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import httpx
import pytest
from browser import chromium, open_page
from fastapi.testclient import TestClient
from loopback import listening

from course_utils.data.chats import tinychats
from course_utils.evaluation.generation import summarise
from course_utils.machine.errors import CourseError
from course_utils.model.gpt2 import load
from course_utils.serving import server, service
from course_utils.serving.app import create_app
from course_utils.serving.batching import Batcher
from course_utils.serving.middleware import BodyLimit
from course_utils.serving.refusals import Busy
from course_utils.serving.service import Service, ServiceLimits

DIALOGUE = "Oscar: Oh no, I burnt the chili!\nAnjali: What now?\nOscar: Pizza at 7:30."


@pytest.fixture(scope="module")
def shipped():
    return load("tiny-summariser")


@pytest.fixture(scope="module")
def client(shipped):
    with TestClient(create_app(*shipped, name="tiny", page=False)) as client:
        yield client


@pytest.fixture
def gate(monkeypatch):
    """Replace the model: it echoes, once the gate is open."""
    opened = threading.Event()

    def echo(model, tokenizer, dialogues, **options):
        assert opened.wait(20)
        return [f"<{dialogue}>" for dialogue in dialogues]

    monkeypatch.setattr(service, "summarise", echo)
    yield opened
    opened.set()


def post_all(app, dialogues):
    """Send all dialogues at once; return the responses."""

    async def send():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
            requests = [
                http.post("/summarise", json={"dialogue": d}) for d in dialogues
            ]
            return await asyncio.gather(*requests)

    return asyncio.run(send())


def test_a_dialogue_gets_the_summary_that_the_library_writes(client, shipped):
    response = client.post("/summarise", json={"dialogue": DIALOGUE + "\r\n"})
    assert response.status_code == 200
    answer = response.json()
    assert answer["summary"] == summarise(*shipped, [DIALOGUE], progress=False)[0]
    assert answer["model"] == "tiny"
    assert 0 < answer["seconds"] < 30


def as_body(dialogue):
    return json.dumps({"dialogue": dialogue}).encode()


REFUSED = {
    "empty": (as_body(""), 422, "is empty"),
    "white space": (as_body(" \n\t"), 422, "is empty"),
    "a number": (as_body(5), 422, "is no text"),
    "null": (as_body(None), 422, "is no text"),
    "a list": (as_body(["Ann: Hi!"]), 422, "is no text"),
    "no field": (b"{}", 422, "there is no dialogue"),
    "another field": (b'{"dialogue": "A: Hi", "n": 1}', 422, "besides dialogue"),
    "a bare text": (b'"Ann: Hi!"', 422, "no JSON object"),
    "no body": (b"", 422, "no JSON object"),
    "half of a body": (b'{"dialogue": "Ann', 422, "no JSON object"),
    "no UTF-8": (b'{"dialogue": "\xff\xfe"}', 400, "parsing"),
    "deep": (b"[" * 60_000, 400, "parsing"),
    "a long number": (b'{"dialogue": 1' + b"0" * 9_000 + b"}", 400, "parsing"),
    "NUL": (as_body("Ann: a\0b"), 422, "U+0000"),
    "an escape sequence": (as_body("Ann: \x1b[31m"), 422, "U+001B"),
    "half of a pair": (b'{"dialogue": "Ann: \\ud800"}', 422, "U+D800"),
    "a special token": (as_body("Ann: <|endoftext|>"), 422, "<|endoftext|>"),
    "too long": (as_body("Ann: hi hi hi\n" * 200), 422, "the model reads 196"),
    "too long, in one word": (as_body("x" * 60_000), 422, "the model reads 196"),
    "10 MB": (as_body("x" * 10_000_000), 413, "over 64,000 bytes"),
}


@pytest.mark.parametrize(("body", "status", "fragment"), REFUSED.values(), ids=REFUSED)
def test_hostile_input_is_refused_in_one_line(client, body, status, fragment):
    response = client.post(
        "/summarise", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == status
    assert response.json().keys() == {"detail"}
    line = response.json()["detail"]
    assert fragment in line
    assert "\n" not in line
    assert len(line) < 200
    # It goes on as if nothing had happened.
    assert client.get("/health").json() == {"status": "ok", "model": "tiny"}


def test_emoji_and_other_scripts_are_text(client):
    dialogue = "Zoë: 👩‍👩‍👧 ok?\nДаша: да\n李: 好\tbye"
    assert client.post("/summarise", json={"dialogue": dialogue}).status_code == 200


def test_another_type_or_method_is_refused(client):
    plain = {"Content-Type": "text/plain"}
    response = client.post("/summarise", content=as_body(DIALOGUE), headers=plain)
    assert response.status_code == 422
    assert "Content-Type: application/json" in response.json()["detail"]
    assert client.get("/summarise").status_code == 405


def test_a_head_request_is_a_look_at_the_health(client):
    response = client.head("/health")
    assert (response.status_code, response.content) == (200, b"")


def test_metrics_count_every_answer(shipped):
    with TestClient(create_app(*shipped, page=False)) as client:
        for dialogue in (DIALOGUE, "", DIALOGUE):
            client.post("/summarise", json={"dialogue": dialogue})
        metrics = client.get("/metrics").json()
    assert metrics["requests"] == 3
    assert metrics["statuses"] == {"200": 2, "422": 1}
    assert metrics["batches"] == 2
    assert metrics["mean_batch"] == 1
    assert 0 < metrics["p50_seconds"] <= metrics["p95_seconds"]


def test_batches_give_the_text_of_single_requests(shipped):
    dialogues = tinychats(20, seed=3, split="test_slots")["dialogue"]
    app = create_app(*shipped, page=False, limits=ServiceLimits(batch_size=8))
    together = [response.json()["summary"] for response in post_all(app, dialogues)]
    one_by_one = [summarise(*shipped, [d], progress=False)[0] for d in dialogues]
    assert together == one_by_one
    with TestClient(app) as client:
        assert client.get("/metrics").json()["batches"] <= 4  # 1 + 8 + 8 + 3


def test_a_batch_takes_what_waits_and_no_more():
    started, opened, sizes = threading.Event(), threading.Event(), []

    def answer(texts):
        started.set()
        opened.wait(10)
        sizes.append(len(texts))
        return [text.upper() for text in texts]

    batcher = Batcher(answer, batch_size=4, waiting=10)
    futures = [batcher.submit("a")]
    started.wait(10)
    futures += [batcher.submit(letter) for letter in "bcdefg"]
    opened.set()
    assert "".join(future.result(10) for future in futures) == "ABCDEFG"
    assert sizes == [1, 4, 2]
    batcher.close()
    assert not batcher.alive


def test_closing_answers_what_waits():
    batcher = Batcher(lambda texts: texts, waiting=50)
    futures = [batcher.submit(str(n)) for n in range(50)]
    batcher.close()
    assert [future.result(0) for future in futures] == [str(n) for n in range(50)]


def test_a_failing_batch_does_not_end_the_service():
    def answer(texts):
        if "bad" in texts:
            raise RuntimeError("out of memory")
        return texts

    batcher = Batcher(answer)
    with pytest.raises(RuntimeError, match="out of memory"):
        batcher.submit("bad").result(10)
    assert batcher.submit("good").result(10) == "good"


def test_a_full_queue_is_429_and_says_when_to_come_back(shipped, gate):
    app = create_app(
        *shipped, page=False, limits=ServiceLimits(batch_size=2, waiting=3, seconds=15)
    )
    threading.Timer(2.0, gate.set).start()
    # The worker holds one or two, three wait.
    responses = post_all(app, [f"Ann: {n}" for n in range(12)])
    statuses = [response.status_code for response in responses]
    assert set(statuses) == {200, 429}
    assert 3 <= statuses.count(200) <= 5
    for n, response in enumerate(responses):
        if response.status_code == 200:
            assert response.json()["summary"] == f"<Ann: {n}>"
        else:
            assert int(response.headers["Retry-After"]) >= 1
            assert "waiting already: try again in" in response.json()["detail"]


def test_the_queue_is_bounded(gate, shipped):
    batcher = Service(shipped, limits=ServiceLimits(waiting=5)).batcher
    with pytest.raises(Busy):
        for _ in range(20):
            batcher.submit("Ann: Hi!")
    assert batcher.waiting == 5


def test_a_late_answer_is_504_and_its_dialogue_leaves_the_queue(shipped, gate):
    app = create_app(
        *shipped, page=False, limits=ServiceLimits(batch_size=1, seconds=1)
    )
    responses = post_all(app, ["Ann: 1", "Ann: 2", "Ann: 3"])
    assert [response.status_code for response in responses] == [504] * 3
    assert "no summary within 1 s" in responses[0].json()["detail"]
    gate.set()
    assert post_all(app, ["Ann: 4"])[0].json()["summary"] == "<Ann: 4>"
    with TestClient(app) as client:
        # The first was being answered; the two behind it were given up and skipped.
        assert client.get("/metrics").json()["batches"] == 2


def test_health_tells_when_nothing_will_be_answered(shipped):
    app = create_app(*shipped, page=False)
    with TestClient(app):
        pass  # leaving stops the worker
    response = TestClient(app).get("/health")
    assert response.status_code == 503
    assert response.json()["status"] == "the worker has stopped"


def test_stopping_answers_what_was_asked(shipped, gate):
    app = create_app(*shipped, page=False, limits=ServiceLimits(batch_size=1))
    with listening(app) as (port, server):
        url = f"http://127.0.0.1:{port}"
        with ThreadPoolExecutor(12) as pool:
            futures = [
                pool.submit(
                    httpx.post, f"{url}/summarise", json={"dialogue": f"A: {n}"}
                )
                for n in range(12)
            ]
            for _ in range(1000):
                if httpx.get(f"{url}/metrics").json()["waiting"] == 11:
                    break
            threading.Timer(0.3, gate.set).start()
            server.should_exit = True
    texts = [future.result().json()["summary"] for future in futures]
    assert texts == [f"<A: {n}>" for n in range(12)]


def test_a_large_body_without_a_length_is_refused_too(shipped, gate):
    def chunks():
        for _ in range(100):
            yield b"x" * 100_000

    with listening(create_app(*shipped, page=False)) as (port, _):
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/summarise", chunks(), encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 413
        assert "over 64,000 bytes" in json.load(response)["detail"]


def test_a_body_that_never_ends_is_408():
    sent = []

    async def receive():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message):
        sent.append(message)

    async def app(scope, receive, send):
        raise AssertionError("not to be called")

    scope = {"type": "http", "method": "POST", "path": "/summarise"}
    asyncio.run(BodyLimit(app, limit=1000, seconds=0.3)(scope, receive, send))
    assert sent[0]["status"] == 408
    assert b"no whole body within 0.3 s" in sent[1]["body"]


def test_the_page_has_both_summaries_and_stays_at_home(shipped, monkeypatch):
    beyond = []
    connect = socket.socket.connect

    def watched(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            beyond.append(address)
            raise OSError("no network")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    app = create_app(*shipped, name="new", before=shipped, before_name="old")
    with TestClient(app) as client:
        start = client.get("/")
        assert start.status_code == 200
        assert start.url.path == "/demo/"
        # Nothing that a browser would load comes from another site.
        loaded = re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', start.text)
        assert loaded
        home = str(client.base_url)
        assert not [url for url in loaded if "//" in url.removeprefix(home)]
        config = client.get("/demo/config").json()
        labels = {part["props"].get("label") for part in config["components"]}
        assert {"Dialogue", "Before: old", "After: new", "Examples"} <= labels
        upload = {"files": ("a.txt", b"x" * 1000)}
        response = client.post("/demo/gradio_api/upload", files=upload)
        assert response.status_code == 413
    assert not beyond


def course(*arguments, **environment):
    command = [
        sys.executable,
        "-m",
        "course_utils",
        "serve",
        *map(str, arguments),
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def test_the_command_serves_and_stops_in_good_order(shipped):
    process = course("--no-page", "--port", 0, "--json")
    ready = json.loads(process.stdout.readline())
    assert ready["model"] == "tiny-summariser"
    assert ready["page"] is None
    response = httpx.post(f"{ready['url']}/summarise", json={"dialogue": DIALOGUE})
    expected = summarise(*shipped, [DIALOGUE], progress=False)[0]
    assert response.json()["summary"] == expected
    process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert (rest, errors) == ("", "")


def test_a_port_in_use_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = course("--port", port)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in errors


def test_an_unknown_model_is_one_line():
    with pytest.raises(CourseError, match="no model 'none'"):
        server.serve("none", port=0, page=False)


def test_a_missing_package_is_one_line(monkeypatch):
    monkeypatch.setattr(
        server, "find_spec", lambda name: None if name == "gradio" else 1
    )
    with pytest.raises(CourseError) as caught:
        server.serve("tiny-summariser")
    assert 'serving needs gradio: pip install "train-gpt-course[serve]".' in str(
        caught.value
    )


def test_the_command_line_starts_without_the_heavy_parts():
    heavy = {"fastapi", "gradio", "torch", "transformers", "uvicorn"}
    script = (
        f"import sys, course_utils.commands.cli; print({heavy} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()"


BUTTON = """(start => [...document.querySelectorAll('button')]
    .find(button => button.innerText.trim().startsWith(start)))"""
TEXT = "(n => document.querySelectorAll('textarea')[n].value)"


def click(page, start):
    """Click the button whose text begins so, once it is there."""
    page.wait_for(f"!!{BUTTON}('{start}')")
    page.run(f"{BUTTON}('{start}').click()")


EMPTY_THE_DIALOGUE = """(() => {
    const box = document.querySelectorAll('textarea')[0];
    box.value = '';
    box.dispatchEvent(new Event('input', {bubbles: true}));
})()"""


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt install chromium")
def test_the_page_in_a_browser(tmp_path):
    """Choose an example, summarise it, see both texts; then a refusal."""
    process = course("--port", 0, "--json")
    try:
        ready = json.loads(process.stdout.readline())
        with open_page(ready["page"]) as page:
            page.wait_for("document.querySelectorAll('textarea').length == 3")
            click(page, "Oscar")
            page.wait_for(f"{TEXT}(0).includes('Oscar:')")
            click(page, "Summarise")
            page.wait_for(f"{TEXT}(2).length > 0")
            assert page.run(f"{TEXT}(1)") not in ("", page.run(f"{TEXT}(2)"))
            page.picture(tmp_path / "demo.png")
            page.run(EMPTY_THE_DIALOGUE)
            click(page, "Summarise")
            page.wait_for("document.body.innerText.includes('the dialogue is empty')")
            assert page.requests
            elsewhere = [u for u in page.requests if not u.startswith(ready["url"])]
            assert not [u for u in elsewhere if not u.startswith(("data:", "blob:"))]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    print(f"picture: {tmp_path / 'demo.png'}")
