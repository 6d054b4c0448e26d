"""The options of `course serve`; `course` imports this at every start."""

from typing import Annotated, Any

import typer

from course_utils.commands.output import print_json, say


def serve(
    model: Annotated[
        str, typer.Argument(help="A shipped model, a folder or a Hub id.")
    ] = "tiny-summariser",
    before: Annotated[
        str, typer.Option(help="The model before training, for the page.")
    ] = "tiny-base",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0 takes a free one.")
    ] = 8000,
    page: Annotated[bool, typer.Option(help="Also serve the page at /demo.")] = True,
    batch: Annotated[int, typer.Option(min=1, help="Dialogues in a batch.")] = 8,
    waiting: Annotated[
        int, typer.Option(min=1, help="Dialogues that may wait; more get a 429.")
    ] = 64,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="From request to answer; then a 504.")
    ] = 30,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object when ready.")
    ] = False,
) -> None:
    """Serve a summariser: an HTTP API, and a page with before and after."""
    from course_utils.serving.server import serve as serve_model
    from course_utils.serving.service import ServiceLimits

    def show(facts: dict[str, Any]) -> None:
        if as_json:
            print_json(facts)
        else:
            print(_text(facts), flush=True)

    serve_model(
        model,
        before=before,
        host=host,
        port=port,
        page=page,
        limits=ServiceLimits(batch_size=batch, waiting=waiting, seconds=seconds),
        on_ready=show,
        say=(lambda line: None) if as_json else say,
    )


def _text(facts: dict[str, Any]) -> str:
    lines = [f'POST {facts["url"]}/summarise {{"dialogue": "Ann: Hi!"}}']
    if facts["page"]:
        lines.append(f"page {facts['page']}")
    return "\n".join([*lines, "stop with Ctrl+C"])
