"""The drawings of lesson 04."""

from course_utils.authoring.drawing import WIDTH, Picture


def one_step_of_training():
    picture = Picture(286)
    boxes = [(16, "a batch", "grey"), (176, "model", "blue"), (336, "logits", "sky"),
             (496, "loss", "orange")]  # fmt: skip
    for x, name, color in boxes:
        picture.box(x, 34, 128, 54, name, color)
    for x in (146, 306, 466):
        picture.arrow((x, 61), (x + 28, 61))
    picture.text(WIDTH / 2, 16, "forward", size=18, color="faint")
    picture.line([(560, 90), (560, 140), (404, 140)], "orange", head=True)
    picture.box(176, 116, 226, 48, "gradients", "orange")
    picture.text(482, 164, "backward", size=18, color="faint")
    picture.arrow((288, 166), (288, 192), "green")
    picture.box(176, 194, 226, 48, "optimizer, AdamW", "green")
    picture.line([(174, 218), (140, 218), (140, 104), (200, 104), (200, 91)], "green", head=True)
    picture.text(16, 266, "The optimizer moves each weight a little against its gradient.",
                 size=18, align="left")  # fmt: skip
    return picture


def the_chain_rule_goes_back():
    """loss = (w * x - y) ** 2 with w 3, x 2, y 5."""
    picture = Picture(226)
    names = ["w = 3", "w · 2 = 6", "6 - 5 = 1", "1² = 1"]
    for k, name in enumerate(names):
        picture.box(16 + 160 * k, 24, 128, 50, name, "blue" if k else "grey", size=18)
        if k < 3:
            picture.arrow((146 + 160 * k, 49), (174 + 160 * k, 49))
    picture.text(560, 92, "the loss", size=18, color="faint")
    shown = ["2 · 2 = 4", "1 · 2 = 2", "2 · 1 = 2", "1"]
    for k, name in enumerate(shown):
        picture.box(16 + 160 * k, 124, 128, 50, name, "orange", size=18)
        if k < 3:
            picture.arrow((174 + 160 * k, 149), (146 + 160 * k, 149), "orange")
    picture.text(16, 204, "Gradient of w: 4. Each step back multiplies by its own slope.",
                 size=18, align="left")  # fmt: skip
    return picture


def where_the_bits_go():
    picture = Picture(236)
    formats = [("float32", 8, 23), ("bfloat16", 8, 7), ("float16", 5, 10)]
    width = 15
    for k, (name, exponent, digits) in enumerate(formats):
        y = 16 + 58 * k
        picture.text(10, y + 20, name, size=18, align="left")
        x = 112
        for count, color in ((1, "grey"), (exponent, "orange"), (digits, "blue")):
            for _ in range(count):
                picture.box(x, y, width, 40, color=color, square=True)
                x += width
        if x < 560:
            picture.text(x + 10, y + 20, "16 bits", size=18, align="left")
    picture.box(112, 196, 20, 20, color="orange", square=True)
    picture.text(140, 206, "size: the range", size=18, align="left")
    picture.box(330, 196, 20, 20, color="blue", square=True)
    picture.text(358, 206, "digits: how exact", size=18, align="left")
    return picture


def two_copies_of_the_weights():
    picture = Picture(280)
    picture.box(16, 24, 190, 78, "weights\nfloat32", "blue")
    picture.arrow((208, 50), (300, 50))
    picture.text(254, 34, "copy", size=18)
    picture.box(304, 24, 150, 78, "weights\n16 bits", "sky")
    picture.arrow((456, 63), (504, 63))
    picture.box(508, 24, 116, 78, "forward,\nbackward", "grey", size=18)
    picture.arrow((566, 104), (566, 172), "orange")
    picture.box(448, 174, 176, 54, "gradients", "orange")
    picture.arrow((446, 201), (380, 201), "green")
    picture.box(200, 174, 176, 54, "AdamW, float32", "green", size=18)
    picture.line([(198, 201), (110, 201), (110, 105)], "green", head=True)
    picture.text(16, 258, "Fast products in 16 bits, small updates in 32.", size=18, align="left")
    return picture


def memory_over_a_step():
    picture = Picture(306)
    base = 256
    picture.area([(60, base), (60, 196), (620, 196), (620, base)], "blue")
    picture.text(340, 226, "weights and AdamW: always there", size=18)
    picture.area([(60, 196), (300, 40), (540, 196)], "orange")
    picture.text(290, 140, "activations", size=18)
    picture.area([(300, 40), (540, 142), (580, 142), (590, 196), (540, 196)], "green")
    picture.text(556, 112, "gradients", size=18)
    for x, name in ((180, "forward"), (420, "backward"), (586, "step")):
        picture.text(x, 282, name, size=18)
    for x in (300, 540):
        picture.line([(x, 30), (x, 196)], dashed=True, width=1)
    picture.line([(60, 24), (60, base), (628, base)], "ink")
    picture.text(20, 60, "GB", size=18)
    picture.text(300, 20, "the peak", size=18)
    return picture


