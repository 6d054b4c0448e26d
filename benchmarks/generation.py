"""100 greedy summaries: `generate` in batches against a loop of `pipeline` calls."""

from typing import TYPE_CHECKING

from course_utils.commands.bench import Case
from course_utils.data.chats import tinychats
from course_utils.data.summaries import prompt
from course_utils.evaluation.generation import generate
from course_utils.model.gpt2 import load

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def cases(
    model: str = "tiny-summariser", chats: int = 100, new_tokens: int = 60
) -> list[Case]:
    """Summarise generated chats with a model that ships with the course."""
    model, tokenizer = load(model)
    prompts = [
        prompt(dialogue) for dialogue in tinychats(chats, 1, "test_slots")["dialogue"]
    ]
    return [
        Case(
            name="generation",
            unit="summaries",
            work=chats,
            course=lambda: generate(
                model,
                tokenizer,
                prompts,
                max_new_tokens=new_tokens,
                batch_size=50,
                progress=False,
            ),
            usual={
                "loop of pipeline calls": lambda: one_by_one(
                    model, tokenizer, prompts, new_tokens
                )
            },
            same={"loop of pipeline calls": "the texts differ"},
        )
    ]


def one_by_one(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    prompts: list[str],
    new_tokens: int,
) -> list[str]:
    """Continue each prompt with the text-generation pipeline."""
    from transformers import pipeline

    pipe = pipeline("text-generation", model=model, tokenizer=tokenizer)
    options = {"max_new_tokens": new_tokens, "do_sample": False}
    return [
        pipe(text, return_full_text=False, **options)[0]["generated_text"]
        for text in prompts
    ]
