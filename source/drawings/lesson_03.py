"""The drawings of lesson 03."""

from math import erf, exp, sqrt

from course_utils.authoring.drawing import WIDTH, Picture, tokens_of
from course_utils.authoring.film import Film

SENTENCE = [word for word, _ in tokens_of("The cat sat on the mat.")]


def gpt2_from_top_to_bottom():
    picture = Picture(430)
    steps = [
        ("token ids", "(batch, time)", "grey"),
        ("wte: a vector for each token", "(batch, time, 768)", "sky"),
        ("+ wpe: one for each position", "(batch, time, 768)", "sky"),
        ("12 blocks: attention, MLP", "(batch, time, 768)", "blue"),
        ("ln_f: a last layer norm", "(batch, time, 768)", "blue"),
        ("lm_head: the table wte again", "(batch, time, 50257)", "sky"),
        ("logits: a score for each token", "", "green"),
    ]
    for i, (name, shape, color) in enumerate(steps):
        y = 12 + 60 * i
        picture.box(16, y, 344, 42, name, color, size=18)
        if i < 6:
            picture.arrow((188, y + 43), (188, y + 59))
            picture.text(376, y + 22, shape, align="left", size=18, mono=True)
    return picture


def an_embedding_is_a_row():
    picture = Picture(262)
    pieces = tokens_of("The cat sat")
    picture.text(66, 20, "tokens", size=18, color="faint")
    picture.text(300, 20, "wte: 2,048 rows", size=18, color="faint")
    rows = [0, 1, *sorted(i for _, i in pieces), 2047]
    y_of = {}
    for k, row in enumerate(rows):
        y = 36 + 36 * k
        y_of[row] = y + 18
        chosen = row in {i for _, i in pieces}
        picture.text(236, y + 18, str(row), size=18, align="right")
        for c in range(5):
            picture.box(244 + 26 * c, y, 26, 34, color="green" if chosen else "grey", square=True)
    for k, (word, number) in enumerate(pieces):
        y = 64 + 62 * k
        picture.strip(16, y, [word], "sky", width=70)
        picture.text(96, y + 18, str(number), size=18, align="left")
        picture.arrow((144, y + 18), (184, y_of[number]), "green")
        picture.arrow((380, y_of[number]), (440, y + 18), "green")
        for c in range(7):
            picture.box(446 + 26 * c, y, 26, 34, color="green", square=True)
    picture.text(537, 250, "3 vectors of 128", size=18, color="faint")
    return picture


def gpt2_parameters_to_scale():
    """Areas are parameters, in units of a thousand."""
    picture = Picture(300)
    whole, height = 608, 236
    parts = [("token table\n38.6 M", 38_597, "sky"), ("attention\n28.3 M", 28_348, "orange"),
             ("MLP\n56.7 M", 56_669, "blue")]  # fmt: skip
    total = 124_440
    x = 16
    for name, size, color in parts:
        width = whole * size / total
        picture.box(x, 16, width - 2, height, name, color, square=True)
        x += width
    picture.box(x, 16, 624 - x, height, color="ink", square=True, filled=True)
    picture.text(624, 276, "the last thin strip: positions 0.8 M, norms 0.04 M", size=18,
                 align="right")  # fmt: skip
    return picture


def four_sizes_to_scale():
    """Areas are parameters."""
    picture = Picture(270)
    sizes = [("124 M", 124.4, "blue"), ("355 M", 354.8, "green"), ("774 M", 774.0, "amber"),
             ("1,558 M", 1557.6, "orange")]  # fmt: skip
    names = ["gpt2", "medium", "large", "xl"]
    x = 16
    for (label, size, color), name in zip(sizes, names, strict=True):
        side = 4.8 * sqrt(size)
        picture.box(x, 206 - side, side, side, label if side > 70 else "", color,
                    square=True, size=18)  # fmt: skip
        if side <= 70:
            picture.text(x + side / 2, 134, label, size=18)
        picture.text(x + side / 2, 230, name, size=18)
        x += side + 50
    picture.text(16, 256, "Areas are parameters.", size=18, align="left", color="faint")
    return picture


