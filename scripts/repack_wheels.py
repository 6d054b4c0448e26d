"""Make wheels smaller, so that they fit beside the checkout (scripts/gpu_offline.sh).

    python -m scripts.repack_wheels .whl

A wheel is a zip file, and pip reads every method of compression that Python's zipfile
knows. LZMA takes about a fifth less than the usual one. The files inside stay as they
are, and with them the hashes in RECORD.
"""

import zipfile
from argparse import ArgumentParser
from pathlib import Path

from course_utils.machine.files import atomic_path


def repack(wheel: Path) -> int:
    """Compress a wheel's files by LZMA, in place; return the bytes that it saved.

    A wheel that would not become smaller stays as it is.
    """
    before = wheel.stat().st_size
    with atomic_path(wheel) as temporary:
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(temporary, "w") as new:
            for item in old.infolist():
                content = old.read(item)
                item.compress_type = zipfile.ZIP_LZMA
                new.writestr(item, content)
        if temporary.stat().st_size >= before:
            temporary.write_bytes(wheel.read_bytes())
    return before - wheel.stat().st_size


def main() -> None:
    """Repack every wheel of a folder, and say what that gave."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    wheels = sorted(parser.parse_args().folder.glob("*.whl"))
    saved = sum(map(repack, wheels))
    size = sum(wheel.stat().st_size for wheel in wheels)
    print(f"{len(wheels)} wheels, {size / 1e6:.1f} MB, {saved / 1e6:.1f} MB saved")


if __name__ == "__main__":
    main()
