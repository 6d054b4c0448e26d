"""A small course in a folder: two lessons and an exercise, for tests of authoring."""

from pathlib import Path

# A setup cell that is quick: it asks for the profile and prepares no data.
SETUP = """\
# %% tags=["setup"]
from course_utils import get_profile as start_lesson

profile = start_lesson("tiny")
"""

LESSON_1 = f"""\
# %% [markdown]
# # 1. Count
#
# You will be able to count. Next: [add](02_add.ipynb).

{SETUP}
# %%
from course_utils import record

record("language_model.initial_loss", 6.5)
record("language_model.log_vocab", 6.9)
record("sources.language", "made up")

# %% tags=["nbval-check-output"]
print(1 + 1)
"""

LESSON_2 = f"""\
# %% [markdown]
# # 2. Add

{SETUP}
# %%
from course_utils import record

record("language_model.scratch.perplexity_before", 1000.0)
record("language_model.scratch.perplexity_after", 50.0)
counting = {{"bigram": {{"perplexity": 60.5, "bits_per_byte": 2.25}}}}
record("language_model.counting", counting)
"""

EXERCISE = f"""\
# %% [markdown]
# # Exercise 1. Count

{SETUP}
# %% answer="ex01_1"
def double(x):
    \"\"\"Return twice x.\"\"\"
    # return twice `x`
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% check="ex01_1"
assert double(2) == 4

# %% [markdown] tags=["solution-only"]
# <details><summary>Why</summary>Because two is twice one.</details>

# %% answer="ex01_2"
# set `rate` to 3
### BEGIN SOLUTION
rate = 3
### END SOLUTION

# %% check="ex01_2"
assert rate == 3

# %% [markdown] answer="ex01_3" points=4
# A model answer.

# %% [markdown]
# | 1.1 | doubles | {{points}} |
# | 1.3 | words | {{points}} |
"""

PYPROJECT = """\
[project]
name = "a-course"

[tool.course]
# the course's public home
repo = ""
tag = ""

[tool.ruff]
line-length = 88
"""


def write_course(root: Path) -> Path:
    """Write the example's sources below `root`; return `root`."""
    for path, text in {
        "pyproject.toml": PYPROJECT,
        "source/lessons/01_count.py": LESSON_1,
        "source/lessons/02_add.py": LESSON_2,
        "source/exercises/ex01_count.py": EXERCISE,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root
