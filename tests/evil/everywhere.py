"""Every question of every exercise, answered with what no judge may fall for.

Each value is handed to the check both as the answer itself and as what a function
returns, whichever the question asks for.
"""

from typing import Any

from course_utils.checks import questions
from course_utils.checks.run_question import exercises

HEAD = """
import numpy as np, torch

class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __hash__(self): return 0
    def __bool__(self): return True
    def __len__(self): return 1
    def __iter__(self): return iter([self])
    def __getitem__(self, key): return self
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self
    def __call__(self, *a, **k): return self
    def __float__(self): return 0.0
    def __index__(self): return 0

class Number(Always, float): pass
class Text(Always, str): pass
class Items(Always, list): pass

class Names(Always, dict):
    def keys(self): return Items()
    def items(self): return [("__array__", "a0")]

class Model(torch.nn.Module):
    def forward(self, *a, **k): return Always()
    def state_dict(self, *a, **k): return {}
    def parameters(self, *a, **k): return iter([])
    def named_parameters(self, *a, **k): return iter([])
    def __getattr__(self, name): return Always()

class Liar(Exception):
    def __str__(self): raise self
    __repr__ = __str__

def raises(*a, **k): raise Liar
def changes(*a, **k):
    for value in [*a, *k.values()]:
        try:
            value.clear()
        except Exception:
            pass
        try:
            value[...] = 0
        except Exception:
            pass
    return a[0] if a else None
def deep(*a, **k):
    value = []
    for _ in range(5000): value = [value]
    return value
def gives(value): return lambda *a, **k: value
NAN = float("nan")
"""

# A name for the table, and the code of the answer.
KINDS = {
    "equal to all": "Always()",
    "a number equal to all": "gives(Number(0))",
    "a text equal to all": "gives(Text(''))",
    "a list equal to all": "gives(Items())",
    "a dict that lies": "gives(Names())",
    "NaN": "gives(NAN)",
    "lists of NaN": "gives([[NAN] * 64] * 64)",
    "a tensor of NaN": "gives(torch.full((4, 4), NAN))",
    "an array of nothing": "gives(np.zeros((0, 4)))",
    "a tuple of NaN": "gives((NAN, NAN, NAN))",
    "a dict of NaN": "gives({'mean': NAN, 'std': NAN, 'loss': NAN, 'weights': {}})",
    "infinity": "gives(float('inf'))",
    "None": "gives(None)",
    "True": "gives(True)",
    "no items": "gives([])",
    "no names": "gives({})",
    "no text": "gives('')",
    "1e12 zeros without memory": "gives(np.broadcast_to(0.0, (10**12,)))",
    "300,000 bits": "gives(1 << 300_000)",
    "a model of nothing": "Model()",
    "a function of a model of nothing": "gives(Model())",
    "an exception that lies": "raises",
    "other inputs": "changes",
    "5,000 lists": "deep",
    "a class": "type",
    "itself": "gives(gives)",
    "a generator": "gives(iter([1, 2, 3]))",
    "bytes": "gives(b'points')",
    "a verdict": "gives({'right': True, 'points': 9, 'message': ''})",
    "an array of objects": "gives(np.array([Always()], dtype=object))",
}
ROUNDS = 3  # notebooks of each exercise


def rounds() -> list[tuple[str, int]]:
    """Return each exercise with each number of its notebooks."""
    return [(name, number) for name in exercises() for number in range(ROUNDS)]


def kinds(exercise: str, number: int) -> dict[str, str]:
    """Return the kind of answer that each question gets, by question id.

    All kinds are used, and no question gets one twice.
    """
    names, place = list(KINDS), exercises().index(exercise)
    first = 7 * place + 11 * number
    return {
        item.id: names[(first + index) % len(names)]
        for index, item in enumerate(questions(exercise))
    }


def cells(exercise: str, number: int) -> list[dict[str, Any]]:
    """Return the cells of a notebook in which every answer is an attack."""
    lines = [
        f"{item.name} = {KINDS[kind]}"
        for item, kind in zip(
            questions(exercise), kinds(exercise, number).values(), strict=True
        )
    ]
    sources = [HEAD.strip(), *lines]
    metadata = {"nbgrader": {"grade_id": ""}}
    return [
        {"cell_type": "code", "source": s, "id": "", "metadata": metadata}
        for s in sources
    ]
