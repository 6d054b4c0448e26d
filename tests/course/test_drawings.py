"""The drawings of the lessons: legible, true, and the ones that the text names."""

from itertools import combinations
from pathlib import Path

from course_utils.authoring.drawing import LINE, SMALL, WIDTH
from course_utils.authoring.embed_drawings import load_drawings

ROOT = Path(__file__).parents[2]
DRAWINGS = load_drawings(ROOT / "source" / "drawings")


def extent(text, x, y, size, align, bold, mono, **_):
    """Return (left, top, right, bottom) of a text as matplotlib sets it."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(
        family="DejaVu Sans Mono" if mono else "DejaVu Sans",
        weight="bold" if bold else "normal",
    )
    lines = text.split("\n")
    boxes = [TextPath((0, 0), line, size, prop=font).get_extents() for line in lines]
    width = max(box.width for box in boxes)
    height = size * (0.9 + LINE * (len(lines) - 1))
    left = {"left": x, "center": x - width / 2, "right": x - width}[align]
    return left, y - height / 2, left + width, y + height / 2


def faults(picture):
    """Yield words that are small, leave the card or their box, or touch others."""
    texts = []
    for (kind, values), (before, box) in zip(
        picture.shapes, [("", {}), *picture.shapes], strict=False
    ):
        if kind == "box" and not 0 <= values["x"] <= WIDTH - values["width"]:
            yield f"a box at {values['x']:.0f} leaves the card"
        if kind != "text":
            continue
        words, (left, top, right, bottom) = values["text"], extent(**values)
        texts.append((words, left, top, right, bottom))
        if values["size"] < SMALL:
            yield f"{words!r} is too small"
        if left < 4 or right > WIDTH - 4 or top < 2 or bottom > picture.height - 2:
            yield f"{words!r} leaves the card: {left:.0f} to {right:.0f}"
        inside = before == "box" and values["x"] == box["x"] + box["width"] / 2
        if inside and right - left > box["width"] - 4:
            yield f"{words!r} is {right - left:.0f} wide, its box {box['width']:.0f}"
        if inside and bottom - top > box["height"]:
            yield f"{words!r} is higher than its box"
    for one, two in combinations(texts, 2):
        across = min(one[3], two[3]) - max(one[1], two[1])
        down = min(one[4], two[4]) - max(one[2], two[2])
        if across > 0 and down > 0:
            yield f"{one[0]!r} touches {two[0]!r}"
