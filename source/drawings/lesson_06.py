"""The drawings of lesson 06."""

from math import exp

from course_utils.authoring.drawing import WIDTH, Picture


def two_starts():
    picture = Picture(250)

    def y(x):
        return 40 + 150 * (1 - exp(-((x - 40) / 190) ** 2 * 1.2)) * 0.92

    points = [(x, y(x)) for x in range(40, 620, 6)]
    picture.line(points, "faint", width=3)
    for x, color in ((70, "orange"), (330, "blue")):
        picture.circle(x, y(x) - 12, 11, color=color, filled=True)
    picture.line([(90, y(90) - 20), (180, y(180) - 20)], "orange", head=True, width=3)
    picture.line([(350, y(350) - 18), (420, y(420) - 18)], "blue", head=True, width=3)
    picture.text(196, 28, "random weights: far to go, large steps", size=18, align="left")
    picture.text(330, 120, "pretrained weights: near,\nsmall steps", size=18, align="left")
    picture.text(30, 120, "loss", size=18)
    picture.text(WIDTH / 2, 232, "The same model, the same budget, two starts.", size=18)
    return picture


def another_tokenizer_another_word():
    """Row 300 of the course's tokenizer and of GPT-2's; a test asks both."""
    picture = Picture(180)
    picture.box(232, 58, 176, 64, "row 300", "blue", bold=True)
    picture.text(116, 28, "the course's tokenizer", size=18)
    picture.text(520, 28, "GPT-2's tokenizer", size=18)
    picture.strip(76, 72, ["ot"], "green", width=80)
    picture.strip(484, 72, [" l"], "orange", width=80)
    picture.arrow((158, 90), (229, 90), "green")
    picture.arrow((482, 90), (411, 90), "orange")
    picture.text(WIDTH / 2, 156, "The same number, another piece of text, and no error.", size=18)
    return picture


def frozen_below():
    picture = Picture(300)
    layers = [("lm_head = wte", False), ("ln_f", True), ("block 4", True), ("block 3", True),
              ("block 2", False), ("block 1", False), ("wte, wpe", False)]  # fmt: skip
    for k, (name, trained) in enumerate(layers):
        y = 12 + 40 * k
        picture.box(150, y, 200, 34, name, "green" if trained else "grey", size=18,
                    dashed=not trained)  # fmt: skip
    picture.line([(372, 30), (372, 166)], "green", head=True, width=3)
    picture.text(388, 84, "gradients", size=18, align="left")
    picture.text(388, 110, "come down to here", size=18, align="left")
    picture.text(388, 226, "frozen: no gradient,\nless memory and time", size=18, align="left")
    return picture


def lora_beside_w():
    """Sizes of tiny: 128 to 384 numbers, rank 8."""
    picture = Picture(310)
    picture.text(16, 60, "x\n128", size=18, align="left")
    picture.line([(56, 60), (150, 60)], head=True)
    picture.line([(96, 60), (96, 200), (150, 200)], head=True)
    picture.box(154, 20, 240, 84, "W, frozen\n128 x 384 = 49,152", "grey", size=18, dashed=True)
    picture.box(154, 132, 46, 132, "A", "green", filled=True, square=True)
    picture.arrow((204, 200), (236, 200))
    picture.box(240, 178, 154, 44, "B", "green", filled=True, square=True)
    picture.text(214, 284, "A: 128 x 8 = 1,024   B: 8 x 384 = 3,072", size=18, align="left")
    picture.line([(396, 60), (470, 60), (470, 112)], head=True)
    picture.line([(396, 200), (470, 200), (470, 148)], head=True)
    picture.circle(470, 130, 17, "+", "green", filled=True)
    picture.arrow((488, 130), (536, 130))
    picture.text(544, 130, "384", size=18, align="left")
    return picture


def mixing_in_old_text():
    picture = Picture(180)
    for k in range(12):
        old = k in (1, 6, 7)  # drawn at random, so in no order
        picture.box(16 + 50.6 * k, 24, 46, 60, "old" if old else "new",
                    "orange" if old else "blue", square=True, size=18)  # fmt: skip
    picture.text(16, 116, "One block in four is of the old kind:", size=18, align="left")
    picture.text(16, 146, "the loss asks the model to remember as well.", size=18, align="left")
    return picture


def where_to_stop():
    picture = Picture(270)

    def at(t, loss):
        return 70 + 530 * t, 214 - 42 * loss

    steps = [i / 80 for i in range(81)]
    picture.line([(70, 24), (70, 214), (610, 214)], "ink")
    picture.line([at(t, 0.15 + 4 * exp(-5 * t)) for t in steps], "blue", width=4)
    picture.line([at(t, 0.9 + 3.3 * exp(-8 * t) + 1.9 * t) for t in steps], "orange", width=4,
                 dashed=True)  # fmt: skip
    best = min(steps, key=lambda t: 0.9 + 3.3 * exp(-8 * t) + 1.9 * t)
    x, y = at(best, 0.9 + 3.3 * exp(-8 * best) + 1.9 * best)
    picture.circle(x, y, 8, color="green", filled=True)
    picture.line([(x, y), (x, 214)], "green", dashed=True)
    picture.text(x, 234, "stop here", size=18, color="green")
    picture.text(600, 66, "held out", size=18, align="right")
    picture.text(600, 184, "text it trains on", size=18, align="right")
    picture.text(34, 40, "loss", size=18)
    picture.text(576, 256, "epochs", size=18, color="faint")
    return picture