def accumulation():
    picture = Picture(258)
    for k in range(4):
        x = 16 + 152 * k
        picture.box(x, 16, 140, 44, "4 rows", "sky")
        picture.arrow((x + 70, 62), (x + 70, 88))
        picture.box(x, 90, 140, 44, "gradient / 4", "orange", size=18)
        picture.line([(x + 70, 136), (x + 70, 156), (320, 156), (320, 172)],
                     head=k == 0)  # fmt: skip
    picture.box(204, 174, 232, 44, "sum: that of 16 rows", "orange", size=18)
    picture.arrow((438, 196), (490, 196), "green")
    picture.box(494, 174, 130, 44, "one step", "green", filled=True)
    picture.text(16, 242, "Room for 4 rows at a time is enough.", size=18, align="left")
    return picture


def all_reduce():
    picture = Picture(320)
    for k, rows in enumerate(("rows 0, 2, 4, ...", "rows 1, 3, 5, ...")):
        x = 16 + 328 * k
        picture.text(x + 140, 18, f"process {k}", bold=True, size=18)
        picture.box(x, 34, 280, 40, rows, "sky", size=18)
        picture.arrow((x + 140, 76), (x + 140, 96))
        picture.box(x, 98, 280, 40, "the whole model", "blue", size=18)
        picture.arrow((x + 140, 140), (x + 140, 160))
        picture.box(x, 162, 280, 40, "its own gradient", "orange", size=18)
        picture.arrow((x + 140, 204), (x + 140, 226))
        picture.arrow((x + 140, 270), (x + 140, 288), "green")
        picture.text(x + 140, 302, "the same step", size=18)
    picture.box(16, 228, 608, 40, "all-reduce: the mean of both", "green", filled=True)
    return picture


def what_checkpointing_keeps():
    picture = Picture(222)
    for y, name, kept in ((20, "plain", True), (104, "checkpointing", False)):
        picture.text(16, y + 12, name, size=18, align="left", bold=True)
        for k in range(4):
            x = 190 + 110 * k
            picture.box(x, y - 8, 40, 62, color="blue", filled=True, square=True)
            for j in range(3):
                picture.box(x + 44 + 19 * j, y - 8, 16, 62, color="orange" if kept else "grey",
                            square=True, dashed=not kept)  # fmt: skip
    picture.box(16, 180, 20, 20, color="blue", filled=True, square=True)
    picture.text(44, 190, "a block's input", size=18, align="left")
    picture.box(208, 180, 20, 20, color="orange", square=True)
    picture.text(236, 190, "kept inside", size=18, align="left")
    picture.box(376, 180, 20, 20, color="grey", square=True, dashed=True)
    picture.text(404, 190, "computed once more", size=18, align="left")
    return picture


def killed_and_resumed():
    picture = Picture(236)

    def x(step):
        return 120 + 16 * step

    picture.text(12, 44, "killed", size=18, align="left")
    picture.line([(x(0), 44), (x(15), 44)], "orange", width=5)
    picture.text(x(15) + 8, 44, "kill -9 after 15", size=18, align="left", color="orange")
    picture.text(12, 118, "resumed", size=18, align="left")
    picture.line([(x(10), 118), (x(15), 118)], "orange", width=5)
    picture.line([(x(15), 118), (x(30), 118)], "green", width=5)
    picture.line([(x(10), 52), (x(10), 110)], "blue", dashed=True, head=True)
    for step in (0, 10, 20, 30):
        picture.text(x(step), 166, str(step), size=18, color="faint")
        picture.line([(x(step), 144), (x(step), 152)], "faint")
    picture.line([(x(0), 144), (x(30), 144)], "faint")
    picture.circle(x(10), 44, 8, color="blue", filled=True)
    picture.text(x(10) + 10, 94, "done twice", size=18, color="orange", align="left")
    picture.text(16, 210, "A checkpoint each 10 steps: 11 to 15 are lost, and done again.",
                 size=18, align="left")  # fmt: skip
    return picture


def what_each_gpu_holds():
    picture = Picture(276)
    parts = [("weights", "blue"), ("gradients", "orange"), ("AdamW", "green")]
    for y, name, pieces in ((16, "DDP", 1), (138, "FSDP", 4)):
        picture.text(14, y + 50, name, size=18, bold=True, align="left")
        for k in range(4):
            x = 92 + 136 * k
            picture.box(x, y, 122, 104, color="grey")
            for j, (part, color) in enumerate(parts):
                width = 110 / pieces
                left = x + 6 + (k * width if pieces > 1 else 0)
                picture.box(left, y + 6 + 32 * j, width, 28, part if pieces == 1 else "", color,
                            square=True, size=18)  # fmt: skip
    picture.text(14, 260, "FSDP: each GPU keeps a quarter, and borrows the rest.", size=18,
                 align="left")  # fmt: skip
    return picture
