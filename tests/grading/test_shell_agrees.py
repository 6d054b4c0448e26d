"""`course check` and `course grade` run the same cells to the same ends."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.checks import check_notebook
from course_utils.checks.notebook import execute, with_probes
from course_utils.checks.read_notebook import read_cells
from course_utils.checks.run_question import questions
from course_utils.grading.grade_notebook import grade_notebook
from course_utils.grading.sandbox import Sandbox, SubmissionLimits
from course_utils.grading.worker import ordered_steps
from course_utils.machine.errors import CourseError

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil

# What students write, and the name of the error that it ends with ("": none).
HABITS = [
    ("%matplotlib inline", ""),
    ("%matplotlib widget", ""),
    ("%matplotlib notebook\nx = 1", ""),
    ("%matplotlib qt", ""),
    ("%config InlineBackend.figure_format = 'retina'", ""),
    ("%load_ext autoreload\n%autoreload 2", ""),
    ("%%time\nx = sum(range(10))", ""),
    ("%time x = 1", ""),
    ("%%capture captured\nprint('x')", ""),
    ("%timeit -n 1 -r 1 x = 1", ""),
    ("%env COURSE_HABIT=1", ""),
    ("%who", ""),
    ("%reset -f", ""),
    ("%cd .", ""),
    ("%pwd", ""),
    ("%lsmagic", ""),
    ("%no_such_magic", ""),  # a kernel tells this in words, as no error
    ("%%no_such_magic\nx", ""),
    ("%%writefile helper.py\ndef double(x):\n    return 2 * x", ""),
    ("import helper\nassert helper.double(2) == 4", ""),
    ("from helper import double", ""),
    ("%run helper.py", ""),
    ("from google.colab import drive\ndrive.mount('/content/drive')", ""),
    ("from google.colab import files\nfiles.download('x')", ""),
    ("import google.colab\ngoogle.colab.output.clear()", ""),
    ("from google.colab import userdata\ntoken = userdata.get('HF_TOKEN')", ""),
    ("from google.colab.data_table import enable_dataframe_formatter", ""),
    ("name = input('Your name? ')\nassert name == ''", ""),
    ("import asyncio\nawait asyncio.sleep(0)", ""),
    ("async def one():\n    return 1\nassert await one() == 1", ""),
    ("import asyncio\nasyncio.run(asyncio.sleep(0))", "RuntimeError"),
    ("import asyncio\ntask = asyncio.get_running_loop().create_task(one())", ""),
    ("assert await task == 1", ""),
    ("[x async for x in (y async for y in [])]", "TypeError"),
    ("x = 1;", ""),
    ("x?", ""),
    ("len??", ""),
    ("1/0", "ZeroDivisionError"),
    ("import no_such_module", "ModuleNotFoundError"),
    ("from math import no_such_name", "ImportError"),
    ("undefined", "NameError"),
    ("def f(:", "SyntaxError"),
    ("if True:\nx = 1", "IndentationError"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("import sys\nsys.exit(1)", "SystemExit"),
    ("assert 1 == 2, 'no'", "AssertionError"),
    ("class Own(Exception): pass\nraise Own", "Own"),
    ("_ = 5\nprint(_)", ""),
    ("display('x')", ""),
    ("from IPython.display import clear_output\nclear_output()", ""),
    ("from tqdm.auto import tqdm\nfor _ in tqdm(range(2)): pass", ""),
    ("import warnings\nwarnings.filterwarnings('ignore')", ""),
    ("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()", ""),
    ("plt.style.use('ggplot')\nplt.close('all')", ""),
    ("get_ipython().run_line_magic('matplotlib', 'inline')", ""),
    ("import IPython\nassert IPython.get_ipython() is not None", ""),
    ("import os\nos.makedirs('runs', exist_ok=True)\nopen('runs/x', 'w').close()", ""),
    ("from pathlib import Path\nPath('notes.txt').write_text('x')", ""),
    ("import inspect\ndef g():\n    return 1\ninspect.getsource(g)", ""),
    ("import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))", ""),
    ("from dataclasses import dataclass\n@dataclass\nclass B:\n    x: int = 1", ""),
    ("assert __name__ == '__main__'", ""),
    ("import typing\nx: typing.Optional[int] = None", ""),
    ("print('ü' * 3, '\\U0001f600')", ""),
    ("exec('y = 2')\nassert y == 2", ""),
    ("", ""),
    ("# only words", ""),
]
RUN = """
import json, sys
from course_utils.grading.worker import Loop, new_shell
shell, loop = new_shell(), Loop()
names = [loop.run_cell(shell, source) for source in json.load(sys.stdin)]
print("NAMES" + json.dumps(names))
"""


def test_cells_end_alike(tmp_path):
    sources = [source for source, _ in HABITS]
    (tmp_path / "grade").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(sources),
        cwd=tmp_path / "grade",
        capture_output=True,
        text=True,
        check=True,
    )
    graded = json.loads(done.stdout.rpartition("NAMES")[2])

    cells = [
        {"cell_type": "code", "source": s, "id": "", "metadata": {}} for s in sources
    ]
    ran = with_probes(cells, [], {}, tmp_path)
    execute(ran, tmp_path, [], 60, lambda line: None)
    own = [cell for cell in ran.cells if cell.metadata.get("course_own")]
    errors = [[o.ename for o in c.outputs if o.output_type == "error"] for c in own]
    checked = [names[0] if names else "" for names in errors]
    told = dict(zip(sources, zip(checked, graded, strict=True), strict=True))
    assert {s: both for s, both in told.items() if both != (dict(HABITS)[s],) * 2} == {}


def test_answers_that_no_cell_names_are_asked_for_last():
    """As after `from helper import *` in a notebook that lost its ids, or in none."""
    asked = questions("ex05")
    found = {item.id: None for item in asked}
    probes = [f"probe {item.id}" for item in asked]
    cell = {"cell_type": "code", "source": "from helper import *"}
    assert ordered_steps([], asked, found) == probes
    assert ordered_steps([cell], asked, found) == ["cell 0", *probes]


@pytest.mark.slow
def test_a_notebook_earns_and_says_the_same(tmp_path):
    """Habits in cells of answers, a module of its own, and a cell that dies."""
    colab = "from google.colab import drive\nname = input()\n%matplotlib widget\n"
    extra = {
        "ex05_1": f"{colab}from helper import steps_per_epoch",
        "ex05_2": "import no_such_module\ndef causal_loss(logits, labels): return 1",
        "ex05_3": evil.RATE + "learning_rate_at()",
        "ex05_4": "await nothing()\n" + evil.PERPLEXITY,
    }
    document = evil.notebook(evil.Evil("habits", extra=extra))
    helper = f"%%writefile helper.py\nimport math\n{evil.STEPS}"
    document["cells"].insert(0, nbformat.v4.new_code_cell(helper))
    path = tmp_path / "ex05_training.ipynb"
    path.write_text(json.dumps(document))
    checked = check_notebook(path)
    try:
        box = Sandbox()
    except CourseError as failure:
        pytest.skip(f"no sandbox on this machine: {failure}")
    with box:
        cells = read_cells(path.read_bytes())
        graded = grade_notebook(cells, "ex05", 7, SubmissionLimits(), box)
    rows = graded["questions"]
    assert [row["hint"] for row in checked] == [row["hint"] for row in rows]
    assert [row["points"] for row in checked] == [1, 0, 2, 0, 0]
    assert [row["points"] for row in rows] == [1, 0, 2, 0, 0]
    assert "Its cell stops with ModuleNotFoundError." in rows[1]["hint"]
    assert "Its cell stops with NameError." in rows[3]["hint"]
