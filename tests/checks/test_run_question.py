"""The check contract: the two halves, what a student is told, and `check`."""

import re
import subprocess
import sys

import pytest

from course_utils.checks import (
    PUBLIC_SEED,
    CheckFailed,
    Verdict,
    check,
    from_bytes,
    make_inputs,
    questions,
    run_judge,
    run_probe,
    run_question,
    to_bytes,
    to_plain,
)
from course_utils.machine.errors import CourseError

RIGHT_5_1 = """\
import math

def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / size)
"""


def define(source: str) -> dict:
    namespace = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace


def probe(question_id, namespace):
    return run_probe(question_id, namespace, make_inputs(question_id, PUBLIC_SEED))


def judged(question_id, source) -> Verdict:
    data = probe(question_id, define(source))
    return run_judge(question_id, from_bytes(to_bytes(data)), PUBLIC_SEED)


class TestTwoHalves:
    def test_probes_import_no_judge(self):
        code = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if ".judges" in name:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
from course_utils.checks import make_inputs, questions, run_probe, run_judge
from course_utils.checks.run_question import exercises
def make(exercises):
    for exercise in exercises:
        for item in questions(exercise):
            make_inputs(item.id, 1)
# The capstones' inputs come from models and tokenizers; no other's need them.
capstones = ["ex11", "ex12", "ex13"]
make(e for e in exercises() if e not in capstones)
assert "torch" not in sys.modules
make(capstones)
def steps_per_epoch(n_blocks, *sizes):
    return [1, 2]
data = run_probe("ex05_1", globals(), make_inputs("ex05_1", 0))
assert data["answer"] == [[1, 2]] * 5, data
assert not [name for name in sys.modules if ".judges" in name]
try:
    run_judge("ex05_1", data, 0)
except ImportError as error:
    print(error)
