"""The grader beside nbgrader: speed, the attack set, and a large class. By hand:

    python benchmarks/grading.py speed [20] # cost a submission, at 2 workers
    python benchmarks/grading.py scale [1000] # submissions: memory and time
    python benchmarks/grading.py attacks    # both graders on tests/evil, a table
    python benchmarks/grading.py attacks 30 # nbgrader stops after 30 minutes
    python benchmarks/grading.py otter 30   # otter-grader on tests/evil, for 30 minutes

nbgrader is stock: `generate_assignment` and `autograde` on the course's own notebooks.
So is otter-grader: `otter run`, with a test for each question that calls the course's
`check`, which runs after the answer's cell as `otter assign` has it. It needs an
environment of its own, in which torch is as well. Neither has walls here, so for the
attacks they get them: each notebook runs in a bubblewrap of its own, with limits on
processes, memory, disk and time. Nothing hostile runs outside.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

SCORE = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    [notebook] = book.find_submission(sys.argv[1], "ann").notebooks
    print("SCORES", json.dumps({grade.name.removesuffix("_check"): grade.score
                                for grade in notebook.grades}))
"""
# Its own limits keep an attack on nbgrader from the machine, not from nbgrader.
SET_UP = """
ulimit -u 120 -v 8000000 -f 400000 -n 1024
for folder in /course-home/*; do
    mkdir -p /tmp/.course/$(basename $folder)
    ln -s $folder/* /tmp/.course/$(basename $folder)
done
cp -r /given /tmp/class && cd /tmp/class
"""
RUN_NBGRADER = """
nbgrader autograde $1 >/tmp/log 2>&1
python score.py $1 || tail -5 /tmp/log
"""
RUN_OTTER = r"""
otter run $1.ipynb -a tests.zip --no-logo >/tmp/log 2>&1
[ -s results.json ] && echo "SCORES $(tr -d '\n' < results.json)" || tail -5 /tmp/log
"""
OTTER_TEST = """OK_FORMAT = False
from otter.test_files import test_case
name, points = {question!r}, {points}

@test_case()
def test_it(env):
    from course_utils.checks.run_question import check
    check({question!r}, env)
"""
# otter's kernel logs to a server on "localhost", and waits for it.
HOSTS = "127.0.0.1 localhost\n"
DISK = 2**30  # bytes of its /tmp
SECONDS = 500  # for one notebook in all


def stored(folder: str, exercise: str) -> dict[str, Any]:
    """Return an exercise's notebook as it lies in exercises/ or solutions/."""
    [path] = (ROOT / folder).glob(f"{exercise}_*.ipynb")
    return json.loads(path.read_text())


def source(exercise: str = "ex05") -> dict[str, Any]:
    """Return the solved exercise as an instructor gives it to nbgrader."""
    document = stored("solutions", exercise)
    document["cells"] = [
        cell
        for cell in document["cells"]
        if "solution-only" not in cell["metadata"].get("tags", [])
    ]
    return document


def course(folder: Path, exercise: str = "ex05") -> None:
    """Make a course folder of nbgrader with the assignment in it."""
    place = folder / "source" / exercise
    place.mkdir(parents=True)
    (place / f"{exercise}.ipynb").write_text(json.dumps(source(exercise)))
    text = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
    text += "c.ExecutePreprocessor.timeout = 120\n"
    (folder / "nbgrader_config.py").write_text(text)


