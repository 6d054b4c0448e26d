"""docs/scaling.md: its figures are the planner's, its files have the right form."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from course_utils.model.gpt2 import preset
from course_utils.model.planner import plan, training_memory

PAGE = (Path(__file__).parents[2] / "docs/scaling.md").read_text(encoding="utf-8")
SCRIPTS = "https://github.com/karpathy/llm.c/blob/master/scripts"
NANO = "https://github.com/karpathy/nanoGPT"
# Published: steps, blocks per GPU and pass, passes a step, dollars an hour of the eight
# GPUs, and what it took.
RUNS = [
    (
        ("gpt2", "A100", 18_865, 64, 1, 14),
        f"94 minutes, 20 dollars: [llm.c]({SCRIPTS}/run_gpt2_124M.sh)",
    ),
    (
        ("gpt2", "A100", 600_000, 12, 5, 14),
        f"about 4 days: [nanoGPT]({NANO}#reproducing-gpt-2)",
    ),
    (
        ("gpt2-xl", "H100", 32_000, 16, 8, 28),
        f"24 hours, 672 dollars: [llm.c]({SCRIPTS}/run_gpt2_1558M.sh)",
    ),
]
HEADING = """\
| model | on | tokens | time, predicted | dollars, predicted | published |
|---|---|---|---|---|---|"""


def row(run, published):
    name, gpu, steps, batch_size, accumulation, price = run
    planned = plan(
        preset(name),
        batch_size=batch_size,
        block_size=1024,
        steps=steps,
        accumulation=accumulation,
        precision="bfloat16",
        device=gpu,
        processes=8,
    )
    hours = planned.seconds / 3600
    millions = round(sum(planned.parameters.values()) / 1e6)
    return (
        f"| GPT-2 {millions:,}M | 8 x {gpu} | {planned.tokens / 1e9:.1f} billion "
        f"| {hours:.1f} hours | {hours * price:,.0f} | {published} |"
    )


def table():
    return "\n".join([HEADING, *(row(*run) for run in RUNS)])


def block(start):
    """Return the page's code block that holds `start`."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", PAGE, re.M | re.S)
    (found,) = [text for text in blocks if start in text]
    return found


def test_the_predicted_figures_are_the_planners():
    assert table() in PAGE


def test_the_memory_of_the_large_model_is_the_planners():
    memory = training_memory(preset("gpt2-xl"), 1, 1024, "bfloat16", device_type="cuda")
    held = sum(memory[part] for part in ("weights", "gradients", "optimizer"))
    assert f"hold {held / 1e9:.0f} GB for GPT-2 1.5B" in PAGE
    assert held / sum(memory_of(preset("gpt2-xl"))) == 18


def memory_of(config):
    from course_utils.model.planner import parameters

    return parameters(config).values()


def test_the_fsdp_file_is_one_that_accelerate_reads(tmp_path):
    from accelerate.commands.config.config_args import load_config_from_file
    from transformers import GPT2LMHeadModel

    path = tmp_path / "fsdp.yaml"
    path.write_text(block("# fsdp.yaml"))
    config = load_config_from_file(str(path))
    assert config.distributed_type == "FSDP"
    layer = config.fsdp_config["fsdp_transformer_layer_cls_to_wrap"]
    assert layer in GPT2LMHeadModel._no_split_modules


def test_the_slurm_script_is_bash(tmp_path):
    path = tmp_path / "job.sh"
    path.write_text(block("#SBATCH"))
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    nodes, gpus = (
        re.search(rf"#SBATCH --{name}=(\d+)", path.read_text())[1]
        for name in ("nodes", "gpus-per-node")
    )
    assert f"--nproc-per-node={gpus}" in path.read_text()
    assert nodes == "2"


def test_the_kubernetes_file_fits_together():
    service, job = yaml.safe_load_all(block("kind: Service"))
    assert (service["kind"], service["apiVersion"]) == ("Service", "v1")
    assert (job["kind"], job["apiVersion"]) == ("Job", "batch/v1")
    name, spec = job["metadata"]["name"], job["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    # Pods of an indexed job are called NAME-INDEX, and found through the service.
    assert service["spec"]["selector"] == {"job-name": name}
    assert pod["subdomain"] == service["metadata"]["name"]
    arguments = container["args"]
    endpoint = f"--rdzv-endpoint={name}-0.{pod['subdomain']}:29500"
    assert endpoint in arguments
    assert f"--nnodes={spec['completions']}" in arguments
    assert spec["parallelism"] == spec["completions"]
    gpus = container["resources"]["limits"]["nvidia.com/gpu"]
    assert f"--nproc-per-node={gpus}" in arguments
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.slow
@pytest.mark.parametrize("way", ["torchrun", "FSDP"])
def test_the_script_trains_in_two_processes_and_resumes(way, tmp_path):
    script = block("# train.py")
    for old, new in {
        'preset("gpt2")': 'preset("gpt2", n_embd=32, n_layer=2, n_head=2)',
        "max_steps=20_000": "max_steps=4",
        "per_device_train_batch_size=32": "per_device_train_batch_size=1",
        "save_steps=500": "save_steps=2",
        "tokenizer, 1024)": "tokenizer, 32)",
    }.items():
        assert old in script
        script = script.replace(old, new)
    (tmp_path / "train.py").write_text(script)
    lines = [f"Line {i}: {i * i % 97} birds." for i in range(200)]
    (tmp_path / "train.txt").write_text("\n".join(lines))
    config = yaml.safe_load(block("# fsdp.yaml"))
    config |= {"use_cpu": True, "num_processes": 2, "mixed_precision": "no"}
    (tmp_path / "fsdp.yaml").write_text(yaml.safe_dump(config))
    launcher = {
        "torchrun": "torch.distributed.run --standalone --nproc-per-node=2",
        "FSDP": "accelerate.commands.launch --config_file fsdp.yaml",
    }[way]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}

    def run():
        command = [sys.executable, "-m", *launcher.split(), "train.py"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    run()
    checkpoints = {path.name for path in (tmp_path / "runs/gpt2").iterdir()}
    assert {"checkpoint-2", "checkpoint-4", "model"} <= checkpoints
    weights = (tmp_path / "runs/gpt2/model/model.safetensors").read_bytes()
    assert len(weights) > 4 * 50257 * 32
    for path in (tmp_path / "runs/gpt2/checkpoint-4").iterdir():
        if path.is_file():
            path.unlink()
    run()  # goes on from checkpoint-2
    assert (tmp_path / "runs/gpt2/checkpoint-4/complete.txt").exists()


if __name__ == "__main__":
    print(table())  # what belongs into the page
