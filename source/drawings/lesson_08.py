"""The drawings of lesson 08."""

import re
from collections import Counter
from random import Random

from course_utils.authoring.drawing import WIDTH, Picture

# What the tiny base says; a test asks it again.
BEAM_PROMPT = "Anna: Where do you live"
BEAM = {" in": (0.232, {" the": 0.115, "?": 0.087}), "?": (0.227, {"\n": 0.897})}


def blocks_or_sliding_windows():
    picture = Picture(270)
    unit = 50
    for y, name, starts in ((20, "blocks", (0, 4, 8)), (130, "stride of half", (0, 2, 4, 6, 8))):
        picture.text(10, y + 8, name, size=18, align="left")
        for n, start in enumerate(starts):
            row = y + (26 * (n % 3) if name != "blocks" else 0) + 22
            for k in range(4):
                context = name != "blocks" and n > 0 and k < 2
                cold = k == 0 and (n == 0 or name == "blocks")
                color = "grey" if context else "orange" if cold else "green"
                picture.box(16 + unit * (start + k), row, unit - 3, 22, color=color, square=True,
                            filled=not (context or cold), dashed=context)  # fmt: skip
    picture.text(10, 252, "Filled: scored with context. Pale: scored cold. Dashed: only read.",
                 size=18, align="left")  # fmt: skip
    return picture


def _words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def rouge_on_two_sentences():
    picture = Picture(258)
    reference = _words("Anna will bring a cake and Tom will bring juice.")
    written = _words("Tom will bring a big cake.")
    shared = Counter(reference) & Counter(written)
    left = Counter(shared)
    colors = []
    for word in reference:
        colors.append("green" if left[word] > 0 else "grey")
        left[word] -= 1
    picture.text(12, 18, "reference", size=18, align="left", color="faint")
    full = [color == "green" for color in colors]
    picture.strip(12, 32, reference[:5], colors[:5], filled=full[:5])
    picture.strip(12, 72, reference[5:], colors[5:], filled=full[5:])
    picture.text(12, 134, "written", size=18, align="left", color="faint")
    both = [shared[word] > 0 for word in written]
    picture.strip(12, 148, written, ["green" if b else "grey" for b in both], filled=both)
    n = shared.total()
    picture.text(12, 208, f"precision {n} / {len(written)}, recall {n} / {len(reference)}", size=18,
                 align="left")  # fmt: skip
    f = 2 * n / (len(written) + len(reference))
    picture.text(12, 238, f"ROUGE-1 = 2 · {n} / ({len(written)} + {len(reference)}) = {100 * f:.1f}",
                 size=18, align="left")  # fmt: skip
    return picture


def rouge_l_keeps_the_order():
    picture = Picture(250)
    reference = _words("Anna will bring a cake and Tom will bring juice.")
    written = _words("Tom will bring a big cake.")
    top, x = [], 8
    for word in reference:
        wide = len(word) * 10.84 + 8
        picture.box(x, 20, wide, 36, word, "grey", square=True, size=18, mono=True)
        top.append(x + wide / 2)
        x += wide + 3
    bottom = picture.strip(120, 160, written, "grey")
    for i, j in ((1, 1), (2, 2), (3, 3), (4, 5)):
        assert reference[i] == written[j]
        picture.line([(top[i], 58), (bottom[j], 158)], "green", width=4)
    picture.line([(top[6], 58), (bottom[0], 158)], "orange", dashed=True)
    picture.text(12, 226, "ROUGE-L: the longest set of lines that do not cross, here 4.", size=18,
                 align="left")  # fmt: skip
    return picture


def bootstrap():
    picture = Picture(300)
    scores = [40, 55, 62, 70, 88]
    rng = Random(1)
    picture.text(12, 34, "5 scores", size=18, align="left")
    picture.strip(150, 16, [str(s) for s in scores], "blue", width=60)
    picture.text(490, 34, f"mean {sum(scores) / 5:.1f}", size=18, align="left")
    for i in range(3):
        y = 86 + 48 * i
        draw = [rng.choice(scores) for _ in scores]
        picture.text(12, y + 18, f"resample {i + 1}", size=18, align="left")
        colors = ["orange" if draw.count(s) > 1 else "sky" for s in draw]
        again = [draw.count(s) > 1 for s in draw]
        picture.strip(150, y, [str(s) for s in draw], colors, width=60, filled=again)
        picture.text(490, y + 18, f"mean {sum(draw) / 5:.1f}", size=18, align="left")
    picture.text(12, 250, "1,000 times. Where the middle 95 in 100 means lie is the interval.",
                 size=18, align="left")  # fmt: skip
    picture.text(12, 278, "Filled: drawn more than once.", size=18, align="left")
    return picture


