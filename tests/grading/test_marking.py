"""The marking page: what is saved, what is refused, and how it looks."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser import chromium, open_page
from bs4 import BeautifulSoup

from course_utils.grading import marking
from course_utils.grading.gradebook import Gradebook
from course_utils.grading.marking import FORM, MOST_BYTES, Queue, Typed
from course_utils.grading.scores import Mark, Student

HOSTILE = (
    "</pre><script>document.title = 'run'</script><img src=x onerror=alert(1)>"
    '<form action="http://evil.test"><input name=points value=3 autofocus></form>'
    "<style>body{display:none}</style><meta http-equiv=refresh content=0;//evil.test>"
    "{{ 7 * 7 }}\u202edne"
)
NAMES = ["ann", "<b>bob</b>", "cy 'O\"", "می\u200cخواهم"]
LOOK_AT = [("bob", "bob/1.ipynb", "it uses <exec>.")]


def students(texts=("So it is.", HOSTILE, "", "x " * 5000)):
    found = []
    for name, text in zip(NAMES, texts, strict=True):
        marks = {
            "ex01_1": Mark("ex01_1", "", 2, 2),
            "ex01_5": Mark("ex01_5", "in words", None, 3, text=text),
        }
        found.append(Student(name, marks=marks))
    return found


@pytest.fixture
def book(tmp_path):
    with Gradebook(f"sqlite:///{tmp_path / 'book.sqlite'}") as made:
        yield made


@pytest.fixture
def page(book, tmp_path):
    """A marking page that is served; yields its server."""
    server = marking._server(Queue(students(), LOOK_AT, book), tmp_path / "kept.json")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(page, path="", form=None, method="", **headers):
    """Send a request as the page itself would; return the answer and its text."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
    place = path if path.startswith("/") else f"/{page.token}/{path}"
    its = {"Host": f"127.0.0.1:{page.port}"}
    body = None
    if form is not None:
        its |= {"Origin": page.origin, "Content-Type": FORM}
        body = form if isinstance(form, bytes) else urlencode(form)
    its |= {name.replace("_", "-"): value for name, value in headers.items()}
    its = {name: value for name, value in its.items() if value is not None}
    connection.request(method or ("GET" if form is None else "POST"), place, body, its)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def ids(page):
    return list(page.queue.answers)


def test_the_queue_and_an_answer(page):
    answer, text = ask(page)
    assert answer.status == 200
    assert "4 of 4 answers wait" in re.sub(r"\s+", " ", text)
    for name in ids(page):
        answer, text = ask(page, name)
        assert answer.status == 200
        assert "script" not in answer.getheader("Content-Security-Policy")
        assert "default-src 'none'" in answer.getheader("Content-Security-Policy")
    assert "What was asked" in text
    assert "MIT allows any use" in text


def test_hostile_text_stays_text(page):
    for path in ("", ids(page)[1]):
        soup = BeautifulSoup(ask(page, path)[1], "html.parser")
        assert not soup("script")
        assert not soup("img")
        assert not soup("b")
        assert len(soup("form")) == (path != "")
        assert len(soup("meta")) == 3
        assert len(soup("style")) == 1
    assert soup.find("pre").get_text().strip() == HOSTILE.strip()


def test_points_and_comment_are_saved_and_the_next_is_shown(page, book):
    first, second, *others = ids(page)
    form = {"points": "2.5", "comment": "Good.\r\n<b>But</b> why?", "seen": "0"}
    answer, _ = ask(page, first, form)
    assert answer.status == 303
    assert answer.getheader("Location") == f"/{page.token}/{second}"
    [line] = book.history()
    assert (line["student"], line["question"]) == ("ann", "ex01_5")
    assert (line["points"], line["comment"]) == (2.5, "Good.\n<b>But</b> why?")
    assert line["who"]
    for name in others:
        ask(page, name, {"points": "0", "seen": "0"})
    answer, _ = ask(page, second, {"points": "3", "seen": "0"})
    assert answer.getheader("Location") == f"/{page.token}/"  # nothing waits
    assert "All 4 answers have points" in ask(page)[1]


def test_two_tabs_lose_nothing(page, book):
    first = ids(page)[0]
    shown = {"points": "2", "comment": "one", "seen": "0"}
    assert ask(page, first, shown)[0].status == 303
    assert ask(page, first, shown)[0].status == 303  # the same, sent twice
    answer, text = ask(page, first, {**shown, "points": "1", "comment": "two"})
    assert answer.status == 409
    form = BeautifulSoup(text, "html.parser").form
    assert form.find("input", {"name": "points"})["value"] == "1"
    assert form.textarea.get_text().strip() == "two"
    assert "2 points by" in form.get_text()
    assert [line["points"] for line in book.history()] == [2]
    seen = form.find("input", {"name": "seen"})["value"]
    again = {"points": "1", "comment": "", "seen": seen}
    assert ask(page, first, again)[0].status == 303
    assert [line["points"] for line in book.history()] == [2, 1]
    assert book.history()[-1]["comment"] == ""


