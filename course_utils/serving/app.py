"""The service over HTTP: its addresses, and a status for each refusal."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from course_utils.serving.middleware import BodyLimit, Counted, Tally
from course_utils.serving.refusals import Refusal
from course_utils.serving.service import Service, ServiceLimits

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from course_utils.serving.service import Loaded

EXAMPLE = '{"dialogue": "Ann: Hi!"}'


def create_app(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    *,
    name: str = "model",
    before: "Loaded | None" = None,
    before_name: str = "before",
    page: bool = True,
    limits: ServiceLimits | None = None,
) -> "FastAPI":
    """Return the whole service as one app, which keeps all of its state.

    `POST /summarise` takes {"dialogue": text} and answers {"summary", "seconds",
    "model"}; `GET /health` and `GET /metrics` say how the service is; `GET /demo` is
    the page. A refused request gets {"detail": one line} and a status of 400 or more.

    Args:
        model: the summariser.
        tokenizer: its tokenizer.
        name: the model's name in the answers and on the page.
        before: the model before training with its tokenizer, for the page only.
        before_name: its name on the page.
        page: whether to add the page, which needs gradio.
        limits: see `ServiceLimits`.

    Example:
        >>> from fastapi.testclient import TestClient
        >>> from course_utils.model.gpt2 import load
        >>> app = create_app(*load("tiny"), name="tiny", page=False)
        >>> with TestClient(app) as client:
        ...     client.get("/health").json()
        {'status': 'ok', 'model': 'tiny'}
    """
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel, ConfigDict

    service = Service((model, tokenizer), before, limits)
    tally = Tally()

    class Chat(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)
        dialogue: str

    class Summary(BaseModel):
        summary: str
        seconds: float
        model: str

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    # FastAPI's page at /docs would load scripts from another site.
    app = FastAPI(title="Summariser", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimit, limit=service.limits.body_bytes)
    app.add_middleware(Counted, path="/summarise", tally=tally)
    _explain_refusals(app)

    @app.post("/summarise")
    async def summarise(chat: Chat) -> Summary:
        start = time.perf_counter()
        summary = await service.summary(chat.dialogue)
        seconds = round(time.perf_counter() - start, 4)
        return Summary(summary=summary, seconds=seconds, model=name)

    @app.api_route("/health", methods=["GET", "HEAD"])
    async def health() -> JSONResponse:
        alive = service.batcher.alive
        status = "ok" if alive else "the worker has stopped"
        return JSONResponse({"status": status, "model": name}, 200 if alive else 503)

    @app.get("/metrics")
    async def metrics() -> dict[str, Any]:
        return tally.as_dict() | service.batcher.as_dict()

    if page:
        from course_utils.serving.page import mount_page

        mount_page(app, service, before=before_name, after=name)
    return app


def _explain_refusals(app: "FastAPI") -> None:
    """Answer whatever is wrong with a request in the same form: {"detail": line}."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse({"detail": str(refusal)}, refusal.status, refusal.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": _line(error)}, 422)


def _line(error: "RequestValidationError") -> str:
    """Return one line on what is wrong, without a word of what was sent."""
    wrong = {
        "missing": "there is no dialogue",
        "string_type": "the dialogue is no text",
        "string_unicode": "the dialogue is no text",
        "extra_forbidden": "there is a field besides dialogue",
    }
    first = error.errors()[0]
    about_a_field = len(first["loc"]) > 1 and isinstance(first["loc"][1], str)
    line = wrong.get(first["type"]) if about_a_field else None
    return (
        f"{line or 'the body is no JSON object'}: "
        f"send {EXAMPLE} with Content-Type: application/json."
    )
