"""The references of exercise 4 are what the planner and the library compute."""

import pytest
import torch
from torch.nn.functional import pad

from course_utils.checks import Verdict
from course_utils.checks.ex04 import probe, verify
from course_utils.model.gpt2 import preset
from course_utils.model.planner import parameters, training_memory


@pytest.mark.parametrize(
    ("flag", "name"), [("no", "float32"), ("fp16", "float16"), ("bf16", "bfloat16")]
)
def test_bytes_are_the_planners(flag, name):
    config = preset("tiny")
    count = sum(parameters(config).values())
    memory = training_memory(config, 1, 8, name)
    case = {"n_parameters": count, "n_trained": count, "precision": flag}
    got = {part: memory[part] for part in ("weights", "gradients", "optimizer")}
    assert verify.verify_bytes([got], {"cases": [case]}) == Verdict(2)


def test_gradient_is_that_of_one_padded_batch():
    inputs = probe.gradient_inputs(7)
    longest = max(batch["labels"].shape[1] for batch in inputs["batches"])

    def padded(name, value):
        tensors = [torch.from_numpy(batch[name]) for batch in inputs["batches"]]
        sizes = [longest - tensor.shape[1] for tensor in tensors]
        pairs = zip(tensors, sizes, strict=True)
        return torch.cat(
            [pad(tensor, (0, size), value=value) for tensor, size in pairs]
        )

    model = probe.new_model(inputs["model_seed"]).double()
    model(padded("input_ids", 0), labels=padded("labels", -100)).loss.backward()
    got = probe.flat_gradient(model)
    assert verify.verify_gradient(got, inputs) == Verdict(3)


def test_a_checkpoint_of_trainer_can_be_resumed(tmp_path):
    from transformers import Trainer, TrainingArguments

    from course_utils.training.trainer import COMPLETE, MarkWhole

    rows = [{"input_ids": torch.zeros(4).long(), "labels": torch.zeros(4).long()}] * 4
    arguments = TrainingArguments(
        str(tmp_path),
        max_steps=2,
        save_steps=1,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = Trainer(
        probe.new_model(0), arguments, train_dataset=rows, callbacks=[MarkWhole()]
    )
    trainer.train()
    folders = {
        folder.name: [file.name for file in folder.iterdir()]
        for folder in tmp_path.iterdir()
    }
    assert COMPLETE == probe.MARK
    assert set(probe.FILES) < set(folders["checkpoint-2"])
    verdict = verify.verify_resume(["checkpoint-2"], {"cases": [{"folders": folders}]})
    assert verdict == Verdict(2)