def test_many_tabs_at_once(page, book):
    """Of those who saw the same state, one saves, and the others are told."""
    first, statuses = ids(page)[0], []

    def send(number):
        form = {"points": "1", "comment": str(number), "seen": "0"}
        statuses.append(ask(page, first, form)[0].status)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303] + [409] * 7
    assert len(book.history()) == 1


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"points": "4"}, 422),
        ({"points": "-1"}, 422),
        ({"points": "nan"}, 422),
        ({"points": "1e0"}, 422),
        ({"points": "٣"}, 422),
        ({"points": ""}, 422),
        ({"points": "1", "comment": "x" * 10_001}, 422),
        ({"points": "1", "seen": "one"}, 400),
        ({"points": "1", "seen": "-" + "9" * 90}, 409),
        ({str(n): "1" for n in range(20)}, 400),
        (b"\xff\xfe", 400),
        (b"x" * (MOST_BYTES + 1), 413),
    ],
)
def test_what_makes_no_sense_is_not_saved(page, book, form, status):
    answer, text = ask(page, ids(page)[0], form)
    assert answer.status == status
    assert book.history() == []
    if status == 422:
        assert "Not saved" in text
        comment = form.get("comment", "") if isinstance(form, dict) else ""
        assert comment in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Host": "evil.test"}, 403),
        ({"Host": "localhost"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content_Length": "-1"}, 413),
        ({"Content_Length": "9" * 30}, 413),
        ({"Transfer_Encoding": "chunked"}, 400),
        ({"Transfer_Encoding": "identity"}, 400),
    ],
)
def test_no_foreign_page_can_post(page, book, headers, status):
    answer, _ = ask(page, ids(page)[0], {"points": "3", "seen": "0"}, **headers)
    assert answer.status == status
    assert book.history() == []


@pytest.mark.parametrize(
    "path", ["/", "//", "/x/", "/%2e%2e/", "/%C3%A9/", "/../etc/passwd", "/favicon.ico"]
)
def test_without_the_token_nothing_is_told(page, path):
    for answer, text in (ask(page, path), ask(page, f"{path}?{page.token}")):
        assert (answer.status, text) == (403, "Forbidden")
    assert ask(page, Host="evil.test")[0].status == 403
    assert ask(page, "0123456789abcdef")[0].status == 404
    assert ask(page, "../../../etc/passwd")[0].status == 404
    assert ask(page, ids(page)[0], method="PUT")[0].status == 501


def test_the_address_is_of_this_machine_alone(page):
    assert page.server_address[0] == "127.0.0.1"
    assert len(page.token) == 32


def test_a_connection_that_says_nothing_or_nonsense_stops_nobody(page):
    with socket.create_connection(("127.0.0.1", page.port)):
        assert ask(page)[0].status == 200
    for said in (b"\xff" * 100 + b"\r\n\r\n", b"GET /\xe9/ HTTP/1.1\r\n\r\n", b"\r\n"):
        with socket.create_connection(("127.0.0.1", page.port), timeout=20) as other:
            other.sendall(said)
            assert page.token.encode() not in other.recv(10_000)
    assert ask(page)[0].status == 200


@pytest.mark.parametrize("line", ["Host: evil.test", "Origin: http://evil.test"])
def test_a_header_twice_is_refused(page, book, line):
    its = [f"Host: 127.0.0.1:{page.port}", f"Origin: {page.origin}"]
    its += [f"Content-Type: {FORM}", "Content-Length: 15"]
    pairs = [(line, 403), ("Content-Length: 5", 400), ("Content-Type: text/plain", 400)]
    for more, status in pairs:
        for lines in ([more, *its], [*its, more]):
            head = [f"POST /{page.token}/{ids(page)[0]} HTTP/1.1", *lines, "", ""]
            with socket.create_connection(("127.0.0.1", page.port), 20) as other:
                other.sendall("\r\n".join(head).encode() + b"points=1&seen=0")
                assert int(other.recv(10_000).split()[1]) == status, more
    assert book.history() == []


def test_slow_and_many_connections_stop_nobody(page, monkeypatch):
    """Clients that send a letter at a time, and hundreds that only stay."""
    monkeypatch.setattr(marking, "MOST_OPEN", 20)
    monkeypatch.setattr(marking, "SECONDS", 0.5)
    with ExitStack() as stack:
        slow = socket.create_connection(("127.0.0.1", page.port), 20)
        stack.enter_context(slow)
        slow.sendall(b"GET /")
        for _ in range(300):
            idle = socket.create_connection(("127.0.0.1", page.port), 20)
            stack.enter_context(idle)
        assert ask(page)[0].status == 200
        assert len(page._open) <= 21
        assert slow.recv(10) == b""  # as one of too many, or since its time is over
    with socket.create_connection(("127.0.0.1", page.port), 20) as slow:
        begun = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - begun < 15:
                slow.sendall(b"a")
                time.sleep(0.1)
        assert time.monotonic() - begun < 15


