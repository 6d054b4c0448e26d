"""The gradebook: what it keeps, two who write at once, and one who dies."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import insert

from course_utils.grading import gradebook as books
from course_utils.grading.discover import Entry
from course_utils.grading.given_points import Override
from course_utils.grading.gradebook import Gradebook
from course_utils.grading.layouts import Sender
from course_utils.machine.errors import CourseError

RESULT = {
    "exercise": "ex05",
    "questions": [
        {"id": "ex05_2", "title": "b", "points": 0, "out_of": 2, "hint": "<Look.>"},
        {"id": "ex05_10", "title": "c", "points": 1, "out_of": 1, "hint": ""},
    ],
    "written": [{"id": "ex05_5", "text": "So it is. ✓"}],
    "look_at": ["it died."],
    "seconds": 1.5,
}
SENDER = Sender("Ann", "canvas 1", (("canvas", "1"),), True, 1.5, "a_1_2_x", "A")
ENTRIES = [
    Entry("می\u200cخواهم", "a/ex05.ipynb", "ex05", "key", "", SENDER, 2.5),
    Entry("bob", "bob.rar", "", "", "it is no zip."),
]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A PostgreSQL server of our own, on the loopback address; yields its port."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), None]
    programs = str(places[0]) if places[0] else None
    make, run = (shutil.which(n, path=programs) for n in ("initdb", "postgres"))
    if make is None or run is None:
        pytest.skip("needs PostgreSQL: apt install postgresql")
    # It refuses to run as root.
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    with TemporaryDirectory() as folder, socket.socket() as free:
        os.chmod(folder, 0o777)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        options = {"cwd": folder, "stdout": subprocess.DEVNULL, **user}
        data = ["-D", f"{folder}/data"]
        subprocess.run([make, *data, "-U", "me", "-A", "trust"], check=True, **options)
        command = [run, *data, "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        with open(f"{folder}/log", "w") as log:
            running = subprocess.Popen([*command, "-F"], stderr=log, **options)
        try:
            wait_for(port)
            yield port
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)


def wait_for(port: int) -> None:
    """Wait until the server answers."""
    import psycopg

    end = time.monotonic() + 60
    while True:
        try:
            place = f"host=127.0.0.1 port={port} user=me dbname=postgres"
            psycopg.connect(place).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.sqlite'}"
    psycopg = pytest.importorskip("psycopg")
    port = request.getfixturevalue("server")
    name = f"t{time.monotonic_ns()}"
    place = f"host=127.0.0.1 port={port} user=me dbname=postgres"
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://me@127.0.0.1:{port}/{name}"


@pytest.fixture
def book(url):
    with Gradebook(url) as made:
        yield made


def test_what_is_recorded_comes_back(book):
    book.record(ENTRIES, {"key": RESULT}.get, "in")
    book.record(ENTRIES, {"key": RESULT}.get, "in")
    assert book.entries() == ENTRIES
    assert [e.sender for e in book.entries()] == [SENDER, Sender("", "")]
    assert book.result("key") == {k: v for k, v in RESULT.items() if k != "seconds"}
    assert book.result("other") is None


def test_overrides_say_who_when_and_why(book):
    given = [Override("ann", "ex05_2", 1.5, "Prof. Li", "read by hand")]
    book.add_overrides(given)
    book.add_overrides(given)  # the same file, given again
    book.add_overrides([Override("ann", "ex05_2", 2)])
    assert book.overrides() == {"ann": {"ex05_2": 2}}
    first, second = book.history()
    assert (first["who"], first["why"]) == ("Prof. Li", "read by hand")
    assert (first["points"], second["points"]) == (1.5, 2)
    assert first["at"] <= second["at"]
    assert second["who"]


def test_two_graders_at_once(url):
    failures = []

    def work(number):
        try:
            with Gradebook(url) as own:
                for n in range(10):
                    own.add_overrides([Override(f"s{number}", f"ex05_{n}", n)])
                    own.record(ENTRIES, {"key": RESULT}.get, "in")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with Gradebook(url) as made:
        assert {len(its) for its in made.overrides().values()} == {10}


DIES = """
import os, signal, sys
from sqlalchemy import event
from course_utils.grading.given_points import Override
from course_utils.grading.gradebook import Gradebook
book = Gradebook(sys.argv[1])
book.add_overrides([Override("ann", "ex05_1", 1)])

