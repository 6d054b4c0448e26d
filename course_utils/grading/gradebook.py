"""The gradebook: a database of attempts, points and what persons have changed.

SQLite by default, or any database that SQLAlchemy knows by its URL. Everything of one
run is written in one transaction, so that a run that is killed leaves the book as it
was, and several graders may write at once.
"""

import getpass
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from course_utils.grading.discover import Entry
from course_utils.grading.given_points import Override
from course_utils.grading.layouts import Sender
from course_utils.grading.scores import Points, Result, Results
from course_utils.machine.errors import CourseError

TABLES = MetaData()
BOOK = Table("book", TABLES, Column("version", Integer, primary_key=True))
RUN = Table(
    "run",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("who", Text, nullable=False),
    Column("folder", Text, nullable=False),
)
# What is graded, under a hash of its cells and of the checks.
RESULT = Table(
    "result",
    TABLES,
    Column("key", String(80), primary_key=True),
    Column("exercise", String(8), nullable=False),
    Column("look_at", Text, nullable=False),
    Column("seconds", Float, nullable=False),
)
POINT = Table(
    "point",
    TABLES,
    Column("key", ForeignKey("result.key"), primary_key=True),
    Column("question", String(12), primary_key=True),
    Column("title", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("out_of", Float, nullable=False),
    Column("hint", Text, nullable=False),
)
WRITTEN = Table(
    "written",
    TABLES,
    Column("key", ForeignKey("result.key"), primary_key=True),
    Column("question", String(12), primary_key=True),
    Column("text", Text, nullable=False),
)
# What a student handed in, as a run found it; `problem` says why it has no result.
ATTEMPT = Table(
    "attempt",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("run", ForeignKey("run.id"), nullable=False, index=True),
    Column("student", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("exercise", String(8), nullable=False),
    Column("key", String(80), nullable=False),
    Column("problem", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("time", Float),
)
# A person's points. A line is never changed: the last one for a question counts.
OVERRIDE = Table(
    "override",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("student", Text, nullable=False),
    Column("question", String(12), nullable=False),
    Column("points", Float, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("why", Text, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
)
# What a transaction begins with, by the database and by whether it writes.
BEGIN = {
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("sqlite", False): "BEGIN",
    ("postgresql", True): "SELECT pg_advisory_xact_lock(8357146)",
}
# The statements that bring a book of version i to version i + 1.
MIGRATIONS: list[list[str]] = [
    ["ALTER TABLE override ADD COLUMN comment TEXT NOT NULL DEFAULT ''"],
]


class Gradebook:
    """A gradebook.

    Args:
        url: such as "sqlite:///grades/gradebook.sqlite" or
            "postgresql+psycopg://me@host/grades".

    Raises:
        CourseError: it cannot be opened, or is of a newer version of the course.
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = create_engine(url)
            self.url = self.engine.url.render_as_string(hide_password=True)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            # Not the URL itself: it may hold a password.
            raise CourseError(
                f"--gradebook: {_line(error)}. Write it as sqlite:///grades.sqlite or "
                "postgresql+psycopg://me@host/grades."
            ) from error
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _set_up_sqlite)
        self.run = 0
        with self._open() as connection:
            _migrate(connection)

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *failure: object) -> None:
        self.engine.dispose()

    def record(self, entries: list[Entry], results: Results, folder: str) -> None:
        """Write down what a run has found and graded."""
        keys = {entry.key for entry in entries if entry.key}
        with self._open() as connection:
            new = insert(RUN).values(at=_now(), who=_user(), folder=folder)
            run = connection.execute(new.returning(RUN.c.id)).scalar_one()
            for key in sorted(keys):
                result = results(key)
                if result is not None:
                    _write_result(connection, key, result)
            rows = [_row(entry, run) for entry in entries]
            if rows:
                connection.execute(insert(ATTEMPT), rows)
        self.run = run

    def entries(self) -> list[Entry]:
        """Return what the last `record` has written, in its order."""
        wanted = select(ATTEMPT).where(ATTEMPT.c.run == self.run).order_by(ATTEMPT.c.id)
        with self._open(write=False) as connection:
            return [_entry(row) for row in connection.execute(wanted)]

    def result(self, key: str) -> Result | None:
        """Return a graded result, or None."""
        with self._open(write=False) as connection:
            found = connection.execute(
                select(RESULT).where(RESULT.c.key == key)
            ).one_or_none()
            if found is None:
                return None
            rows = connection.execute(select(POINT).where(POINT.c.key == key))
            texts = connection.execute(select(WRITTEN).where(WRITTEN.c.key == key))
            questions = [
                {
                    "id": row.question,
                    "title": row.title,
                    "points": row.points,
                    "out_of": row.out_of,
                    "hint": row.hint,
                }
                for row in rows
            ]
            written = [{"id": row.question, "text": row.text} for row in texts]
        return {
            "exercise": found.exercise,
            "questions": sorted(questions, key=_number_of),
            "written": sorted(written, key=_number_of),
            "look_at": json.loads(found.look_at),
        }

    def add_overrides(self, overrides: Iterable[Override]) -> None:
        """Write down a person's points, beside those that were given before."""
        rows = [_given(item) for item in overrides]
        if rows:
            with self._open() as connection:
                known = {_place(row): row for row in _history(connection)}
                new = [row for row in rows if _is_new(row, known.get(_place(row)))]
                if new:
                    connection.execute(insert(OVERRIDE), new)

    def give(self, override: Override, seen: int) -> bool:
        """Write down a person's points, unless others have come since they looked.

        Args:
            override: what is given.
            seen: the id of the last override that the person knows; 0 for none.

        Returns:
            Whether it stands in the book now.
        """
        new = _given(override)
        with self._open() as connection:
            same = (OVERRIDE.c.student, OVERRIDE.c.question)
            its = select(OVERRIDE).where(tuple_(*same) == _place(new))
            found = connection.execute(its.order_by(OVERRIDE.c.id.desc()).limit(1))
            last = found.mappings().one_or_none()
            if last and all(last[k] == new[k] for k in ("points", "comment")):
                return True  # such as the same form, sent twice
            if seen != (last["id"] if last else 0):
                return False
            connection.execute(insert(OVERRIDE), [new])
        return True

    def overrides(self) -> Points:
        """Return the points that count, by student and question."""
        with self._open(write=False) as connection:
            return _overrides(connection)

    def history(self) -> list[dict[str, Any]]:
        """Return every override in order: all its columns by their names."""
        with self._open(write=False) as connection:
            return _history(connection)

    @contextmanager
    def _open(self, write: bool = True) -> Iterator[Connection]:
        """Yield a connection in a transaction: all of it is written, or nothing.

        Raises:
            CourseError: the database refuses; the line is its own.
        """
        try:
            with self.engine.begin() as connection:
                # Who writes waits here: two graders that read first and then both write
                # would end each other.
                begin = BEGIN.get((connection.dialect.name, write))
                if begin:
                    connection.exec_driver_sql(begin)
                yield connection
        except SQLAlchemyError as error:
            self.engine.dispose()
            raise CourseError(
                f"the gradebook {self.url}: {_line(error)}. Mend it, or give another "
                "one with --gradebook."
            ) from error


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # a transaction begins where `_open` says so
    for pragma in ("journal_mode=WAL", "busy_timeout=60000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(connection: Connection) -> None:
    """Make the tables, or bring those of an older version up to date."""
    newest = len(MIGRATIONS) + 1
    if not inspect(connection).has_table(BOOK.name):
        TABLES.create_all(connection)
        if connection.execute(select(func.count()).select_from(BOOK)).scalar() == 0:
            connection.execute(insert(BOOK).values(version=newest))
        return
    version = connection.execute(select(BOOK.c.version)).scalar_one()
    if version > newest:
        raise CourseError(
            f"the gradebook {connection.engine.url} is of version {version}, and this "
            f"course knows {newest}: update the course."
        )
    for statements in MIGRATIONS[version - 1 :]:
        for statement in statements:
            connection.execute(text(statement))
    if version < newest:
        connection.execute(update(BOOK).values(version=newest))


def _write_result(connection: Connection, key: str, result: Result) -> None:
    """Write a result, in the place of an earlier one of the same notebook."""
    for table in (POINT, WRITTEN, RESULT):
        connection.execute(table.delete().where(table.c.key == key))
    connection.execute(
        insert(RESULT).values(
            key=key,
            exercise=result["exercise"],
            look_at=json.dumps(result["look_at"]),
            seconds=result.get("seconds", 0.0),
        )
    )
    points = [
        {
            "key": key,
            "question": row["id"],
            **{name: row[name] for name in ("title", "points", "out_of", "hint")},
        }
        for row in result["questions"]
    ]
    texts = [
        {"key": key, "question": row["id"], "text": row["text"]}
        for row in result["written"]
    ]
    for table, rows in ((POINT, points), (WRITTEN, texts)):
        if rows:
            connection.execute(insert(table), rows)


def _row(entry: Entry, run: int) -> dict[str, Any]:
    values = asdict(entry)
    values["sender"] = json.dumps(values["sender"])
    return {**values, "run": run}


def _entry(row: Any) -> Entry:
    sender = json.loads(row.sender)
    sender["ids"] = tuple((kind, value) for kind, value in sender["ids"])
    return Entry(
        row.student,
        row.path,
        row.exercise,
        row.key,
        row.problem,
        Sender(**sender),
        row.time,
    )


def _history(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute(select(OVERRIDE).order_by(OVERRIDE.c.id))
    return [dict(row) for row in rows.mappings()]


def _overrides(connection: Connection) -> Points:
    points: Points = {}
    for row in _history(connection):
        points.setdefault(row["student"], {})[row["question"]] = row["points"]
    return points


def _given(item: Override) -> dict[str, Any]:
    return {**asdict(item), "who": item.who or _user(), "at": _now()}


def _place(row: dict[str, Any]) -> tuple[str, str]:
    return row["student"], row["question"]


def _is_new(row: dict[str, Any], last: dict[str, Any] | None) -> bool:
    """Return whether a line says more than the last one for its question."""
    if last is None or row["points"] != last["points"]:
        return True
    return row["comment"] not in ("", last["comment"])


def _number_of(row: dict[str, Any]) -> int:
    return int(row["id"].partition("_")[2])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _user() -> str:
    with suppress(OSError, KeyError):  # no name in the system's list
        return getpass.getuser()
    return ""


def _line(error: Exception) -> str:
    """Return the first line of what a database says, which is the message."""
    origin = getattr(error, "orig", None) or error
    return str(origin).strip().partition("\n")[0]
