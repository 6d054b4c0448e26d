"""The fine-tuning of lesson 07 in one call, for the lessons after it."""

from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.machine import runtime
from course_utils.machine.files import content_key

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel, PreTrainedTokenizerFast, Trainer

    from course_utils.lesson.profile import Profile

LONGEST = 512  # tokens of a row: 98 % of SAMSum's pairs fit


def finetune(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    chats: "Dataset",
    *,
    steps: int,
    learning_rate: float = 2e-3,
    batch_size: int = 16,
    accumulation: int = 1,
    seed: int = 0,
    people: bool | None = None,
    mask: bool = True,
    **arguments: object,
) -> "Trainer":
    """Train `model` on dialogues with summaries; return the trainer, after its run.

    Args:
        model: a causal language model; it is changed in place.
        tokenizer: its tokenizer.
        chats: rows with the columns dialogue and summary.
        steps: optimizer steps.
        learning_rate: the peak learning rate.
        batch_size: rows per device and forward pass.
        accumulation: forward passes per optimizer step.
        seed: the seed of the order of the rows.
        people: replace people by placeholders (`with_placeholders`), and note that in
            the model's configuration, so that `summarise` does the same. None does as
            the model was trained before: no, if it is new to summaries.
        **arguments: any other field of TrainingArguments, such as the precision.
    """
    import tempfile

    from course_utils.data.people import with_placeholders
    from course_utils.data.summaries import SummaryCollator, encode_summaries
    from course_utils.training.chunked_loss import loss_in_chunks
    from course_utils.training.trainer import make_trainer, train, training_arguments

    length = min(LONGEST, model.config.n_positions)
    if people is None:
        people = getattr(model.config, "placeholders", False)
    model.config.placeholders = people
    if people:
        chats = with_placeholders(chats)
    rows, _ = encode_summaries(chats, tokenizer, length)
    if not mask:
        rows = rows.map(lambda row: {"labels": row["input_ids"]})
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "max_steps": steps,
            "learning_rate": learning_rate,
            "per_device_train_batch_size": batch_size,
            "gradient_accumulation_steps": accumulation,
            "train_sampling_strategy": "group_by_length",
            "save_strategy": "no",
            "seed": seed,
        }
        trainer = make_trainer(
            model,
            tokenizer,
            training_arguments(folder, **(settings | arguments)),
            rows,
            data_collator=SummaryCollator(tokenizer),
        )
        # Four tokens of five are prompt: their logits would cost an eighth of a step.
        loss_in_chunks(model, chunks=1, labelled=mask)
        try:
            train(trainer)
        finally:
            del model.forward
    return trainer


def summariser_folder(profile: "Profile", *, from_scratch: bool = False) -> Path:
    """Return the folder in which the cache keeps the summariser of these settings.

    Another model, data set, number of steps or learning rate gives another folder. If
    the folder exists, it holds a whole model, since `save_model` writes all or nothing.

    Example:
        >>> from dataclasses import replace
        >>> from course_utils.lesson.profile import get_profile
        >>> profile = get_profile("tiny")
        >>> longer = replace(profile, finetune_steps=2 * profile.finetune_steps)
        >>> summariser_folder(longer) == summariser_folder(profile)
        False
    """
    from transformers import __version__

    settings = {**vars(profile), "name": "", "transformers": __version__}
    if Path(profile.pretrained).is_dir():  # its weights may change with the course
        weights = Path(profile.pretrained, "model.safetensors")
        settings["weights"] = content_key(weights.read_bytes())
    start = "scratch" if from_scratch else "pretrained"
    return runtime.cache_folder() / "runs" / f"{start}-{content_key(settings)}"


def approved_folder(profile: "Profile") -> Path:
    """Return the folder in which lesson 08 keeps the summariser that it decided on.

    Example:
        >>> from course_utils.lesson.profile import get_profile
        >>> approved_folder(get_profile("tiny")).name
        'approved-pretrained-...'
    """
    lesson_07 = summariser_folder(profile)
    return lesson_07.with_name(f"approved-{lesson_07.name}")


def approved_summariser(
    profile: "Profile",
) -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return the summariser that lesson 08 decided on, and its tokenizer.

    If lesson 08 has not run yet, it is the one of lesson 07.
    """
    from course_utils.model.gpt2 import load

    folder = approved_folder(profile)
    if not folder.exists():
        return summariser(profile)
    model, tokenizer = load(folder)
    return model.to(runtime.device()), tokenizer


def summariser(
    profile: "Profile", *, from_scratch: bool = False
) -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return the model that lesson 07 fine-tunes, and its tokenizer.

    It is loaded from the cache if a model with these settings was trained before, in
    lesson 07 or here; otherwise it is trained now, and kept there.

    Args:
        profile: decides model, data, steps and learning rate.
        from_scratch: start from random weights, at the same budget.
    """
    from datasets import load_dataset
    from transformers import set_seed

    from course_utils.model.gpt2 import load
    from course_utils.training.trainer import save_model

    folder = summariser_folder(profile, from_scratch=from_scratch)
    if folder.exists():
        model, tokenizer = load(folder)
        return model.to(runtime.device()), tokenizer
    set_seed(profile.seed)
    model, tokenizer = load(profile.pretrained, from_scratch=from_scratch)
    chats = load_dataset(**profile.summaries)["train"]
    finetune(
        model,
        tokenizer,
        chats,
        steps=profile.finetune_steps,
        # Random weights take a higher rate: at GPT-2's 5e-5 they would hardly move.
        learning_rate=profile.learning_rate
        if from_scratch
        else profile.finetune_learning_rate,
        batch_size=profile.batch_size,
        accumulation=profile.accumulation,
        seed=profile.seed,
        people=profile.placeholders,
        run_name="summariser from scratch" if from_scratch else "summariser",
        **profile.precision,
    )
    save_model(model, tokenizer, folder)
    return model, tokenizer
