"""The loss in chunks: the same number and the same gradient, in training alone."""

import pytest
import torch
from transformers import GPT2LMHeadModel, set_seed

from course_utils.model.gpt2 import preset
from course_utils.training.chunked_loss import chunked_loss, loss_in_chunks
from course_utils.training.trainer import make_trainer, training_arguments


def model_and_batch():
    set_seed(0)
    config = preset("tiny", n_layer=1, n_embd=32, n_head=2)
    model = GPT2LMHeadModel(config).train()
    input_ids = torch.randint(1, config.vocab_size, (3, 16))
    labels = input_ids.clone()
    labels[0, 5:] = -100
    labels[1, 0] = -100
    return model, input_ids, labels


def loss_and_gradient(model, input_ids, labels, **options):
    model.zero_grad()
    loss = model(input_ids=input_ids, labels=labels, **options).loss
    loss.backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in model.parameters()])


@pytest.mark.parametrize("chunks", [1, 2, 5, 48])
@pytest.mark.parametrize("options", [{}, {"num_items_in_batch": torch.tensor(60)}])
def test_it_is_the_models_own_loss_and_gradient(chunks, options):
    model, input_ids, labels = model_and_batch()
    whole, gradient = loss_and_gradient(model, input_ids, labels, **options)
    loss_in_chunks(model, chunks)
    loss, other = loss_and_gradient(model, input_ids, labels, **options)
    assert loss == pytest.approx(whole, abs=1e-6)
    torch.testing.assert_close(other, gradient, atol=1e-6, rtol=1e-4)


def test_labels_that_are_left_out_add_nothing():
    hidden, weight = torch.randn(6, 4), torch.randn(9, 4)
    labels = torch.tensor([1, 2, -100, 3, -100, 8])
    kept = labels >= 0
    expected = torch.nn.functional.cross_entropy(
        hidden[kept] @ weight.T, labels[kept], reduction="sum"
    )
    assert chunked_loss(hidden, weight, labels, 4).item() == pytest.approx(
        expected.item(), abs=1e-5
    )


def test_in_eval_mode_and_without_labels_the_model_is_as_before():
    model, input_ids, labels = model_and_batch()
    with torch.no_grad():
        before = model.eval()(input_ids=input_ids, labels=labels)
    loss_in_chunks(model)
    with torch.no_grad():
        after = model.eval()(input_ids=input_ids, labels=labels)
        assert torch.equal(model.train()(input_ids=input_ids).logits, before.logits)
    assert torch.equal(after.logits, before.logits)
    assert after.loss == before.loss
    kept = {"max_new_tokens": 4, "do_sample": False, "pad_token_id": 0}
    mask = torch.ones_like(input_ids)
    text = model.eval().generate(input_ids, attention_mask=mask, **kept)
    assert text.shape == (3, 20)


def test_trainer_trains_the_same_with_it(tokenizer, tmp_path):
    from course_utils.data.tokens import blocks, token_ids

    rows = blocks(token_ids(["Anna: see you at six."] * 200, tokenizer), 32)
    losses = []
    for chunks in (None, 4):
        set_seed(0)
        config = preset("tiny", n_layer=1, n_embd=32, n_head=2)
        model = GPT2LMHeadModel(config)
        if chunks:
            loss_in_chunks(model, chunks)
        arguments = training_arguments(
            tmp_path,
            max_steps=6,
            per_device_train_batch_size=4,
            gradient_accumulation_steps=2,
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
        )
        trainer = make_trainer(model, tokenizer, arguments, rows, rows.select(range(4)))
        trainer.train()
        log = trainer.state.log_history
        losses.append([row["loss"] for row in log if "loss" in row])
        losses[-1].append(trainer.evaluate()["eval_loss"])
    assert losses[1] == pytest.approx(losses[0], abs=1e-4)
