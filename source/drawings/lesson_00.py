"""The drawings of lesson 00."""

from course_utils.authoring.drawing import WIDTH, Picture
from course_utils.authoring.film import Film

# What the tiny base says after this text; a test asks it again.
PROMPT = "Anna: Where are you?\nTom: I'm at"
NEXT = {" the": 0.19, " a": 0.13, " BYU": 0.07, " my": 0.06, " work": 0.05}


def a_language_model():
    picture = Picture(308)
    picture.box(16, 84, 212, 118, "Anna: Where\nare you?\nTom: I'm at",
                "grey", size=18, mono=False)  # fmt: skip
    picture.arrow((230, 143), (258, 143))
    picture.box(260, 104, 104, 78, "language\nmodel", "blue", filled=True, size=18)
    picture.arrow((366, 143), (394, 143))
    picture.text(630, 24, "chance of the next token", size=18, align="right")
    for i, (word, p) in enumerate(NEXT.items()):
        y = 46 + 42 * i
        picture.strip(400, y, [word], "green", width=84, height=34)
        picture.box(490, y + 3, 400 * p, 28, color="green", filled=True, square=True)
        picture.text(496 + 400 * p, y + 17, f"{p:.0%}", size=18, align="left")
    picture.text(400, 278, "... and 2,043 others, 50 %", size=18, align="left")
    return picture


def writing_is_a_loop():
    """A film: the model gives a token, and the next row begins with it."""
    rows = [("Anna will", " bring"), ("Anna will bring", " a"),
            ("Anna will bring a", " cake"), ("Anna will bring a cake", ".")]  # fmt: skip

    def until(done, asking):
        picture = Picture(250)
        for i, (text, word) in enumerate(rows[: done + asking]):
            y = 14 + 46 * i
            picture.text(16, y + 18, text, size=18, align="left")
            picture.arrow((262, y + 18), (318, y + 18))
            picture.box(322, y, 90, 36, "model", "blue", filled=True, size=18)
            if i < done:
                picture.arrow((414, y + 18), (466, y + 18))
                picture.strip(472, y, [word], "green", width=92)
        picture.text(16, 228, "Each word goes back to the end of the text, until the end token.",
                     size=18, align="left")  # fmt: skip
        return picture

    steps = [until(i, asking) for i in range(4) for asking in (False, True)]
    return Film([*steps[1:], until(4, False)], seconds=0.7)


def the_way_of_the_course():
    picture = Picture(250)
    stages = [("text", "01", "grey"), ("tokens", "02", "sky"), ("model", "03", "blue"),
              ("training", "04, 05", "green")]  # fmt: skip
    more = [("your text", "06", "amber"), ("one task", "07", "orange"),
            ("measure", "08", "pink"), ("serve", "09", "grey")]  # fmt: skip
    for y, row in ((18, stages), (136, more)):
        for i, (name, lesson, color) in enumerate(row):
            x = 16 + 156 * i
            picture.box(x, y, 136, 64, name, color, bold=True)
            picture.text(x + 68, y + 82, f"lesson {lesson}", size=18, color="faint")
            if i < 3:
                picture.arrow((x + 138, y + 32), (x + 155, y + 32))
    picture.line([(620, 50), (632, 50), (632, 118), (6, 118), (6, 168), (15, 168)], head=True)
    return picture


def tiny_and_gpt2():
    """Areas are parameters: 1.1 and 124.4 million."""
    picture = Picture(250)
    side = 200
    small = side * (1.1 / 124.4) ** 0.5
    picture.box(60, 24, side, side, "GPT-2\n124 million\nparameters", "blue", square=True)
    picture.box(290, 24 + side - small, small, small, color="orange", filled=True, square=True)
    picture.text(320, 24 + side - 10, "tiny: 1.1 million", align="left")
    picture.text(290, 60, "The same parts,\nother sizes", align="left", size=20)
    return picture


def reading_a_check():
    picture = Picture(262)
    steps = [("write", "the answer cell", "blue"), ("run it", "Shift + Enter", "blue"),
             ("check", "the next cell", "green")]  # fmt: skip
    for i, (name, note, color) in enumerate(steps):
        x = 30 + 208 * i
        picture.box(x, 24, 164, 74, f"{name}\n{note}", color, size=18)
        if i < 2:
            picture.arrow((x + 166, 61), (x + 206, 61))
    picture.arrow((528, 100), (528, 150), "green")
    picture.box(446, 152, 164, 54, "passed", "green", filled=True)
    picture.arrow((462, 100), (360, 150), "orange")
    picture.box(214, 152, 190, 54, "a hint, an input", "orange", size=18)
    picture.arrow((212, 179), (112, 101), "orange")
    picture.text(WIDTH / 2, 236, "Round and round, as often as you like.", size=18, color="faint")
    return picture
