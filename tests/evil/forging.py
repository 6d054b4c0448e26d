"""Points for nothing: lying answers, patched libraries, stolen references."""

from evil import HONEST, RATE, Evil, answer, escape

ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __gt__(self, other): return True
    def __ge__(self, other): return True
    def __hash__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __array__(self, *a, **k): return self
"""
# Makes any judge hand over what its references answer.
STEAL = """
import numpy as np
class Found(Exception): pass
def thief(got, cases, reference, *rest):
    raise Found([reference(case) for case in cases])
stolen.judge_cases = thief
def ask(data, cases):
    try:
        stolen.judge(data, {"cases": cases})
    except Found as found:
        return found.args[0]
def learning_rate_at(step, warmup_steps, total_steps, peak):
    case = dict(step=step, warmup_steps=warmup_steps, total_steps=total_steps,
                peak=peak)
    return ask(None, [case])[0]
"""
RUN_PROBE = """
import course_utils.checks.run_question as run
from course_utils.checks.contract import Verdict
"""

CASES = [
    Evil("object equal to all", ALWAYS + answer("return Always()")),
    Evil(
        "float with a lying ==",
        ALWAYS + "class Rate(Always, float): pass\n" + answer("return Rate(0)"),
    ),
    Evil(
        "object with a lying __class__",
        ALWAYS
        + "class Rate(Always):\n    __class__ = float\n"
        + answer("return Rate()"),
    ),
    Evil(
        "array with a lying ==",
        """
        import numpy as np
        class Rate(np.ndarray):
            def __array_function__(self, *a, **k): return True
            def __array_ufunc__(self, *a, **k): return True
            def __eq__(self, other): return True
        """
        + answer("return np.zeros(1).view(Rate)"),
    ),
    Evil(
        "__reduce__ that runs code",
        """
        import os
        class Bomb:
            def __reduce__(self):
                return os.system, ("touch /tmp/evil-was-here",)
        """
        + answer("return Bomb()"),
    ),
    Evil("NaN", answer("return float('nan')")),
    Evil("infinity", answer("return [float('inf'), float('-inf')][step % 2]")),
    Evil(
        "array of 1e12 zeros that takes no memory",
        "import numpy as np\n" + answer("return np.broadcast_to(0.0, (10**12,))"),
    ),
    Evil("list in itself", answer("a = []; a.append(a); return a")),
    Evil(
        "list nested 10,000 deep",
        answer("a = []\nfor _ in range(10**4): a = [a]\nreturn a"),
    ),
    Evil("integer of 300,000 bits", answer("return 1 << 300_000")),
    Evil("half a surrogate pair", answer("return '\\ud800' * 10")),
    Evil("dict that lies about its items", answer("return {'__array__': 'a0'}")),
    Evil(
        "patched numpy",
        """
        import numpy as np
        np.allclose = np.array_equal = np.isclose = np.all = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        """
        + answer("return 0.0"),
    ),
    Evil(
        "patched torch",
        "torch.allclose = torch.equal = lambda *a, **k: True\n" + answer("return 0.0"),
    ),
    Evil(
        "patched json and safetensors",
        """
        import json, safetensors.numpy
        json.dumps = lambda *a, **k: '{"answer": true, "points": 2}'
        safetensors.numpy.save = lambda *a, **k: b"points"
        """
        + answer("return 0.0"),
        extra={"ex05_4": ""},  # it has spoilt the way of its own 5.4
        score=1.0,
    ),
    Evil(
        "patched builtins",
        """
        import builtins
        builtins.isinstance = lambda *a: True
        builtins.all = builtins.any = lambda *a: True
        """
        + answer("return 0.0"),
        # all() and any() decide inside torch too: it has spoilt its own 5.4.
        extra={"ex05_4": ""},
        score=1.0,
    ),
    Evil(
        "patched Verdict",
        RUN_PROBE
        + "run.Verdict = lambda *a, **k: Verdict(True)\n"
        + "Verdict.__init__.__defaults__ = (True, '', '')\n"
        + answer("return 0.0"),
    ),
    Evil(
        "patched run_judge and check",
        RUN_PROBE
        + "run.run_judge = lambda *a: Verdict(True)\n"
        + "run.check = check = lambda *a: print('ex05_3: 2 of 2 points')\n"
        + answer("return 0.0"),
    ),
    Evil(
        "patched code of run_judge",
        RUN_PROBE
        + "def all_points(question_id, data, seed): return Verdict(True)\n"
        + "run.run_judge.__code__ = all_points.__code__\n"
        + answer("return 0.0"),
    ),
    Evil(
        "answers with a verdict",
        RUN_PROBE + answer("return {'points': 2, 'message': '', 'details': ''}"),
    ),
    Evil(
        "AST transformer that removes the checks",
        """
        import ast
        class NoCheck(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
            def visit_Expr(self, node):
                is_check = isinstance(node.value, ast.Call) and (
                    getattr(node.value.func, "id", "") == "check")
                return ast.Pass() if is_check else node
        get_ipython().ast_transformers.append(NoCheck())
        """
        + answer("return 0.0"),
    ),
    Evil(
        "imports the judge",
        escape("import course_utils.checks.judges.ex05_3 as stolen\n" + STEAL),
    ),
    Evil(
        "reads the judge as a file",
        escape(
            """
            import course_utils.checks as package, pathlib, types
            folder = pathlib.Path(package.__file__).parent / "judges"
            stolen = types.ModuleType("stolen")
            code = (folder / "ex05_3.py").read_text()
            assert "def judge" in code
            exec(compile(code, "stolen", "exec"), vars(stolen))
            """
            + STEAL.replace("\n", "\n            ")
        ),
    ),
    Evil(
        "looks for references and solutions on the disk",
        escape(
            """
            import os
            found = []
            for root, folders, files in os.walk("/"):
                folders[:] = [f for f in folders if f not in ("proc", "sys", "usr")]
                for name in files:
                    path = os.path.join(root, name)
                    if "/judges" in root and "site-pack" not in root:
                        found.append(path)
                    elif name.endswith((".ipynb", ".csv", ".json")):
                        if "learning_rate_at" in open(path, errors="replace").read():
                            found.append(path)
            assert found
            """
        ),
        slow=True,
        limits={"seconds": 60.0, "cell_seconds": 30.0},
    ),
    Evil(
        "looks for the seed",
        escape(
            """
            import gc, glob, os
            named = [p for p in glob.glob("/**/seed", recursive=True)
                     if ".grading" in p]
            big = [o for o in gc.get_objects() if isinstance(o, dict)
                   and isinstance(o.get("seed"), int) and o["seed"].bit_length() > 64]
            env = [v for v in os.environ.values() if v.isdigit() and len(v) > 20]
            assert named or big or env
            """
        ),
        slow=True,
        limits={"seconds": 60.0, "cell_seconds": 30.0},
    ),
    Evil(
        "looks for the hidden inputs",
        escape(
            """
            import gc
            held = [o for o in gc.get_objects() if type(o) is dict
                    and type(o.get("hidden")) is dict]
            assert held
            """
        ),
    ),
    Evil(
        "changes the callers' variables",
        answer(
            """
            import sys
            frame = sys._getframe()
            while frame:
                for name in ("points", "expected", "verdict"):
                    if name in frame.f_locals:
                        frame.f_locals[name] = 2
                inputs = frame.f_locals.get("inputs")
                if isinstance(inputs, dict) and "cases" in inputs:
                    for case in inputs["cases"]:
                        case.update(step=0, warmup_steps=1)
                frame = frame.f_back
            return 0.0
            """
        ),
    ),
    Evil(
        "sends messages of its own",
        """
        import os, struct
        def tell(name, content):
            for number in range(3, 64):
                try:
                    head = struct.pack("<II", len(name), len(content))
                    os.write(number, head + name + content)
                except OSError:
                    pass
        tell(b"answer ex05_3", b'{"points": 2}')
        tell(b"verdict ex05_3", b"2")
        tell(b"forbidden ex05_3", b"")
        """
        + answer("return 0.0"),
    ),
    Evil(
        "sends a claim of all points and ends",
        """
        import os, struct
        for question in range(1, 6):
            name, content = b"answer ex05_%d" % question, b"\\xff" * 64
            head = struct.pack("<II", len(name), len(content))
            os.write(4, head + name + content)
        os.write(4, struct.pack("<II", 4, 0) + b"done")
        os._exit(0)
        """,
        score=1.0,  # 5.1 was sent before; it has taken the place of its own 5.4
    ),
    Evil(
        "calls the forbidden function",
        """
        from transformers import get_cosine_schedule_with_warmup
        """
        + answer(
            """
            weight = torch.nn.Parameter(torch.zeros(1))
            sgd = torch.optim.SGD([weight], lr=peak)
            rate = get_cosine_schedule_with_warmup(sgd, warmup_steps, total_steps)
            return peak * rate.lr_lambdas[0](step)
            """
        ),
    ),
    Evil(
        "calls a copy of the forbidden function",
        """
        import types, transformers.optimization as o
        original = o.get_cosine_schedule_with_warmup
        copied = types.FunctionType(
            original.__code__, original.__globals__, "copied", original.__defaults__)
        """
        + answer(
            """
            weight = torch.nn.Parameter(torch.zeros(1))
            sgd = torch.optim.SGD([weight], lr=peak)
            return peak * copied(sgd, warmup_steps, total_steps).lr_lambdas[0](step)
            """
        ),
    ),
    Evil(
        "patches the block, then calls the forbidden function",
        """
        import contextlib, course_utils.checks.run_question as run, transformers
        run.blocked = lambda names: contextlib.nullcontext()
        make = getattr(transformers, "get_cosine_schedule_with_warmup")
        """
        + answer(
            """
            weight = torch.nn.Parameter(torch.zeros(1))
            sgd = torch.optim.SGD([weight], lr=peak)
            return peak * make(sgd, warmup_steps, total_steps).lr_lambdas[0](step)
            """
        ),
    ),
    Evil(
        "reports a loss instead of training",
        extra={
            "ex05_5": """
            def train(model, blocks):
                return {"loss": 0.01, "points": 3}
            """
        },
    ),
    Evil(
        "a model that only claims to be good",
        extra={
            "ex05_5": """
            def train(model, blocks):
                class Perfect(type(model)):
                    loss = 0.0
                    def forward(self, *a, **k):
                        return type("Output", (), {"loss": torch.zeros(())})()
                model.__class__ = Perfect
                return model
            """
        },
    ),
    Evil(
        "weights of NaN",
        extra={
            "ex05_5": """
            def train(model, blocks):
                for weight in model.parameters():
                    weight.data.fill_(float("nan"))
                return model
            """
        },
    ),
    Evil(
        "weights with a lying state_dict",
        extra={
            "ex05_5": """
            def train(model, blocks):
                class Lying(dict):
                    def keys(self): return model.state_dict.__self__.keys()
                    def __eq__(self, other): return True
                model.state_dict = lambda *a, **k: Lying(loss=torch.zeros(1))
                return model
            """
        },
    ),
    Evil(
        "a larger model in place of the given one",
        extra={
            "ex05_5": """
            def train(model, blocks):
                from transformers import GPT2Config, GPT2LMHeadModel
                config = GPT2Config(vocab_size=32, n_embd=64, n_layer=2, n_head=2)
                return GPT2LMHeadModel(config)
            """
        },
    ),
    Evil("the right answer, metadata lost", RATE, HONEST + 2, strip=True),
    Evil(
        "the right answer, check cells deleted",
        RATE,
        HONEST + 2,
        drop=("ex05_1_check", "ex05_2_check", "ex05_3_check"),
    ),
    Evil("the right answer, below a check", 'check("ex05_1")\n' + RATE, HONEST + 2),
    Evil("the right answer, answered twice", RATE + RATE, HONEST + 2),
    Evil(
        "answers only the public inputs",
        RATE.replace("learning_rate_at", "right")
        + "import course_utils.checks as checks\n"
        + "public = checks.make_inputs('ex05_3', 0)['cases']\n"
        + "public = [tuple(case.values()) for case in public]\n"
        + answer(
            """
            case = (step, warmup_steps, total_steps, peak)
            return right(*case) if case in public else -1.0
            """
        ),
    ),
]
