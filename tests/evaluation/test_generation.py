import warnings

import numpy as np
import pytest
import torch

from course_utils.data.chats import tinychats
from course_utils.data.people import PLACEHOLDERS
from course_utils.data.summaries import prompt
from course_utils.evaluation.generation import (
    STRATEGIES,
    _cut,
    absent,
    compare,
    generate,
    stream,
    summarise,
)
from course_utils.machine.errors import CourseError
from course_utils.model.gpt2 import load

ANIMALS = ["cat", "dog", "horse", "bird", "fox", "cow", "hen", "goat", "owl", "duck"]
NAMES = ["Anna", "Tom", "Mia", "Ben", "Lucy", "Sam"]


def prompt_and_summary(number: int) -> tuple[str, str]:
    rng = np.random.default_rng(number)
    name = rng.choice(NAMES)
    seen = [str(x) for x in rng.choice(ANIMALS, size=rng.integers(1, 5))]
    lines = "\n".join(f"{name}: I see a {animal}." for animal in seen)
    return f"{lines}\nTL;DR:", f" {name} sees a {', a '.join(seen)}."


PROMPTS = [prompt_and_summary(n)[0] for n in range(1000, 1023)]


@pytest.fixture(scope="module")
def model(tokenizer):
    """A GPT-2 trained for a few steps, so that its choices are no near ties."""
    from transformers import GPT2LMHeadModel, set_seed

    from course_utils.model.gpt2 import preset

    set_seed(0)
    model = GPT2LMHeadModel(preset("tiny", n_layer=2, n_embd=64, n_positions=128))
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    eos = tokenizer.eos_token_id
    rows = ["".join(prompt_and_summary(n)) for n in range(960)]
    ids = [[*row, eos] for row in tokenizer(rows)["input_ids"]]
    for start in range(0, len(ids), 8):
        batch = [torch.tensor(x) for x in ids[start : start + 8]]
        labels = torch.nn.utils.rnn.pad_sequence(batch, True, padding_value=-100)
        inputs = labels.clamp(min=eos)
        model(inputs, labels=labels, use_cache=False).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


def reference(model, tokenizer, prompt, length, **options):
    """One prompt at a time, the plain way."""
    ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
    eos = tokenizer.eos_token_id
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=length,
        pad_token_id=eos,
        eos_token_id=eos,
        **options,
    )
    return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_greedy_in_batches_equals_one_at_a_time(model, tokenizer, batch_size):
    alone = [reference(model, tokenizer, p, 40, do_sample=False) for p in PROMPTS]
    together = generate(
        model, tokenizer, PROMPTS, max_new_tokens=40, batch_size=batch_size
    )
    assert together == alone
    assert len({len(text) for text in alone}) > 3  # rows end at different steps


def test_beam_in_batches_equals_one_at_a_time(model, tokenizer):
    options = STRATEGIES["beam"]
    alone = [reference(model, tokenizer, p, 20, **options) for p in PROMPTS[:6]]
    together = generate(
        model, tokenizer, PROMPTS[:6], max_new_tokens=20, strategy="beam"
    )
    assert together == alone


@pytest.mark.parametrize("strategy", ["greedy", "beam"])
def test_a_forbidden_token_follows_its_own_prompt_alone_never(
    model, tokenizer, strategy
):
    prompts = PROMPTS[:8]
    free = generate(model, tokenizer, prompts, strategy=strategy)
    first = [tokenizer.encode(text)[0] for text in free]
    rows = [[token] if i % 2 else [] for i, token in enumerate(first)]
    texts = generate(model, tokenizer, prompts, strategy=strategy, forbidden=rows)
    assert texts[::2] == free[::2]
    for text, token in zip(texts[1::2], first[1::2], strict=True):
        assert tokenizer.encode(text)[0] != token


