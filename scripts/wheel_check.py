"""Build the wheel and test it where the checkout is not; `make test-wheel` runs it.

    python -m scripts.wheel_check

The wheel is built from a copy of the files that git knows, so that nothing left over in
build/ gets in. It goes into .venv-wheel, made afresh, with the packages that pip has
downloaded before. Then the fast tests run in a folder that holds the checkout without
course_utils: what they import is the wheel's.
"""

import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
WHERE = """
import course_utils, sysconfig
from pathlib import Path
place = Path(course_utils.__file__)
assert place.is_relative_to(sysconfig.get_path("purelib")), place
print("course_utils is", place.parent)
"""


def known_files(root: Path = ROOT) -> list[str]:
    """Return the paths of the files that git tracks or would track, below `root`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [path for path in done.stdout.split("\0") if (root / path).is_file()]


def copy_checkout(target: Path, root: Path = ROOT) -> Path:
    """Copy the files that git knows to the new folder `target`; return it."""
    for path in known_files(root):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, target / path)
    return target


def build_wheel(source: Path, out: Path) -> Path:
    """Build the wheel of a copy of the checkout into the folder `out`; return its path.

    Builds in `source`, with this environment's hatchling and without a network.
    """
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    subprocess.run(command, check=True)
    return next(out.glob("*.whl"))


def main() -> int:
    """Build, install and test; return the exit status of the tests."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--index", default="", help="an index to take torch from")
    parser.add_argument("pytest", nargs="*", help="options for pytest, after --")
    options = parser.parse_args()
    environment = ROOT / ".venv-wheel"
    shutil.rmtree(environment, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_checkout(Path(folder) / "checkout")
        wheel = build_wheel(copy, Path(folder) / "dist")
        install = [sys.executable, "scripts/set_up.py", str(environment)]
        install += ["--wheel", str(wheel), "--index", options.index]
        if status := subprocess.run(install, cwd=ROOT).returncode:
            return status
        shutil.rmtree(copy / "course_utils")
        shutil.rmtree(copy / "build", ignore_errors=True)
        for left in copy.glob("*.egg-info"):
            shutil.rmtree(left)
        python = str(environment / "bin" / "python")
        subprocess.run([python, "-c", WHERE], cwd=copy, check=True)
        tests = ["-m", "not slow", "-n", "2", "--dist", "worksteal"]
        tests = options.pytest or tests
        return subprocess.run([python, "-m", "pytest", *tests], cwd=copy).returncode


if __name__ == "__main__":
    sys.exit(main())
