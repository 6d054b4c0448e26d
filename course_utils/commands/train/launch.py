"""`course train --processes N`: the same training in several processes, by torchrun."""

import logging
import os
import sys
from contextlib import redirect_stdout
from typing import Any

from course_utils.commands.output import replace_unprintable
from course_utils.commands.train.own_text import Options, train_on_text
from course_utils.commands.train.run_folder import is_first_process
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError


def launch(options: Options, processes: int) -> dict[str, Any]:
    """Train with several processes on this machine, as `torchrun --standalone` does.

    Raises:
        CourseError: one of the processes raised an error or was killed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; all processes have ended.
    """
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id="course",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    logging.disable()  # the launcher logs every failure with its traceback
    try:
        return elastic_launch(config, _train)(options)[0]
    except ChildFailedError as error:
        raise CourseError(_reason(error.get_first_failure()[1].message)) from error
    except SignalException as error:
        raise KeyboardInterrupt from error
    finally:
        logging.disable(logging.NOTSET)


def _train(options: Options) -> dict[str, Any]:
    """Train as one of the processes; the first says what it does."""
    if runtime.device().type == "cpu":
        os.environ |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    replace_unprintable()
    say = print if is_first_process() else lambda line: None
    # Results go to standard output: what is said, also by a library, goes beside them.
    with redirect_stdout(sys.stderr):
        return train_on_text(options, say)


def _reason(message: str | dict[str, Any]) -> str:
    text = message if isinstance(message, str) else message["message"]
    line = text.splitlines()[0]
    if line.startswith("CourseError: "):
        return line.removeprefix("CourseError: ")
    return f"a training process stopped ({line}): repeat the command with --resume."