def test_without_eos_every_row_has_all_its_tokens(tiny_model, tokenizer):
    # Random weights hardly ever say eos: 19 tokens need three rounds of 8.
    tiny_model.lm_head.weight.data[tokenizer.eos_token_id] = 0
    prompts = ["one", "one two three", ""]
    texts = generate(
        tiny_model, tokenizer, prompts, max_new_tokens=19, strategy="temperature"
    )
    assert all(len(tokenizer(text)["input_ids"]) >= 10 for text in texts)
    one = generate(tiny_model, tokenizer, prompts, max_new_tokens=1)
    assert all(len(tokenizer(text)["input_ids"]) <= 1 for text in one)


def test_min_new_tokens_counts_from_the_prompt(model, tokenizer):
    texts = generate(model, tokenizer, PROMPTS)
    prompt = min(zip(texts, PROMPTS, strict=True), key=lambda pair: len(pair[0]))[1]
    least = 1 + len(tokenizer(min(texts, key=len))["input_ids"])
    longer = generate(model, tokenizer, [prompt], min_new_tokens=least)
    expected = {"do_sample": False, "min_new_tokens": least}
    assert longer == [reference(model, tokenizer, prompt, 40, **expected)]
    assert least <= len(tokenizer(longer[0])["input_ids"]) < 40


@pytest.mark.parametrize("strategy", ["temperature", "top-k", "top-p"])
def test_sampling_repeats_with_its_seed_alone(model, tokenizer, strategy):
    def run(seed):
        return generate(
            model, tokenizer, PROMPTS[:5], strategy=strategy, temperature=2.0, seed=seed
        )

    torch.manual_seed(7)
    state = torch.random.get_rng_state()
    first = run(1)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert first == run(1)
    assert first != run(2)


def test_top_k_of_one_is_greedy_and_pure_sampling_is_not_cut(model, tokenizer):
    greedy = generate(model, tokenizer, PROMPTS[:3])
    assert generate(model, tokenizer, PROMPTS[:3], strategy="top-k", top_k=1) == greedy
    # transformers' own default is top_k=50; at a high temperature all 2,048 tokens
    # must come up.
    texts = generate(
        model, tokenizer, ["a"] * 64, strategy="temperature", temperature=1e4, seed=0
    )
    tokens = {token for ids in tokenizer(texts)["input_ids"] for token in ids}
    assert len(tokens) > 500


@pytest.mark.parametrize("strategy", ["greedy", "temperature", "top-k", "top-p"])
def test_a_streamed_text_is_the_generated_one(model, tokenizer, strategy):
    pieces = []
    options = {"max_new_tokens": 20, "strategy": strategy, "seed": 3}
    stream(model, tokenizer, PROMPTS[0], pieces.append, **options)
    assert len(pieces) > 3
    [text] = generate(model, tokenizer, PROMPTS[:1], progress=False, **options)
    assert "".join(pieces) == text


def test_a_summary_is_the_first_line_that_has_words():
    base, tokenizer = load("tiny-base")
    chats = tinychats(4, split="test_slots")["dialogue"][:]
    whole = generate(base, tokenizer, [prompt(chat) for chat in chats])
    assert any("\n" in text for text in whole)  # it goes on as a chat does
    lines = [text.strip().split("\n")[0].strip() for text in whole]
    assert summarise(base, tokenizer, chats, max_new_tokens=40, people=False) == lines


@pytest.mark.parametrize(
    ("text", "stop", "expected"),
    [
        ("\n\nHi.\nBye.", "\n", "\n\nHi."),
        ("Hi.\nBye.", "\n", "Hi."),
        ("Hi.", "\n", "Hi."),
        (" sees it", " sees", ""),
    ],
)
def test_a_line_break_before_the_first_word_is_no_end(text, stop, expected):
    assert _cut(text, [stop]) == expected


def test_stop_cuts_the_text_before_the_mark(model, tokenizer):
    whole = generate(model, tokenizer, PROMPTS)
    cut = generate(model, tokenizer, PROMPTS, stop=[",", "."])
    assert cut == [text.split(",")[0].split(".")[0] for text in whole]
    assert cut != whole
    assert generate(model, tokenizer, PROMPTS, stop=" sees") == [
        text.split(" sees")[0] for text in whole
    ]


