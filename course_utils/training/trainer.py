"""Today's `Trainer` with good defaults, visible progress, and safe checkpoints."""

import math
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size
from transformers import (
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
    default_data_collator,
)
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text

if TYPE_CHECKING:
    from datasets import Dataset
    from rich.progress import Progress
    from transformers import PreTrainedModel, PreTrainedTokenizerFast
    from transformers.trainer_utils import TrainOutput

COMPLETE = "complete.txt"


def training_arguments(output_dir: str | Path, **overrides: Any) -> TrainingArguments:
    """Return `TrainingArguments` with the course's defaults.

    The optimizer is fused AdamW with weight decay 0.1 and beta2 0.95, as in nanoGPT.
    The learning rate warms up over 5 % of the steps and then decays as a cosine, and
    gradients are clipped at norm 1. Tokens are counted, so that tokens per second are
    logged; a loss that is not a number is logged as such. Nothing is reported to a
    tracker unless `report_to` says so.

    Args:
        output_dir: folder for checkpoints.
        **overrides: any field of TrainingArguments.

    Example:
        >>> arguments = training_arguments("runs/first", max_steps=100)
        >>> arguments.learning_rate, arguments.get_warmup_steps(100)
        (0.001, 5)
    """
    defaults = {
        "per_device_train_batch_size": 16,
        # What fits in training fits without gradients: the planner counts no other.
        "per_device_eval_batch_size": overrides.get("per_device_train_batch_size", 16),
        "learning_rate": 1e-3,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,  # below 1 it is a share of all steps
        "weight_decay": 0.1,
        "adam_beta2": 0.95,
        "max_grad_norm": 1.0,
        "optim": "adamw_torch_fused",
        "logging_steps": 10,
        "logging_first_step": True,
        # A loss that is not a number is shown, and a GPU is not asked after each pass.
        "logging_nan_inf_filter": False,
        "save_total_limit": 2,
        "report_to": "none",
        "ddp_find_unused_parameters": False,  # saves a search in each step
        "log_level_replica": "error",  # the first process says what there is to say
        "include_num_input_tokens_seen": "all",
        "use_cpu": runtime.device().type == "cpu",
        "dataloader_pin_memory": runtime.device().type == "cuda",
    }
    return TrainingArguments(output_dir=str(output_dir), **(defaults | overrides))


def make_trainer(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    arguments: TrainingArguments,
    train_dataset: "Dataset",
    eval_dataset: "Dataset | None" = None,
    *,
    data_collator: Any = default_data_collator,
    callbacks: Sequence[TrainerCallback] = (),
) -> Trainer:
    """Return a `Trainer` that shows its progress and marks whole checkpoints.

    It takes fewer CPU threads when other programs need the cores: see `EaseThreads`.

    Args:
        model: a causal language model.
        tokenizer: saved with each checkpoint.
        arguments: see `training_arguments`.
        train_dataset: rows with input_ids and labels.
        eval_dataset: rows of the same kind, for the validation loss.
        data_collator: the function from rows to a batch; the default stacks blocks.
        callbacks: callbacks besides the course's own.

    Example:
        >>> import tempfile
        >>> from datasets import Dataset
        >>> from course_utils.model.gpt2 import load
        >>> blocks = Dataset.from_dict({"input_ids": [[1, 2]], "labels": [[1, 2]]})
        >>> arguments = training_arguments(tempfile.mkdtemp())
        >>> make_trainer(*load("tiny"), arguments, blocks).model.loss_type
        'ForCausalLM'
    """
    if model.loss_type is None:
        # GPT-2's class does not name its loss. Then Trainer divides by all labels of a
        # row, its first included, which nothing predicts: the loss comes out too low.
        model.loss_type = "ForCausalLM"
    if data_collator is default_data_collator:
        train_dataset = _as_arrays(train_dataset)
        eval_dataset = _as_arrays(eval_dataset)
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=train_dataset,
        eval_dataset=eval_dataset,
        processing_class=tokenizer,
        data_collator=data_collator,
        callbacks=[EaseThreads(), *callbacks, MarkWhole()],
    )
    trainer.remove_callback(PrinterCallback)  # it prints a dict at every log
    if runtime.in_notebook():
        trainer.add_callback(LiveLoss())
    else:
        trainer.remove_callback(ProgressCallback)
        trainer.add_callback(ProgressBar())
    return trainer