"""
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        assert done.stdout == "blocked: course_utils.checks.judges\n"

    def test_hidden_inputs_do_not_reach_the_probe(self):
        seen = make_inputs("ex05_5", PUBLIC_SEED)
        every = questions("ex05")[4].inputs(PUBLIC_SEED)
        assert every["hidden"]["blocks"].shape == (256, 32)
        assert "hidden" not in seen
        rows = {row.tobytes() for row in seen["blocks"]}
        assert not rows & {row.tobytes() for row in every["hidden"]["blocks"]}

    def test_a_forged_failure_says_only_what_we_wrote(self):
        secret = "hidden 1234"
        for data in (
            {"failed": "raised", "error": secret, "details": secret},
            {"failed": "not allowed", "error": secret},
            {"failed": secret},
            {"failed": ["raised"], "error": {"a": secret}},
            {"answer": secret},
            {"points": 10, "message": secret},
            secret,
            None,
        ):
            verdict = run_judge("ex05_1", to_plain(data), PUBLIC_SEED)
            assert not verdict.right
            assert secret not in verdict.message
            assert verdict.message


class TestFailedAnswers:
    def test_missing_and_no_function(self):
        verdict = run_judge("ex05_1", probe("ex05_1", {}), PUBLIC_SEED)
        assert verdict.message == (
            "`steps_per_epoch` is not defined. Run the cell of Exercise 5.1 to its "
            "end, and keep the name."
        )
        assert "no function" in judged("ex05_1", "steps_per_epoch = 5").message
        assert "still the stub" in judged("ex05_1", "steps_per_epoch = ...").message

    def test_stub_gives_its_own_message(self):
        verdict = judged(
            "ex05_1",
            "def steps_per_epoch(*args):\n"
            '    raise NotImplementedError("Exercise 5.1: return the two sizes")',
        )
        assert "Exercise 5.1 is still the stub" in verdict.message
        assert verdict.details == "Exercise 5.1: return the two sizes"

    def test_a_library_that_is_not_implemented_is_no_stub(self):
        verdict = judged(
            "ex05_1",
            "import numpy as np\nimport collections.abc\n"
            "class Broken:\n    def __index__(self): raise NotImplementedError\n"
            "def steps_per_epoch(*args):\n"
            "    import torch\n"
            "    return torch.utils.data.Dataset()[0]",
        )
        assert "stops with NotImplementedError" in verdict.message

    def test_exception_names_the_line(self, tmp_path):
        path = tmp_path / "cell.py"
        path.write_text(
            "def helper(x):\n    return [][x]\n\n"
            "def steps_per_epoch(*args):\n    return helper(3)\n"
        )
        namespace = {}
        exec(compile(path.read_text(), str(path), "exec"), namespace)
        data = probe("ex05_1", namespace)
        verdict = run_judge("ex05_1", data, PUBLIC_SEED)
        assert verdict.message == (
            "`steps_per_epoch` stops with IndexError. A place is asked for that does "
            "not exist. Places end at length - 1, and the list may be empty."
        )
        assert verdict.details == (
            "IndexError: list index out of range\nline 2 of your cell: return [][x]\n"
            "n_blocks      6080\nbatch_size    16\naccumulation  5\nprocesses     4"
        )

    def test_the_case_that_stops_is_shown_as_it_was(self):
        verdict = judged(
            "ex02_2",
            "def pack(documents, *_):\n    documents.clear()\n    return 1 / 0",
        )
        assert "ZeroDivisionError" in verdict.details
        assert re.search(r"^documents +\[\[", verdict.details, re.MULTILINE)

    @pytest.mark.parametrize(
        ("body", "phrase"),
        [
            ("import sys; sys.exit(0)", "stops with SystemExit"),
            ("raise type('Mine', (Exception,), {})('x')", "stops with an error"),
            ("return {1, 2}", "returns something else"),
            ("return None", "returns None, where a list or tuple is asked for"),
            ("return 'text'", "Return two whole numbers"),
            ("return float('nan'), 1", "Return two whole numbers"),
        ],
    )
    def test_odd_ends(self, body, phrase):
        source = f"def steps_per_epoch(*args):\n    {body}"
        assert phrase in judged("ex05_1", source).message

    def test_other_parameters(self):
        verdict = judged("ex05_1", "def steps_per_epoch(n):\n    return n")
        assert "cannot be called as Exercise 5.1 says" in verdict.message
        assert "takes 1 positional argument but 4 were given" in verdict.details

    @pytest.mark.parametrize(
        ("body", "phrase"),
        [
            ("print(1)", "`print` shows a value"),
            ("pass", "returns None. No `return` with a value"),
            ("return None", "returns None. No `return` with a value"),
            ("if args[0] < 0:\n        return 1, 2", "way to its end without `return`"),
            (
                "found = None\n    return found",
                "returns None, where a list or tuple is asked for",
            ),
            ("x = [1]\n    return x.append(2)", "`append` changes the list itself"),
            ("x = [1]\n    x = x.sort()\n    return x[0], 2", "`sort` sorts the list"),
            ("x = [2]\n    x.sort()\n    return x - [1]", "Lists do not calculate"),
            ("import math; return math.gcd(a=1)", "passed by name"),
            ("return [1, None][1] + 1", "Something is None there"),
            ("for n in args:\n        return n, 2", "A loop ends in its first pass"),
            ("return {}['a']", "The dict has no such key"),
        ],
    )
    def test_common_crashes_are_named(self, body, phrase, tmp_path):
        path = tmp_path / "cell.py"
        path.write_text(f"def steps_per_epoch(*args):\n    {body}\n")
        namespace = {}
        exec(compile(path.read_text(), str(path), "exec"), namespace)
        data = from_bytes(to_bytes(probe("ex05_1", namespace)))
        verdict = run_judge("ex05_1", data, PUBLIC_SEED)
        assert not verdict.right
        assert phrase in verdict.message

    def test_what_is_made_of_the_answer_is_no_fault_of_its_parameters(self):
        verdict = judged("ex06_4", "def parameter_groups(model, decay):\n    return 5")
        assert "What `parameter_groups` returns cannot be used" in verdict.message

    def test_interrupt_is_no_answer(self):
        source = "def steps_per_epoch(*args):\n    raise KeyboardInterrupt"
        with pytest.raises(KeyboardInterrupt):
            judged("ex05_1", source)


class TestForbidden:
    def test_alias_is_blocked_and_restored(self):
        from textwrap import dedent as alias

        with run_question.blocked(
            ("textwrap.dedent", "textwrap.no_such", "no_such.thing")
        ):
            with pytest.raises(run_question.NotAllowed, match=r"^textwrap\.dedent$"):
                alias("  x")
        assert alias("  x") == "x"

    def test_restored_after_an_error(self):
        import textwrap

        with (
            pytest.raises(ZeroDivisionError),
            run_question.blocked(("textwrap.dedent",)),
        ):
            raise ZeroDivisionError
        assert textwrap.dedent("  x") == "x"

    @pytest.mark.parametrize(
        "name",
        sorted(
            name
            for exercise in run_question.exercises()
            for item in questions(exercise)
            for name in item.forbidden
        ),
    )
    def test_every_forbidden_function_can_be_blocked(self, name):
        import pkgutil

        with run_question.blocked((name,)), pytest.raises(run_question.NotAllowed):
            pkgutil.resolve_name(name)()
        assert pkgutil.resolve_name(name)  # given back


class TestCheck:
    @pytest.fixture(autouse=True)
    def no_points_yet(self):
        run_question._earned.clear()

    def test_finds_the_callers_function_and_adds_up(self, capsys):
        namespace = define(RIGHT_5_1 + "from course_utils import check")
        exec('check("ex05_1")', namespace)
        assert capsys.readouterr().out == "ex05_1: 1 of 1 point. So far: 1 of 10.\n"

        def steps_per_epoch(*args):
            return 1, 2

        with pytest.raises(CheckFailed, match=r"ex05_1: 0 of 1 point. So far: 0 of 10"):
            check("ex05_1")

    def test_unknown_questions(self):
        for name in ("ex05_9", "ex99_1", "nonsense", "../ex05_1"):
            with pytest.raises(CourseError, match="There are"):
                check(name)

    @pytest.mark.parametrize("name", [5, None, ["ex05_1"]])
    def test_a_question_is_named_by_a_text(self, name):
        with pytest.raises(CourseError, match=r"wants the name .*, not") as caught:
            check(name)
        assert "\n" not in str(caught.value)

    def test_notebook_shows_the_hint_and_no_traceback(self, capsys):
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        shell.colors = "nocolor"
        shell.run_cell("from course_utils import check")
        shell.run_cell(
            "def steps_per_epoch(n, b, a, p):\n    return b * a * p, n // (b * a * p)"
        )
        shell.run_cell('check("ex05_1")')
        shown = capsys.readouterr().out.strip().split("\n")
        assert shown == [
            "ex05_1: 0 of 1 point. So far: 0 of 10.",
            "",
            "The last batch is smaller, but it is a step too: round up, not down.",
            "",
            "n_blocks      241",
            "batch_size    8",
            "accumulation  3",
            "processes     2",
            "expected      [48, 6]",
            "got           [48, 5]",
        ]
        shell.run_cell(
            "def steps_per_epoch(n, b, a, p):\n    size = b * a\n    return size / 0"
        )
        shell.run_cell('check("ex05_1")')
        shown = capsys.readouterr().out
        assert "line 3 of your cell: return size / 0" in shown
        assert "Traceback" not in shown
