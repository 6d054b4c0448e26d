"""The drawings of lesson 02."""

from collections import Counter
from itertools import pairwise

from course_utils.authoring.drawing import WIDTH, Picture, tokens_of
from course_utils.authoring.film import Film

END = "<|endoftext|>"


def from_text_to_blocks():
    picture = Picture(240)
    stages = [("repair,\nnormalise", "grey"), ("scrub", "grey"), ("filter", "orange"),
              ("copies out", "orange")]  # fmt: skip
    later = [("split", "amber"), ("tokens", "sky"), ("blocks", "blue"), ("training", "green")]
    for y, row in ((18, stages), (140, later)):
        for i, (name, color) in enumerate(row):
            x = 16 + 156 * i
            picture.box(x, y, 136, 64, name, color)
            if i < 3:
                picture.arrow((x + 138, y + 32), (x + 155, y + 32))
    picture.line([(620, 50), (632, 50), (632, 112), (6, 112), (6, 172), (15, 172)], head=True)
    picture.text(WIDTH / 2, 222, "Documents go in, ids in blocks of equal length come out.",
                 size=18, color="faint")  # fmt: skip
    return picture


def drawers_for_near_copies():
    """The numbers are stand-ins; 3 of the 32 bands are drawn."""
    picture = Picture(288)
    first = ["71", "05", "38", "90", "12", "66", "43", "27", "59", "81", "30", "04"]
    second = ["71", "05", "92", "90", "12", "66", "43", "27", "88", "81", "17", "04"]
    for y, name, numbers in ((36, "chat 1", first), (208, "chat 2", second)):
        picture.text(14, y + 18, name, align="left", size=18)
        for band in range(3):
            four = numbers[4 * band : 4 * band + 4]
            color = "green" if band == 1 else "grey"
            picture.strip(84 + 184 * band, y, four, color, width=42, gap=0)
    for band, name in enumerate(("band 1", "band 2", "band 3")):
        x = 84 + 184 * band + 84
        picture.text(x, 18, name, size=18, color="faint")
        if band == 1:
            picture.box(x - 78, 112, 156, 54, "same drawer", "green", filled=True, size=18)
            picture.arrow((x, 74), (x, 110), "green")
            picture.arrow((x, 206), (x, 168), "green")
        else:
            picture.box(x - 78, 100, 156, 36, "a drawer", "grey", size=18)
            picture.box(x - 78, 144, 156, 36, "another", "grey", size=18)
            picture.arrow((x, 74), (x, 98))
            picture.arrow((x, 206), (x, 182))
    picture.text(WIDTH / 2, 268, "One band of four in common: the two are compared.", size=18)
    return picture


def split_with_and_without_a_leak():
    picture = Picture(282)
    documents = ["a", "b", "b'", "c", "d", "d'", "d''", "e"]
    colors = ["grey", "orange", "orange", "grey", "green", "green", "green", "grey"]
    color_of = dict(zip(documents, colors, strict=True))

    def side(x, y, name, members):
        width = 236 if name == "training" else 206
        picture.box(x, y, width, 64, color="grey", dashed=True)
        picture.text(x + width / 2, y + 80, name, size=18, color="faint")
        picture.strip(x + 8, y + 14, members, [color_of[m] for m in members], width=40)

    picture.text(16, 24, "at random", align="left", bold=True)
    side(160, 16, "training", ["a", "b", "d", "d'", "e"])
    side(416, 16, "test", ["b'", "c", "d''"])
    picture.text(16, 158, "by group", align="left", bold=True)
    side(160, 150, "training", ["a", "d", "d'", "d''", "e"])
    side(416, 150, "test", ["b", "b'", "c"])
    picture.text(16, 60, "b' and d''\nwere read", align="left", size=18, color="orange")
    picture.text(16, 264, "b and b', d and d' and d'' are near copies.", align="left", size=18)
    return picture


def _merges(words, times):
    """Return the rows of a BPE on these words: the pair, and the words after it."""
    counts = {tuple(word): count for word, count in words.items()}
    rows = [(None, list(counts))]
    for _ in range(times):
        pairs = Counter()
        for word, count in counts.items():
            for pair in pairwise(word):
                pairs[pair] += count
        pair = max(pairs, key=pairs.get)
        merged = {}
        for word, count in counts.items():
            parts, i = [], 0
            while i < len(word):
                size = 2 if word[i : i + 2] == pair else 1
                parts.append("".join(word[i : i + size]))
                i += size
            merged[tuple(parts)] = count
        counts = merged
        rows.append((f"{pair[0]} + {pair[1]}, {pairs[pair]}", list(counts)))
    return rows