def _as_arrays(dataset: Any) -> Any:
    """Return the blocks as NumPy arrays: a batch of them is stacked 40 times faster.

    As lists, 64 rows of 1,024 tokens take as long as a GPU's step with them.
    """
    if isinstance(dataset, dict):
        return {name: _as_arrays(one) for name, one in dataset.items()}
    is_plain = getattr(dataset, "format", {}).get("type", "") is None
    return dataset.with_format("numpy") if is_plain else dataset


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def train(
    trainer: Trainer,
    resume_from_checkpoint: str | None = None,
    say: Callable[[str], None] = _tell,
) -> "TrainOutput | None":
    """Call `trainer.train`; if memory runs out, once more with half the batch.

    The accumulation doubles, so that a step still learns from the same rows and the
    curve stays the same; `auto_find_batch_size` of TrainingArguments would change the
    effective batch size. The steps that were taken are kept in a checkpoint.

    Args:
        trainer: its arguments are changed if memory runs out.
        resume_from_checkpoint: as in `Trainer.train`.
        say: called with a line that tells of the smaller batch.

    Returns:
        What `Trainer.train` returns, or None if the checkpoint is of the last step.

    Raises:
        CourseError: memory runs out again, the batch size is odd, or there are several
            processes, of which the others would wait for ever.
    """
    if resume_from_checkpoint and _is_finished(trainer, resume_from_checkpoint):
        return None
    try:
        return trainer.train(resume_from_checkpoint=resume_from_checkpoint)
    except RuntimeError as error:
        _halve_batch(trainer, error)
        step = trainer.state.global_step
    # Outside the handler: the error held on to the tensors of the failed step.
    clear_device_cache(garbage_collection=True)
    arguments = trainer.args
    say(
        f"out of memory at step {step + 1}: going on with batches of "
        f"{arguments.per_device_train_batch_size} and "
        f"{arguments.gradient_accumulation_steps} passes a step, which learn the same."
    )
    if step:
        resume_from_checkpoint = str(_save_now(trainer))
    trainer.optimizer = trainer.lr_scheduler = None
    trainer.model_wrapped = trainer.model
    try:
        return trainer.train(resume_from_checkpoint=resume_from_checkpoint)
    except RuntimeError as error:
        if should_reduce_batch_size(error):
            raise _too_large(trainer) from error
        raise


def _is_finished(trainer: Trainer, checkpoint: str) -> bool:
    """Return whether a checkpoint is that of the last step; if so, load it.

    `Trainer.train` would take one more step.
    """
    state = TrainerState.load_from_json(str(Path(checkpoint, "trainer_state.json")))
    if state.global_step < trainer.args.max_steps or trainer.args.max_steps < 1:
        return False
    saved = type(trainer.model).from_pretrained(checkpoint)
    trainer.model.load_state_dict(saved.state_dict())
    trainer.state = state
    return True


def _halve_batch(trainer: Trainer, error: RuntimeError) -> None:
    """Halve the batch and double the accumulation, or raise."""
    if not should_reduce_batch_size(error):
        raise error
    arguments = trainer.args
    if arguments.per_device_train_batch_size % 2 or arguments.world_size > 1:
        raise _too_large(trainer) from error
    arguments.per_device_train_batch_size //= 2
    arguments.gradient_accumulation_steps *= 2
    half = max(1, arguments.per_device_eval_batch_size // 2)
    arguments.per_device_eval_batch_size = half
    # Trainer remembers the batch size it was made with.
    trainer._train_batch_size = arguments.train_batch_size


def _too_large(trainer: Trainer) -> CourseError:
    size = trainer.args.per_device_train_batch_size
    return CourseError(
        f"out of memory with batches of {size}: halve per_device_train_batch_size and "
        "double gradient_accumulation_steps, or choose a smaller model or block size."
    )


def _save_now(trainer: Trainer) -> Path:
    """Write a whole checkpoint of the last finished step; return its folder."""
    trainer._save_checkpoint(trainer.model, trial=None)
    MarkWhole().on_save(trainer.args, trainer.state, trainer.control)
    return Path(trainer.args.output_dir) / f"checkpoint-{trainer.state.global_step}"


class ProgressBar(TrainerCallback):
    """A rich progress bar with loss and tokens per second, for a terminal."""

    def __init__(self) -> None:
        self.progress: Progress | None = None

    def on_train_begin(self, args, state, control, **kwargs):
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.close()  # a run that failed has left its bar
        if not state.is_world_process_zero:
            return
        self.progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            # Results go to standard output, so progress goes beside it.
            console=Console(stderr=True),
        )
        self.task = self.progress.add_task("", total=state.max_steps, note="")
        self.progress.update(self.task, completed=state.global_step)
        self.progress.start()

    def on_step_end(self, args, state, control, **kwargs):
        if self.progress:
            self.progress.update(self.task, completed=state.global_step)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if self.progress and logs and "loss" in logs:
            note = f"loss {float(logs['loss']):.3f}"
            if "train_tokens_per_second" in logs:
                note += f" · {logs['train_tokens_per_second']:,.0f} tokens/s"
            self.progress.update(self.task, note=note)

    def on_train_end(self, args, state, control, **kwargs):
        self.close()

    def close(self) -> None:
        """Leave the terminal as it was; safe to call twice."""
        if self.progress:
            self.progress.stop()
            self.progress = None


