"""The part of the Hub's HTTP interface that `datasets` and `transformers` use.

Reads folders: `models/OWNER/NAME/...`, `datasets/...` and `spaces/...`. A repository's
revision is a hash of its files, so it changes with them, as on the Hub. `pushes` has
the part that writes.
"""

import hashlib
import json
import mmap
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from hub import pushes

LARGE = {".gguf", ".safetensors", ".parquet"}  # kept in LFS, so named by their SHA-256
API = re.compile(
    r"/api/(models|datasets|spaces)/([^/]+/[^/]+)(?:/(\w[\w-]*)/([^/]+)(/.*)?)?"
)
FILE = re.compile(r"/(datasets/|spaces/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


@dataclass
class Answer:
    """What the server is about to send.

    Attributes:
        status: the HTTP status.
        body: all of it; a HEAD request gets the headers alone.
        headers: in addition to Content-Length.
        cut: bytes to leave out at the end of what Content-Length promises.
        delay: seconds to wait first.
        hang: seconds to wait in the middle of the body.
    """

    status: int = 200
    body: bytes | mmap.mmap = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    delay: float = 0
    hang: float = 0


Fault = Callable[[Answer], Answer]


@dataclass
class _Trouble:
    fault: Fault
    pattern: re.Pattern
    times: float


class Hub:
    """A running server; as a context manager, it ends with the block.

    Attributes:
        url: what HF_ENDPOINT has to be.
        requests: (method, path) of every request, in order.
        tokens: what was sent as Authorization, "" where nothing was.
        renamed: old name -> new name; requests for the old one are redirected.
        uploads: the content of large files that wait for their commit, by SHA-256.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.uploads: dict[str, bytes] = {}
        self._troubles: list[_Trouble] = []
        self._port = 0
        self.start()

    def start(self) -> None:
        """Listen, at the same address as before."""
        handler = type("Handler", (_Handler,), {"served": self})
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close the port; whoever asks is refused."""
        self._stopping.set()  # wakes whoever stalls
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "Hub":
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def trouble(
        self, fault: Fault, path: str = "", times: float = float("inf")
    ) -> None:
        """Let `fault` change the next answers to requests whose path matches `path`."""
        self._troubles.append(_Trouble(fault, re.compile(path), times))

    def heal(self) -> None:
        """End all trouble, and forget the requests so far."""
        self._troubles.clear()
        self.requests.clear()

    def answer(self, method: str, path: str, content: bytes) -> Answer:
        """Return what to send for one request."""
        self.requests.append((method, path))
        made = self._answer(path, content)
        for trouble in self._troubles:
            if trouble.times > 0 and trouble.pattern.search(path):
                trouble.times -= 1
                made = trouble.fault(made)
        self.wait(made.delay)
        return made

    @property
    def is_stopped(self) -> bool:
        return self._stopping.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, unless the server stops."""
        self._stopping.wait(seconds)

    def _answer(self, path: str, content: bytes) -> Answer:
        place = unquote(urlsplit(path).path)
        for old, new in self.renamed.items():
            if f"/{old}/" in f"{place}/":
                there = path.replace(old, new)
                return Answer(307, headers={"Location": there})
        pushed = pushes.answer(self.root, self.uploads, self.url, place, content)
        if pushed is not None:
            status, value = pushed
            return _json(value, status)
        if match := FILE.fullmatch(place):
            kind, name, revision, file = match.groups()
            return self._file(f"{kind or 'models/'}{name}", revision, file)
        if match := API.fullmatch(place):
            kind, name, call, revision, folder = match.groups()
            return self._api(f"{kind}/{name}", call, revision, folder, content)
        return _missing("EntryNotFound")

    def _api(
        self, repo: str, call: str, revision: str, folder: str, content: bytes
    ) -> Answer:
        if not (self.root / repo).is_dir():
            return _missing(
                "RepoNotFound", status=401
            )  # as to all who are not logged in
        files = self._files(repo)
        if revision not in (None, "main", self._revision(repo)):
            return _missing("RevisionNotFound")
        if call in (None, "revision"):
            name = repo.split("/", 1)[1]
            facts = {"id": name, "private": False, "gated": False, "tags": []}
            siblings = [{"rfilename": file} for file in files]
            return _json(facts | {"sha": self._revision(repo), "siblings": siblings})
        entries = [_entry(file, path) for file, path in files.items()]
        folders = {parent for file in files for parent in _parents(file)}
        entries += [
            {"type": "directory", "path": path, "oid": _sha1(path.encode()), "size": 0}
            for path in sorted(folders)
        ]
        if call == "tree":
            start = (folder or "").strip("/")
            inside = f"{start}/" if start else ""
            if start and start not in folders:
                return _missing("EntryNotFound")
            return _json([e for e in entries if e["path"].startswith(inside)])
        if call == "paths-info":
            wanted = json.loads(content)["paths"]
            wanted = [wanted] if isinstance(wanted, str) else wanted
            return _json([entry for entry in entries if entry["path"] in wanted])
        return _missing("EntryNotFound")

    def _file(self, repo: str, revision: str, file: str) -> Answer:
        if not (self.root / repo).is_dir():
            return _missing("RepoNotFound", status=401)
        commit = self._revision(repo)
        if revision not in ("main", commit):
            return _missing("RevisionNotFound")
        path = self._files(repo).get(file)
        if path is None:
            answer = _missing("EntryNotFound")
            answer.headers["X-Repo-Commit"] = commit
            return answer
        entry = _entry(file, path)
        etag = entry.get("lfs", entry)["oid"]
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": commit}
        return Answer(200, _content(path), headers | {"Accept-Ranges": "bytes"})

    def _files(self, repo: str) -> dict[str, Path]:
        root = self.root / repo
        paths = sorted(path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path for path in paths}

    def _revision(self, repo: str) -> str:
        files = self._files(repo).items()
        return _sha1(json.dumps([_entry(*item) for item in files]).encode())


class _Handler(BaseHTTPRequestHandler):
    served: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(body=True)

    def do_POST(self) -> None:
        self._send(body=True)

    def do_PUT(self) -> None:
        self._send(body=True)

    def do_HEAD(self) -> None:
        self._send(body=False)

    def _send(self, body: bool) -> None:
        if self.served.is_stopped:  # a connection from before
            self.close_connection = True
            return
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.served.tokens.add(self.headers.get("Authorization") or "")
        answer = self.served.answer(self.command, self.path, content)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if wanted and answer.status == 200:
            size, start = len(answer.body), int(wanted[1])
            end = min(int(wanted[2] or size - 1) + 1, size)
            answer.status, answer.body = 206, answer.body[start:end]
            answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if body:
                middle, end = len(answer.body) // 2, len(answer.body) - answer.cut
                self.wfile.write(answer.body[:middle])
                self.wfile.flush()
                self.served.wait(answer.hang)
                self.wfile.write(answer.body[middle:end])
        except OSError:  # the client has gone
            self.close_connection = True
        self.close_connection = self.close_connection or bool(answer.cut)

    def log_message(self, *arguments: object) -> None:
        pass


def _content(path: Path) -> bytes | mmap.mmap:
    """Return a file's bytes, which are read from the disk only where they are sent."""
    with open(path, "rb") as file:
        is_empty = path.stat().st_size == 0
        return b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _json(value: Any, status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json"}
    return Answer(status, json.dumps(value).encode(), headers)


def _missing(code: str, status: int = 404) -> Answer:
    # The Hub's own words; they tell a missing repository from a missing file.
    return Answer(status, headers={"X-Error-Code": code, "X-Error-Message": code})


def _parents(file: str) -> list[str]:
    parts = file.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _entry(file: str, path: Path) -> dict[str, Any]:
    """Return a file's entry in a listing, as the Hub writes it."""
    facts = path.stat()
    key = (path, facts.st_size, facts.st_mtime_ns)
    if key not in _HASHES:
        content = path.read_bytes()
        git = _sha1(b"blob %d\0" % len(content) + content)
        _HASHES[key] = git, hashlib.sha256(content).hexdigest()
    git, sha256 = _HASHES[key]
    entry = {"type": "file", "path": file, "size": facts.st_size, "oid": git}
    if path.suffix in LARGE:
        entry["lfs"] = {"oid": sha256, "size": facts.st_size, "pointerSize": 134}
    return entry


_HASHES: dict[tuple[Path, int, int], tuple[str, str]] = {}
