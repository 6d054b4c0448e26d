"""The drawings of lesson 09."""

from course_utils.authoring.drawing import WIDTH, Picture


def what_belongs_to_a_model():
    picture = Picture(226)
    names = [("text", "grey"), ("tokenizer", "sky"), ("weights", "blue"), ("tokenizer", "sky"),
             ("text", "grey")]  # fmt: skip
    widths = [84, 128, 128, 128, 84]
    x = 12
    for i, ((name, color), width) in enumerate(zip(names, widths, strict=True)):
        picture.box(x, 40, width, 60, name, color, size=18)
        x += width
        if i < 4:
            picture.arrow((x + 1, 70), (x + 15, 70))
        x += 16
    picture.arrow((54, 138), (54, 104))
    picture.text(12, 156, "the cue", size=18, align="left")
    picture.arrow((304, 138), (304, 104))
    picture.text(304, 156, "config.json", size=18)
    picture.arrow((448, 138), (448, 104))
    picture.text(462, 156, "generation_config", size=18)
    picture.text(WIDTH / 2, 206, "Without any one of them, the rest is of no use.", size=18)
    return picture


def rounding_to_few_bits():
    picture = Picture(250)
    weights = [-0.93, -0.61, -0.34, -0.08, 0.11, 0.29, 0.52, 0.97]

    def x(value):
        return 350 + 250 * value

    for y, name, bits in ((40, "float32", 0), (110, "4 bits", 4), (180, "3 bits", 3)):
        picture.text(10, y, name, size=18, align="left")
        picture.line([(x(-1), y), (x(1), y)], "grey")
        steps = 2 ** (bits - 1) - 1 if bits else 0
        scale = max(abs(w) for w in weights) / steps if steps else 0
        for k in range(-steps, steps + 1):
            picture.line([(x(k * scale), y - 12), (x(k * scale), y + 12)], "grey", width=1)
        for w in weights:
            at = round(w / scale) * scale if steps else w
            picture.circle(x(at), y, 7, color="blue" if not bits else "orange", filled=True)
    picture.text(10, 228, "15 places with 4 bits, 7 with 3: weights that differed fall together.",
                 size=18, align="left")  # fmt: skip
    return picture


def the_cache_grows():
    picture = Picture(294)
    words = ["Tom", " will", " bring", " a", " cake"]
    for i in range(3):
        y = 16 + 78 * i
        known = 3 + i
        picture.text(12, y + 26, f"step {i + 1}", size=18, align="left")
        for k in range(known):
            new = k == known - 1
            x = 92 + 82 * k
            picture.box(x, y, 76, 26, "key", "orange" if new else "blue", square=True, size=18,
                        filled=new)  # fmt: skip
            picture.box(x, y + 26, 76, 26, "value", "orange" if new else "blue", square=True,
                        size=18, filled=new)  # fmt: skip
        x = 92 + 82 * known
        picture.arrow((x, y + 26), (x + 26, y + 26))
        if i < 2:
            picture.strip(x + 30, y + 8, [words[known]], "green")
        else:
            picture.strip(x + 30, y + 8, ["."], "green")
    picture.text(12, 256, "Pale is kept from before, filled is all that a step computes.", size=18,
                 align="left")  # fmt: skip
    picture.text(12, 280, "The memory grows by one key and one value in each layer.", size=18,
                 align="left")  # fmt: skip
    return picture


def the_way_of_a_request():
    picture = Picture(300)
    for k in range(3):
        picture.box(12, 20 + 58 * k, 90, 44, "user", "grey", size=18)
        picture.arrow((104, 42 + 58 * k), (142, 90))
    picture.box(146, 50, 112, 84, "check:\nsize, form", "amber", size=18)
    picture.arrow((260, 92), (292, 92))
    picture.box(296, 50, 140, 84, color="sky")
    for k in range(4):
        picture.box(304 + 32 * k, 68, 28, 48, color="blue", filled=k < 3, square=True,
                    dashed=k == 3)  # fmt: skip
    picture.text(366, 32, "queue of 16", size=18)
    picture.arrow((438, 92), (470, 92))
    picture.box(474, 50, 150, 84, "model:\n1 to 8 at once", "green", size=18)
    picture.arrow((202, 136), (202, 184), "orange")
    picture.text(160, 202, "refused: 413, 422", size=18, color="orange")
    picture.arrow((366, 136), (366, 184), "orange")
    picture.text(410, 202, "full: 429, come later", size=18, color="orange")
    picture.line([(549, 136), (549, 244), (57, 244), (57, 182)], "green", head=True)
    picture.text(320, 268, "200: the summary", size=18, color="green")
    return picture


def a_batch_waits_for_its_longest():
    picture = Picture(262)
    lengths = [9, 4, 6, 3]
    for k, length in enumerate(lengths):
        y = 16 + 40 * k
        picture.text(12, y + 16, f"chat {k + 1}", size=18, align="left")
        picture.box(90, y, 54 * length, 32, color="green", square=True, filled=True)
        if length < 9:
            picture.box(90 + 54 * length, y, 54 * (9 - length), 32, color="grey", square=True,
                        dashed=True)  # fmt: skip
    picture.arrow((90, 190), (576, 190))
    picture.text(340, 210, "time, one token a step", size=18)
    picture.text(12, 244, "Dashed: finished, and waiting for the longest.", size=18, align="left")
    return picture


def what_to_watch():
    picture = Picture(250)
    picture.box(16, 16, 290, 96, "before the release:\nsummaries beside references,\nROUGE, names",
                "blue", size=18)  # fmt: skip
    picture.box(334, 16, 290, 96, "after it: no references.\nlengths, loops, refusals,\ninvented names",
                "orange", size=18)  # fmt: skip
    picture.arrow((161, 114), (161, 148))
    picture.arrow((479, 114), (479, 148))
    picture.box(16, 150, 290, 48, "a baseline", "blue", size=18)
    picture.box(334, 150, 290, 48, "today", "orange", size=18)
    picture.line([(306, 174), (334, 174)], "ink", width=4)
    picture.text(WIDTH / 2, 226, "What counts is the gap between the two.", size=18)
    return picture
