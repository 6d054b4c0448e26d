"""`course train --processes N`: the same training in several processes, by torchrun."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_utils import runtime
from course_utils.errors import CourseError
from course_utils.files import write_text
from course_utils.train_text import Options, is_first_process, train_on_text


def launch(options: Options, processes: int) -> dict[str, Any]:
    """Train with several processes on this machine, through `torchrun`.

    The processes are new ones: CUDA must not be initialised before a fork.

    Raises:
        CourseError: a process failed.
    """
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    order = write_text(folder / "order.json", json.dumps(asdict(options)))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc_per_node", str(processes)]
    command += ["-m", "course_utils.launch", str(order)]
    environment = dict(os.environ)
    if runtime.device().type == "cpu":
        environment |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    # The first process says what it does: beside the results, like any progress.
    status = subprocess.run(
        command, env=environment, stdout=sys.stderr.fileno(), check=False
    ).returncode
    if status:
        raise CourseError(
            f"a training process stopped with status {status}: see the lines above, "
            "then repeat the command with --resume."
        )
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    train_on_text(Options(**order), print if is_first_process() else lambda line: None)
