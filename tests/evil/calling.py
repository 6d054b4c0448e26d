"""Calls of a forbidden function, and answers that a notebook sends itself.

What is in plain sight is stopped. What is hidden from whoever reads the names is
listed, and earns what copying the function's code would earn.
"""

from textwrap import dedent

from evil import HONEST, RATE, Evil, answer

IMPORT = "from transformers import get_cosine_schedule_with_warmup\n"
# A schedule's function, given the name of the forbidden one.
USE = """
weight = torch.nn.Parameter(torch.zeros(1))
sgd = torch.optim.SGD([weight], lr=peak)
return peak * {}(sgd, warmup_steps, total_steps).lr_lambdas[0](step)
"""
CALL = answer(USE.format("get_cosine_schedule_with_warmup"))
NOT_ALLOWED = "which it may not"
# The body of a sender: it finds the inputs, answers by itself, and tells the grader.
SEND = """
import os, struct, sys
def tell(name, content=b""):
    name = name.encode()
    os.write(4, struct.pack("<II", len(name), len(content)) + name + content)
def inputs(question):
    frame = sys._getframe()
    while frame:
        job = frame.f_locals.get("job")
        if isinstance(job, dict) and "inputs" in job:
            return job["inputs"][question]
        frame = frame.f_back
from course_utils.checks.plain_data import to_bytes
def forged():
    cases = inputs("ex05_3")["cases"]
    return to_bytes({"answer": [right(*case.values()) for case in cases]})
"""
RIGHT = RATE.replace("learning_rate_at", "right")
WRONG = answer("return -1.0")


def hidden(name: str, code: str, word: str) -> Evil:
    """Return an attack that is listed by this word, and may earn its points."""
    return Evil(name, dedent(code), HONEST + 2, listed=word)


def seen(name: str, code: str) -> Evil:
    """Return an attack whose forbidden name stands in plain sight."""
    return Evil(name, code, listed=NOT_ALLOWED)


CASES = [
    seen("forbidden, below a ! line", IMPORT + "!ls\n" + CALL),
    seen("forbidden, below an indented ! line", IMPORT + "if 1:\n    !ls\n" + CALL),
    seen("forbidden, below an assigned ! line", IMPORT + "files = !ls\n" + CALL),
    seen("forbidden, below a help line", IMPORT + "len?\n" + CALL),
    seen("forbidden, in a %%time cell", "%%time\n" + IMPORT + CALL),
    seen("forbidden, in a %%capture cell", "%%capture\n" + IMPORT + CALL),
    seen(
        "forbidden, a % line inside brackets",
        IMPORT
        + "make = (1\n% 2 and\nget_cosine_schedule_with_warmup)\n"
        + answer(USE.format("make")),
    ),
    seen(
        "forbidden, by a star import",
        "from transformers.optimization import *\n" + CALL,
    ),
    seen(
        "forbidden, bound by global",
        IMPORT
        + "def bind():\n    global make\n    make = get_cosine_schedule_with_warmup\n"
        + "bind()\n"
        + answer(USE.format("make")),
    ),
    seen(
        "forbidden, bound by a match",
        IMPORT
        + "match [get_cosine_schedule_with_warmup]:\n    case [make]: pass\n"
        + answer(USE.format("make")),
    ),
    seen(
        "forbidden, bound by a loop",
        IMPORT
        + "for make in [get_cosine_schedule_with_warmup]: pass\n"
        + answer(USE.format("make")),
    ),
    seen(
        "forbidden, in an attribute",
        IMPORT
        + "class Box: pass\nBox.make = get_cosine_schedule_with_warmup\n"
        + answer(USE.format("Box.make")),
    ),
    seen(
        "forbidden, as a default",
        IMPORT
        + "def made(*a, make=get_cosine_schedule_with_warmup): return make(*a)\n"
        + answer(USE.format("made")),
    ),
    Evil(
        "forbidden, in a module that the notebook writes",
        "from helper import made\n" + answer(USE.format("made")),
        extra={
            "ex05_2": "%%writefile helper.py\n"
            + IMPORT
            + "made = get_cosine_schedule_with_warmup"
        },
        listed=NOT_ALLOWED,
    ),
    Evil(
        "forbidden, by getattr of two halves",
        "import transformers.optimization as o\n"
        + "make = getattr(o, 'get_cosine_schedule' + '_with_warmup')\n"
        + answer(USE.format("make")),
        listed="getattr",
    ),
    Evil(
        "forbidden, by globals()",
        "from transformers.optimization import *\n"
        + "make = globals()['get_cosine_schedule' + '_with_warmup']\n"
        + answer(USE.format("make")),
        listed="globals",
    ),
    Evil(
        "forbidden, by importlib",
        "import importlib, operator\n"
        + "name = 'get_cosine_schedule' + '_with_warmup'\n"
        + "make = vars(importlib.import_module('transformers.optimization'))[name]\n"
        + answer(USE.format("make")),
        listed="importlib",
    ),
    Evil(
        "forbidden, by exec",
        "exec('from transformers.optimization import get_cosine_sch'\n"
        "     'edule_with_warmup as make')\n" + answer(USE.format("make")),
        listed="exec",
    ),
    Evil(
        "forbidden, by the shell's names",
        "import transformers.optimization as o\n"
        "get_ipython().user_ns['make'] = o.__dict__['get_cosine_sch'\n"
        "    'edule' '_with_warmup']\n" + answer(USE.format("make")),
        listed="user_ns",
    ),
    Evil(
        "forbidden, by pickle",
        "import pickle\n"
        "make = pickle.loads(b'ctransformers.optimization\\n'\n"
        "                    b'get_cosine_sch' b'edule_with_warmup\\n.')\n"
        + answer(USE.format("make")),
        listed="pickle",
    ),
    hidden(
        "forbidden, with resolve_name patched",
        "import course_utils.checks.run_question as run\n"
        "import transformers.optimization as o\n"
        "run.resolve_name.__code__ = (lambda name: (lambda: 0)).__code__\n"
        "make = getattr(o, 'get_cosine_sch' + 'edule_with_warmup')\n"
        + answer(USE.format("make")),
        "__code__",
    ),
    hidden(
        "forbidden, a copy of its code",
        "import types, transformers.optimization as o\n"
        "old = getattr(o, 'get_cosine_sch' + 'edule_with_warmup')\n"
        "make = types.FunctionType(old.__code__, old.__globals__, 'f',\n"
        "                          old.__defaults__)\n" + answer(USE.format("make")),
        "FunctionType",
    ),
    hidden(
        "forbidden, its code put back by a profiler",
        "import sys, transformers.optimization as o\n"
        "make = getattr(o, 'get_cosine_sch' + 'edule_with_warmup')\n"
        "code = make.__code__\n"
        "def watch(*a):\n    if make.__code__ is not code: make.__code__ = code\n"
        "sys.setprofile(watch)\n" + answer(USE.format("make")),
        "setprofile",
    ),
    hidden(
        "forbidden, its code put back by a thread",
        "import threading, time, transformers.optimization as o\n"
        "make = getattr(o, 'get_cosine_sch' + 'edule_with_warmup')\n"
        "code = make.__code__\n"
        "def watch():\n    while True: make.__code__ = code; time.sleep(0.001)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        + answer("import time; time.sleep(0.01)\n" + USE.format("make").strip()),
        "threading",
    ),
    Evil(
        "sends its answer before the check",
        SEND + RIGHT + "tell('answer ex05_3', forged())\n" + WRONG,
        listed="of its own making",
    ),
    Evil(
        "begins the check itself, and sends its answer",
        SEND
        + RIGHT
        + "tell('probe ex05_3'); tell('answer ex05_3', forged())\n"
        + WRONG,
        listed="has forged its check",
    ),
    Evil(
        "sends its answer from the check of another question",
        WRONG,
        1.0,  # it has taken the place of its own 5.4
        extra={
            "ex05_4": SEND
            + RIGHT
            + "def perplexity(batches):\n"
            + "    tell('answer ex05_3', forged())\n"
            + "    return 0.0\n"
        },
        listed="of its own making",
    ),
    Evil(
        "takes back what it may not refer to",
        SEND + "tell('forbidden ex05_3'); tell('hiding')\n" + IMPORT + CALL,
        listed=NOT_ALLOWED,
    ),
    hidden(
        "sends its answer in the place of the runner",
        SEND
        + RIGHT
        + "def learning_rate_at(*a):\n"
        + "    tell('answer ex05_3', forged()); return -1.0\n",
        "_getframe",
    ),
]
