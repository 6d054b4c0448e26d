"""The drawings of the lessons: legible, true, and each named once in the text."""

from base64 import b64decode, b64encode
from io import BytesIO
from itertools import combinations
from pathlib import Path

import jupytext
import pytest

from course_utils.authoring.drawing import LINE, SMALL, WIDTH, Picture
from course_utils.authoring.embed_drawings import (
    EMBEDDED,
    drawings_of,
    load_drawings,
)
from course_utils.authoring.film import STILL, Film, still, still_on_request
from course_utils.machine.places import LIBRARY

ROOT = Path(__file__).parents[2]
DRAWINGS = load_drawings(ROOT / "source" / "drawings")
LESSONS = sorted((ROOT / "source" / "lessons").glob("*.py"))


def extent(text, x, y, size, align, bold, mono, **_):
    """Return (left, top, right, bottom) of a text as matplotlib sets it."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(
        family="DejaVu Sans Mono" if mono else "DejaVu Sans",
        weight="bold" if bold else "normal",
    )
    lines = text.split("\n")
    boxes = [TextPath((0, 0), line, size, prop=font).get_extents() for line in lines]
    width = max(box.width for box in boxes)
    height = size * (0.9 + LINE * (len(lines) - 1))
    left = {"left": x, "center": x - width / 2, "right": x - width}[align]
    return left, y - height / 2, left + width, y + height / 2


def is_inside(text, box):
    """Return whether a text stands in the middle of the box drawn just before it."""
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return (text["x"], text["y"]) == middle


def faults(picture):
    """Yield words that are small, leave the card or their box, or touch others."""
    texts = []
    before = ("", {})
    for kind, values in picture.shapes:
        if kind == "box" and not 0 <= values["x"] <= WIDTH - values["width"]:
            yield "a box leaves the card"
        if kind == "text":
            words, (left, top, right, bottom) = values["text"], extent(**values)
            texts.append((words, left, top, right, bottom))
            if values["size"] < SMALL:
                yield f"{words} is small"
            if min(left, top) < 2 or right > WIDTH - 2 or bottom > picture.height - 2:
                yield f"{words} leaves the card"
            if before[0] == "box" and is_inside(values, before[1]):
                box = before[1]
                if right - left > box["width"] - 4 or bottom - top > box["height"]:
                    yield f"{words} leaves its box"
        before = (kind, values)
    for one, two in combinations(texts, 2):
        across = min(one[3], two[3]) - max(one[1], two[1])
        down = min(one[4], two[4]) - max(one[2], two[2])
        if across > 0 and down > 0:
            yield f"{one[0]} touches {two[0]}"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_legible(name):
    drawing = DRAWINGS[name]()
    for picture in getattr(drawing, "pictures", [drawing]):
        assert not list(faults(picture))
        assert picture.height == drawing.height


def test_a_bad_drawing_is_found_out():
    picture = Picture(80)
    picture.box(60, 10, 40, 30, "too long", "blue")
    picture.text(90, 60, "one", size=9)
    picture.text(630, 25, "far")
    picture.box(620, 10, 40, 30)
    picture.text(300, 60, "two")
    picture.text(310, 60, "three")
    assert set(faults(picture)) == {
        "too long leaves its box", "one is small", "far leaves the card",
        "a box leaves the card", "two touches three",
    }  # fmt: skip


def named_by(path):
    cells = jupytext.read(path, fmt="py:percent").cells
    return [found for cell in cells for found in drawings_of(cell.source)]


def test_each_drawing_is_named_once_and_said_in_words():
    named = [found for path in LESSONS for found in named_by(path)]
    assert sorted(name for _, name in named) == sorted(DRAWINGS)
    assert not [alt for alt, _ in named if len(alt.split()) < 8]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_built_lesson_carries_its_drawings(path):
    from PIL import Image

    from course_utils.authoring.build import read_notebook

    cells = read_notebook(ROOT / "notebooks" / f"{path.stem}.ipynb").cells
    uris = [uri for cell in cells for uri in EMBEDDED.findall(cell.source)]
    for (_, name), uri in zip(named_by(path), uris, strict=True):
        data = b64decode(uri.partition(",")[2])
        assert len(data) < (70_000 if isinstance(DRAWINGS[name](), Film) else 30_000)
        assert Image.open(BytesIO(data)).size == (WIDTH, DRAWINGS[name]().height)


def test_the_same_shapes_give_the_same_picture():
    one, two = DRAWINGS["a_block"](), DRAWINGS["a_block"]()
    assert one.key() == two.key() != DRAWINGS["gelu_and_relu"]().key()
    assert one.png() == two.png()


def small_film():
    pictures = [Picture(40), Picture(40), Picture(40)]
    for n, picture in enumerate(pictures):
        for k in range(n + 1):
            picture.box(10 + 60 * k, 4, 50, 30, str(k), "blue", filled=True)
    return Film(pictures, seconds=0.5)


def assert_alike(one, two):
    """Assert that two images differ by a shade at most: their palettes may differ."""
    from PIL import ImageChops

    difference = ImageChops.difference(one.convert("RGB"), two.convert("RGB"))
    assert max(high for _, high in difference.getextrema()) <= 16


def test_a_film_begins_and_ends_with_the_whole_and_stops():
    from PIL import Image

    film = small_film()
    whole = Image.open(BytesIO(film.pictures[-1].png()))
    moving = Image.open(BytesIO(film.png()))
    frames = []
    for n in range(moving.n_frames):
        moving.seek(n)
        frames.append(moving.convert("RGB").tobytes())
    assert_alike(Image.open(BytesIO(film.png())), whole)
    assert frames[0] == frames[-1]
    assert len(set(frames)) == 3
    assert 0 < moving.info["loop"] < 5


def test_a_still_film_is_its_whole():
    from PIL import Image

    film = small_film()
    png = still(film.png())
    one = Image.open(BytesIO(png))
    assert getattr(one, "n_frames", 1) == 1
    assert_alike(one, Image.open(BytesIO(film.pictures[-1].png())))
    assert still(png) == png


def test_a_page_lets_a_film_stand_still_and_leaves_other_pictures():
    def img(png):
        uri = f"data:image/png;base64,{b64encode(png).decode()}"
        return f'<img alt="A film." src="{uri}">'

    film = small_film()
    html = still_on_request(img(film.png()))
    assert html.startswith(f'<picture><source media="{STILL}" srcset="data:image/png')
    assert html.endswith(f"{img(film.png())}</picture>")
    plain = img(film.pictures[0].png())
    assert still_on_request(plain) == plain


# --- what the drawings say is so


@pytest.fixture(scope="module")
def tiny_base():
    from course_utils.model.gpt2 import load

    model, tokenizer = load("tiny-base")
    return model.eval(), tokenizer


def chances_after(text, tiny_base):
    import torch

    model, tokenizer = tiny_base
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.no_grad():
        chances = model(ids).logits[0, -1].softmax(-1)
    first = chances.topk(5)
    words = map(tokenizer.decode, first.indices.tolist())
    return dict(zip(words, first.values.tolist(), strict=True))


def values_of(name):
    return DRAWINGS[name].__globals__


def test_the_chances_are_the_tiny_bases(tiny_base):
    drawn = values_of("a_language_model")
    assert chances_after(drawn["PROMPT"], tiny_base) == pytest.approx(
        drawn["NEXT"], abs=0.01
    )
    drawn = values_of("beam_search")
    start = drawn["BEAM_PROMPT"]
    first = chances_after(start, tiny_base)
    for word, (chance, after) in drawn["BEAM"].items():
        assert first[word] == pytest.approx(chance, abs=0.002)
        following = chances_after(start + word, tiny_base)
        assert {w: following[w] for w in after} == pytest.approx(after, abs=0.002)


def looks_of(text, block, head, tiny_base):
    """Return a head's attention over a text, (time, time)."""
    import torch

    model, tokenizer = tiny_base
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    model.set_attn_implementation("eager")
    try:
        with torch.no_grad():
            looks = model(ids, output_attentions=True).attentions
    finally:
        model.set_attn_implementation("sdpa")
    return looks[block - 1][0, head - 1]


