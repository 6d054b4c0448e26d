"""Grade a folder of submissions.

Each result is stored under a hash of the submission and of the checks, so that a run
that was ended continues where it stopped. grade_notebook.py grades a single notebook.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from course_utils.checks.notebook import find_answers
from course_utils.checks.run_question import questions
from course_utils.grading.class_report import write_report
from course_utils.grading.cluster import ClusterBox
from course_utils.grading.discover import Entry, Submission, find
from course_utils.grading.given_points import read_points
from course_utils.grading.grade_notebook import (
    DEATHS,
    AnswerJudge,
    Box,
    Result,
    grade_notebook,
    is_result,
    no_result,
)
from course_utils.grading.gradebook import Gradebook
from course_utils.grading.judge_process import JudgeProcess, judge_answer
from course_utils.grading.marking import Queue, mark
from course_utils.grading.roster import NO_ROSTER, Roster
from course_utils.grading.sandbox import Sandbox, SubmissionLimits, try_walls
from course_utils.grading.scores import Rules, collect
from course_utils.machine.errors import CourseError
from course_utils.machine.files import (
    nearest_existing,
    read_text,
    room_to_write,
    write_text,
)
from course_utils.machine.places import LIBRARY

Tell = Callable[[int, int, float], None]  # done, of how many, seconds so far


class Store:
    """The grader's own folder: the seed, the submissions that wait, and the results.

    Args:
        out: the folder of scores and pages; the grader's own is a hidden one inside it.
        resume: whether results of an earlier run may be there.
        seed_file: a secret text that the seed is made from; None draws one.

    Raises:
        CourseError: there are results but `resume` is off, they were made with another
            seed, or the folder cannot be read.
    """

    def __init__(self, out: Path, resume: bool, seed_file: Path | None = None) -> None:
        text = read_text(seed_file) if seed_file else secrets.token_hex()
        given = int(hashlib.sha256(text.strip().encode()).hexdigest()[:32], 16)
        self.folder = out / ".grading"
        self._begun: dict[str, int | None] = {}  # entries under way -> deaths
        graded = any((self.folder / "results").glob("*.json"))
        if graded and not resume:
            raise CourseError(
                f"{out} holds grades: add --resume to go on, or give another folder."
            )
        seed = self.folder / "seed"
        if not seed.exists() or (seed_file and not graded):
            write_text(seed, str(given))
        try:
            self.seed = int(seed.read_text())
        except (OSError, ValueError) as error:
            raise CourseError(f"cannot read {seed}: give another folder.") from error
        if seed_file and self.seed != given:
            raise CourseError(
                f"{out} has grades of another seed: leave out {seed_file}."
            )

    def result(self, key: str) -> Result | None:
        """Return the finished result of an entry; None if there is none, or a part."""
        place = self.folder / "results" / f"{key}.json"
        try:
            result = json.loads(place.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            return None
        except OSError as error:
            raise CourseError(f"cannot read {place}: {error.strerror}.") from error
        return result if is_result(result) else None

    def add(
        self, submission: Submission, again: Collection[str] = frozenset()
    ) -> Entry:
        """Keep what is needed to grade a submission later, unless it is graded.

        Args:
            submission: what was found.
            again: questions whose points in a finished result are to be made anew.
        """
        entry = Entry(
            submission.student,
            submission.path,
            submission.exercise,
            f"{submission.key}-{_checks_hash(submission.exercise)}"
            if submission.exercise
            else "",
            submission.problem,
            submission.sender,
            submission.time,
        )
        result = self.result(entry.key) if entry.key else None
        if result is not None and again:
            kept = [row for row in result["questions"] if row["id"] not in again]
            write_text(self._kept(entry.key), json.dumps(kept))
            (self.folder / "results" / f"{entry.key}.json").unlink()
            result = None
        if entry.key and not self._answers(entry.key).exists():
            places = find_answers(list(submission.cells), questions(entry.exercise))
            answers = {
                name: submission.cells[place]["source"]
                for name, place in places.items()
                if place is not None
            }
            write_text(self._answers(entry.key), json.dumps(answers))
        if entry.key and result is None:
            text = json.dumps(submission.cells, ensure_ascii=False)
            write_text(self.folder / "waiting" / f"{entry.key}.json", text)
        return entry

    def _answers(self, key: str) -> Path:
        return self.folder / "answers" / f"{key}.json"

    def answers(self, key: str) -> dict[str, str]:
        """Return the code of an entry's answers by question."""
        with suppress(OSError, ValueError):
            return json.loads(self._answers(key).read_text(encoding="utf-8"))
        return {}

    def _kept(self, key: str) -> Path:
        """Return where the points lie that stay when others are made anew."""
        return self.folder / "waiting" / f"{key}.kept"

    def _with_kept(self, key: str, result: Result) -> Result:
        with suppress(FileNotFoundError):
            kept = json.loads(self._kept(key).read_text(encoding="utf-8"))
            by_id = {row["id"]: row for row in kept}
            rows = [by_id.get(row["id"], row) for row in result["questions"]]
            return {**result, "questions": rows}
        return result

    def deaths(self, key: str) -> int | None:
        """Return how many times the grader died while it graded this entry alone.

        Returns:
            None if the entry was never begun. 0 if it was begun, but never alone: the
            grader died while this entry or one beside it was being graded.
        """
        try:
            return len((self.folder / "waiting" / f"{key}.begun").read_bytes())
        except FileNotFoundError:
            return None

    def grade_entry(
        self,
        entry: Entry,
        limits: SubmissionLimits,
        box: Box,
        judge: AnswerJudge = judge_answer,
        alone: bool = False,
    ) -> None:
        """Grade one entry and store its result.

        A mark on the disk says that the entry is under way. The mark stays if the
        grader is killed; after any other end, `forget_begun` removes it.

        Args:
            entry: one that `add` has returned.
            limits: what the notebook may use.
            box: where it runs.
            judge: the function that judges an answer from the box.
            alone: whether nothing else is being graded at the same time.
        """
        deaths = self.deaths(entry.key)
        waiting = self.folder / "waiting" / f"{entry.key}.json"
        begun = waiting.with_suffix(".begun")
        if (deaths or 0) >= DEATHS:
            reason = (
                f"the grader itself ended {DEATHS} times at it alone: grade it by "
                f"hand, or delete .grading/results/{entry.key}.json and --resume."
            )
            result = no_result(entry.exercise, reason)
        else:
            self._begun[entry.key] = deaths
            write_text(begun, "x" * ((deaths or 0) + alone))
            cells = json.loads(waiting.read_text(encoding="utf-8"))
            result = grade_notebook(
                cells, entry.exercise, self.seed, limits, box, judge
            )
        text = json.dumps(self._with_kept(entry.key, result), indent=1)
        write_text(self.folder / "results" / f"{entry.key}.json", text)
        self._begun.pop(entry.key, None)
        for path in (waiting, begun, self._kept(entry.key)):
            path.unlink(missing_ok=True)

    def forget_begun(self) -> None:
        """Treat entries under way as not begun, but keep their count of deaths."""
        for key in list(self._begun):
            path = self.folder / "waiting" / f"{key}.begun"
            with suppress(KeyError, FileNotFoundError):
                deaths = self._begun.pop(key)
                if deaths is None:
                    path.unlink()
                else:
                    os.truncate(path, deaths)  # which a full disk allows