class LiveLoss(TrainerCallback):
    """A loss curve that is drawn again and again while a notebook trains.

    Its title has the run's name, if `TrainingArguments` has a `run_name`.

    Args:
        every_seconds: the least time between two drawings.
        baselines: {name: loss in nats} of horizontal lines to compare with.
    """

    def __init__(
        self,
        every_seconds: float = 2.0,
        baselines: Mapping[str, float] | None = None,
    ) -> None:
        self.every_seconds = every_seconds
        self.baselines = baselines
        self.title = "Loss"
        self.picture, self.drawn_at = None, 0.0

    def on_train_begin(self, args, state, control, **kwargs):
        # A callback may serve several runs: each draws a picture of its own.
        self.picture, self.drawn_at = None, 0.0
        self.title = f"Loss: {args.run_name}" if args.run_name else "Loss"

    def on_log(self, args, state, control, **kwargs):
        if time.monotonic() - self.drawn_at > self.every_seconds:
            self.draw(state.log_history)

    def on_train_end(self, args, state, control, **kwargs):
        self.draw(state.log_history)

    def draw(self, log_history: list[dict]) -> None:
        """Draw the losses so far, in place of the last picture."""
        import matplotlib.pyplot as plt
        from IPython.display import display

        from course_utils.evaluation.plots import loss_curve

        if not any("loss" in row for row in log_history):
            return
        figure = loss_curve(log_history, self.title, self.baselines)
        if self.picture is None:
            self.picture = display(figure, display_id=True)
        else:
            self.picture.update(figure)
        plt.close(figure)
        self.drawn_at = time.monotonic()


class EaseThreads(TrainerCallback):
    """Fewer CPU threads once other programs take the cores.

    The threads of a step wait for the slowest of them, and spin while they wait. If a
    neighbour holds one of two cores, a step with two threads takes three times as long
    as on a quiet machine, and with one thread a third longer. So when steps take twice
    as long as the fastest one did, the threads are measured again.

    Args:
        every_seconds: the least time between two measurements, which take 0.2 s.
    """

    SLOW, IN_A_ROW = 2.0, 3  # a single slow step is nothing

    def __init__(self, every_seconds: float = 5.0) -> None:
        self.every_seconds = every_seconds

    def on_train_begin(self, args, state, control, **kwargs):
        self.fastest, self.slow_steps = math.inf, 0
        self.ease()

    def on_step_begin(self, args, state, control, **kwargs):
        self.began = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        now = time.perf_counter()
        took = now - self.began
        self.fastest = min(self.fastest, took)
        self.slow_steps = self.slow_steps + 1 if took > self.SLOW * self.fastest else 0
        is_due = now - self.measured_at > self.every_seconds
        if self.slow_steps >= self.IN_A_ROW and is_due:
            self.ease()

    def ease(self) -> None:
        """Lower the threads if fewer are faster now."""
        runtime.ease_threads()
        self.measured_at = time.perf_counter()


