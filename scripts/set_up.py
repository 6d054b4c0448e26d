"""Install the course into a virtual environment, with one line that moves.

    python3 scripts/set_up.py .venv
    python3 scripts/set_up.py .venv --index ADDRESS     # where torch comes from
    python3 scripts/set_up.py .venv-wheel --wheel FILE  # a built wheel, no checkout

The Makefile runs this with the machine's own Python, before any package is installed,
so it needs the standard library alone. What pip says goes to setup.log in the
environment. In a pipe, each step is one plain line.
"""

import re
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BAR = 24  # characters
SEEN = re.compile(
    r"^(?:Collecting|Processing|Requirement already satisfied:) ([\w./+-]+)", re.M
)
BYTES = re.compile(r"^Progress (\d+) of (\d+)", re.M)
INSTALLING = re.compile(r"^Installing collected packages: (.*)", re.M)
LARGE = 5_000_000  # bytes; a smaller file comes too fast to be worth a count


def main() -> int:
    """Set up the environment; return the exit status."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("environment", type=Path)
    parser.add_argument("--index", default="", help="an index to take torch from")
    parser.add_argument("--wheel", help="install this, instead of the checkout")
    options = parser.parse_args()
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    torch = next(pin for pin in pins if pin.startswith("torch=="))
    index = ["--index-url", options.index] if options.index else []
    what = [f"{options.wheel}[dev]"] if options.wheel else ["-e", f"{ROOT}[dev]"]
    course = ["-c", str(ROOT / "constraints.txt"), *what]
    steps = [
        ("pip", ["--upgrade", "pip"], 1),
        ("torch", [*index, torch], 10),
        ("the course and its tools", course, len(pins)),
    ]
    print(f"Setting up {options.environment}: a few hundred MB of downloads, once.")
    start = time.monotonic()
    try:
        python = options.environment / "bin" / "python"
        if not installed(python):  # not even pip: venv says itself what is missing
            make = [sys.executable, "-m", "venv", str(options.environment)]
            if status := subprocess.run(make).returncode:
                return status
        log = options.environment / "setup.log"
        log.write_text("", encoding="utf-8")
        for number, (name, arguments, packages) in enumerate(steps, start=1):
            show = line(f"{number}/{len(steps)} {name}", start)
            if status := install(python, arguments, log, packages, show):
                return failed(log, status)
    except KeyboardInterrupt:
        print("\nInterrupted. The same command starts again; downloads are kept.")
        return 130
    print(f"  ready after {clock(time.monotonic() - start)}")
    return 0


def install(
    python: Path,
    arguments: Sequence[str],
    log: Path,
    packages: int,
    show: Callable[[float, str], None],
) -> int:
    """Run `pip install` and show how far it is; return its exit status.

    Args:
        python: of the environment.
        arguments: of pip.
        log: where pip's output is added.
        packages: how many it will be about, those included that are there already.
        show: called five times a second with the share that is done, and what is being
            done.
    """
    command = [str(python), "-m", "pip", "install", "--no-input", *arguments]
    if "pip" not in arguments:  # the pip that is upgraded may be too old for this
        command += ["--progress-bar", "raw"]
    before = installed(python)
    with log.open("a", encoding="utf-8") as output:
        begin = output.tell()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                said = log.read_bytes()[begin:].decode("utf-8", "replace")
                show(*state(said, installed(python) - before, packages))
                time.sleep(0.2)
        finally:
            process.terminate()
            process.wait()
    if process.returncode == 0:
        show(1.0, "")
    return process.returncode


def state(said: str, done: int, packages: int) -> tuple[float, str]:
    """Return how far pip is, from 0 to 1, and what it is doing, from what it said.

    Fetching is half of the way, and installing the other half.

    Args:
        said: pip's output so far.
        done: how many packages it has installed.
        packages: how many it fetches or finds, about.
    """
    if found := INSTALLING.findall(said):
        names = found[-1].split(", ")
        share = min(0.5 + done / len(names) / 2, 0.99)
        return share, f"installing {len(names)} package{'s' * (len(names) > 1)}"
    names = SEEN.findall(said)
    if not names:
        return 0.0, "looking"
    share = min(len(set(names)) / packages, 1.0) / 2
    name = names[-1].rpartition("/")[2].split("-")[0]
    counts = BYTES.findall(said[said.rindex(names[-1]) :])
    if counts and int(counts[-1][1]) > LARGE:
        now, total = (int(number) / 1e6 for number in counts[-1])
        return share, f"fetching {name}: {now:.0f} of {total:.0f} MB"
    return share, f"fetching {name}"


def installed(python: Path) -> int:
    """Return how many packages are in the environment."""
    return len(list(python.parents[1].glob("lib/python*/site-packages/*.dist-info")))


def line(step: str, start: float) -> Callable[[float, str], None]:
    """Return a function that shows one step: a bar in a terminal, or one line."""
    if not sys.stdout.isatty():
        print(f"  {step}", flush=True)
        return lambda share, what: None

    def show(share: float, what: str) -> None:
        seconds = clock(time.monotonic() - start)
        if share == 1.0:
            text = f"  {step}"
        else:
            full = round(share * BAR)
            bar = "#" * full + "-" * (BAR - full)
            text = f"  {step} [{bar}] {seconds}  {what}"
        width = shutil.get_terminal_size().columns - 1
        end = "\n" if share == 1.0 else ""
        print(f"\r\x1b[K{text[:width]}", end=end, flush=True)

    return show


def failed(log: Path, status: int) -> int:
    """Say in one line why pip gave up, and where the rest is."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [one for one in said if one.startswith("ERROR:")] or said[-1:] or [""]
    print(f"\n{errors[-1]}\npip's whole output is in {log}.", file=sys.stderr)
    return status


def clock(seconds: float) -> str:
    """Return minutes and seconds, such as 2:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


if __name__ == "__main__":
    sys.exit(main())
