"""`course write`: texts by a trained model, for given prompts or as you type them."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course_utils.commands.output import AsJson, harmless, print_json, say
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from course_utils.evaluation.generation import Choice


def write(
    model: Annotated[
        str, typer.Argument(help="A run of `course train`, a shipped model, a Hub id.")
    ],
    prompt: Annotated[
        list[str] | None,
        typer.Option(help="What to continue; else standard input, or you are asked."),
    ] = None,
    tokens: Annotated[int, typer.Option(min=1, help="The most of a text.")] = 100,
    strategy: Annotated[
        str, typer.Option(help="top-p, top-k, temperature, or greedy.")
    ] = "top-p",
    temperature: Annotated[
        float | None, typer.Option(min=0.01, help="Above 1 bolder, below it safer.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Choose among so many tokens.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Among so much probability.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Texts for each prompt.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="To get the same text again."),
    ] = None,
    show: Annotated[
        int, typer.Option(min=0, help="Show so many likely tokens at each place.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Let a trained model write: it continues prompts, token by token."""
    from course_utils.evaluation.generation import STRATEGIES, generate, stream
    from course_utils.machine import runtime
    from course_utils.model.gpt2 import load

    one_by_one = [name for name in STRATEGIES if name != "beam"]  # it has no next token
    if strategy not in one_by_one:
        names = ", ".join(one_by_one)
        raise CourseError(f"--strategy {strategy}: choose one of {names}.")
    runtime.quiet_libraries()
    loaded, tokenizer = load(_model_of(model))
    positions = loaded.config.max_position_embeddings
    if tokens >= positions:
        raise CourseError(
            f"--tokens {tokens} does not fit: the model has {positions} positions, so "
            f"give 1 to {positions - 1}."
        )
    loaded = loaded.to(runtime.device())
    runtime.set_threads()
    chosen = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    settings: dict[str, Any] = {"max_new_tokens": tokens, "strategy": strategy}
    settings |= {name: value for name, value in chosen.items() if value is not None}
    is_asked = not prompt and sys.stdin.isatty()
    texts = prompt or (_asked() if is_asked else [_piped()])
    # With a seed each text is drawn alone, so that --json gives those that are shown.
    if as_json and not show and seed is None:
        batch = [text for text in texts for _ in range(samples)]
        with _warnings_told():
            new = generate(loaded, tokenizer, batch, progress=False, **settings)
        _print_rows((p, t, []) for p, t in zip(batch, new, strict=True))
        return
    rows = []
    for text in texts:
        for number in range(samples):
            page = _Page("" if is_asked else text, quiet=as_json)
            with _warnings_told():
                choices = stream(
                    loaded,
                    tokenizer,
                    text,
                    page.add,
                    seed=None if seed is None else seed + number,
                    alternatives=show,
                    **settings,
                )
            rows.append((text, page.text, choices))
            page.end()
            if not as_json:
                _show(choices)
    if as_json:
        _print_rows(rows)


def _model_of(name: str) -> str:
    """Return the model's own folder where `name` is the folder of a run.

    Raises:
        CourseError: the run has not come to its first checkpoint.
    """
    from course_utils.commands.train.run_folder import last_model
    from course_utils.model.gpt2 import PRESETS

    if name in PRESETS:
        say(f"{name} is a size here: its weights are random.")
        return name
    folder = Path(name)
    if not folder.is_dir() or (folder / "config.json").exists():
        return name
    found = last_model(folder)
    if found is None and (folder / "run.json").exists():
        raise CourseError(f"the run in {name} has saved no model yet.")
    return str(found or name)


def _piped() -> str:
    """Return standard input.

    Raises:
        CourseError: it is no UTF-8 text.
    """
    try:
        text = sys.stdin.read().rstrip("\n")
        text.encode()  # with LANG=C, wrong bytes are read as they are
    except UnicodeError as error:
        raise CourseError("standard input is not UTF-8: give plain text.") from error
    return text


def _asked() -> Iterator[str]:
    """Yield one prompt after another from a person at a terminal."""
    say("Type the beginning of a text. Ctrl+D, or an empty line, ends.")
    while True:
        try:
            text = input("> ")
        except EOFError:
            return
        if not text:
            return
        yield text


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Say the library's warnings as plain lines."""
    with warnings.catch_warnings(record=True) as caught:
        yield
    for warning in caught:
        if warning.category is UserWarning:
            say(str(warning.message))


class _Page:
    """What a model writes, printed as it comes: first the prompt, with the first piece.

    Args:
        prompt: what is printed before the text.
        quiet: print nothing.
    """

    def __init__(self, prompt: str, quiet: bool) -> None:
        self.start, self.quiet, self.text = prompt, quiet, ""

    def add(self, piece: str) -> None:
        self.text += piece
        if not self.quiet:
            print(harmless(self.start + piece), end="", flush=True)
            self.start = ""

    def end(self) -> None:
        if not self.quiet:
            print(harmless(self.start + "\n"))


def _print_rows(rows: Iterable[tuple[str, str, list["Choice"]]]) -> None:
    found = [
        {"prompt": prompt, "text": text}
        | ({"tokens": [asdict(choice) for choice in choices]} if choices else {})
        for prompt, text, choices in rows
    ]
    print_json({"texts": found})


def _show(choices: list["Choice"]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not choices:
        return
    table = Table("written", "probability", "most likely", box=box.SIMPLE)
    for choice in choices:
        likely = ", ".join(f"{_shown(t)} {share:.0%}" for t, share in choice.likely)
        table.add_row(
            escape(_shown(choice.token)), f"{choice.probability:.1%}", escape(likely)
        )
    Console(highlight=False).print(table)


def _shown(token: str) -> str:
    """Return a token with its blanks and line breaks to be seen."""
    return repr(token)[1:-1].replace(" ", "␣")
