"""The grader beside nbgrader: speed, the attack set, and a class of 300. By hand:

    python benchmarks/grading.py speed [20] # cost a submission, at 2 workers
    python benchmarks/grading.py class      # 300 submissions: memory and time
    python benchmarks/grading.py attacks    # both graders on tests/evil, a table
    python benchmarks/grading.py attacks NaN "os._exit in a cell"

nbgrader is stock: `generate_assignment` and `autograde` on the course's own notebooks.
It has no walls, so for the attacks it gets them: `autograde` runs in a bubblewrap of
its own, with limits on processes, memory, disk and time. Nothing hostile runs outside.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

NAME = "ex05_training.ipynb"
SCORE = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print("SCORES", json.dumps({s.student.id: s.score
                                for s in book.assignment_submissions("ex05")}))
"""
# Its own limits keep an attack on nbgrader from the machine, not from nbgrader.
RUN = """
ulimit -u 120 -v 8000000 -f 400000 -n 1024
cp -r /given /tmp/class && cd /tmp/class
nbgrader autograde ex05 >/tmp/log 2>&1
python score.py || tail -5 /tmp/log
"""
DISK = 2**30  # bytes of its /tmp
SECONDS = 300  # for one notebook in all


def source() -> dict[str, Any]:
    """Return the solved exercise as an instructor gives it to nbgrader."""
    document = json.loads((ROOT / "solutions" / NAME).read_text())
    document["cells"] = [
        cell
        for cell in document["cells"]
        if "solution-only" not in cell["metadata"].get("tags", [])
    ]
    return document


def course(folder: Path) -> None:
    """Make a course folder of nbgrader with the assignment in it."""
    place = folder / "source" / "ex05"
    place.mkdir(parents=True)
    (place / NAME).write_text(json.dumps(source()))
    text = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
    text += "c.ExecutePreprocessor.timeout = 60\n"
    (folder / "nbgrader_config.py").write_text(text)


def hand_in(folder: Path, student: str, document: dict[str, Any]) -> None:
    """Put a notebook where nbgrader looks for it."""
    place = folder / "submitted" / student / "ex05"
    place.mkdir(parents=True)
    (place / NAME).write_text(json.dumps(document))


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


def speed(size: str = "20") -> None:
    """Grade the same solved notebooks with both, two at a time."""
    from course_utils.grading.grade_folder import grade_folder

    students = int(size)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        halves = [folder / "a", folder / "b"]
        for half in halves:
            course(half)
        for number in range(students):
            document = source()
            document["cells"][2]["source"] = f"number = {number}\n" + "".join(
                document["cells"][2]["source"]
            )
            hand_in(halves[number % 2], f"s{number}", document)
            hand_in(folder / "ours", f"s{number}", document)

        for half in halves:
            nbgrader(half, "generate_assignment", "ex05")
        start = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda half: nbgrader(half, "autograde", "ex05"), halves))
        theirs = (time.perf_counter() - start) / students

        start = time.perf_counter()
        grade_folder(folder / "ours" / "submitted", folder / "out")
        ours = (time.perf_counter() - start) / students
        print((folder / "out" / "scores.csv").read_text())
    print(f"nbgrader  {theirs:6.2f} s a submission")
    print(f"course    {ours:6.2f} s a submission, start-up included")
    print(f"ratio     {ours / theirs:6.2f}")


def whole_class(size: int = 300) -> None:
    """Grade many; print the grader's memory and the time of each fifth of them."""
    import evil

    from course_utils.grading.grade_folder import grade_folder

    marks: list[tuple[int, float, float]] = []

    def tell(done: int, total: int, seconds: float) -> None:
        if done and done % (size // 5) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            marks.append((done, seconds, pages * resource.getpagesize() / 2**20))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(size):
            code = evil.RATE + f"# {number}\n"
            hand_in(folder, f"s{number:03}", evil.notebook(evil.Evil("", code)))
        grade_folder(folder, folder / "out", tell=tell)
        table = (folder / "out" / "scores.csv").read_text().splitlines()
        kept = sum(p.stat().st_size for p in (folder / "out").rglob("*") if p.is_file())
    print("submissions  seconds  grader's memory, MB")
    for done, seconds, memory in marks:
        print(f"{done:11}  {seconds:7.1f}  {memory:8.0f}")
    right = sum(",5,10," in line for line in table)
    print(f"{right} of {size} right, {kept / 2**20:.1f} MB kept")


def attacks(*names: str) -> None:
    """Print each attack's true score, ours and nbgrader's; of all without names."""
    import evil
    from test_evil import MODULES, grade_evil, pace_of, prepared_data

    from course_utils.grading.sandbox import Sandbox

    print("| submission | true | course | nbgrader |\n|---|---|---|---|")
    scores: list[tuple[float, float, float | None]] = []
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(MODULES, home=prepared_data()) as box,
    ):
        pace = pace_of(box)
        course(Path(name))
        nbgrader(Path(name), "generate_assignment", "ex05")
        for case in evil.everything():
            if names and case.name not in names:
                continue
            rows = grade_evil(case, box, pace)["questions"]
            ours = sum(row["points"] for row in rows)
            theirs = walled_nbgrader(Path(name), evil.notebook(case))
            scores.append((case.score, ours, theirs))
            shown = "no result" if theirs is None else f"{theirs:g}"
            print(f"| {case.name} | {case.score:g} | {ours:g} | {shown} |", flush=True)
    print(f"{len(scores)} attacks")
    for grader, column in (("course", 1), ("nbgrader", 2)):
        differences = [(row[column] or 0) - row[0] for row in scores]
        forged = sum(max(0, difference) for difference in differences)
        lost = sum(max(0, -difference) for difference in differences)
        none = sum(row[column] is None for row in scores)
        print(
            f"{grader}: {forged:g} points forged, {lost:g} honest points lost, "
            f"{none} without a result"
        )


def walled_nbgrader(template: Path, document: dict[str, Any]) -> float | None:
    """Return the score of stock nbgrader, which runs in a bubblewrap; None: no score.

    It sees the references here, as it always does.

    Args:
        template: a course folder with the assignment generated.
        document: the notebook handed in.
    """
    from course_utils.grading import bubblewrap

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "course"
        shutil.copytree(template, folder)
        hand_in(folder, "ann", document)
        (folder / "score.py").write_text(SCORE)
        (folder / "run.sh").write_text(RUN)
        for path in [Path(name), folder, *folder.rglob("*")]:
            path.chmod(0o755)
        command = bubblewrap.command(None)
        references = str(bubblewrap.CHECKS / "judges")
        hidden = ["--remount-ro", str(bubblewrap.CHECKS)]
        place = next(i for i in range(len(command)) if command[i : i + 2] == hidden)
        command[place:place] = ["--ro-bind", references, references]
        place = command.index("--proc")
        command[place:place] = ["--ro-bind", str(folder), "/given"]
        place = len(command) - 1 - command[::-1].index("/tmp") - 1
        command[place:place] = ["--size", str(DISK)]
        running = subprocess.Popen(
            [*command, "bash", "/given/run.sh"],
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
        return json.loads(lines[-1][7:]).get("ann") if lines else None


if __name__ == "__main__":
    COMMANDS = {"speed": speed, "class": whole_class, "attacks": attacks}
    COMMANDS[sys.argv[1]](*sys.argv[2:])
