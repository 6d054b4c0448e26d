"""The marking page: a person reads answers in words and gives points and a comment.

It is served to this machine alone, under an address that holds a secret token. Pages
run no script, and all text of a student is escaped. What is saved stands in the
gradebook before the next page is shown.
"""

import hashlib
import json
import re
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

from course_utils.grading import course_notebooks
from course_utils.grading.given_points import Override, most_points, points_in
from course_utils.grading.gradebook import Gradebook
from course_utils.grading.scores import Student
from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text
from course_utils.machine.pages import render

HOST = "127.0.0.1"
MOST_BYTES = 100_000  # of a form
MOST_COMMENT = 10_000  # characters
FORM = "application/x-www-form-urlencoded"
FRAMING = ("Content-Length", "Content-Type")
SECONDS = 30  # of one connection in all
MOST_OPEN = 100  # connections
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache, private",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
LookAt = Sequence[tuple[str, str, str]]  # student, notebook, why


@dataclass(frozen=True)
class Answer:
    """An answer in words.

    Attributes:
        student: the name.
        question: such as "ex01_5".
        most: the points that it can earn.
        text: the answer.
    """

    student: str
    question: str
    most: float
    text: str

    @cached_property
    def id(self) -> str:
        """What stands for it in an address; the same in every run."""
        name = f"{self.question} {self.student}"
        return hashlib.sha256(name.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Typed:
    """What stands in the form: the points and the comment, and what was known then."""

    points: str = ""
    comment: str = ""
    seen: int = 0


class Queue:
    """The answers that a person has to read, in order: question by question.

    Args:
        students: with their marks.
        look_at: notebooks that a person should see, and why.
        book: where points and comments are kept.
    """

    def __init__(
        self, students: Sequence[Student], look_at: LookAt, book: Gradebook
    ) -> None:
        found = [
            Answer(student.name, mark.question, most_points(mark.question), mark.text)
            for student in students
            for mark in student.marks.values()
            if mark.points is None
        ]
        found.sort(key=lambda answer: answer.question)  # students keep their order
        self.answers = {answer.id: answer for answer in found}
        self.look_at = look_at
        self._book = book

    def given(self) -> dict[str, dict[str, Any]]:
        """Return what was given so far: lines of the gradebook by an answer's id."""
        lines = {(r["student"], r["question"]): r for r in self._book.history()}
        return {
            answer.id: lines[answer.student, answer.question]
            for answer in self.answers.values()
            if (answer.student, answer.question) in lines
        }

    def next_waiting(self, after: str) -> str:
        """Return the id of the next answer without points; "" if there is none."""
        ids, given = list(self.answers), self.given()
        place = ids.index(after) + 1
        waiting = (i for i in ids[place:] + ids[:place] if i not in given)
        return next(waiting, "")

    def save(self, answer: Answer, typed: Typed) -> bool:
        """Give points, unless others were given since the form was shown.

        Raises:
            CourseError: the points make no sense, or the gradebook refuses.
        """
        points = points_in(typed.points.strip(), answer.most)
        comment = re.sub(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f]", " ", typed.comment)
        comment = comment.strip().encode("utf-8", "replace").decode()
        if len(comment) > MOST_COMMENT:
            raise CourseError(f"the comment is over {MOST_COMMENT} characters.")
        why = "read on the marking page"
        given = Override(answer.student, answer.question, points, "", why, comment)
        return self._book.give(given, typed.seen)


def mark(queue: Queue, place: Path, ready: Callable[[str], None]) -> None:
    """Serve the marking page until the process is interrupted.

    Args:
        queue: what is to be read.
        place: a file that keeps the address, so that it is the same after a restart.
        ready: called once with the address.
    """
    with _server(queue, place) as server:
        ready(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def _server(queue: Queue, place: Path) -> "Server":
    """Return a server that listens, at the old address if that is free."""
    port, token = 0, secrets.token_urlsafe(24)
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(place.read_text(encoding="utf-8"))
        if re.fullmatch(r"[\w-]{32}", kept["token"], re.ASCII):
            port, token = int(kept["port"]), kept["token"]
    for wanted in (port, 0):
        try:
            server = Server(queue, wanted, token)
        except (OSError, OverflowError):
            if not wanted:
                raise
            continue
        write_text(place, json.dumps({"port": server.port, "token": token}))
        return server
    raise AssertionError("port 0 is always free")


class Server(ThreadingHTTPServer):
    """The page's server, on the loopback address.

    Args:
        queue: what is to be read.
        port: to listen on; 0 takes a free one.
        token: the first part of every path.
    """

    request_queue_size = 128

    def __init__(self, queue: Queue, port: int, token: str) -> None:
        self.queue, self.token = queue, token
        self._open: dict[Any, float] = {}  # connections, the oldest first: since when
        super().__init__((HOST, port), Handler)
        self.port = int(self.server_address[1])
        self.origin = f"http://{HOST}:{self.port}"
        self.url = f"{self.origin}/{token}/"

    def get_request(self) -> tuple[Any, Any]:
        """Take the next connection, and note when."""
        request, address = super().get_request()
        self._open[request] = time.monotonic()
        return request, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End connections that have had their time, and the oldest of too many."""
        for request, begun in list(self._open.items()):
            is_late = time.monotonic() - begun > SECONDS
            if not is_late and len(self._open) <= MOST_OPEN:
                break
            self._open.pop(request, None)
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where a browser has gone."""


class Refused(Exception):
    """A request that is not answered; `status` says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """One request. Nothing is logged: addresses hold the token."""

    timeout = SECONDS
    server_version, sys_version = "course", ""

    def log_message(self, format: str, *args: object) -> None:
        """Write no line."""

    @property
    def _home(self) -> Server:
        return cast(Server, self.server)

    def do_GET(self) -> None:
        """Show the queue or an answer."""
        try:
            wanted = self._wanted()
            self._queue() if not wanted else self._answer(self._known(wanted))
        except Refused as refusal:
            self._plain(refusal.status)
        except CourseError as error:
            self._plain(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    def do_POST(self) -> None:
        """Save points and a comment, and go to the next answer that waits."""
        queue = self._home.queue
        try:
            answer = self._known(self._wanted())
            if self.headers.get_all("Origin") != [self._home.origin]:
                raise Refused(HTTPStatus.FORBIDDEN)
            typed = self._form()
        except Refused as refusal:
            self._plain(refusal.status)
            return
        try:
            if queue.save(answer, typed):
                self._go(queue.next_waiting(answer.id))
                return
            status, said = HTTPStatus.CONFLICT, "Other points were saved meanwhile."
        except CourseError as error:
            status, said = HTTPStatus.UNPROCESSABLE_ENTITY, f"Not saved: {error}"
        try:
            self._answer(answer, typed, status, said)
        except CourseError as error:
            self._plain(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    def _wanted(self) -> str:
        """Return the path below the token.

        Raises:
            Refused: it comes by another name of this machine, as from a foreign page,
                or without the token.
        """
        if self.headers.get_all("Host") != [f"{HOST}:{self._home.port}"]:
            raise Refused(HTTPStatus.FORBIDDEN)
        token, slash, rest = self.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self._home.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN)
        return rest if slash else ""

    def _known(self, name: str) -> Answer:
        answer = self._home.queue.answers.get(name)
        if answer is None:
            raise Refused(HTTPStatus.NOT_FOUND)
        return answer

    def _form(self) -> Typed:
        told = [len(self.headers.get_all(name, [])) for name in FRAMING]
        if max(told) > 1 or "Transfer-Encoding" in self.headers:
            raise Refused(HTTPStatus.BAD_REQUEST)  # where it ends can be read two ways
        size = self.headers.get("Content-Length", "")
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != FORM:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if not re.fullmatch(r"[0-9]{1,9}", size) or int(size) > MOST_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(size))
        if len(body) < int(size):
            raise Refused(HTTPStatus.BAD_REQUEST)
        try:
            values = parse_qs(body.decode("ascii"), True, max_num_fields=10)
            points, comment, seen = (
                values.get(name, [""])[-1] for name in ("points", "comment", "seen")
            )
            return Typed(points, comment.replace("\r\n", "\n"), int(seen[:20] or 0))
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST) from error

    def _queue(self) -> None:
        queue = self._home.queue
        given = queue.given()
        page = render(
            "mark_queue.html",
            answers=queue.answers,
            given=given,
            first=next((i for i in queue.answers if i not in given), ""),
            look_at=queue.look_at,
        )
        self._send(HTTPStatus.OK, page)

    def _answer(
        self,
        answer: Answer,
        typed: Typed | None = None,
        status: HTTPStatus = HTTPStatus.OK,
        said: str = "",
    ) -> None:
        """Show an answer, with what was given or typed in the form."""
        queue = self._home.queue
        ids, given = list(queue.answers), queue.given()
        place, last = ids.index(answer.id), given.get(answer.id)
        asked, solved = course_notebooks.written_texts(answer.question)
        points = f"{last['points']:g}" if last else ""
        page = render(
            "mark_answer.html",
            answer=answer,
            typed=typed or Typed(points, last["comment"] if last else ""),
            last=last,
            said=said,
            asked=asked,
            solved=solved,
            place=place + 1,
            count=len(ids),
            waiting=len(ids) - len(given),
            previous=ids[place - 1] if place else "",
            following=ids[place + 1] if place + 1 < len(ids) else "",
        )
        self._send(status, page)

    def _go(self, name: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", f"/{self._home.token}/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _plain(self, status: HTTPStatus, said: str = "") -> None:
        self._send(status, said or status.phrase, "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, text: str, kind: str = "") -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in HEADERS.items():
            is_kind = name == "Content-Type" and kind
            self.send_header(name, kind if is_kind else value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
