"""The stages of `preparation` as datatrove pipelines: here, by Slurm, or by Ray.

datatrove is the engine that FineWeb was made with: it starts a task for each part, on
however many machines, and runs those again that did not finish.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.data.preparation import Work
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datatrove.executor.base import PipelineExecutor


class Stage:
    """One stage as a step of a datatrove pipeline: the task's rank is the part."""

    def __init__(self, work: Work, out: Path) -> None:
        self.work, self.out = work, out

    def __call__(self, data: Any, rank: int = 0, world_size: int = 1) -> None:
        """Do part `rank`; no documents are passed on, they are on disk."""
        self.work(self.out, rank)


def executor(
    work: Work, out: Path, tasks: int, what: str, workers: int
) -> "PipelineExecutor":
    """Return the pipeline of one stage, for this machine.

    Raises:
        CourseError: datatrove is not installed.
    """
    try:
        from datatrove.executor import LocalPipelineExecutor
    except ModuleNotFoundError as error:
        raise CourseError(
            'datatrove is missing: pip install "train-gpt-course[datatrove]".'
        ) from error
    return LocalPipelineExecutor(
        pipeline=[Stage(work, out)],
        tasks=tasks,
        workers=min(workers, tasks),
        logging_dir=str(out / "logs" / what.replace(" ", "-")),
    )


def run_by_datatrove(
    work: Work, out: Path, numbers: list[int], what: str, *, workers: int
) -> None:
    """Run `work(out, number)` for all numbers, as `preparation.run_locally` does."""
    executor(work, out, len(numbers), what, workers).run()