def paired_is_narrower():
    picture = Picture(270)
    greedy = [30, 45, 60, 75, 90]
    gains = [4, 3, 5, 4, 3]

    def x(score):
        return 60 + 5.4 * score

    picture.line([(x(0), 160), (x(100), 160)], "faint")
    for g, d, y in zip(greedy, gains, (30, 56, 82, 108, 134), strict=True):
        picture.line([(x(g), y), (x(g + d), y)], "green", width=4)
        picture.circle(x(g), y, 5, color="blue", filled=True)
        picture.box(x(g + d) - 4, y - 6, 8, 12, color="orange", filled=True, square=True)
    for score in (0, 50, 100):
        picture.text(x(score), 180, str(score), size=18, color="faint")
    picture.text(12, 216, "Circle: greedy. Box: beam. A chat a line. Scores differ much from", size=18,
                 align="left")  # fmt: skip
    picture.text(12, 244, "chat to chat, the differences hardly: so compare those.", size=18,
                 align="left")  # fmt: skip
    return picture


def ways_to_choose_a_token():
    picture = Picture(300)
    chances = [0.42, 0.25, 0.13, 0.09, 0.06, 0.05]
    ways = [("greedy", 1), ("top k, k = 3", 3), ("top p, p = 0.9", 5)]
    for j, (name, last) in enumerate(ways):
        left = 20 + 208 * j
        picture.text(left + 88, 20, name, size=18, bold=True)
        for i, p in enumerate(chances):
            keep = i < last
            height = 400 * p
            picture.box(left + 30 * i, 226 - height, 26, height, color="green" if keep else "grey",
                        filled=keep, square=True, dashed=not keep)  # fmt: skip
    assert sum(chances[:4]) < 0.9 <= sum(chances[:5])
    picture.text(12, 254, "Six tokens, the likeliest first. Only filled ones can be written:", size=18,
                 align="left")  # fmt: skip
    picture.text(12, 280, "greedy takes the first, the others draw.", size=18, align="left")
    return picture


def beam_search():
    picture = Picture(280)
    picture.box(12, 96, 124, 64, "Where do\nyou live", "grey", size=18)
    ys = {" in": 26, "?": 170}
    for word, (p, after) in BEAM.items():
        y = ys[word]
        greedy = word == " in"
        color = "orange" if greedy else "green"
        picture.arrow((138, 128), (214, y + 24), color)
        picture.strip(218, y, [word], color, width=82, height=48)
        picture.text(259, y + 66, f"{p:.3f}", size=18)
        for k, (following, q) in enumerate(after.items()):
            top = y + 60 * k - (16 if len(after) > 1 else 0)
            picture.arrow((302, y + 24), (372, top + 22), color)
            picture.strip(376, top, [following], color, width=72, height=44)
            picture.text(458, top + 22, f"x {q:.3f} = {p * q:.3f}", size=18, align="left",
                         bold=k == 0)  # fmt: skip
    picture.text(12, 262, "Greedy goes up and ends at 0.027. Two beams find 0.204.", size=18,
                 align="left")  # fmt: skip
    return picture


def one_round_of_improvement():
    picture = Picture(270)
    steps = [(22, 20, "1 guess", "sky"), (232, 20, "2 promise", "amber"),
             (442, 20, "3 change one thing", "blue"), (442, 150, "4 measure", "green"),
             (152, 150, "5 decide as promised", "orange")]  # fmt: skip
    for x, y, name, color in steps:
        picture.box(x, y, 190 if y < 100 else 190 if x > 400 else 230, 60, name, color, size=18)
    picture.arrow((214, 50), (230, 50))
    picture.arrow((424, 50), (440, 50))
    picture.arrow((537, 82), (537, 148))
    picture.arrow((440, 180), (384, 180))
    picture.line([(150, 180), (117, 180), (117, 83)], head=True)
    picture.text(WIDTH / 2, 246, "On validation, each round. The test split waits.", size=18)
    return picture


def three_splits():
    picture = Picture(210)
    parts = ((12, 300, "train", "blue", "learn the weights"),
             (324, 146, "validation", "green", "choose, often"),
             (482, 146, "test", "orange", "measure, once"))  # fmt: skip
    for x, width, name, color, use in parts:
        picture.box(x, 24, width, 70, name, color, filled=name == "test")
        picture.text(x + width / 2, 124, use, size=18)
    picture.text(12, 176, "Whatever you choose by a split, its score flatters you.", size=18,
                 align="left")  # fmt: skip
    return picture