def test_a_long_prompt_loses_its_start_and_says_so(model, tokenizer):
    text = PROMPTS[0]
    long = " word" * 200 + text
    with pytest.warns(UserWarning, match="1 of 2 prompts are longer than 88 tokens"):
        texts = generate(model, tokenizer, [long, text])
    tail = tokenizer.decode(tokenizer(long)["input_ids"][-88:])
    assert texts[0] == reference(model, tokenizer, tail, 40, do_sample=False)
    assert texts[1] == reference(model, tokenizer, text, 40, do_sample=False)


def test_an_empty_prompt_starts_with_eos(model, tokenizer):
    eos = tokenizer.eos_token
    expected = reference(model, tokenizer, eos, 12, do_sample=False)
    assert generate(model, tokenizer, [""], max_new_tokens=12) == [expected]
    assert generate(model, tokenizer, []) == []


def test_nothing_is_left_changed_and_nothing_is_said(model, tokenizer, caplog, capfd):
    model.train()
    before = (tokenizer.padding_side, tokenizer.truncation_side, len(tokenizer))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for strategy in STRATEGIES:
            generate(model, tokenizer, PROMPTS[:3], max_new_tokens=9, strategy=strategy)
    assert (tokenizer.padding_side, tokenizer.truncation_side, len(tokenizer)) == before
    assert model.training
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
    # Training goes on as before: no tensor of inference mode is kept in the model.
    ids = torch.ones(1, 8, dtype=torch.long)
    model(ids, labels=ids).loss.backward()
    model.zero_grad()
    model.eval()


@pytest.mark.parametrize(
    ("prompts", "options", "message"),
    [
        (["a"], {"strategy": "best"}, "unknown strategy 'best'"),
        (["a"], {"top_q": 3}, "no option 'top_q'"),
        (["a"], {"num_return_sequences": 2}, "no option 'num_return_sequences'"),
        (["a"], {"strategy": "top-k", "temperature": 0.0}, "strictly positive float"),
        (["a"], {"max_new_tokens": 128}, "give 1 to 127"),
        (["a"], {"max_new_tokens": 0}, "give 1 to 127"),
        (["a", None], {}, "list of texts"),
        ("a text", {}, "list of texts"),
    ],
)
def test_bad_input_is_named(model, tokenizer, prompts, options, message):
    with pytest.raises(CourseError, match=message):
        generate(model, tokenizer, prompts, **options)


def test_compare_shows_the_full_text_in_a_notebook():
    long = "word " * 60 + "<end>"
    table = compare({"prompt": ["a\nb"], "after": [long]})
    assert table.to_dict("list") == {"prompt": ["a\nb"], "after": [long]}
    html = table.head(1)._repr_html_()
    assert "word " * 60 + "&lt;end&gt;" in html
    assert "a\nb" in html
    assert html.count("<tr>") == 2
    assert html.count("text-align: left") == html.count("pre-wrap") == 4
    with pytest.raises(CourseError, match="differ in length"):
        compare({"a": ["x"], "b": []})


def test_compare_stays_a_data_frame():
    import pandas as pd

    table = compare({"a": ["x", "y"], "b": ["1", "2"]})
    assert isinstance(table, pd.DataFrame)
    assert list(table["b"]) == ["1", "2"]
    assert len(table[table.a == "x"]) == 1


def test_the_absent_are_the_placeholders_that_stand_for_nobody(tokenizer):
    ids = absent(tokenizer, {"Tom": "Siobhan", "Anna": "Will"})
    words = {tokenizer.decode([token]).strip() for token in ids}
    assert words == set(PLACEHOLDERS) - {"Tom", "Anna"}
    assert len(ids) == 2 * len(words)


def test_a_summary_names_nobody_who_is_not_there(tiny_model, tokenizer):
    [ben] = tokenizer.encode(" Ben")  # the placeholder of a third person

    def wants_ben(module, inputs, output):
        output.logits[..., ben] += 1000

    dialogues = ["Siobhan: Hi Will!", "Siobhan: Hi Will!\nZoltan: Hi!"]
    hook = tiny_model.register_forward_hook(wants_ben)
    two, three = summarise(tiny_model, tokenizer, dialogues, people=True)
    hook.remove()
    assert "Ben" not in two
    assert "Zoltan" in three
