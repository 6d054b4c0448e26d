"""Run lessons in the full profile against a Hub on this machine (tests/hub).

python -m scripts.gpu_lessons --out build/lessons --lessons 03,05
"""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Serve the repositories, run the lessons; return their exit status."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lessons", default="03,04,05,06,07,08")
    parser.add_argument("--profile", default="full")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from hub.repos import write_repos
    from hub.server import Hub

    command = [sys.executable, "-m", "course_utils", "run", "--strict"]
    command += ["--profile", options.profile, "--lessons", options.lessons]
    with tempfile.TemporaryDirectory() as folder:
        places = {"HF_HOME": f"{folder}/hf", "COURSE_HOME": f"{folder}/course"}
        places["COURSE_RUNS"] = f"{folder}/runs"
        with Hub(write_repos(Path(folder) / "repos")) as hub:
            environment = os.environ | places | {"HF_ENDPOINT": hub.url}
            done = subprocess.run(
                [*command, "--out", str(options.out)], cwd=ROOT, env=environment
            )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
