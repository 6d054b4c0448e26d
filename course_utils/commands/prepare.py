"""`course prepare`: text of any size to shards that `course train` reads from disk."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.output import AsJson, fail, print_json, say
from course_utils.machine.errors import CourseError


def prepare(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...", help="Text, JSONL, CSV, Parquet, or OWNER/DATASET."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the shards.")],
    tokenizer: Annotated[
        str, typer.Option(help="gpt2, tiny, a folder, or a Hub id.")
    ] = "gpt2",
    column: Annotated[
        str, typer.Option(help="What holds the text, in all but text files.")
    ] = "text",
    min_words: Annotated[int, typer.Option(min=0, help="Drop shorter documents.")] = 5,
    similarity: Annotated[
        float, typer.Option(min=0, max=1, help="Drop near copies; 0 keeps them.")
    ] = 0.7,
    validation: Annotated[
        float, typer.Option(help="Share of the documents to keep apart.")
    ] = 0.01,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one a core if not given.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="local, or datatrove: its tasks on this machine.")
    ] = "local",
    resume: Annotated[bool, typer.Option("--resume", help="Continue --out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Clean, deduplicate and tokenise text of any size into shards on disk."""
    from course_utils.data.preparation import Settings
    from course_utils.data.preparation import prepare as prepare_shards
    from course_utils.machine import runtime

    runtime.quiet_libraries()
    settings = Settings(
        column=column,
        min_words=min_words,
        threshold=similarity or None,
        validation=validation,
    )
    count = workers or runtime.usable_cores()
    start = time.perf_counter()
    try:
        shards = prepare_shards(
            sources,
            out,
            _tokenizer(tokenizer),
            settings,
            workers=count,
            engine=_engine(engine, count),
            resume=resume,
            say=say,
        )
    except KeyboardInterrupt:
        fail("stopped; continue with the same command and --resume", 130)
    report = shards.index["report"] | {
        "seconds": round(time.perf_counter() - start, 1),
        "out": str(out),
    }
    if as_json:
        print_json(report)
    else:
        _show(report)


def _engine(name: str, workers: int) -> Any:
    from functools import partial

    if name == "local":
        return None
    if name == "datatrove":
        from course_utils.data.datatrove_engine import run_by_datatrove

        return partial(run_by_datatrove, workers=workers)
    raise CourseError(f"unknown engine {name!r}: choose local or datatrove.")


def _tokenizer(name: str) -> Any:
    from transformers import AutoTokenizer

    from course_utils.data.tokens import gpt2_tokenizer
    from course_utils.machine.places import ASSETS

    if name == "gpt2":
        return gpt2_tokenizer()
    try:
        source = ASSETS / "tiny-tokenizer" if name == "tiny" else name
        found = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"no tokenizer {name}: give gpt2, tiny, a folder with tokenizer.json, or a "
            "Hub id."
        ) from error
    if not found.is_fast or found.eos_token_id is None:
        raise CourseError(f"the tokenizer {name} has no fast form or no eos token.")
    return found


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console

    megabytes = report["bytes"] / 1e6
    print_line = Console(highlight=False, soft_wrap=True).print
    print_line(
        f"{report['documents']:,} documents, {megabytes:,.1f} MB in "
        f"{report['seconds']:,.0f} s ({megabytes / report['seconds']:,.1f} MB/s)"
    )
    dropped = ("too short", "repetition", "copies")
    counts = ", ".join(f"{name} {report[name]:,}" for name in dropped)
    print_line(f"changed {report['changed']:,}; dropped: {counts}")
    print_line(
        f"{report['train tokens']:,} tokens to train on, "
        f"{report['validation tokens']:,} to validate: {report['out']}",
        markup=False,
    )
    print_line(f"next: course train {report['out']}", markup=False)
