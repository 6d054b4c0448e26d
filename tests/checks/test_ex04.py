"""The references of exercise 4 are what the planner and the library compute."""

import pytest
import torch
from torch.nn.functional import pad

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex04_2, ex04_3, ex04_5
from course_utils.checks.probes.ex04_3 import FILES, MARK
from course_utils.checks.probes.ex04_5 import flat_gradient
from course_utils.checks.probes.ex05_model import new_model
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
    assert ex04_2.judge([got], {"cases": [case]}) == Verdict(True)


def test_gradient_is_that_of_one_padded_batch():
    inputs = question("ex04_5").inputs(7)
    longest = max(batch["labels"].shape[1] for batch in inputs["batches"])

    def padded(name, value):
        tensors = [torch.from_numpy(batch[name]) for batch in inputs["batches"]]
        sizes = [longest - tensor.shape[1] for tensor in tensors]
        pairs = zip(tensors, sizes, strict=True)
        return torch.cat(
            [pad(tensor, (0, size), value=value) for tensor, size in pairs]
        )

    model = new_model(inputs["model_seed"]).double()
    model(padded("input_ids", 0), labels=padded("labels", -100)).loss.backward()
    one_by_one = {"moved": 0.0, "most_tokens": 1, "at_once": 1}
    data = {"gradient": flat_gradient(model), **one_by_one}
    assert ex04_5.judge(data, inputs) == Verdict(True)


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
        new_model(0), arguments, train_dataset=rows, callbacks=[MarkWhole()]
    )
    trainer.train()
    folders = {
        folder.name: [file.name for file in folder.iterdir()]
        for folder in tmp_path.iterdir()
    }
    assert COMPLETE == MARK
    assert set(FILES) < set(folders["checkpoint-2"])
    verdict = ex04_3.judge(["checkpoint-2"], {"cases": [{"folders": folders}]})
    assert verdict == Verdict(True)
