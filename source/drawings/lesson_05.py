"""The drawings of lesson 05."""

from math import cos, log, pi

from course_utils.authoring.drawing import WIDTH, Picture, tokens_of

END = "<|endoftext|>"


def the_training_loop():
    picture = Picture(330)
    steps = [(170, 14, "take a batch", "sky"), (400, 82, "loss of the batch", "blue"),
             (400, 182, "loss.backward()", "orange"), (170, 250, "optimizer.step()", "green"),
             (16, 132, "zero_grad()", "grey")]  # fmt: skip
    for x, y, name, color in steps:
        picture.box(x, y, 214, 54, name, color, size=18, mono="(" in name)
    for a, b in (((386, 42), (470, 80)), ((507, 138), (507, 180)), ((470, 238), (388, 278)),
                 ((168, 276), (100, 190)), ((100, 130), (166, 50))):  # fmt: skip
        picture.arrow(a, b)
    picture.text(316, 158, "2,400", size=24, bold=True)
    picture.text(316, 186, "times in tiny", size=18)
    return picture


def old_and_new_blocks():
    picture = Picture(226)
    text = "A: Are you there?\nB: Yes!\nA: Good night.\nB: Sleep well!"
    ids = [word for word, _ in tokens_of(text)]
    rows = [ids[k : k + 8] for k in range(0, len(ids) - 7, 8)]
    new = []
    for line in text.split("\n"):
        new += [word for word, _ in tokens_of(line)] + [END]
    new_rows = [new[k : k + 8] for k in range(0, len(new) - 7, 8)]
    assert len(new_rows) >= 2
    for y, name, lines in ((14, "the old way", rows[:2]), (126, "pack", new_rows[:2])):
        picture.text(12, y + 16, name, size=18, align="left", bold=True)
        for i, line in enumerate(lines):
            words = ["E" if w == END else w for w in line]
            colors = ["orange" if w == "E" else "sky" for w in words]
            picture.strip(144, y + 44 * i, words, colors, gap=3)
    return picture


def how_far_each_model_looks():
    picture = Picture(250)
    words = [word for word, _ in tokens_of("I would like to have a cup of tea")][:9]
    for y, name, seen, color in ((16, "unigram", 0, "grey"), (70, "bigram", 1, "amber"),
                                 (124, "5-gram", 4, "orange"), (178, "GPT-2", 8, "blue")):  # fmt: skip
        picture.text(10, y + 18, name, size=18, align="left")
        last = len(words) - 1
        for k, word in enumerate(words):
            use = last - seen <= k < last
            x = 100 + 59 * k
            if k == last:
                picture.box(x, y, 55, 36, "?", "green", filled=True, square=True)
            else:
                picture.box(x, y, 55, 36, color=color if use else "grey", square=True,
                            filled=use, dashed=not use)  # fmt: skip
    picture.text(100, 236, "Filled: the tokens it looks at to guess the last one.", size=18,
                 align="left")  # fmt: skip
    return picture


def what_a_probability_costs():
    picture = Picture(280)

    def at(p, loss):
        return 90 + 500 * p, 226 - 40 * loss

    picture.line([at(0, 0), at(1.02, 0)], "ink")
    picture.line([at(0, 0), at(0, 5.1)], "ink")
    points = [i / 400 for i in range(3, 401)]
    picture.line([at(p, -log(p)) for p in points if -log(p) < 5], "blue", width=4)
    for p in (0.05, 0.25, 0.5, 1.0):
        x, y = at(p, -log(p))
        picture.circle(x, y, 6, color="orange", filled=True)
        picture.text(x + 14 if p < 1 else x, y - 16, f"{-log(p) + 0.0:.2f}", size=18,
                     align="left" if p < 1 else "center")  # fmt: skip
        picture.text(x, 244, f"{p:g}", size=18, color="faint")
    picture.text(44, 60, "loss", size=18)
    picture.text(WIDTH / 2 + 30, 266, "probability of the token that came", size=18)
    return picture


