"""The references of exercise 5 are what transformers computes."""

import numpy as np
import pytest

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex05_1, ex05_2, ex05_3
from course_utils.checks.judges.ex05_5 import ENOUGH
from course_utils.checks.probes.ex05_5 import FOLLOWERS
from course_utils.checks.probes.ex05_model import new_model


def test_loss_is_the_models_own():
    import torch

    model = new_model(0)
    ids = torch.arange(24).reshape(2, 12)
    labels = ids.masked_fill(ids % 5 == 0, -100)
    output = model(input_ids=ids, labels=labels)
    [gradient] = torch.autograd.grad(output.loss, [output.logits])
    case = {"logits": output.logits.detach().numpy(), "labels": labels.numpy()}
    data = {
        "losses": [output.loss.item()],
        "gradients": [gradient.numpy()],
        "labels": [labels.numpy()],
    }
    assert ex05_2.judge(data, {"cases": [case]}) == Verdict(True)


def test_schedule_is_the_librarys():
    import torch
    from transformers import get_cosine_schedule_with_warmup

    cases, rates = question("ex05_3").inputs(3)["cases"], []
    for step, warmup, total, peak in (case.values() for case in cases):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
        factor = get_cosine_schedule_with_warmup(optimizer, warmup, total)
        rates.append(peak * factor.lr_lambdas[0](step))
    assert ex05_3.judge(rates, {"cases": cases}) == Verdict(True)


@pytest.mark.parametrize("n_blocks", [32, 33, 35, 31])
def test_steps_are_the_trainers(n_blocks, tmp_path):
    import torch
    from transformers import Trainer, TrainingArguments

    rows = [{"input_ids": torch.zeros(4).long(), "labels": torch.zeros(4).long()}]
    arguments = TrainingArguments(
        str(tmp_path),
        per_device_train_batch_size=2,
        gradient_accumulation_steps=4,
        num_train_epochs=1,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = Trainer(new_model(0), arguments, train_dataset=rows * n_blocks)
    trainer.train()
    case = {"n_blocks": n_blocks, "batch_size": 2, "accumulation": 4, "processes": 1}
    got = [[8, trainer.state.global_step]]
    assert ex05_1.judge(got, {"cases": [case]}) == Verdict(True)


def test_language_can_be_learned_down_to_its_entropy():
    blocks = question("ex05_5").inputs(0)["blocks"]
    counts = np.zeros((32, 32))
    np.add.at(counts, (blocks[:, :-1].ravel(), blocks[:, 1:].ravel()), 1)
    assert (np.count_nonzero(counts, axis=1) == 4).all()
    entropy = -np.sum(FOLLOWERS * np.log(FOLLOWERS))
    assert entropy == pytest.approx(1.11, abs=0.005)
    assert entropy + 0.5 < ENOUGH < np.log(32) / 2
