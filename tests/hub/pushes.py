"""What a push asks of the Hub: a new repository, a checked card, files, a commit.

The way of a large file is that of Git LFS, as before Xet: set HF_HUB_DISABLE_XET. There
are no branches, no pull requests and no rights: whoever asks may write.
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import yaml

Answered = tuple[int, Any]  # status, and what is sent as JSON

CALL = re.compile(
    r"/api/(models|datasets|spaces)/([^/]+/[^/]+)/(preupload|commit)/main"
)
BATCH = re.compile(r"/(?:(?:datasets|spaces)/)?[^/]+/[^/]+\.git/info/lfs/objects/batch")
UPLOAD = re.compile(r"/lfs/([0-9a-f]{64})")
NAME = re.compile(r"[\w.-]+/[\w.-]+")
LICENSES = {"apache-2.0", "cc-by-nc-nd-4.0", "cc-by-sa-3.0", "mit", "other"}
TASKS = {"summarization", "text-classification", "text-generation"}


def answer(
    root: Path, uploads: dict[str, bytes], url: str, place: str, content: bytes
) -> Answered | None:
    """Return what to send for a request that belongs to a push, or None."""
    if place == "/api/repos/create":
        return _create(root, url, json.loads(content))
    if place == "/api/validate-yaml":
        asked = json.loads(content)
        errors = [{"message": line} for line in card_errors(**asked)]
        return (400 if errors else 200), {"errors": errors, "warnings": []}
    if BATCH.fullmatch(place):
        objects = json.loads(content)["objects"]
        actions = [{"upload": {"href": f"{url}/lfs/{o['oid']}"}} for o in objects]
        found = [o | {"actions": a} for o, a in zip(objects, actions, strict=True)]
        return 200, {"transfer": "basic", "objects": found}
    if match := UPLOAD.fullmatch(place):
        if hashlib.sha256(content).hexdigest() != match[1]:
            return 400, {"error": "this is not the file that was announced"}
        uploads[match[1]] = content
        return 200, {}
    if match := CALL.fullmatch(place):
        kind, name, call = match.groups()
        if not (root / kind / name).is_dir():
            return 404, {"error": "there is no such repository"}
        if call == "preupload":
            return 200, {"files": [_mode(f) for f in json.loads(content)["files"]]}
        return _commit(root / kind / name, uploads, f"{url}/{name}", content)
    return None


def _create(root: Path, url: str, asked: dict[str, Any]) -> Answered:
    kind, name = (
        f"{asked.get('type', 'model')}s",
        f"{asked['organization']}/{asked['name']}",
    )
    folder = root / kind / name
    if folder.exists():
        return 409, {"error": "you already created this repository"}
    folder.mkdir(parents=True)
    return 200, {"url": f"{url}/{'' if kind == 'models' else f'{kind}/'}{name}"}


def _mode(file: dict[str, Any]) -> dict[str, Any]:
    is_large = file["path"].endswith((".gguf", ".safetensors"))
    mode = "lfs" if is_large else "regular"
    return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}


def _commit(
    folder: Path, uploads: dict[str, bytes], url: str, content: bytes
) -> Answered:
    lines = [json.loads(line) for line in content.splitlines()]
    for line in lines:
        value = line["value"]
        if line["key"] == "file":
            found = base64.b64decode(value["content"])
        elif line["key"] == "lfsFile":
            found = uploads.pop(value["oid"])
        else:
            continue
        path = folder / value["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found)
    oid = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return 200, {"commitUrl": f"{url}/commit/{oid}", "commitOid": oid}


def card_errors(repoType: str, content: str) -> list[str]:
    """Return what the Hub refuses in the header of a card: a part of its rules."""
    match = re.match(r"---\r?\n(.*?)\r?\n---", content, re.S)
    try:
        header = yaml.safe_load(match[1]) if match else {}
    except yaml.YAMLError:
        return ["the header is no YAML"]
    errors = []
    license = header.get("license")
    if license is not None and license not in LICENSES:
        errors.append('"license" must be one of the known ones')
    if license == "other" and repoType == "model" and not header.get("license_name"):
        errors.append('"license_name" is needed with license: other')
    if header.get("pipeline_tag", "text-generation") not in TASKS:
        errors.append('"pipeline_tag" must be one of the known ones')
    for field in ("base_model", "datasets", "models"):
        names = header.get(field) or []
        for name in [names] if isinstance(names, str) else names:
            if not NAME.fullmatch(name):
                errors.append(f'"{field}" must be a name on the Hub, not {name!r}')
    if repoType == "space" and header.get("sdk") not in {"docker", "gradio", "static"}:
        errors.append('"sdk" must be docker, gradio or static')
    return errors
