"""`course doctor`: what this machine has, and what to mend."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import typer

from course_utils.commands.output import AsJson, ProfileName, notes_console, print_json
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.files import nearest_existing

COURSE = "train-gpt-course"
PACKAGES = ("torch", "transformers", "datasets")  # what every lesson builds on
FREE_GB = 2.0


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        name: what was looked at.
        ok: whether all is well.
        text: what was found.
        advice: what to do if not all is well.
    """

    name: str
    ok: bool
    text: str
    advice: str = ""


def examine(profile: str | None = None) -> list[Finding]:
    """Look at everything a lesson needs; what is missing is a finding, not an error.

    Args:
        profile: the profile to look for; None for the best one on this machine.

    Raises:
        CourseError: there is no such profile.
    """
    from course_utils.lesson.profile import check_name

    if profile is not None:
        check_name(profile)
    findings = [_python(), *_packages()]
    if all(finding.ok for finding in findings):
        runtime.quiet_libraries()
        findings += [_hardware(), _threads()]
    findings += [_network(), _wandb()]
    findings += [_folder("cache", runtime.cache_folder())]
    findings += [_folder("runs", runtime.save_folder())]
    findings += list(_profile(profile))
    return findings


def _python() -> Finding:
    from packaging.specifiers import SpecifierSet

    found = platform.python_version()
    with suppress(PackageNotFoundError):
        needed = SpecifierSet(metadata(COURSE)["Requires-Python"])
        is_new = needed.contains(found, prereleases=True)
        return Finding("python", is_new, found, f"Install Python {needed}.")
    return Finding("python", True, found)


def _packages() -> Iterator[Finding]:
    """Compare what is installed with the lowest versions in pyproject.toml."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requires(COURSE) or ()]
    except PackageNotFoundError:
        yield Finding("course", False, "not installed", f"pip install {COURSE}")
        return
    for package in needed:
        if package.name not in PACKAGES:
            continue
        advice = f"pip install -U '{package.name}{package.specifier}'"
        try:
            found = version(package.name)
        except PackageNotFoundError:
            yield Finding(package.name, False, "not installed", advice)
        else:
            is_new = package.specifier.contains(found, prereleases=True)
            yield Finding(package.name, is_new, found, advice)


def _hardware() -> Finding:
    facts = runtime.hardware()
    place = facts.get("name", facts["device"].upper())
    memory = f", {facts['memory_gb']} GB" if "memory_gb" in facts else ""
    cores = "1 core" if facts["cores"] == 1 else f"{facts['cores']} cores"
    return Finding("hardware", True, f"{place}{memory}, {cores}")


def _threads() -> Finding:
    speeds = runtime.thread_speeds()
    times = ", ".join(f"{n}: {ms:.0f} ms" for n, ms in speeds["milliseconds"].items())
    chosen = runtime.set_threads()
    text = f"{chosen} of {times} a step"
    if os.environ.get("OMP_NUM_THREADS"):
        text += " (OMP_NUM_THREADS is set)"
    slow = speeds["milliseconds"].get(str(chosen), 0) > 1.5 * min(
        speeds["milliseconds"].values()
    )
    return Finding("threads", not slow, text, f"Set OMP_NUM_THREADS={speeds['best']}.")


def _network() -> Finding:
    # Offline is a fact, not a fault: the tiny profile needs no network.
    text = "the Hub answers" if runtime.online() else "offline: the tiny profile works"
    return Finding("network", True, text)


def _wandb() -> Finding:
    has_key = runtime.secret("WANDB_API_KEY") is not None
    text = "a key is there" if has_key else "no key: runs are logged to disk"
    return Finding("wandb", True, text)


def _folder(name: str, folder: Path) -> Finding:
    existing = nearest_existing(folder)
    variable = "COURSE_HOME" if name == "cache" else "COURSE_RUNS"
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return Finding(
            name,
            False,
            f"{folder} cannot be written: {error.strerror}",
            f"Set {variable} to a folder of yours.",
        )
    free = shutil.disk_usage(existing).free / 1e9
    return Finding(
        name,
        free >= FREE_GB,
        f"{folder}, {free:.1f} GB free",
        f"Free {FREE_GB:.0f} GB, or set {variable} to a folder on another disk.",
    )


def _profile(wanted: str | None) -> Iterator[Finding]:
    from course_utils.lesson.profile import get_profile
    from course_utils.model.planner import plan

    try:
        profile = get_profile(wanted, strict=wanted is not None)
    except CourseError as error:
        yield Finding("profile", False, str(error), "course run --profile tiny works.")
        return
    asked = wanted or os.environ.get("COURSE_PROFILE")
    why = {None: "chosen by hardware and network", profile.name: "asked for"}.get(
        asked or None, f"{asked} was asked for, and needs the Hub"
    )
    yield Finding("profile", True, f"{profile.name} ({why})")
    if profile.name != "tiny" and runtime.device().type != "cuda":
        text = "GPT-2 124M on a CPU takes days"
        yield Finding("minutes", False, text, "Use a GPU, or --profile tiny.")
        return
    from transformers import GPT2Config

    planned = plan(
        GPT2Config(**profile.scratch_model),
        batch_size=profile.scratch_batch_size,
        block_size=profile.block_size,
        steps=profile.train_steps,
        accumulation=profile.accumulation,
        precision=runtime.precision_name(profile.precision),
    )
    text = (
        f"about {planned.seconds / 60:.1f} to train from scratch in lesson 05 "
        f"({planned.tokens_per_second:,.0f} tokens/s, "
        f"{planned.memory['peak'] / 1e9:.1f} GB)"
    )
    yield Finding("minutes", True, text)


def doctor(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Say what this machine has, and what to mend."""
    with notes_console().status("looking around"):
        findings = examine(profile)
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _show_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _show_findings(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        mark = "[green]\\[OK][/green]  " if finding.ok else "[red]\\[FAIL][/red]"
        console.print(f"{mark} {finding.name:<10} {escape(finding.text)}")
        if not finding.ok:
            console.print(f"{'':<18}{escape(finding.advice)}")