def test_the_head_that_reads_a_chat_is_the_tiny_bases(tiny_base):
    drawn = values_of("a_head_reads_a_chat")
    looks = looks_of(drawn["LOOKED_AT"], *drawn["LOOKING_HEAD"], tiny_base)
    for row, said in zip(looks.tolist(), drawn["LOOKS"], strict=True):
        assert row[: len(said)] == pytest.approx(said, abs=0.006)
        assert not any(row[len(said) :])
    # Two look at themselves, six at the token before, a colon at the line break.
    assert looks.argmax(dim=-1).tolist() == [0, 1, 1, 2, 3, 4, 5, 5, 7]


def test_the_live_writers_picture_is_the_tiny_bases(tiny_base):
    drawn = values_of("the_live_writer")
    chances = chances_after(drawn["LIVE_PROMPT"], tiny_base)
    assert {word: chances[word] for word in drawn["LIVE_NEXT"]} == pytest.approx(
        drawn["LIVE_NEXT"], abs=0.005
    )
    looks = looks_of(drawn["LIVE_PROMPT"], *drawn["LIVE_HEAD"], tiny_base)[-1]
    ((at, share),) = drawn["LIVE_LOOK"].items()
    assert looks.argmax() == at
    assert looks[at].item() == pytest.approx(share, abs=0.005)


def test_the_live_summarisers_picture_is_what_both_models_write(tiny_base):
    from course_utils.evaluation.generation import summarise
    from course_utils.model.gpt2 import load

    drawn = values_of("the_live_summariser")
    for models, text in (
        (tiny_base, "LIVE_BEFORE"),
        (load("tiny-summariser"), "LIVE_AFTER"),
    ):
        assert summarise(*models, [drawn["LIVE_CHAT"]], progress=False) == [drawn[text]]


def test_the_drawn_tokens_are_those_of_the_bases_tokenizer(tiny_base):
    from course_utils.authoring.drawing import tokens_of
    from course_utils.data.tokens import gpt2_tokenizer

    text = "Al: Hi\nTL;DR: Al greets.<|endoftext|>"
    _, tokenizer = tiny_base
    assert [i for _, i in tokens_of(text)] == tokenizer(text)["input_ids"]
    assert (LIBRARY / "assets" / "tiny-tokenizer").exists()
    assert tokenizer.decode([300]) == "ot"
    assert gpt2_tokenizer().decode([300]) == " l"


def test_the_drawn_parameters_are_gpt2s():
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.device("meta"):
        model = GPT2LMHeadModel(GPT2Config())
    blocks = model.transformer.h
    attention = sum(p.numel() for block in blocks for p in block.attn.parameters())
    mlp = sum(p.numel() for block in blocks for p in block.mlp.parameters())
    table = model.transformer.wte.weight.numel()
    assert [round(n / 1e5) for n in (table, attention, mlp)] == [386, 283, 567]


def test_the_drawn_row_is_the_encoders(tiny_base):
    from course_utils.data.summaries import encode

    row = {"dialogue": "Al: Hi", "summary": "Al greets."}
    encoded = encode(row, tiny_base[1], max_length=64)
    prompt, answer = values_of("one_pair_one_row")["_row"](*row.values())
    decoded = [tiny_base[1].decode([i]) for i in encoded["input_ids"]]
    assert decoded == prompt + answer
    assert encoded["labels"].count(-100) == len(prompt)
