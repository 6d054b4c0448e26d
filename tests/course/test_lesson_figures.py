"""The ranges that lessons state in words hold in their stored outputs.

A range in a lesson's text is marked where it stands: `<!-- figure: NAME LOW HIGH -->`.
NAME is a recorded result, or the beginning of a printed line, whose last number counts;
with `#1` after it, the first one.
"""

import re
from pathlib import Path

import jupytext
import pytest

from course_utils.authoring.build import read_notebook
from course_utils.authoring.outputs import results

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def printed(notebook):
    """Return everything the code cells printed, as one text."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return "".join(o.text for o in outputs if o.output_type == "stream")


MARK = re.compile(r"<!-- figure: (.+?) (-?[\d.,]+) (-?[\d.,]+) -->")
FIRST = " #1"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def marked():
    for path in sorted((NOTEBOOKS.parent / "source" / "lessons").glob("*.py")):
        for cell in jupytext.read(path, fmt="py:percent").cells:
            if cell.cell_type == "markdown":
                for name, low, high in MARK.findall(cell.source):
                    label = f"{path.stem[:2]}-{name}".replace(" ", "_")
                    yield pytest.param(path, cell.source, name, low, high, id=label)


def number(text):
    return float(text.replace(",", ""))


def figures(notebook, name):
    """Return the figures of that name: recorded, or at the end of a printed line."""
    recorded, _, key = name.rpartition(".")
    values = [value for found, value in results(notebook) if found == name]
    values += [value[key] for found, value in results(notebook) if found == recorded]
    start, place = (name.removesuffix(FIRST), 0) if name.endswith(FIRST) else (name, -1)
    for line in printed(notebook).split("\n"):
        words = " ".join(line.split())
        if words.startswith(start):
            values.append(number(NUMBER.findall(words.removeprefix(start))[place]))
    return values


def test_a_figure_is_found_by_its_name():
    import nbformat

    result = {"name": "scores.test", "value": {"rouge1": 80.5, "n": 3}}
    data = {"application/vnd.course.result+json": result}
    outputs = [
        nbformat.v4.new_output("stream", text="after   ROUGE-1 87.2, ROUGE-L 84\n"),
        nbformat.v4.new_output("display_data", data=data),
    ]
    cells = [nbformat.v4.new_code_cell("1", outputs=outputs)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert figures(notebook, "after ROUGE-1") == [84]
    assert figures(notebook, "after ROUGE-1 #1") == [87.2]
    assert figures(notebook, "scores.test.rouge1") == [80.5]
    assert figures(notebook, "scores") == []


@pytest.mark.parametrize(("path", "text", "name", "low", "high"), marked())
def test_a_marked_figure_holds(path, text, name, low, high):
    values = figures(read_notebook(NOTEBOOKS / f"{path.stem}.ipynb"), name)
    assert values, f"nothing recorded or printed is called {name!r}"
    outside = [x for x in values if not number(low) <= x <= number(high)]
    assert not outside, f"{name} is {outside}, the text says {low} to {high}"
    prose = MARK.sub("", text)
    for bound in (low, high):
        assert bound in prose, f"the text does not say {bound}"


@pytest.mark.parametrize(
    "path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_every_picture_has_a_text_for_who_cannot_see_it(path):
    for cell in read_notebook(path).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                words = output.metadata.get("image/png", {}).get("alt", "")
                assert len(words) > 20, cell.source
                assert not words.startswith("<"), cell.source


@pytest.mark.parametrize(
    "path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_lesson_takes_what_its_table_says(path):
    """On a busy machine it may take three times as long."""
    notebook = read_notebook(path)
    lines = notebook.cells[0].source.split("\n")
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    tiny = dict(zip(rows[0], next(r for r in rows if "tiny" in r[0]), strict=True))
    minutes, memory = (
        max(map(number, NUMBER.findall(tiny[name]))) for name in ("minutes", "memory")
    )
    found = re.search(r"took (\d+) seconds and at most (\S+) GB", printed(notebook))
    assert found, "run the lesson: it has not printed what it took"
    assert number(found[1]) <= 3 * 60 * minutes
    assert number(found[2]) <= 1.1 * memory


@pytest.fixture(scope="module")
def train():
    return read_notebook(NOTEBOOKS / "05_train.ipynb")


def test_the_first_loss_is_about_ln_of_the_vocabulary(train):
    figures = dict(results(train))
    first = figures["language_model.initial_loss"]
    assert first == pytest.approx(figures["language_model.log_vocab"], abs=0.3)


def test_perplexity_falls_as_far_as_the_lesson_says(train):
    figures = dict(results(train))
    before = figures["language_model.scratch.perplexity_before"]
    after = figures["language_model.scratch.perplexity_after"]
    assert 35 <= after <= 43
    assert after < before / 40


def test_the_lesson_says_who_wins_the_trained_model_or_counting(train):
    figures = dict(results(train))
    after = figures["language_model.scratch.perplexity_after"]
    counting = {
        name: row["perplexity"]
        for name, row in figures["language_model.counting"].items()
    }
    assert counting["unigram"] > counting["bigram"] > counting["trigram"]
    assert after < counting["unigram"] / 2
    prose = " ".join(
        cell.source for cell in train.cells if cell.cell_type == "markdown"
    )
    loses = "this run loses to the bigram model" in " ".join(prose.split())
    assert loses == (after > counting["bigram"])


def test_the_mistakes_fail_as_the_lesson_says(train):
    text = printed(train)
    assert "shifted twice [3, 4, 5, 7, 9, 11, 13, 15, 17]" in text
    assert "right         [3, 4, 5, 6, 7, 8, 9, 10, 11]" in text
    assert "collator:        [0, 0]" in text
    assert "mask by length:  [1, 1]" in text
    row = re.compile(r"(\w+) +on the test blocks +([\d.]+), on unseen ones +([\d.]+)")
    tested = {name: float(x) for name, x, _ in row.findall(text)}
    unseen = {name: float(x) for name, _, x in row.findall(text)}
    assert tested["cheating"] < tested["honest"] / 2
    assert unseen["cheating"] > unseen["honest"]


def test_an_untrained_model_and_one_without_a_mask():
    text = printed(read_notebook(NOTEBOOKS / "03_build_the_model.ipynb"))
    losses = {
        name: float(line.split()[-1])
        for line in text.split("\n")
        for name in ("measured", "with the mask", "without the mask", "weights of 1.0")
        if line.startswith(name)
    }
    assert 7.5 <= losses["measured"] <= 7.8
    assert losses["with the mask"] == pytest.approx(2.30, abs=0.05)
    assert losses["without the mask"] < 0.5
    assert losses["weights of 1.0"] > 20


def numbers_after(stem, *labels):
    """Return {label: the numbers of the printed line that starts with it}."""
    lines = printed(read_notebook(NOTEBOOKS / f"{stem}.ipynb")).split("\n")
    return {
        label: [
            number(x)
            for line in lines
            if " ".join(line.split()).startswith(label)
            for x in NUMBER.findall(" ".join(line.split()).removeprefix(label))
        ]
        for label in labels
    }


def test_two_processes_and_a_resumed_run_lose_nothing():
    found = numbers_after(
        "04_infrastructure", "by tokens", "mean of means", "the big batch's", "resumed"
    )
    assert found["by tokens"] == [0.0]
    assert found["mean of means"][0] > 20
    assert found["the big batch's"][0] < 1e-5
    assert found["resumed"][0] <= 1e-4


def test_fine_tuning_gains_on_dialogues_and_forgets_real_chats():
    found = numbers_after(
        "06_fine_tune",
        *("as it came", "after section 4", "scratch", "bigram", "5-gram"),
        *("its own tokenizer", "another tokenizer"),
    )
    new, old = found["as it came"][:2]
    new_after, old_after = found["after section 4"]
    scratch_after = found["scratch"][-1]
    bigram, five_gram = found["bigram"][-1], found["5-gram"][-1]
    assert scratch_after == pytest.approx(new, rel=0.15), "it ends where that one began"
    assert scratch_after > 3 * new_after
    assert scratch_after > bigram == pytest.approx(new_after, rel=0.15)
    assert five_gram < new_after / 1.5
    assert old_after > 2 * old
    assert old == pytest.approx(24, abs=0.5)
    assert found["another tokenizer"][0] > 2048 > 10 * found["its own tokenizer"][0]


def prose(stem):
    cells = read_notebook(NOTEBOOKS / f"{stem}.ipynb").cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return " ".join(" ".join(texts).split())


def test_a_few_steps_cost_what_the_lesson_says():
    text = printed(read_notebook(NOTEBOOKS / "06_fine_tune.ipynb"))
    rows = re.findall(r"s  (\w.+?) +new text +([\d.]+) +old text +([\d.]+)", text)
    new, old = ({row[0]: float(row[k]) for row in rows} for k in (1, 2))
    came = numbers_after("06_fine_tune", "as it came")["as it came"]
    high, usual = "rate from scratch", "rate for fine-tuning"
    quarter = "a quarter of it"
    frozen, mixed = "lower half frozen", "one block in four is old"
    assert new[high] < new[usual] < new[frozen] < new[quarter] < came[0]
    assert old[high] > old[usual] > old[frozen] > old[quarter] > came[1]
    assert old[quarter] < 1.1 * came[1]
    assert new[mixed] < 1.1 * new[usual]
    assert old[mixed] - came[1] < (old[usual] - came[1]) / 2


def test_who_has_read_the_like_has_nothing_to_gain():
    text = printed(read_notebook(NOTEBOOKS / "06_fine_tune.ipynb"))
    line = r"(tiny-\w+(?:, after)?) +TinyChats +(\S+) +real chats +(\S+)"
    rows = re.findall(line, text)
    tinychats, real = ({row[0]: float(row[k]) for row in rows} for k in (1, 2))
    assert tinychats["tiny-base"] == pytest.approx(43, abs=0.5)
    assert tinychats["tiny-base, after"] < 30
    assert tinychats["tiny-familiar"] == pytest.approx(5, abs=0.5)
    assert tinychats["tiny-familiar, after"] > tinychats["tiny-familiar"]
    assert real["tiny-familiar"] == pytest.approx(real["tiny-base"], rel=0.15)
    assert real["tiny-base, after"] > 1.3 * real["tiny-base"]


def test_the_extra_steps_are_what_the_lesson_says():
    text = printed(read_notebook(NOTEBOOKS / "08_evaluate.ipynb"))
    low, lost = re.findall(
        r"60 more steps: names \S+ \[(\S+), \S+\], ROUGE-L \S+ \[\S+, (\S+)\]", text
    )[0]
    assert float(low) < 0, "the text says that names do not gain"
    assert float(lost) < 0, "the text says that ROUGE-L falls"
    [low] = re.findall(r"1,000 steps: names \S+ \[(\S+),", text)
    assert float(low) < 0, "the text says that the rule refuses it"
    assert "approved: pretrained" in text
    # Here of the chats from elsewhere; the first of each is of the paraphrases.
    [_, (low, high)] = re.findall(
        r"names of longer - pretrained: \S+ \[(\S+), (\S+)\]", text
    )
    assert float(low) < 0 < float(high), "the text says that it has lost none here"
    [right] = re.findall(r"handwritten, longer: names right, percent: (\S+)", text)
    assert "a list of all who write: names right, percent: 80" in text
    assert float(right) < 80
    [_, (gain, low)] = re.findall(r"rouge1 of longer - scratch: (\S+) \[(\S+),", text)
    assert 3 <= float(gain) <= 7
    assert float(low) > 1.5
    elsewhere = text[text.index("\nhandwritten\n") :]
    intervals = {
        name: (float(low), float(high))
        for name, low, high in re.findall(
            r"^  (scratch|pretrained) +rouge1 \S+ \[(\S+), (\S+)\]", elsewhere, re.M
        )
    }
    assert intervals["pretrained"][0] > intervals["scratch"][1]


def test_summaries_before_and_after():
    text = printed(read_notebook(NOTEBOOKS / "07_summarise.ipynb"))
    assert "as the library: True" in text, "summarise does the same, says the text"
    lines = text.split("\n")
    rows = [line.split() for line in lines if " rouge1 " in line and " names " in line]
    held_out, elsewhere = rows[:3], rows[3:]
    scores = {row[0]: (float(row[-7]), float(row[-3])) for row in held_out}
    assert scores["before"][0] < 20 < 75 < scores["after"][0]
    assert scores["before"][1] < 5 < 75 < scores["after"][1]
    scores = {row[0]: (float(row[-7]), float(row[-3])) for row in elsewhere}
    # Copying three lines is better, and two names do about as well in people.
    assert scores["two"][0] + 4 < scores["after"][0] < scores["first"][0]
    assert abs(scores["after"][1] - scores["two"][1]) < 8


def test_each_broken_run_breaks_and_is_repaired():
    found = numbers_after(
        "10_when_it_goes_wrong",
        "first loss",
        "mean of the last ten losses:",
        "perplexity on the test:",
        "losses:",
    )
    first, log_vocab = found["first loss"][:2]
    assert first == pytest.approx(log_vocab, abs=0.3)
    assert found["mean of the last ten losses:"][0] > log_vocab - 0.1
    before, after = found["perplexity on the test:"][:2]
    assert after < before / 5
    text = printed(read_notebook(NOTEBOOKS / "10_when_it_goes_wrong.ipynb"))
    # A batch without labels: 0 for ever with a loss by hand, 0 once with the model's.
    assert "last losses: [0.0, 0.0, 0.0]" in text
    assert "loss 0.00, gradient nan" in text
    zeros = [loss == 0 for loss in found["losses:"]]
    assert zeros == [False, False, True, False, False]


def test_lesson_13_says_of_each_measure_what_was_measured():
    text = printed(read_notebook(NOTEBOOKS / "13_is_it_true.ipynb"))
    rates = re.compile(r"  (\w[\w ]+?) +\d+ texts: found (\S+) \[.*\] +before (\S+)")
    elsewhere = text[text.index("elsewhere, doubted though true") :]
    found = {kind: (float(a), float(b)) for kind, a, b in rates.findall(elsewhere)}
    assert min(found[kind][0] for kind in ("stranger", "number", "day")) > 85
    assert found["swap"][0] > 2 * found["swap"][1]
    assert found["other number"][0] < found["other number"][1] + 5, "not blind for it"
    falls = re.findall(
        r"^(\w[\w ]+?) +true .* false - true (\S+) .* in +(\d+)", text, re.M
    )
    falls = {kind: (float(fall), int(ties)) for kind, fall, ties in falls}
    assert len(falls) == 7
    assert min(fall for fall, _ in falls.values()) > -6
    assert abs(falls["swap"][0]) < 0.2 < 0.9 < falls["swap"][1] / 100
    assert min(falls["number"][1], falls["other number"][1]) > 30


def test_lesson_13_says_of_the_model_and_the_judge_what_was_measured():
    text = printed(read_notebook(NOTEBOOKS / "13_is_it_true.ipynb"))
    low, high = re.findall(r"model - rules: \S+ \[(\S+), (\S+)\]", text)[1]
    assert float(low) < float(high) < 0, "the text says that the rules do better"
    rates = re.findall(r"(?:likelier, percent|first to write): (\S+) \[", text)
    at_home, order_at_home, elsewhere, order = map(float, rates)
    assert at_home > order_at_home + 10
    assert elsewhere < order, "the text says that the order does better"
    marks = dict(re.findall(r"(\w+) +judge marks down (\S+) \[", text))
    assert float(marks["damaged"]) == pytest.approx(100 * 17 / 18, abs=0.1)
    assert float(marks["reference"]) == float(marks["lead"]) == 0
    line = re.compile(r"40 that read well, (.+?): \S+ \[(\S+), (\S+)\]")
    above_0 = {name: float(low) > 0 for name, low, _ in line.findall(text)}
    assert above_0["true, few doubts"]
    assert above_0["complete, ROUGE-1"]
    assert not above_0["true, ROUGE-1"]
    assert not above_0["complete, few doubts"]
    assert "29 of 30 verdicts stay" in text
    wins = dict(re.findall(r"(\w+) +\d+ pairs: `two` wins +(\S+) %", text))
    assert float(wins.pop("length")) > 90
    assert {float(x) for x in wins.values()} == {0}


def test_lesson_11_says_which_differences_three_seeds_show():
    """Of each, whether its interval leaves out 0, as the texts below it say."""
    text = printed(read_notebook(NOTEBOOKS / "11_training_laboratory.ipynb"))
    line = re.compile(r"^(.+) by +\S+ nats, (\S+) to (\S+)$", re.M)
    found = {name: float(low) > 0 for name, low, _ in line.findall(text)}
    shown = {name for name, is_above in found.items() if is_above}
    assert all(float(high) > 0 for *_, high in line.findall(text)), "none is reversed"
    assert found.keys() - shown == {
        "0.004 lower than 0.008",
        "each at its best: none lower than 5 %",
        "at 0.008: 5 % lower than none",
        "cleaned lower than raw",
        "masked lower than unmasked",
        "rules lower than all",
        "classifier lower than rules",
    }
    assert len(shown) == 12
    (low,) = re.findall(r"each at its best: muP .* nats, (\S+) to", text)
    assert 0 < float(low) < 0.01, "the text says that it begins next to 0"
    fits = [
        list(map(float, x))
        for x in re.findall(r"E (\S+), a (\S+), b (\S+), off by (\S+)", text)
    ]
    floors, a, _, errors = zip(*fits, strict=True)
    assert set(a) == {1.2}, "the largest exponent that is tried"
    assert max(floors) - min(floors) == pytest.approx(1, abs=0.2)
    assert errors == pytest.approx([0.1] * 3, abs=0.03)
    best = dict(re.findall(r"^(\w+ +\d+) +(0\.0\S+) .*shipped$", text, re.M))
    best = {" ".join(name.split()): rate for name, rate in best.items()}
    usual = [best[f"usual {width}"] for width in (32, 64, 128)]
    assert usual == ["0.016", "0.008", "0.002"]
    assert {best["muP 64"], best["muP 128"]} == {"0.008", "0.016"}
    above = dict(re.findall(r"base above (\w+) by +\S+, (\S+) to", text))
    assert float(above["random"]) > 0 > float(above["scratch"])