def hand_in(
    folder: Path, student: str, document: dict[str, Any], exercise: str = "ex05"
) -> None:
    """Put a notebook where nbgrader looks for it."""
    place = folder / "submitted" / student / exercise
    place.mkdir(parents=True)
    (place / f"{exercise}.ipynb").write_text(json.dumps(document))


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run one of nbgrader's commands in a course folder."""
    bin_folder = Path(sys.executable).parent
    subprocess.run(
        [bin_folder / "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )


def speed(size: str = "20", exercise: str = "ex05") -> None:
    """Grade the same solved notebooks with both in turn, two at a time, in two rounds.

    Processor's seconds too, since other programs may be running.
    """
    from course_utils.grading.grade_folder import grade_folder

    each = int(size) // 2
    spent = {name: [0.0, 0.0] for name in ("nbgrader", "start", "notebooks", "report")}

    def add(name: str, start: Moment, end: Moment) -> None:
        spent[name][0] += end.wall - start.wall
        spent[name][1] += end.processor - start.processor

    with tempfile.TemporaryDirectory() as name:
        for turn in "12":
            folder = Path(name) / turn
            halves = [folder / "a", folder / "b"]
            for half in halves:
                course(half, exercise)
                nbgrader(half, "generate_assignment", exercise)
            for number in range(each):
                document = source(exercise)
                first = "".join(document["cells"][2]["source"])
                document["cells"][2]["source"] = f"number = {turn}{number}\n{first}"
                for place in (halves[number % 2], folder / "ours"):
                    hand_in(place, f"s{number}", document, exercise)
            begin = Moment()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda h: nbgrader(h, "autograde", exercise), halves))
            begun = Moment()
            add("nbgrader", begin, begun)
            marks: dict[int, Moment] = {}

            def tell(done: int, total: int, seconds: float) -> None:
                marks[done] = Moment()  # noqa: B023 (called in this round alone)

            grade_folder(folder / "ours" / "submitted", folder / "out", tell=tell)
            end = Moment()
            # The sandbox has ended: what is left of its seconds is this process's own.
            end.processor = marks[each].processor + end.own - marks[each].own
            add("start", begun, marks[0])
            add("notebooks", marks[0], marks[each])
            add("report", marks[each], end)
            print((folder / "out" / "scores.csv").read_text())
    spent["course"] = [
        sum(part) for part in zip(*list(spent.values())[1:], strict=True)
    ]
    print("seconds a submission    wall  processor's")
    for name, (wall, processor) in spent.items():
        print(f"{name:20} {wall / (2 * each):7.2f}  {processor / (2 * each):11.2f}")
    for name in ("course", "notebooks"):
        ratios = [
            mine / its for mine, its in zip(spent[name], spent["nbgrader"], strict=True)
        ]
        print(f"{name:20} {ratios[0]:7.2f}  {ratios[1]:11.2f}  of nbgrader's")


class Moment:
    """The time, in seconds: of the wall, of the processor for this process and all
    below it, and of the processor for this process alone.
    """

    def __init__(self) -> None:
        self.wall, self.own = time.perf_counter(), time.process_time()
        self.processor = processor_seconds()