def attention_as_an_average():
    """Plain averages of what came before."""
    picture = Picture(262)
    words = SENTENCE[:4]
    for k, word in enumerate(words):
        picture.strip(206 + 84 * k, 14, [word], "sky", width=78)
    for i, word in enumerate(words):
        y = 62 + 44 * i
        picture.text(190, y + 18, f"new {word.strip()} =", size=18, align="right")
        for k in range(4):
            share = ["1", "1/2", "1/3", "1/4"][i] if k <= i else ""
            picture.box(206 + 84 * k, y, 78, 38, share, "green" if k <= i else "grey",
                        square=True, dashed=k > i, size=18)  # fmt: skip
    picture.text(WIDTH / 2, 246, "Each token becomes the mean of itself and all before it.",
                 size=18)  # fmt: skip
    return picture


def _softmax(scores):
    powers = [exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def a_query_meets_the_keys():
    """Queries, keys and values of two numbers each, and what comes out."""
    picture = Picture(344)
    words, query = SENTENCE[:3], (1.0, 2.0)
    keys = [(1.0, 0.0), (0.5, 1.5), (1.0, -0.5)]
    scores = [(query[0] * a + query[1] * b) / sqrt(2) for a, b in keys]
    weights = _softmax(scores)
    picture.text(10, 32, "query of ␣sat", size=18, align="left")
    picture.box(140, 14, 96, 36, "1.0  2.0", "orange", square=True, size=18)
    picture.text(252, 32, "\"who is it that sat?\"", size=18, align="left", color="faint")
    rows = ["token", "key", "query · key / √2", "softmax", "takes"]
    for y, name in zip((88, 140, 192, 244, 300), rows, strict=True):
        picture.text(10, y, name, size=18, align="left")
    for k, word in enumerate(words):
        x = 204 + 144 * k
        picture.strip(x, 70, [word], "sky", width=126)
        picture.box(x, 122, 126, 36, f"{keys[k][0]:.1f}  {keys[k][1]:.1f}", "blue", square=True,
                    size=18)  # fmt: skip
        picture.box(x, 174, 126, 36, f"{scores[k]:.2f}", "grey", square=True, size=18)
        picture.box(x, 226, 126, 36, f"{weights[k]:.2f}", "green", square=True, size=18,
                    filled=weights[k] == max(weights))  # fmt: skip
        picture.text(x + 63, 290, f"{weights[k]:.2f} of", size=18)
        picture.text(x + 63, 316, "its value", size=18)
    return picture


def the_mask_and_the_weights():
    """The mask: scores, minus infinity above the diagonal, weights."""
    picture = Picture(250)
    scores = [[0.2, 1.1, -0.4, 0.3], [1.3, 0.1, 0.9, 0.6], [0.4, 2.0, 0.3, -0.2],
              [0.1, 0.8, 1.6, 0.5]]  # fmt: skip
    masked = [[f"{s:.1f}" if k <= i else "-∞" for k, s in enumerate(row)]
              for i, row in enumerate(scores)]  # fmt: skip
    weights = [_softmax(row[: i + 1]) + [0.0] * (3 - i) for i, row in enumerate(scores)]
    shown = [[f"{w:.2f}" if k <= i else "0" for k, w in enumerate(row)]
             for i, row in enumerate(weights)]  # fmt: skip
    colors = [["blue" if k <= i else "grey" for k in range(4)] for i in range(4)]
    greens = [["green" if k <= i else "grey" for k in range(4)] for i in range(4)]
    picture.text(146, 22, "scores, masked", size=18)
    picture.grid(16, 40, masked, colors, width=65, height=42)
    picture.arrow((282, 124), (346, 124))
    picture.text(314, 106, "softmax", size=18)
    picture.text(494, 22, "weights", size=18)
    picture.grid(364, 40, shown, greens, width=65, height=42)
    picture.text(WIDTH / 2, 232, "Each row adds up to 1. Nothing comes from the right.", size=18)
    return picture


def four_heads_side_by_side():
    """Heads: 128 numbers cut into four times 32, and put together again."""
    picture = Picture(320)
    colors = ["blue", "orange", "green", "pink"]
    picture.text(16, 22, "a vector of 128", size=18, align="left")
    for k, color in enumerate(colors):
        x = 16 + 152 * k
        picture.box(x, 40, 152, 36, "32", color, square=True, size=18)
        picture.arrow((x + 76, 78), (x + 76, 104))
        picture.box(x + 8, 106, 136, 74, f"head {k + 1}\nits own q, k, v", color, size=18)
        picture.arrow((x + 76, 182), (x + 76, 208))
        picture.box(x, 210, 152, 36, "32", color, square=True, size=18)
    picture.arrow((WIDTH / 2, 248), (WIDTH / 2, 272))
    picture.box(170, 274, 300, 38, "c_proj mixes the 128", "grey", size=18)
    return picture


def a_block():
    picture = Picture(330)
    picture.line([(60, 300), (60, 16)], "ink", width=5, head=True)
    picture.text(60, 316, "x", size=20)
    for y, name, color in ((188, "attention", "orange"), (52, "MLP", "blue")):
        picture.line([(60, y + 78), (150, y + 78)], head=True)
        picture.box(154, y + 56, 128, 44, "LayerNorm", "grey", size=18)
        picture.line([(284, y + 78), (322, y + 78)], head=True)
        picture.box(326, y + 56, 130, 44, name, color)
        picture.line([(392, y + 54), (392, y + 20), (82, y + 20)], head=True)
        picture.circle(60, y + 20, 18, "+", "green", filled=True)
    picture.text(466, 266, "tokens look\nat each other", size=18, align="left")
    picture.text(466, 130, "each token\nby itself", size=18, align="left")
    picture.text(160, 30, "what came in is still in what goes out", size=18, align="left")
    return picture


def the_residual_stream():
    picture = Picture(244)
    picture.line([(16, 150), (622, 150)], "ink", width=7, head=True)
    picture.text(20, 190, "tokens and\npositions", size=18, align="left")
    picture.text(624, 190, "to ln_f and\nlm_head", size=18, align="right")
    for k, name in enumerate(("block 1", "block 2", "block 3", "...", "block 12")):
        x = 70 + 108 * k
        if name == "...":
            picture.text(x + 40, 60, "...", size=22)
            continue
        picture.box(x, 34, 96, 50, name, "blue", size=18)
        picture.arrow((x + 14, 146), (x + 14, 88))
        picture.line([(x + 78, 86), (x + 78, 130)], head=True)
        picture.circle(x + 78, 150, 15, "+", "green", filled=True)
    picture.text(WIDTH / 2, 226, "Each block reads the stream, and adds to it.", size=18)
    return picture


def layer_norm_in_numbers():
    picture = Picture(270)
    x = [2.0, 8.0, -4.0, 6.0]
    mean = sum(x) / 4
    centred = [v - mean for v in x]
    deviation = sqrt(sum(v * v for v in centred) / 4)
    normed = [v / deviation for v in centred]
    rows = [("one token's numbers", x, "grey"), (f"take off the mean, {mean:.0f}", centred, "sky"),
            (f"divide by their spread, {deviation:.2f}", normed, "green")]  # fmt: skip
    for i, (name, values, color) in enumerate(rows):
        y = 16 + 62 * i
        picture.text(10, y + 18, name, size=18, align="left")
        picture.strip(330, y, [f"{v:.2f}" if i == 2 else f"{v:.0f}" for v in values], color,
                      width=70)  # fmt: skip
    picture.text(10, 220, "Then each number is multiplied by its own scale, plus its own shift:",
                 size=18, align="left")  # fmt: skip
    picture.text(10, 248, "those are the 2 x 768 parameters.", size=18, align="left")
    return picture


def gelu_and_relu():
    picture = Picture(260)

    def at(x, y):
        return 320 + 88 * x, 196 - 54 * y

    picture.line([at(-3.4, 0), at(3.4, 0)], "grey", width=1)
    picture.line([at(0, -0.5), at(0, 3.4)], "grey", width=1)
    steps = [i / 20 for i in range(-66, 67)]
    picture.line([at(x, max(0, x)) for x in steps], "orange", width=2, dashed=True)
    picture.line([at(x, 0.5 * x * (1 + erf(x / sqrt(2)))) for x in steps], "blue", width=4)
    picture.text(30, 60, "GELU: bends softly", size=18, align="left", color="blue")
    picture.text(30, 90, "ReLU (dashed): 0 below 0", size=18, align="left", color="orange")
    for x in (-3, -1, 1, 3):
        picture.text(at(x, 0)[0], 214, str(x), size=18, color="faint")
    picture.text(WIDTH / 2, 244, "Far below 0 nothing passes, far above 0 everything.", size=18)
    return picture


def one_table_used_twice():
    picture = Picture(240)
    picture.box(230, 66, 180, 96, "wte\n50,257 x 768", "sky", bold=True)
    picture.strip(16, 20, [" cat"], "green", width=84)
    picture.text(120, 38, "which vector?", size=18, align="left")
    picture.line([(58, 58), (58, 96), (226, 96)], "green", head=True)
    picture.line([(414, 96), (470, 96)], "green", head=True)
    picture.text(478, 96, "one row", size=18, align="left")
    picture.text(624, 190, "a vector", size=18, align="right")
    picture.line([(540, 190), (480, 190), (480, 136), (414, 136)], "orange", head=True)
    picture.line([(226, 136), (150, 136)], "orange", head=True)
    picture.text(16, 190, "how well does it fit each row?\na score for each token", size=18,
                 align="left")  # fmt: skip
    return picture


# What the tiny base says after this text, and where one of its heads looks; a test asks it.
LIVE_PROMPT = "Ben: I found a red hat.\nAnna: I lost my keys.\nWho said I found a red hat?"
LIVE_NEXT = {" Ben": 0.629, " Anna": 0.364}
LIVE_HEAD = (4, 4)  # block and head, counted from 1
LIVE_LOOK = {0: 0.923}  # token: share of the last token's attention


def the_live_writer():
    picture = Picture(322)
    place = 0
    for row, line in enumerate(LIVE_PROMPT.split("\n")):
        end = "\n" if row < 2 else ""
        words = [word for word, _ in tokens_of(line + end)]
        colors = ["sky" if place + i in LIVE_LOOK else "grey" for i in range(len(words))]
        if not end:
            colors[-1] = "orange"
        looked_at = [place + i in LIVE_LOOK for i in range(len(words))]
        picture.strip(16, 16 + 46 * row, words, colors, filled=looked_at)
        place += len(words)
    share = LIVE_LOOK[0]
    picture.text(
        624, 206, f"block {LIVE_HEAD[0]}, head {LIVE_HEAD[1]}\nlooks from ? to Ben,\n"
        f"with {share:.0%}", size=18, align="right",
    )  # fmt: skip
    for i, (word, chance) in enumerate(LIVE_NEXT.items()):
        y = 170 + 42 * i
        picture.strip(16, y, [word], "green", width=84, height=34)
        picture.box(108, y + 3, 400 * chance, 28, color="green", filled=True, square=True)
        picture.text(116 + 400 * chance, y + 17, f"{chance:.0%}", size=18, align="left")
    picture.text(
        16, 284, "In the book (course book) this picture is live: type a text,\n"
        "choose a head, move the temperature, and let it write.", size=18, align="left",
    )  # fmt: skip
    return picture


# What the tiny base's third block says of this chat; a test asks it again.
LOOKED_AT = "Anna: Hi Tom!\nTom: Hi"
LOOKING_HEAD = (3, 3)  # block and head, counted from 1
LOOKS = [[1.00], [0, 1.00], [0, 1.00, 0], [0, 0, 1.00, 0], [0, 0, 0, 1.00, 0],
         [0, 0, 0.08, 0.14, 0.75, 0.02], [0, 0, 0, 0, 0, 0.98, 0.01],
         [0, 0.04, 0.01, 0.03, 0.05, 0.65, 0.01, 0.21],
         [0, 0.15, 0, 0, 0.02, 0, 0, 0.82, 0]]  # fmt: skip


def a_head_reads_a_chat():
    """A film: one token after the other asks, and looks at those before it."""
    words = [word for word, _ in tokens_of(LOOKED_AT)]
    left, size = 120, 56

    def until(last, asking):
        picture = Picture(396)
        for k, word in enumerate(words):
            x = left + size * k
            color = "sky" if k <= last else "grey"
            picture.strip(x, 12, [word], color, width=size - 4, dashed=k > last)
            if k > last:
                continue
            y = 58 + 34 * k
            now = asking and k == last
            picture.text(left - 12, y + 16, word.strip() or "↵", size=18, align="right",
                         color="orange" if now else "ink", bold=now)  # fmt: skip
            for j, share in enumerate(LOOKS[k]):
                percent = f"{100 * share:.0f}" if share else ""
                picture.box(left + size * j, y, size - 4, 32, percent, "green", size=18,
                            square=True, filled=share > 0.5)  # fmt: skip
        picture.text(WIDTH / 2, 380, "Percent of its look that each row's token gives to each other.",
                     size=18)  # fmt: skip
        return picture

    steps = [until(k, True) for k in range(len(words))]
    return Film([*steps, until(len(words) - 1, False)], seconds=0.8)
