"""Load the models, listen for requests, and stop cleanly."""

import socket
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.serving.service import ServiceLimits

GRACE = 10  # seconds that requests in flight get when the server stops
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def serve(
    model: str,
    *,
    before: str = "tiny-base",
    host: str = "127.0.0.1",
    port: int = 8000,
    page: bool = True,
    limits: ServiceLimits | None = None,
    on_ready: Callable[[dict[str, Any]], None] = lambda facts: None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve a summariser until the process is interrupted.

    Args:
        model: a shipped model, a folder or a Hub id: see `model.gpt2.load`.
        before: the model before training, for the page.
        host: an address of this machine. 127.0.0.1 can be reached from this machine
            alone.
        port: the port to listen on; 0 takes a free one.
        page: whether to serve a page too; without one, `before` is not loaded.
        limits: see `ServiceLimits`.
        on_ready: called once with url, model and page, when the server is ready.
        say: called with each note for a person.

    Raises:
        CourseError: a package is missing, the port is taken, or there is no such model.
    """
    _need("fastapi", "uvicorn", *(["gradio"] if page else []))
    with _listen(host, port) as listening:
        if host not in LOOPBACK:
            say(f"{host}: everyone who reaches this machine can use it, unasked.")
        say(f"loading {model}")
        app = _load_app(model, before, page, limits)
        address = f"[{host}]" if ":" in host else host
        url = f"http://{address}:{listening.getsockname()[1]}"
        on_ready({"url": url, "page": f"{url}/demo" if page else None, "model": model})
        _run(app, listening)


def _need(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise CourseError(
            f"serving needs {', '.join(missing)}: "
            'pip install "train-gpt-course[serve]".'
        )


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; whoever connects waits until all is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise CourseError(
            f"cannot listen on {host}:{port}: {error.strerror or error}. "
            "Choose another --port, or --port 0 for a free one."
        ) from error


def _load_app(model: str, before: str, page: bool, limits: ServiceLimits | None) -> Any:
    from course_utils.evaluation.generation import summarise
    from course_utils.model.gpt2 import load
    from course_utils.serving.app import create_app

    runtime.quiet_libraries()
    runtime.set_threads()

    def ready(name: str) -> Any:
        loaded, tokenizer = load(name)
        loaded = loaded.to(runtime.device()).eval()
        # The first call is the slowest: let it not be a user's.
        summarise(loaded, tokenizer, ["Ann: Hi!"], max_new_tokens=2, progress=False)
        return loaded, tokenizer

    return create_app(
        *ready(model),
        name=Path(model).name,
        before=ready(before) if page else None,
        before_name=Path(before).name,
        page=page,
        limits=limits,
    )


def _run(app: Any, listening: socket.socket) -> None:
    import uvicorn

    # No access log: it would keep who asked and when.
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE,
    )
    # uvicorn raises the signal that stopped it again, once it has stopped.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
