"""Files that are no plain notebooks: bombs, links, odd names."""

import io
import json
import os
import zipfile
from pathlib import Path

from evil import RATE, Evil, notebook

GOOD = json.dumps(notebook(Evil("good", RATE)))
RIGHT_TO_LEFT = "\u202eann"


def zipped(**members: bytes | str) -> bytes:
    """Return an archive of these members, compressed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def lying_zip() -> bytes:
    """Return an archive whose headers say that 300 MB are 1 KB."""
    content = bytearray(zipped(**{"ex05.ipynb": bytes(300 << 20)}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (1024).to_bytes(4, "little")
    return bytes(content)


def quoting_zip() -> bytes:
    """Return 1 MB of archive, in which 20,000 names share the same 19 MB of zeros."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ex05.ipynb", bytes(19 << 20))
        archive.filelist *= 20_000
    return content.getvalue()


def wordy() -> str:
    """Return a notebook with 200 answers in words to questions that nobody asked."""
    document = notebook(Evil("wordy", RATE))
    for number in range(200):
        cell = {"cell_type": "markdown", "id": f"ex05_{100 + number}", "metadata": {}}
        document["cells"].append({**cell, "source": "\U0001f600" * 5000})
    return json.dumps(document, ensure_ascii=False)


def deep_json() -> str:
    """Return a notebook with brackets nested 100,000 deep."""
    return '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}"


# Name of the file, its content, and a word of why it cannot be graded ("": it can).
FILES: list[tuple[str, bytes | str, str]] = [
    ("bomb.zip", zipped(**{"ex05.ipynb": bytes(300 << 20)}), "unpacks"),
    ("liar.zip", lying_zip(), "archive"),
    ("broken.zip", zipped(**{"ex05.ipynb": GOOD})[:-200], "no readable zip"),
    ("climber.zip", zipped(**{"../../../tmp/evil/ex05.ipynb": GOOD}), "no notebook"),
    ("absolute.zip", zipped(**{"/etc/ex05.ipynb": GOOD}), ""),
    ("empty.zip", zipped(), "no notebook"),
    ("nested.zip", zipped(**{"more.zip": zipped(**{"ex05.ipynb": GOOD})}), ""),
    ("many.zip", zipped(**{f"{i}.txt": "" for i in range(20_001)}), "no notebook"),
    ("deep_ex05.ipynb", deep_json(), "no notebook"),
    ("digits_ex05.ipynb", '{"cells": [' + "9" * 10**6 + "]}", "no notebook"),
    ("binary_ex05.ipynb", bytes(range(256)) * 100, "no notebook"),
    ("huge_ex05.ipynb", b" " * (21 << 20), "larger"),
    ("wordy_ex05.ipynb", wordy(), ""),
    ("long_ex05.ipynb", json.dumps({"cells": [{"source": "x" * 5_000_000}]}), "more"),
    ("types_ex05.ipynb", '{"cells": [{"source": {"a": 1}}]}', "no notebook"),
    ("list_ex05.ipynb", "[1, 2]", "no notebook"),
    ("none_ex05.ipynb", '{"cells": [null]}', "no notebook"),
    ("other.ipynb", '{"cells": [{"cell_type": "code", "source": "1"}]}', "no exercise"),
    (f"{RIGHT_TO_LEFT}_ex05.ipynb", GOOD, ""),
    ("<img src=x onerror=alert(1)>_ex05.ipynb", GOOD, ""),
    ("=1+1_ex05.ipynb", GOOD, ""),
    ("new\nline_ex05.ipynb", GOOD, ""),
]


def write(folder: Path) -> None:
    """Write all of them, and links and pipes that no content can be."""
    for name, content, _ in FILES:
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    (folder / "quoting.zip").write_bytes(quoting_zip())
    (folder / "secret.txt").write_text(GOOD)
    os.symlink(folder / "secret.txt", folder / "link_ex05.ipynb")
    os.symlink("/etc/passwd", folder / "passwd_ex05.ipynb")
    os.symlink(folder, folder / "round")
    os.mkfifo(folder / "pipe_ex05.ipynb")
    (folder / "folder_ex05.ipynb").mkdir()