def scale(size: str = "1000") -> None:
    """Grade many made submissions; print memory and time of each fifth of them.

    Time is the processor's too, since other programs may be running. What 10,000 take
    is computed from that, and marked so.
    """
    import evil

    from course_utils.grading.grade_folder import grade_folder
    from course_utils.grading.judge_process import JudgeProcess
    from course_utils.grading.sandbox import Sandbox

    students, spent = int(size), {"notebooks run": 0.0, "answers judged": 0.0}
    marks: list[tuple[int, float, float, float]] = []

    def timed(method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                spent[name] += time.perf_counter() - start

        return run

    Sandbox.run = timed(Sandbox.run, "notebooks run")
    JudgeProcess.__call__ = timed(JudgeProcess.__call__, "answers judged")

    def tell(done: int, total: int, seconds: float) -> None:
        if done and done % (students // 5) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory = pages * resource.getpagesize() / 2**20
            marks.append((done, seconds, processor_seconds(), memory))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(students):
            code = evil.RATE + f"# {number}\n"
            hand_in(folder, f"s{number:05}", evil.notebook(evil.Evil("", code)))
        start = time.perf_counter()
        grade_folder(folder / "submitted", folder / "out", tell=tell)
        whole = time.perf_counter() - start
        table = (folder / "out" / "scores.csv").read_text().splitlines()
        kept = sum(p.stat().st_size for p in (folder / "out").rglob("*") if p.is_file())
    print("submissions  seconds  processor's  grader's memory, MB")
    for done, seconds, processor, memory in marks:
        print(f"{done:11}  {seconds:7.1f}  {processor:11.1f}  {memory:19.0f}")
    right = sum(",5,10," in line for line in table)
    print(f"{right} of {students} right, {kept / 2**20:.1f} MB kept")
    grading = marks[-1][1]
    print(f"{grading / students:.2f} s a notebook, and {whole - grading:.0f} s for")
    print("reading, starting and the report. Of the two workers' time:")
    for what, seconds in spent.items():
        print(f"{what:16} {seconds / (2 * grading):4.0%}")
    first, last = marks[0], marks[-1]
    rate = (last[2] - first[2]) / (last[0] - first[0])
    slope = (last[3] - first[3]) / (last[0] - first[0])
    print(
        f"10,000, by arithmetic: {1e4 * rate / 3600:.1f} h of a processor, "
        f"{last[3] + slope * (1e4 - last[0]):.0f} MB"
    )


def processor_seconds() -> float:
    """Return what this process and all below it have used, the ended ones included."""
    from course_utils.grading.sandbox import descendants

    ticks = 0
    for process in descendants(os.getpid()):
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2]
            ticks += sum(map(int, fields.split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Attacked:
    """One notebook of tests/evil, and what each question of it should earn.

    Attributes:
        name: for the table; that of a question is added if `each`.
        exercise: such as "ex05".
        document: the notebook.
        true: what the whole notebook is worth.
        kinds: the kind of answer of each question; {} if the notebook is one attack.
        grade: runs it through the course's grader.
    """

    name: str
    exercise: str
    document: dict[str, Any]
    true: float
    kinds: dict[str, str]
    grade: Callable[[], dict[str, Any]]

    def rows(self, points: dict[str, float]) -> dict[str, tuple[float, float]]:
        """Return a row of the table for each attack: the true points, the earned."""
        if not self.kinds:
            return {self.name: (self.true, sum(points.values()))}
        return {
            f"{question}: {kind}": (0, points.get(question, 0))
            for question, kind in self.kinds.items()
        }


def all_attacks(box: Any, pace: float) -> list[Attacked]:
    """Return every notebook of tests/evil."""
    import evil
    from evil import everywhere
    from test_evil import LIMITS, SECRET, grade_evil

    from course_utils.grading.grade_notebook import grade_notebook
    from course_utils.grading.sandbox import SubmissionLimits

    found = [
        Attacked(
            case.name,
            "ex05",
            evil.notebook(case),
            case.score,
            {},
            lambda case=case: grade_evil(case, box, pace),
        )
        for case in evil.everything()
    ]
    times = {"seconds": 30 * pace, "cell_seconds": 3 * pace}
    limits = SubmissionLimits(**{**LIMITS, **times})
    for exercise, number in everywhere.rounds():
        cells = everywhere.cells(exercise, number)
        kinds = everywhere.kinds(exercise, number)
        document = stored("exercises", exercise)
        lines = dict(zip(kinds, (cell["source"] for cell in cells[1:]), strict=True))
        for cell in document["cells"]:
            if cell["id"] in lines:
                cell["source"] = f"{everywhere.HEAD}\n{lines[cell['id']]}"
        found.append(
            Attacked(
                f"{exercise}, {number}",
                exercise,
                document,
                0,
                kinds,
                lambda cells=cells, exercise=exercise: grade_notebook(
                    cells, exercise, SECRET, limits, box
                ),
            )
        )
    return found


def attacks(minutes: str = "600") -> None:
    """Print each attack's true score, ours and nbgrader's.

    nbgrader takes the notebooks in the order of their names' SHA-256, until the minutes
    are over: so those that it has had are a sample that nobody has picked.
    """
    from test_evil import MODULES, pace_of, prepared_data

    from course_utils.grading.sandbox import Sandbox

    table: dict[str, dict[str, float]] = {}
    home = prepared_data()
    with Sandbox(MODULES, home=home) as box:
        found = all_attacks(box, pace_of(box))
        for attack in found:
            rows = attack.grade()["questions"]
            points = {row["id"]: row["points"] for row in rows}
            for name, (true, ours) in attack.rows(points).items():
                table[name] = {"true": true, "course": ours}
            print(attack.name, sum(points.values()), file=sys.stderr, flush=True)
    end = time.monotonic() + 60 * float(minutes)
    with tempfile.TemporaryDirectory() as name:
        for attack in sorted(found, key=by_hash):
            if time.monotonic() > end:
                break
            template = Path(name) / attack.exercise
            if not template.exists():
                course(template, attack.exercise)
                nbgrader(template, "generate_assignment", attack.exercise)
            theirs = walled_nbgrader(template, attack.document, attack.exercise, home)
            for row, (_, points) in attack.rows(theirs or {}).items():
                table[row]["nbgrader"] = float("nan") if theirs is None else points
            print(attack.name, theirs, file=sys.stderr, flush=True)
    print("| submission | true | course | nbgrader |\n|---|---|---|---|")
    for name, row in table.items():
        shown = "" if "nbgrader" not in row else f"{row['nbgrader']:g}"
        shown = shown.replace("nan", "no result")
        print(f"| {name} | {row['true']:g} | {row['course']:g} | {shown} |")
    for grader in ("course", "nbgrader"):
        had = [(row["true"], row[grader]) for row in table.values() if grader in row]
        more = [got - true for true, got in had if got > true]
        less = [true - got for true, got in had if got < true]
        none = [true for true, got in had if got != got]
        print(
            f"{grader}: of {len(had)} attacks {len(more)} got {sum(more):g} points too "
            f"many, {len(less)} got {sum(less):g} too few, {len(none)} no result"
        )


def otter(minutes: str = "600") -> None:
    """Print each attack's true score and otter-grader's, in the order of `attacks`."""
    from test_evil import prepared_data

    home, end = prepared_data(), time.monotonic() + 60 * float(minutes)
    found = all_attacks(None, 1)
    for attack in sorted(found, key=by_hash):
        if time.monotonic() > end:
            break
        theirs = walled_otter(attack.document, attack.exercise, home)
        for row, (true, points) in attack.rows(theirs or {}).items():
            shown = "no result" if theirs is None else f"{points:g}"
            print(f"| {row} | {true:g} | {shown} |", flush=True)


def by_hash(attack: Attacked) -> bytes:
    """Return what attacks are sorted by: the first ones are a sample nobody picked."""
    return hashlib.sha256(attack.name.encode()).digest()


def walled_nbgrader(
    template: Path, document: dict[str, Any], exercise: str, home: Path
) -> dict[str, float] | None:
    """Return the points of each question by stock nbgrader, in a bubblewrap.

    Args:
        template: a course folder with the assignment generated.
        document: the notebook handed in.
        exercise: the assignment's name.
        home: the cache folder with prepared data.

    Returns:
        None if nbgrader has no result.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "course"
        shutil.copytree(template, folder)
        hand_in(folder, "ann", document, exercise)
        (folder / "score.py").write_text(SCORE)
        return walled(folder, RUN_NBGRADER, exercise, home)


def walled_otter(
    document: dict[str, Any], exercise: str, home: Path
) -> dict[str, float] | None:
    """Return the points of each question by stock otter-grader, in a bubblewrap.

    Args:
        document: the notebook handed in.
        exercise: such as "ex05".
        home: the cache folder with prepared data.

    Returns:
        None if otter has no result.
    """
    worth = {
        cell["id"].removesuffix("_check"): cell["metadata"]["nbgrader"]["points"]
        for cell in stored("exercises", exercise)["cells"]
        if cell["id"].endswith("_check")
    }
    document = json.loads(json.dumps(document))
    for cell in document["cells"]:
        if cell.get("id") in worth and cell["metadata"]:
            cell["metadata"]["otter"] = {"tests": [cell["id"]]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "course"
        folder.mkdir()
        (folder / f"{exercise}.ipynb").write_text(json.dumps(document))
        with zipfile.ZipFile(folder / "tests.zip", "w") as archive:
            archive.writestr("otter_config.json", "{}")
            for question, points in worth.items():
                test = OTTER_TEST.format(question=question, points=points)
                archive.writestr(f"tests/{question}.py", test)
        found: Any = walled(folder, RUN_OTTER, exercise, home)
    if found is None:
        return None
    scores = {test["name"]: test.get("score", 0) for test in found["tests"]}
    return {question: scores.get(question, 0) for question in worth}


def walled(folder: Path, run: str, exercise: str, home: Path) -> Any:
    """Run a script on a folder in a bubblewrap; return the JSON after its "SCORES".

    It sees the references here, as graders without a judge outside always do.

    Args:
        folder: what the script finds in its working folder, as a copy.
        run: the script; its first argument is the exercise.
        exercise: such as "ex05".
        home: the cache folder with prepared data.

    Returns:
        None if it has said nothing.
    """
    from course_utils.grading import bubblewrap

    (folder / "run.sh").write_text(SET_UP + run)
    (folder / "hosts").write_text(HOSTS)
    for path in [folder.parent, folder, *folder.rglob("*")]:
        path.chmod(0o755)
    command = bubblewrap.command(home)
    references = str(bubblewrap.CHECKS / "judges")
    hidden = ["--remount-ro", str(bubblewrap.CHECKS)]
    place = next(i for i in range(len(command)) if command[i : i + 2] == hidden)
    command[place:place] = ["--ro-bind", references, references]
    place = command.index("--proc")
    command[place:place] = ["--ro-bind", str(folder), "/given"]
    command[place:place] = ["--ro-bind", str(folder / "hosts"), "/etc/hosts"]
    place = len(command) - 1 - command[::-1].index("/tmp") - 1
    command[place:place] = ["--size", str(DISK)]
    running = subprocess.Popen(
        [*command, "bash", "/given/run.sh", exercise],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
        start_new_session=True,
    )
    try:
        said, _ = running.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    lines = [x for x in said.splitlines() if x.startswith("SCORES ")]
    return json.loads(lines[-1][7:]) if lines else None


if __name__ == "__main__":
    COMMANDS = {"speed": speed, "scale": scale, "attacks": attacks, "otter": otter}
    COMMANDS[sys.argv[1]](*sys.argv[2:])
