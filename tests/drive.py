"""`course ...` in one process, on a folder that behaves like a mounted Google Drive.

    python tests/drive.py DRIVE KILL_AT course arguments ...

Below DRIVE nothing can be linked, and nothing can be moved in or out by a rename. The
process is killed in the middle of writing the first file whose path ends with KILL_AT
("-": never). The profiles keep their settings and get a small model, so that a CPU can
run them; full gets bfloat16, which a CPU has too.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

SHAPE = {"n_embd": 32, "n_layer": 1, "n_head": 2, "n_positions": 64}
SMALL = {"block_size": 32, "batch_size": 2}


def like_drive(drive: Path) -> None:
    """Refuse what a mounted Drive refuses."""

    def is_inside(path: object) -> bool:
        return Path(os.fspath(path)).resolve().is_relative_to(drive)

    def within(rename: Callable) -> Callable:
        def renamed(source, target, **options):
            if is_inside(source) != is_inside(target):
                raise OSError(errno.EXDEV, "Invalid cross-device link", str(target))
            return rename(source, target, **options)

        return renamed

    def unlinked(link: Callable) -> Callable:
        def linked(source, target, *arguments, **options):
            if is_inside(Path(target).parent):
                raise OSError(errno.ENOTSUP, "Operation not supported", str(target))
            return link(source, target, *arguments, **options)

        return linked

    os.rename, os.replace = within(os.rename), within(os.replace)
    os.symlink, os.link = unlinked(os.symlink), unlinked(os.link)


def kill_at(end: str) -> None:
    """Die by SIGKILL with half of that file written."""
    import torch
    from transformers import modeling_utils

    def halved(save: Callable) -> Callable:
        def save_half(thing, path, *arguments, **options):
            save(thing, path, *arguments, **options)
            if str(path).endswith(end):
                os.truncate(path, os.path.getsize(path) // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        return save_half

    torch.save = halved(torch.save)
    modeling_utils.safe_save_file = halved(modeling_utils.safe_save_file)


def shrink_the_profiles() -> None:
    """Give each profile a small model, and nothing that needs the Hub."""
    from course_utils.commands.train import own_text
    from course_utils.lesson.profile import PROFILES

    def get_profile(name: str, **options: bool) -> object:
        profile = PROFILES[name]()
        precision = {"bf16": True} if name == "full" else {}
        models = {
            name: getattr(profile, name) | SHAPE for name in ("model", "scratch_model")
        }
        return replace(profile, precision=precision, **models, **SMALL)

    own_text.get_profile = get_profile


if __name__ == "__main__":
    drive, end, *arguments = sys.argv[1:]
    like_drive(Path(drive).resolve())
    if end != "-":
        kill_at(end)
    shrink_the_profiles()
    from course_utils.commands.cli import main

    sys.argv = ["course", *arguments]
    main()
