"""Until something happens: the course's command and library, against others'.

A process a call, so its figures hold Python's own start too.
"""

import subprocess
import sys
from pathlib import Path

from course_utils.commands.bench import Case


def cases() -> list[Case]:
    """Print a command's help; import a library."""
    scripts = Path(sys.executable).parent
    return [
        Case(
            name="start-up: --help",
            unit="starts",
            work=1,
            course=lambda: run(scripts / "course", "--help"),
            usual={
                f"{name} --help": lambda name=name: run(scripts / name, "--help")
                for name in ("transformers", "accelerate")
            },
        ),
        Case(
            name="start-up: import",
            unit="starts",
            work=1,
            course=lambda: run(sys.executable, "-c", "import course_utils"),
            usual={
                "import transformers": lambda: run(
                    sys.executable, "-c", "import transformers"
                )
            },
        ),
    ]


def run(*command: str | Path) -> None:
    """Run a command to its end."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
