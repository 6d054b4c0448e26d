"""The page: a dialogue, and the summaries of a model before and after training."""

import os
from html import escape
from typing import TYPE_CHECKING

from course_utils.serving.refusals import Refusal
from course_utils.serving.service import Service

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

PATH = "/demo"
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO = ["ui-monospace", "Menlo", "Consolas", "monospace"]


def mount_page(app: "FastAPI", service: Service, *, before: str, after: str) -> None:
    """Put the page at /demo, and lead / there.

    Args:
        app: gets two more addresses.
        service: answers the dialogues of the page, within the same limits as the API.
        before: name of the model before training.
        after: name of the model after it.
    """
    # Gradio would report its use over the network, and keep in the browser what was
    # typed. It reads the first of these when it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"
    import gradio
    from fastapi.responses import RedirectResponse

    @app.get("/", include_in_schema=False)
    async def start() -> RedirectResponse:
        return RedirectResponse(PATH)

    gradio.mount_gradio_app(
        app,
        make_page(service, before=before, after=after),
        PATH,
        # The system's own fonts: others would come from another site.
        theme=gradio.themes.Default(font=FONTS, font_mono=MONO, primary_hue="blue"),
        footer_links=[],
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size=1,
    )


def make_page(service: Service, *, before: str, after: str) -> "gradio.Blocks":
    """Return the page: a dialogue, and two summaries side by side."""
    import gradio

    async def summarise(dialogue: str) -> tuple[str, str]:
        try:
            return await service.before_and_after(dialogue)
        except Refusal as refusal:
            line = escape(str(refusal))  # the page shows it as HTML
            raise gradio.Error(line, print_exception=False) from refusal

    with gradio.Blocks(
        title="Summaries before and after", analytics_enabled=False
    ) as page:
        gradio.Markdown(
            "# A chat, and its summary\n"
            "What a language model writes before and after it learned to summarise. "
            "Nothing you type is kept."
        )
        dialogue = gradio.Textbox(
            label="Dialogue",
            placeholder="Ann: Are you free at six?\nBen: Yes!",
            lines=6,
        )
        button = gradio.Button("Summarise", variant="primary")
        with gradio.Row():
            outputs = [
                gradio.Textbox(label=f"Before: {before}", lines=4),
                gradio.Textbox(label=f"After: {after}", lines=4),
            ]
        gradio.Examples(example_dialogues(), dialogue, label="Examples")
        button.click(
            summarise,
            dialogue,
            outputs,
            api_visibility="private",
            concurrency_limit=service.limits.batch_size,
        )
    page.queue(max_size=service.limits.waiting)
    return page


def example_dialogues() -> list[str]:
    """Return three short chats that no shipped model was trained on.

    Example:
        >>> len(example_dialogues())
        3
    """
    from course_utils.data.chats import tinychats

    chats = tinychats(40, seed=7, split="test_slots")["dialogue"]
    return sorted(chats, key=len)[:3]
