"""The wider base: the quick forward pass, its corpus and its files are right."""

import numpy as np
import pytest
import torch

from course_utils.data.summaries import CUE
from scripts import wide_corpus
from scripts.gpu_wide import TOKENIZER, hidden, on_device, read_model, write_model
from scripts.pretrain_base import initial_model

REAL = [
    "\n".join(f"{'AB'[(i * i + j) % 2]}: line {i} of {j}, {i * j}" for i in range(30))
    for j in range(5)
]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return initial_model(n_layer=2, n_embd=64, n_head=2, n_positions=96)


@pytest.fixture
def maker():
    return wide_corpus.Maker(REAL, TOKENIZER, "test", 96)


def test_the_quick_forward_pass_is_the_library_s(model):
    ids = torch.randint(0, 2048, (3, 50))
    with torch.no_grad():
        expected = model.transformer(input_ids=ids).last_hidden_state
        torch.testing.assert_close(hidden(model, ids), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("small", "error"), [(False, 1e-3), (True, 0.05)])
def test_weights_come_back(model, tmp_path, small, error):
    how = write_model(model, tmp_path / "m.safetensors", small)
    again = read_model(tmp_path / "m.safetensors")
    assert how == ("int8" if small else "float16")
    assert again.config.n_positions == 96
    assert again.lm_head.weight is again.transformer.wte.weight
    for name, tensor in model.state_dict().items():
        gap = (again.state_dict()[name] - tensor).abs().max()
        assert gap <= error * tensor.abs().max(), name


@pytest.mark.parametrize("done", [0.01, 0.06, 0.2, 0.9])
def test_batches_hold_whole_rows(maker, done):
    batches = list(maker.pretraining(done, 1024, 200))
    assert sum(len(batch.kinds) for batch in batches) == 200
    for batch in batches:
        assert batch.input_ids.shape == batch.labels.shape
        assert batch.input_ids.shape[1] <= 96
        told = batch.labels != wide_corpus.IGNORED
        assert (batch.input_ids[told] == batch.labels[told]).all()
        ids, labels, kinds = on_device(batch, torch.device("cpu"))
        assert (ids >= 0).all()
        assert (ids < 2048).all()
        assert ((labels == -1).numpy() == ~told).all()
        assert len(kinds) == len(ids)


def test_pairs_are_learnt_on_the_summary_alone(maker):
    cue = maker.encode([CUE])[0]
    for way in ("plain", "place", "long"):
        for batch in maker.pairs(way, 1024, 50):
            for ids, labels in zip(batch.input_ids, batch.labels, strict=True):
                first = int(np.argmax(labels != wide_corpus.IGNORED))
                assert ids[first - len(cue) : first].tolist() == cue
                end = ids[labels != wide_corpus.IGNORED][-1]
                assert end == wide_corpus.EOS