class Samples(TrainerCallback):
    """Continue fixed prompts, and keep the texts, each time the model is evaluated.

    Args:
        prompts: what the model continues.
        max_new_tokens: length of a continuation in tokens.
        **options: more arguments of `generation.generate`, such as strategy.

    Attributes:
        rows: (step, prompt, continuation), in order.
    """

    def __init__(
        self, prompts: Sequence[str], max_new_tokens: int = 40, **options: Any
    ) -> None:
        self.prompts = list(prompts)
        self.options = {"max_new_tokens": max_new_tokens, "progress": False, **options}
        self.rows: list[tuple[int, str, str]] = []

    def on_evaluate(self, args, state, control, model, processing_class, **kwargs):
        from course_utils.evaluation.generation import generate

        texts = generate(model, processing_class, self.prompts, **self.options)
        step = state.global_step
        self.rows += [(step, p, t) for p, t in zip(self.prompts, texts, strict=True)]

    def on_train_end(self, args, state, control, **kwargs):
        if "wandb" in args.report_to:
            import wandb

            if wandb.run is not None:
                columns = ["step", "prompt", "continuation"]
                wandb.log({"samples": wandb.Table(columns, data=self.rows)})


class StopAtNaN(TrainerCallback):
    """End a training whose loss or weights are not numbers any more.

    Put it before `MarkWhole`: a checkpoint of such weights does not count as whole.
    """

    def on_log(self, args, state, control, logs=None, **kwargs):
        losses = [logs[key] for key in ("loss", "eval_loss") if key in (logs or {})]
        if not all(math.isfinite(float(loss)) for loss in losses):
            self.stop(args, state)

    def on_save(self, args, state, control, model=None, **kwargs):
        from course_utils.model.gpt2 import is_finite

        if not is_finite(model):
            self.stop(args, state)

    def stop(self, args, state) -> None:
        """Raise a CourseError that names the last good checkpoint."""
        kept = last_checkpoint(args.output_dir)
        good = f"the last good model is {kept}" if kept else "there is no good one yet"
        raise CourseError(
            f"the loss is not a number at step {state.global_step}: train with a lower "
            f"learning rate than {args.learning_rate:g}; {good}."
        )


class MarkWhole(TrainerCallback):
    """Mark a checkpoint once all of its files are written.

    A run that is killed in the middle of a save leaves a folder without the mark, which
    `last_checkpoint` passes over.
    """

    def on_save(self, args, state, control, **kwargs):
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            sizes = {p.name: p.stat().st_size for p in sorted(folder.glob("*.*"))}
            lines = [f"{size} {name}" for name, size in sizes.items()]
            write_text(folder / COMPLETE, "\n".join(lines))


def last_checkpoint(output_dir: str | Path) -> Path | None:
    """Return the newest whole checkpoint of a run, or None.

    A checkpoint is whole if `MarkWhole` has marked it and every file still has the size
    that it had then.

    Args:
        output_dir: the folder of the run.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp(), "checkpoint-10")
        >>> _ = write_text(folder / "config.json", "{}")
        >>> last_checkpoint(folder.parent)  # None: it has no mark
        >>> _ = write_text(folder / COMPLETE, "2 config.json")  # a file of 2 bytes
        >>> last_checkpoint(folder.parent).name
        'checkpoint-10'
    """
    folders = Path(output_dir).glob("checkpoint-*")
    steps = {p: p.name.removeprefix("checkpoint-") for p in folders}
    ours = [p for p, step in steps.items() if step.isdecimal()]
    by_step = sorted(ours, key=lambda p: int(steps[p]), reverse=True)
    return next((folder for folder in by_step if _is_whole(folder)), None)


def _is_whole(folder: Path) -> bool:
    try:
        lines = (folder / COMPLETE).read_text(encoding="utf-8").splitlines()
        for line in lines:
            size, name = line.split(" ", 1)
            if (folder / name).stat().st_size != int(size):
                return False
    except (OSError, ValueError):
        return False
    return bool(lines)


def save_model(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerFast", folder: str | Path
) -> Path:
    """Save a model and its tokenizer in Transformers' format, all or nothing.

    Args:
        model: the model.
        tokenizer: its tokenizer.
        folder: what is there is replaced once the new files are whole.

    Returns:
        The folder.

    Example:
        >>> import tempfile
        >>> from course_utils.model.gpt2 import load
        >>> folder = save_model(*load("tiny"), Path(tempfile.mkdtemp(), "mine"))
        >>> [path.name for path in folder.glob("model*")]
        ['model.safetensors']
    """
    folder = Path(folder)
    # Beside it: a rename works only within one file system.
    temporary, old = (folder.with_name(f".{folder.name}.{s}") for s in ("tmp", "old"))
    for left_over in (temporary, old):
        shutil.rmtree(left_over, ignore_errors=True)
    model.save_pretrained(temporary)
    tokenizer.save_pretrained(temporary)
    if folder.exists():
        folder.rename(old)
    temporary.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder
