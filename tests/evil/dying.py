"""A kernel that dies or a parser that breaks: points earned before it stay."""

from evil import HONEST, RATE, Evil, answer

CASES = [
    Evil("os._exit in a cell", "import os\nos._exit(0)", deaths=1),
    Evil("os._exit in the answer", "import os\n" + answer("os._exit(0)"), deaths=1),
    Evil(
        "dies after all answers",
        RATE,
        HONEST + 2,
        extra={"ex05_5": "import os\nos.kill(os.getpid(), 9)\nos._exit(9)"},
        deaths=1,
    ),
    Evil("abort", "import os\nos.abort()", deaths=1),
    Evil("null pointer", "import ctypes\nctypes.string_at(0)", deaths=1),
    Evil(
        "stack overflow in C",
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class Deep:\n    def __repr__(self): return repr(self)\nrepr(Deep())",
        deaths=1,
    ),
    Evil("endless recursion", answer("return learning_rate_at(step, 1, 2, 3)")),
    Evil("sys.exit in a cell", "import sys\nsys.exit(0)"),
    Evil("SystemExit in the answer", answer("raise SystemExit")),
    Evil("KeyboardInterrupt in the answer", answer("raise KeyboardInterrupt")),
    Evil(
        "an exception that lies",
        "class Points(BaseException):\n"
        "    def __str__(self): raise self\n"
        "    __repr__ = __str__\n" + answer("raise Points"),
    ),
    Evil("syntax error in a cell", "def learning_rate_at(:"),
    Evil("null bytes in a cell", "x = 1\0\n" + answer("return 0.0")),
    Evil("brackets nested 5,000 deep", "x = " + "[" * 5000 + "]" * 5000),
    Evil("a sum of 100,000 terms", "x = " + "+".join(["1"] * 100_000)),
    Evil("a slow pattern for what finds checks", "# " + "#" * 60 + "\nx"),
    Evil(
        "deletes what the runner needs",
        "import sys\n"
        "for name in list(sys.modules):\n"
        "    if name.startswith(('course_utils', 'numpy', 'safetensors')):\n"
        "        del sys.modules[name]\n",
        score=HONEST,
    ),
]