@lru_cache(maxsize=64)
def _checks_hash(exercise: str) -> str:
    """Return a hash of an exercise's checks: other checks may give other results."""
    digest = hashlib.sha256()
    for path in sorted((LIBRARY / "checks").rglob("*.py")):
        if not re.match(r"ex\d\d", path.name) or path.name.startswith(exercise):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


@contextmanager
def only_grader(out: Path) -> Iterator[None]:
    """Make the grader's own folder in `out`, and keep other graders from it.

    Raises:
        CourseError: `out` cannot be written, or another grader is at work in it.
    """
    folder, pages = out / ".grading", out / "feedback"
    if pages.is_symlink() or (pages.exists() and not pages.is_dir()):
        raise CourseError(
            f"{pages} is a link or a file, and the pages belong into a folder of that "
            "name: move it away."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = open(folder / "lock", "w")  # noqa: SIM115 (held until the end)
    except (FileExistsError, NotADirectoryError) as error:
        raise CourseError(f"{out} is a file: give a folder as --out.") from error
    except OSError as error:
        reason = error.strerror or error
        raise CourseError(
            f"cannot write into {out}: {reason}. Give another folder."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(
                f"another grader is at work in {out}: wait for its end, or give "
                "another folder."
            ) from error
        except OSError:
            pass  # a file system without locks
        yield


def grade_folder(
    folder: Path,
    out: Path,
    *,
    workers: int = 2,
    limits: SubmissionLimits | None = None,
    resume: bool = False,
    trust: bool = False,
    cluster: str = "",
    points: Path | None = None,
    seed_file: Path | None = None,
    roster: Roster | None = None,
    rules: Rules | None = None,
    regrade: Sequence[str] = (),
    export: str = "",
    gradebook: str = "",
    review: Callable[[str], None] | None = None,
    tell: Tell = lambda done, total, seconds: None,
) -> dict[str, Any]:
    """Grade all submissions in a folder; write scores, feedback and a report.

    Args:
        folder: what a class handed in, in any layout of layouts.py.
        out: folder for scores.csv, report.html and feedback/.
        workers: how many submissions run at once.
        limits: what one of them may use.
        resume: continue where an earlier run in `out` ended.
        trust: run the submissions without a sandbox.
        cluster: the address of a Dask scheduler, on whose workers they run; "" runs
            them here.
        points: a person's points, in the form of `out`/points.csv.
        seed_file: a secret text that the inputs are made from; None draws one.
        roster: who is who, and who handed in nothing.
        rules: deadlines, and which attempt counts.
        regrade: what to grade again: a student, an exercise, a question, or a student's
            as in "ann:ex05_2".
        export: a platform that files are written for, or "".
        gradebook: the URL of a database; "" is a file in `out`.
        review: called with the address of the marking page, which is then served until
            an interrupt; None serves none.
        tell: called with the progress: done, of how many, seconds so far.

    Returns:
        The counts that the report begins with.

    Raises:
        CourseError: nothing to grade, no sandbox, a full disk, unreadable points.
    """
    limits, rules = limits or SubmissionLimits(), rules or Rules()
    roster = roster or NO_ROSTER
    if not folder.exists():
        raise CourseError(f"no such folder: {folder}. Give the folder of submissions.")
    if not trust and not resume and not cluster:
        try_walls()  # before anything takes time
    _refuse_below(out, folder)
    with _one_line(out), room_to_write(nearest_existing(out)), only_grader(out):
        submissions = find(folder, roster)
        first = next(submissions, None)
        if first is None:
            raise CourseError(f"no notebook in {folder}. Give the students' folder.")
        store = Store(out, resume, seed_file)
        again = Regrade(regrade)
        entries = [again.add(store, item) for item in chain([first], submissions)]
        again.refuse_unknown()
        url = gradebook or f"sqlite:///{out / 'gradebook.sqlite'}"
        with Gradebook(url) as book:
            names = {entry.student for entry in entries}
            names |= {person.name for person in roster.people}
            if points is not None:
                book.add_overrides(read_points(points, names))
            todo = {e.key: e for e in entries if e.key and store.result(e.key) is None}
            if todo:
                exercises = {entry.exercise for entry in todo.values()}
                with (
                    JudgeProcess() as judge,
                    _box(exercises, (folder, out), trust, cluster) as box,
                ):
                    at_once = box.capacity if isinstance(box, ClusterBox) else workers

                    def run(entry: Entry, alone: bool) -> str:
                        store.grade_entry(entry, limits, box, judge, alone)
                        return entry.key

                    _grade_all(store, list(todo.values()), run, at_once, tell)
            book.record(entries, store.result, str(folder))

            def report() -> dict[str, Any]:
                return write_report(
                    out,
                    book.entries(),
                    book.result,
                    book.overrides(),
                    rules,
                    roster,
                    export,
                    store.answers,
                    book.history(),
                )

            counts = report()
            if review is not None:
                students, look_at = collect(
                    book.entries(), book.result, {}, rules, roster
                )
                queue = Queue(students, look_at, book)
                mark(queue, store.folder / "marking.json", review)
                counts = report()
            return counts


def _refuse_below(out: Path, folder: Path) -> None:
    """Refuse an `out` among what was handed in: next time it would be a student's."""
    inner = folder / "submitted"  # of nbgrader's course folder
    handed_in = (inner if inner.is_dir() else folder).resolve()
    if handed_in in (out.resolve(), *out.resolve().parents):
        raise CourseError(
            f"{out} lies in the folder of submissions: give another folder as --out."
        )


@contextmanager
def _one_line(out: Path) -> Iterator[None]:
    """Turn an error of the system into one line."""
    try:
        yield
    except OSError as error:
        place = error.filename or out
        raise CourseError(f"{place}: {error.strerror or error}.") from error


class Regrade:
    """What an instructor wants to have graded again.

    Args:
        wishes: a student, an exercise, a question, or a student's as in "ann:ex05_2".
    """

    def __init__(self, wishes: Sequence[str]) -> None:
        self._wishes = list(wishes)
        self._met: set[str] = set()

    def add(self, store: Store, submission: Submission) -> Entry:
        """Keep a submission as `store.add` does, to be graded again if that is wanted.

        Of a single question, only that question's points change.
        """
        questions: set[str] = set()
        for wish in self._wishes:
            found = _wanted(wish, submission)
            if found is not None:
                self._met.add(wish)
                questions |= found
        return store.add(submission, questions)

    def refuse_unknown(self) -> None:
        """Refuse if a wish has met nothing.

        Raises:
            CourseError: no such student, exercise or question was handed in.
        """
        for wish in self._wishes:
            if wish not in self._met:
                raise CourseError(
                    f"--regrade {wish}: nobody handed that in. Give a student, as in "
                    "scores.csv, a question such as ex05_2, or ann:ex05_2."
                )


def _wanted(wish: str, submission: Submission) -> set[str] | None:
    """Return the questions of a submission that a wish means; None if none of it."""
    if not submission.exercise:
        return None
    ids = {item.id for item in questions(submission.exercise)}
    if wish == submission.student:
        return ids
    student, _, what = wish.rpartition(":")
    if student and student != submission.student:
        return None
    if what == submission.exercise:
        return ids
    return {what} if what in ids else None


def _box(
    exercises: set[str], hidden: tuple[Path, ...], trust: bool, cluster: str
) -> Sandbox | ClusterBox:
    from course_utils.data.sources import write_local_data
    from course_utils.lesson.profile import local_data

    asked = [item for name in sorted(exercises) for item in questions(name)]
    modules = [f"course_utils.checks.probes.{item.id}" for item in asked]
    # Of "rouge_score.rouge_scorer.RougeScorer.score", the modules above are imported.
    modules += {name: "" for item in asked for name in item.forbidden}
    hidden = tuple(path if path.is_dir() else path.parent for path in hidden)
    if cluster:
        return ClusterBox(cluster, tuple(modules), hidden)
    write_local_data(local_data())
    return Sandbox(tuple(modules), home=local_data().parent, trust=trust, hidden=hidden)


def _grade_all(
    store: Store,
    todo: list[Entry],
    run: Callable[[Entry, bool], str],
    workers: int,
    tell: Tell,
) -> None:
    """Grade all entries; what was under way at a death comes last, one at a time."""
    from joblib import Parallel, delayed

    suspects = [entry for entry in todo if store.deaths(entry.key) is not None]
    suspects.sort(key=lambda entry: store.deaths(entry.key) or 0)
    others = [entry for entry in todo if store.deaths(entry.key) is None]
    start = time.monotonic()
    tell(0, len(todo), 0.0)
    parallel = Parallel(workers, backend="threading", return_as="generator_unordered")
    try:
        done = chain(
            parallel(delayed(run)(entry, False) for entry in others),
            (run(entry, True) for entry in suspects),
        )
        for number, _ in enumerate(done, start=1):
            tell(number, len(todo), time.monotonic() - start)
    except BaseException:  # the process may end before its threads have tidied up
        store.forget_begun()
        raise