def what_adamw_does():
    picture = Picture(296)
    picture.text(12, 24, "gradients of one weight, step by step", size=18, align="left")
    rows = [("steady", [0.02, 0.03, 0.02, 0.03], "blue"), ("noisy", [2.0, -3.0, 2.5, -1.8], "orange")]
    for k, (name, values, color) in enumerate(rows):
        y = 46 + 84 * k
        picture.text(12, y + 18, name, size=18, align="left")
        picture.strip(92, y, [f"{v:.2f}" if k == 0 else f"{v:.1f}" for v in values], color, width=66)
        picture.arrow((374, y + 18), (404, y + 18))
        mean = sum(values) / 4
        root = (sum(v * v for v in values) / 4) ** 0.5
        picture.text(412, y + 18, f"{mean:.3f} / {root:.3f} = {mean / root:.2f}", size=18,
                     align="left")  # fmt: skip
    picture.text(412, 100, "mean / size", size=18, align="left", color="faint")
    picture.text(12, 222, "A small gradient that always says the same moves its weight by", size=18,
                 align="left")  # fmt: skip
    picture.text(12, 248, "nearly the learning rate. A large one that contradicts itself", size=18,
                 align="left")  # fmt: skip
    picture.text(12, 274, "hardly moves it.", size=18, align="left")
    return picture


def three_schedules():
    picture = Picture(250)

    def curve(x, name, rate, color):
        steps = [i / 60 for i in range(61)]
        picture.line([(x, 40), (x, 180), (x + 176, 180)], "ink")
        points = [(x + 170 * t, 180 - 124 * rate(t)) for t in steps]
        picture.line(points, color, width=4)
        picture.text(x + 88, 208, name, size=18)

    def warm(t, rest):
        return t / 0.1 if t < 0.1 else rest((t - 0.1) / 0.9)

    curve(20, "linear", lambda t: warm(t, lambda s: 1 - s), "blue")
    curve(228, "cosine", lambda t: warm(t, lambda s: (1 + cos(pi * s)) / 2), "orange")
    curve(436, "stable, decay", lambda t: warm(t, lambda s: min(1, (1 - s) / 0.25)), "green")
    picture.text(26, 22, "learning rate", size=18, align="left", color="faint")
    picture.text(WIDTH / 2, 236, "Each begins with a warm-up.", size=18)
    return picture


def what_trainer_calls_and_when():
    picture = Picture(220)
    picture.line([(20, 100), (624, 100)], "ink", width=4, head=True)
    events = [(64, "begin", "grey"), (166, "log", "blue"), (268, "evaluate", "green"),
              (370, "save", "orange"), (472, "log", "blue"), (574, "end", "grey")]  # fmt: skip
    for x, name, color in events:
        picture.line([(x, 100), (x, 60)], "faint")
        picture.box(x - 47, 20, 94, 40, name, color, size=18)
    notes = [(166, "LiveLoss\ndraws"), (268, "Samples\nwrites"), (370, "a check-\npoint")]
    for x, note in notes:
        picture.arrow((x, 104), (x, 130))
        picture.text(x, 158, note, size=18)
    picture.text(520, 158, "step by step", size=18, color="faint")
    return picture


def padding_that_hides_the_end():
    picture = Picture(262)
    short = [word for word, _ in tokens_of("A: Hi" + END)]
    long = [word for word, _ in tokens_of("A: Are you in?" + END)]
    pad = len(long) - len(short)
    picture.text(12, 20, "two examples, padded with the end token E", size=18, align="left")

    def strip(y, words, colors):
        shown = ["E" if w == END else w for w in words]
        picture.strip(162, y, shown, colors, width=64, gap=2)

    for i, row in enumerate((short + [END] * pad, long)):
        colors = ["grey" if k >= len((short, long)[i]) else "orange" if w == END else "sky"
                  for k, w in enumerate(row)]  # fmt: skip
        strip(38 + 42 * i, row, colors)
    picture.text(12, 56, "A: Hi", size=18, align="left")
    picture.text(12, 98, "A: Are you in?", size=18, align="left")
    answers = [("by id", ["-100"] * 2, "orange"), ("by length", ["E, learned"] * 2, "green")]
    picture.text(12, 158, "label of the true end, if padding is masked", size=18, align="left")
    for k, (name, labels, color) in enumerate(answers):
        x = 16 + 310 * k
        picture.box(x, 178, 298, 66, f"{name}: {labels[0]}\n" + (
            "it never stops" if k == 0 else "it stops"), color, size=18)  # fmt: skip
    return picture
