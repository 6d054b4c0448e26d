"""The service under load, over loopback: nothing is lost, and little waits."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from loopback import listening

from course_utils.data.chats import tinychats
from course_utils.evaluation.generation import summarise
from course_utils.model.gpt2 import load
from course_utils.serving.app import create_app
from course_utils.serving.service import ServiceLimits


@pytest.fixture(scope="module")
def shipped():
    return load("tiny-summariser")


def post_at_once(port, dialogues):
    """Send all from as many threads; return [(response, seconds)] and the metrics."""
    with (
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=60,
            limits=httpx.Limits(max_connections=len(dialogues)),
        ) as http,
        ThreadPoolExecutor(len(dialogues)) as pool,
    ):

        def post(dialogue):
            start = time.perf_counter()
            response = http.post("/summarise", json={"dialogue": dialogue})
            return response, time.perf_counter() - start

        answers = list(pool.map(post, dialogues))
        return answers, http.get("/metrics").json()


def figures(answers, metrics):
    """Return a line on the answers: how many of which status, how fast."""
    seconds = sorted(s for response, s in answers if response.status_code == 200)
    middle, late = (seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.95))
    return (
        f"{len(answers)} at once: {metrics['statuses']}, "
        f"{len(seconds) / seconds[-1]:.1f} summaries/s, half within {middle:.2f} s, "
        f"95 % within {late:.2f} s, batches of {metrics['mean_batch']} on average"
    )


def test_fifty_at_once_and_none_is_lost(shipped):
    dialogues = tinychats(50, seed=5, split="test_slots")["dialogue"]
    expected = summarise(*shipped, dialogues, progress=False)
    with listening(create_app(*shipped, page=False)) as (port, _):
        answers, metrics = post_at_once(port, dialogues)
    assert [response.status_code for response, _ in answers] == [200] * 50
    assert [response.json()["summary"] for response, _ in answers] == expected
    assert metrics["statuses"] == {"200": 50}
    assert metrics["waiting"] == 0
    assert metrics["mean_batch"] > 2
    print(figures(answers, metrics))


def test_more_than_may_wait_are_refused_at_once_and_the_others_answered(shipped):
    dialogues = tinychats(100, seed=6, split="test_slots")["dialogue"]
    limits = ServiceLimits(batch_size=8, waiting=16)
    with listening(create_app(*shipped, page=False, limits=limits)) as (port, _):
        answers, metrics = post_at_once(port, dialogues)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            # A refused client that comes back later is answered.
            again = http.post("/summarise", json={"dialogue": dialogues[0]}, timeout=60)
    kinds = {response.status_code for response, _ in answers}
    assert kinds == {200, 429}
    assert sum(metrics["statuses"].values()) == 100
    refused = [response for response, _ in answers if response.status_code == 429]
    assert len(refused) <= 100 - limits.waiting
    for response in refused:
        assert "dialogues are waiting already: try" in response.json()["detail"]
        assert int(response.headers["Retry-After"]) >= 1
    answered = [
        (dialogue, response.json()["summary"])
        for dialogue, (response, _) in zip(dialogues, answers, strict=True)
        if response.status_code == 200
    ]
    texts = summarise(*shipped, [d for d, _ in answered], progress=False)
    assert [summary for _, summary in answered] == texts
    assert again.status_code == 200
    print(figures(answers, metrics))
