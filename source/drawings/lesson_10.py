"""The drawings of lesson 10."""

from math import cos, pi, sin

from course_utils.authoring.drawing import WIDTH, Picture


def where_to_look_first():
    picture = Picture(346)
    rows = [
        ("NaN", "the first bad batch", "orange"),
        ("stays at ln(V)", "overfit one batch", "amber"),
        ("never stops", "ends among the labels", "green"),
        ("too good", "leaks between the splits", "blue"),
        ("too slow", "count the parameters", "pink"),
    ]
    for k, (symptom, first, color) in enumerate(rows):
        y = 42 + 60 * k
        picture.box(16, y, 200, 46, symptom, color)
        picture.arrow((218, y + 23), (296, y + 23))
        picture.box(300, y, 324, 46, first, color)
    picture.text(116, 20, "what you see", size=18, color="faint")
    picture.text(462, 20, "where to look first", size=18, color="faint")
    return picture


def a_summary_cut_away():
    """Case 1: a row of 101 tokens, cut at 90."""
    picture = Picture(190)
    scale = 5.6
    picture.box(16, 30, 92 * scale, 48, "chat and cue: -100", "grey", square=True, size=18)
    picture.box(16 + 92 * scale, 30, 80, 48, "answer", "orange", square=True, dashed=True, size=18)
    cut = 16 + 90 * scale
    picture.line([(cut, 14), (cut, 104)], "ink", width=4)
    picture.text(cut, 120, "cut at 90", size=18)
    picture.text(16, 166, "No label is left: the mean loss is 0 / 0.", size=18, align="left")
    return picture


def an_optimizer_of_the_old_model():
    picture = Picture(250)
    picture.box(16, 24, 200, 60, "first model", "grey", dashed=True)
    picture.box(16, 150, 200, 60, "new model", "blue")
    picture.box(420, 24, 204, 60, "optimizer", "green")
    picture.arrow((418, 54), (220, 54), "green", width=3)
    picture.text(318, 34, "moves", size=18)
    picture.box(420, 150, 204, 60, "the loss", "orange")
    picture.arrow((418, 180), (220, 180), "orange", width=3)
    picture.text(318, 160, "gradients", size=18)
    picture.line([(418, 76), (220, 150)], "faint", dashed=True)
    picture.text(WIDTH / 2, 234, "Gradients go to one model, steps to another.", size=18)
    return picture


def a_leak_between_near_copies():
    picture = Picture(240)
    picture.box(16, 16, 290, 150, color="blue")
    picture.text(161, 40, "training", size=18)
    picture.box(334, 16, 290, 150, color="green")
    picture.text(479, 40, "test", size=18)
    picture.box(30, 62, 262, 40, "See you at the old pier", "white", size=18)
    picture.box(348, 110, 262, 40, "See you at the pier", "white", size=18)
    picture.line([(292, 84), (348, 128)], "orange", width=4, dashed=True)
    picture.text(16, 196, "Not equal, so a search for equal texts finds nothing.", size=18,
                 align="left")  # fmt: skip
    picture.text(16, 222, "To the model it is the same text.", size=18, align="left")
    return picture


def from_gpt2_to_today():
    picture = Picture(330)
    rows = [("LayerNorm", "RMSNorm"), ("a table of positions", "RoPE: angles"),
            ("a key for each query", "GQA: keys are shared"), ("GELU MLP", "SwiGLU MLP"),
            ("biases", "none")]  # fmt: skip
    picture.text(130, 18, "GPT-2, 2019", bold=True, size=18)
    picture.text(500, 18, "today", bold=True, size=18)
    for k, (old, new) in enumerate(rows):
        y = 36 + 46 * k
        picture.box(16, y, 240, 38, old, "grey", size=18)
        picture.arrow((260, y + 19), (368, y + 19))
        picture.box(372, y, 252, 38, new, "green", size=18)
    picture.box(16, 272, 608, 42, "unchanged: causal mask, residual sums, next token", "blue", size=18)
    return picture


def rope_turns_by_the_position():
    picture = Picture(270)
    for x, name, angles in ((110, "positions 3 and 5", (3, 5)), (330, "103 and 105", (103, 105)),
                            (540, "4 and 5", (4, 5))):  # fmt: skip
        speed = 0.35
        picture.circle(x, 110, 84, color="grey")
        for position, color in zip(angles, ("blue", "orange"), strict=True):
            a = position * speed
            picture.arrow((x, 110), (x + 80 * cos(a), 110 - 80 * sin(a)), color, width=4)
        picture.text(x, 212, name, size=18)
        degrees = round(abs(angles[1] - angles[0]) * speed * 180 / pi)
        picture.text(x, 238, f"{degrees}° between", size=18, color="faint")
    return picture


def shared_keys():
    picture = Picture(240)
    for x, name, keys in ((16, "GPT-2", 4), (352, "GQA", 2)):
        picture.text(x + 136, 18, name, bold=True, size=18)
        for k in range(4):
            left = x + 70 * k
            picture.box(left, 36, 62, 44, f"q{k + 1}", "blue", size=18)
            target = x + 70 * k if keys == 4 else x + 35 + 140 * (k // 2)
            picture.arrow((left + 31, 82), (target + 31, 138))
        for k in range(keys):
            left = x + 70 * k if keys == 4 else x + 35 + 140 * k
            picture.box(left, 140, 62, 44, "k, v", "orange", size=18)
    picture.text(WIDTH / 2, 216, "Half the keys and values: half the cache.", size=18)
    return picture


def a_gate_in_the_mlp():
    picture = Picture(236)
    picture.text(24, 110, "x", size=20)
    for y, name, color in ((30, "W gate, then SiLU", "orange"), (144, "W up", "blue")):
        picture.line([(40, 110), (70, y + 26)], head=True)
        picture.box(74, y, 210, 52, name, color, size=18)
        picture.line([(286, y + 26), (350, 110 + (-12 if y < 100 else 12))], head=True)
    picture.circle(368, 110, 18, "x", "green", filled=True)
    picture.arrow((388, 110), (424, 110))
    picture.box(428, 84, 140, 52, "W down", "blue", size=18)
    picture.arrow((570, 110), (612, 110))
    picture.text(WIDTH / 2, 220, "One matrix opens or closes what the other lets through.", size=18)
    return picture
