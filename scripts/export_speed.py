"""Measure what a CPU second gives of GPT-2's size: PyTorch beside llama.cpp.

    OMP_NUM_THREADS=1 python -m scripts.export_speed

Prints the rows of lesson 09's table, as Markdown. The weights are random: how fast a
token comes does not depend on what it says. It takes some minutes of one core, 2 GB of
memory and as much of disk for a moment. It needs the extra `export`.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import xllamacpp
from transformers import GPT2LMHeadModel, set_seed

from course_utils.data.tokens import gpt2_tokenizer
from course_utils.machine import runtime
from course_utils.model.export import write_gguf
from course_utils.model.gpt2 import preset

PROMPT, NEW, ROUNDS = 151, 40, 3  # tokens, tokens, and how often in turns


def torch_writer(model: GPT2LMHeadModel, ids: torch.Tensor) -> Callable[[], int]:
    """Return a function that writes NEW tokens and returns how many it wrote."""

    def write() -> int:
        options = {"max_new_tokens": NEW, "min_new_tokens": NEW, "do_sample": False}
        mask = torch.ones_like(ids)
        written = model.generate(ids, attention_mask=mask, pad_token_id=0, **options)
        return written.shape[1] - ids.shape[1]

    return write


def llama_writer(file: Path, prompt: str) -> Callable[[], int]:
    """Return the same for a GGUF file, through llama.cpp."""
    options = xllamacpp.CommonParams()
    options.model.path = str(file)
    options.n_ctx, options.n_parallel, options.verbosity = 256, 1, -1
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1
    options.cache_prompt, options.cache_ram_mib = False, 0
    server = xllamacpp.Server(options)
    asked = {"prompt": prompt, "max_tokens": NEW, "temperature": 0, "ignore_eos": True}
    return lambda: server.handle_completions(asked)["usage"]["completion_tokens"]


def main() -> None:
    """Make the model, its files, and take turns."""
    runtime.quiet_libraries()
    torch.set_num_threads(1)
    set_seed(0)
    tokenizer = gpt2_tokenizer()
    model = GPT2LMHeadModel(preset("gpt2")).eval()
    prompt = tokenizer.decode(
        tokenizer("a cat and a dog. " * PROMPT).input_ids[:PROMPT]
    )
    ids = tokenizer(prompt, return_tensors="pt").input_ids  # (1, PROMPT)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder)
        model.save_pretrained(saved)
        tokenizer.save_pretrained(saved)
        half = GPT2LMHeadModel.from_pretrained(saved, dtype=torch.bfloat16).eval()
        size = (saved / "model.safetensors").stat().st_size
        ways = {"PyTorch, float32": (size, torch_writer(model, ids))}
        ways["PyTorch, bfloat16"] = size // 2, torch_writer(half, ids)
        for kind in ("f32", "f16", "q8_0"):
            file = saved / f"{kind}.gguf"
            write_gguf(saved, file, kind)
            writer = llama_writer(file, prompt)
            ways[f"llama.cpp, {kind}"] = file.stat().st_size, writer
        best = dict.fromkeys(ways, 0.0)
        for _ in range(ROUNDS):
            for name, (_, write) in ways.items():
                start = time.process_time()
                count = write()
                best[name] = max(best[name], count / (time.process_time() - start))
    print("| 124 million parameters | file | tokens in a CPU second |")
    print("|---|---|---|")
    for name, (size, _) in ways.items():
        print(f"| {name} | {size / 1e6:.0f} MB | {best[name]:.0f} |")


if __name__ == "__main__":
    main()