@event.listens_for(book.engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith("INSERT"):
        os.kill(os.getpid(), signal.SIGKILL)

book.add_overrides([Override("ann", "ex05_2", 1)])
"""


def test_kill_9_loses_nothing_and_leaves_no_half(url):
    root = Path(books.__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ran = subprocess.run([sys.executable, "-c", DIES, url], env=environment)
    assert ran.returncode == -signal.SIGKILL
    with Gradebook(url) as made:
        assert made.overrides() == {"ann": {"ex05_1": 1}}


def test_an_older_book_is_brought_up_to_date(url, monkeypatch):
    with Gradebook(url) as old:
        old.add_overrides([Override("ann", "ex05_1", 1)])
    more = ["ALTER TABLE run ADD COLUMN note TEXT"]
    with monkeypatch.context() as patch:
        patch.setattr(books, "MIGRATIONS", [*books.MIGRATIONS, more])
        for _ in range(2):  # once is enough
            with Gradebook(url) as new:
                assert new.overrides() == {"ann": {"ex05_1": 1}}
                with new._open(write=False) as connection:
                    connection.exec_driver_sql("SELECT note FROM run")
    with pytest.raises(CourseError, match="version 3, and this course knows 2"):
        Gradebook(url)


def test_a_book_of_version_1_gets_comments(url):
    with Gradebook(url) as old, old._open() as connection:
        connection.exec_driver_sql("ALTER TABLE override DROP COLUMN comment")
        connection.execute(books.BOOK.update().values(version=1))
        connection.exec_driver_sql(
            "INSERT INTO override (student, question, points, who, at, why) "
            "VALUES ('ann', 'ex05_1', 1, 'me', '2026', 'so')"
        )
    with Gradebook(url) as new:
        assert new.history()[0]["comment"] == ""
        new.add_overrides([Override("ann", "ex05_1", 1, comment="Good.")])
        new.add_overrides([Override("ann", "ex05_1", 1)])  # says nothing new
        assert [line["comment"] for line in new.history()] == ["", "Good."]


def test_points_are_not_given_over_others_unseen(book):
    first, second = (Override("ann", "ex05_2", n, comment="x") for n in (1, 2))
    assert book.give(first, 0)
    assert book.give(first, 0)  # sent twice
    assert not book.give(second, 0)
    [line] = book.history()
    assert book.give(second, line["id"])
    assert book.overrides() == {"ann": {"ex05_2": 2}}


def test_a_step_that_fails_changes_nothing(url, monkeypatch):
    Gradebook(url).engine.dispose()
    steps = ["ALTER TABLE run ADD COLUMN note TEXT", "NO SQL"]
    with monkeypatch.context() as patch:
        patch.setattr(books, "MIGRATIONS", [*books.MIGRATIONS, steps])
        with pytest.raises(CourseError, match="syntax error"):
            Gradebook(url)
    with Gradebook(url) as made:
        made.record(ENTRIES, {"key": RESULT}.get, "in")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("grades.db", "Could not parse"),
        ("nosuch://x", "nosuch"),
        ("sqlite:////no/such/folder/x.db", "unable to open"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/x", ""),
    ],
)
def test_a_url_that_leads_nowhere_is_one_line(url, words):
    with pytest.raises(CourseError, match=words) as told:
        Gradebook(url)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_full_disk_is_one_line(tmp_path):
    book = Gradebook(f"sqlite:///{tmp_path / 'book.sqlite'}")
    with pytest.raises(CourseError, match="full"):
        with book._open() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            values = {"at": "", "who": "x" * 100_000, "folder": ""}
            connection.execute(insert(books.RUN).values(**values))