def byte_pairs_merge():
    """A film: the most frequent pair is marked, and then it is one piece."""
    words = {"low": 5, "lower": 2, "newer": 6}
    columns = (170, 300, 480)
    rows = _merges(words, 4)

    def until(last, marked):
        picture = Picture(296)
        for x, (word, count) in zip(columns, words.items(), strict=True):
            picture.text(x, 20, f"{word}, {count} times", align="left", size=18)
        for i, (pair, row) in enumerate(rows[: last + 1]):
            y = 42 + 48 * i
            picture.text(14, y + 18, pair or "letters", align="left", size=18)
            for x, parts in zip(columns, row, strict=True):
                colors = ["grey" if len(part) == 1 else "green" for part in parts]
                if marked and i == last:
                    after = rows[i + 1][1][columns.index(x)]
                    colors = _joined(parts, after, colors)
                filled = [color == "orange" for color in colors]
                picture.strip(x, y, parts, colors, gap=3, filled=filled)
        return picture

    steps = [until(i, marked) for i in range(4) for marked in (False, True)]
    return Film([*steps, until(4, False)], seconds=0.8)


def _joined(parts, after, colors):
    """Return the colours with orange for the two parts that `after` has as one."""
    colors = list(colors)
    i = 0
    for piece in after:
        if piece != parts[i]:
            colors[i : i + 2] = ["orange", "orange"]
            i += 1
        i += 1
    return colors


def tokens_and_special_pieces():
    picture = Picture(250)
    text = "Hello there, how are you?"
    pieces = tokens_of(text + END + "Unbelievable!")
    cut = [word for word, _ in pieces].index(END)
    picture.text(16, 22, f"{text} {END} Unbelievable!", align="left", size=18)
    for y, row in ((44, pieces[:cut]), (146, pieces[cut:])):
        words, ids = [w for w, _ in row], [i for _, i in row]
        colors = ["orange" if w == END else "sky" for w in words]
        for x, number in zip(picture.strip(16, y, words, colors), ids, strict=True):
            picture.text(x, y + 54, str(number), size=18, color="faint")
    picture.text(16, 230, "␣ is a space. The end is one token, with an id of its own.",
                 align="left", size=18)  # fmt: skip
    return picture


def padded_or_packed():
    picture = Picture(284)
    lengths, block = [3, 11, 5, 9, 2, 6], 7
    colors = ["blue", "orange", "green", "pink", "sky", "amber"]
    size = 34
    picture.text(16, 20, "one document a row", align="left", bold=True, size=18)
    picture.text(370, 20, "packed", align="left", bold=True, size=18)
    for i, (length, color) in enumerate(zip(lengths, colors, strict=True)):
        used = min(length, block)
        row = ["white"] * block
        row[:used] = [color] * used
        for k, one in enumerate(row):
            picture.box(16 + size * k, 38 + size * i, size, size, color=one if one != "white"
                        else "grey", dashed=one == "white", square=True)  # fmt: skip
        if length > block:
            picture.text(22 + size * block, 55 + size * i, "cut", size=18, align="left")
    stream = [(color, k == length) for length, color in zip(lengths, colors, strict=True)
              for k in range(length + 1)]  # fmt: skip
    for n, (color, end) in enumerate(stream[: len(stream) // block * block]):
        i, k = divmod(n, block)
        picture.box(370 + size * k, 38 + size * i, size, size, "E" if end else "", color,
                    filled=end, square=True, size=18)  # fmt: skip
    picture.text(16, 266, "A colour is a document, E its end token, dashed is padding.", size=18,
                 align="left")  # fmt: skip
    return picture


def labels_are_shifted_once():
    picture = Picture(244)
    pieces = [word for word, _ in tokens_of("The cat sat on the mat.")]
    widths = 84
    for y, name, row, color in ((20, "input_ids", pieces, "sky"), (74, "labels", pieces, "sky")):
        picture.text(10, y + 18, name, align="left", size=18)
        picture.strip(104, y, row[:6], color, width=widths)
    for k in range(5):
        x = 104 + 88 * k + widths / 2
        picture.arrow((x, 112), (x + 76, 168), "green")
    picture.text(10, 188, "asked for", align="left", size=18)
    picture.strip(104 + 88, 170, pieces[1:6], "green", width=widths)
    picture.text(104, 226, "The model itself looks one place to the right.", align="left",
                 size=18)  # fmt: skip
    return picture