def test_a_gradebook_that_refuses_keeps_what_was_typed(page, book, monkeypatch):
    from course_utils.machine.errors import CourseError

    def refuse(*arguments):
        raise CourseError("the gradebook is full.")

    monkeypatch.setattr(book, "give", refuse)
    form = {"points": "1", "comment": "long thoughts", "seen": "0"}
    answer, text = ask(page, ids(page)[0], form)
    assert answer.status == 422
    assert "the gradebook is full." in text
    assert "long thoughts" in text


def test_the_address_stays_after_a_restart(book, tmp_path):
    queue, place = Queue(students(), [], book), tmp_path / "kept.json"
    urls = []
    for _ in range(2):
        with marking._server(queue, place) as server:
            urls.append(server.url)
    assert urls[0] == urls[1]
    with marking._server(queue, place) as one, marking._server(queue, place) as two:
        assert one.token == two.token  # the port is taken
        assert one.port != two.port
    for broken in ("", "[]", '{"port": 1, "token": "x"}', '{"port": "x"}'):
        place.write_text(broken)
        with marking._server(queue, place) as server:
            assert server.url not in urls


def test_control_characters_and_other_scripts(page, book):
    comment = "Sehr gut\x00\x1b[31m\tмолодец\u2028😀"
    ask(page, ids(page)[3], {"points": "3", "comment": comment, "seen": "0"})
    [line] = book.history()
    assert line["student"] == NAMES[3]
    assert line["comment"] == "Sehr gut  [31m молодец 😀"
    assert page.queue.save(page.queue.answers[ids(page)[0]], Typed("1", "\ud800"))


SERVE = """
import signal
import sys
from pathlib import Path
# A shell's background jobs are started deaf to it.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = sys.argv[1:3]
import test_marking as tests
from course_utils.grading.gradebook import Gradebook
from course_utils.grading.marking import Queue, mark
folder = Path(sys.argv[3])
with Gradebook(f"sqlite:///{folder / 'book.sqlite'}") as book:
    queue = Queue(tests.students(), tests.LOOK_AT, book)
    mark(queue, folder / "kept.json", lambda url: print(url, flush=True))
print("ended")
"""


@contextmanager
def serving(folder):
    """Start a page in a process of its own; yield it and its address."""
    here = Path(__file__).parent
    running = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(here), str(here.parent), folder],
        env={**os.environ, "PYTHONPATH": str(here.parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield running, running.stdout.readline().strip()
    finally:
        running.kill()
        running.communicate()


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt install chromium")
def test_in_a_browser_with_the_keyboard_alone(tmp_path):
    """Points and a comment are typed, the server is killed, and nothing is lost."""
    with ExitStack() as stack:
        running, url = stack.enter_context(serving(tmp_path))
        page = stack.enter_context(open_page(url, 1200))

        def press(key, text="", code=0):
            for kind in ("keyDown", "keyUp"):
                its = {"key": key, "windowsVirtualKeyCode": code, "code": key}
                more = {"text": text} if text and kind == "keyDown" else {}
                page.call("Input.dispatchKeyEvent", type=kind, **its, **more)

        page.wait_for("document.activeElement?.tagName == 'A'")
        press("Enter", "\r", 13)
        page.wait_for("document.activeElement?.name == 'points'")
        press("2", "2")
        press("Enter", "\r", 13)
        page.wait_for("document.querySelector('h1')?.innerText.includes('<b>bob</b>')")
        assert page.run("document.title") != "run"
        for width in (1200, 400):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1}
            page.call("Emulation.setDeviceMetricsOverride", **size, mobile=False)
            page.wait_for(f"innerWidth == {width}")
            page.picture(tmp_path / f"answer-{width}.png")
            assert page.run("document.documentElement.scrollWidth") <= width
        running.send_signal(signal.SIGKILL)
        running.wait()
        page.wait_for("document.activeElement?.name == 'points'")
        press("1", "1")
        press("Tab", code=9)
        press("H", "H")
        press("i", "i")
        press("Tab", code=9)
        press("Enter", "\r", 13)
        page.wait_for("location.protocol == 'chrome-error:'")
        running, again = stack.enter_context(serving(tmp_path))
        assert again == url
        page.call("Page.reload")  # sends the form again
        page.wait_for("document.querySelector('h1')?.innerText.includes('cy')")
        page.call("Page.navigate", url=url)
        page.wait_for("document.body?.innerText.includes('2 of 4 answers wait')")
        page.picture(tmp_path / "queue.png")
        assert not [r for r in page.requests if "evil.test" in r]
        running.send_signal(signal.SIGINT)
        assert running.stdout.readline().strip() == "ended"
    with Gradebook(f"sqlite:///{tmp_path / 'book.sqlite'}") as book:
        assert [(r["points"], r["comment"]) for r in book.history()] == [
            (2, ""),
            (1, "Hi"),
        ]
    assert json.loads((tmp_path / "kept.json").read_text())["token"] in url
    print(f"pictures: {tmp_path}")
