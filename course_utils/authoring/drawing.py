"""Drawings for lessons: boxes, arrows, words and token strips on a white card.

A drawing is a list of plain shapes, and only `png` needs matplotlib. The shapes decide
whether a stored picture is up to date, which comes out alike on every machine.
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.evaluation.plots import COLORS
from course_utils.machine.files import content_key, read_text
from course_utils.machine.places import LIBRARY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 640  # pixels of each picture; a telephone shows 360 of them
NORMAL, SMALL = 20, 18  # pixels: at 360 pixels' width, 11 and 10
LINE = 1.25  # of the size: from one line of a text to the next
MONO_WIDTH = 0.602  # of the size: the width of each letter of DejaVu Sans Mono

INK, FAINT = "#222222", "#666666"
STRONG = dict(
    zip(("blue", "orange", "green", "pink", "sky", "amber"), COLORS, strict=True)
) | {"grey": "#888888", "ink": INK, "faint": FAINT, "white": "#ffffff"}

Point = tuple[float, float]


def pale(color: str) -> str:
    """Return a colour's tint for the inside of a box, on which black is easy to read.

    Example:
        >>> pale("grey")
        '#e7e7e7'
    """
    strong = STRONG[color]
    parts = [int(strong[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(0.8 * 255 + 0.2 * part):02x}" for part in parts)


def tokens_of(text: str) -> list[tuple[str, int]]:
    """Return the tokens of the course's own tokenizer and their ids.

    Example:
        >>> tokens_of("See you!")
        [('See', 1049), (' you', 285), ('!', 1)]
    """
    from tokenizers import Tokenizer

    path = LIBRARY / "assets" / "tiny-tokenizer" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    ids = tokenizer.encode(text).ids
    return [(tokenizer.decode([i], skip_special_tokens=False), i) for i in ids]


class Picture:
    """A card of 640 pixels' width. x grows to the right, y downwards, both in pixels.

    Example:
        >>> picture = Picture(height=100)
        >>> picture.box(20, 20, 120, 40, "text")
        >>> picture.arrow((140, 40), (200, 40))
        >>> len(picture.shapes)
        3
    """

    def __init__(self, height: float):
        """Make an empty card of that height."""
        self.height = height
        self.shapes: list[tuple[str, dict[str, Any]]] = []

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        text: str = "",
        color: str = "blue",
        *,
        filled: bool = False,
        dashed: bool = False,
        square: bool = False,
        size: float = NORMAL,
        bold: bool = False,
        mono: bool = False,
    ) -> None:
        """Draw a box with `text` in its middle.

        Args:
            x: left edge.
            y: upper edge.
            width: to the right.
            height: downwards.
            text: may have several lines.
            color: a name from `STRONG`.
            filled: with the strong colour, and white letters.
            dashed: its edge.
            square: without round corners.
            size: of the letters.
            bold: letters.
            mono: letters of equal width, for tokens and code.
        """
        fill = STRONG[color] if filled else pale(color)
        edge = STRONG["grey" if color == "white" else color]
        at = {"x": x, "y": y, "width": width, "height": height}
        look = {"fill": fill, "edge": edge, "dashed": dashed, "square": square}
        self.shapes.append(("box", at | look))
        if text:
            letters = "white" if filled else "ink"
            middle = x + width / 2, y + height / 2
            self.text(*middle, text, size=size, color=letters, bold=bold, mono=mono)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = NORMAL,
        color: str = "ink",
        align: str = "center",
        bold: bool = False,
        mono: bool = False,
    ) -> None:
        """Write `text` with its middle, its left or its right end at (x, y)."""
        look = {"size": size, "color": STRONG[color], "align": align}
        words = {"x": x, "y": y, "text": text, "bold": bold, "mono": mono}
        self.shapes.append(("text", words | look))

    def line(
        self,
        points: Sequence[Point],
        color: str = "faint",
        *,
        width: float = 2,
        dashed: bool = False,
        head: bool = False,
    ) -> None:
        """Draw a line through `points`, with an arrow's head at its end if asked to."""
        look = {"color": STRONG[color], "width": width, "dashed": dashed, "head": head}
        self.shapes.append(("line", {"points": [list(p) for p in points]} | look))

    def arrow(
        self, start: Point, end: Point, color: str = "faint", *, width: float = 2,
        dashed: bool = False,
    ) -> None:  # fmt: skip
        """Draw a straight arrow."""
        self.line([start, end], color, width=width, dashed=dashed, head=True)

    def circle(
        self, x: float, y: float, radius: float, text: str = "", color: str = "blue",
        *, filled: bool = False, size: float = NORMAL,
    ) -> None:  # fmt: skip
        """Draw a circle around (x, y) with `text` in it."""
        fill = STRONG[color] if filled else pale(color)
        look = {"fill": fill, "edge": STRONG[color]}
        self.shapes.append(("circle", {"x": x, "y": y, "radius": radius} | look))
        if text:
            self.text(x, y, text, size=size, color="white" if filled else "ink")

    def area(self, points: Sequence[Point], color: str = "blue") -> None:
        """Fill the polygon through `points`."""
        look = {"fill": pale(color), "edge": STRONG[color]}
        self.shapes.append(("area", {"points": [list(p) for p in points]} | look))

    def strip(
        self,
        x: float,
        y: float,
        words: Sequence[str],
        colors: str | Sequence[str] = "blue",
        *,
        width: float | None = None,
        height: float = 36,
        size: float = SMALL,
        gap: float = 4,
        filled: Sequence[bool] | None = None,
        dashed: bool = False,
    ) -> list[float]:
        """Draw words, such as tokens, as boxes in a row; return the boxes' middles.

        Args:
            x: left edge of the first.
            y: upper edge.
            words: a space is shown as ␣, a line break as ↵.
            colors: one for all, or one each.
            width: of each box; None makes each as wide as its word.
            height: of the boxes.
            size: of the letters.
            gap: between the boxes.
            filled: which boxes are filled with the strong colour.
            dashed: their edges.
        """
        middles = []
        for i, word in enumerate(words):
            shown = word.replace(" ", "␣").replace("\n", "↵")
            wide = width or max(1, len(shown)) * MONO_WIDTH * size + 12
            color = colors if isinstance(colors, str) else colors[i]
            full = bool(filled and filled[i])
            self.box(
                x, y, wide, height, shown, color,
                filled=full, dashed=dashed, square=True, size=size, mono=True,
            )  # fmt: skip
            middles.append(x + wide / 2)
            x += wide + gap
        return middles

    def grid(
        self,
        x: float,
        y: float,
        rows: Sequence[Sequence[str]],
        colors: Sequence[Sequence[str]] | str = "blue",
        *,
        width: float = 40,
        height: float = 34,
        size: float = SMALL,
        filled: Sequence[Sequence[bool]] | None = None,
    ) -> None:
        """Draw rows of boxes of equal size, such as a matrix, without gaps."""
        for i, row in enumerate(rows):
            self.strip(
                x,
                y + i * height,
                row,
                colors if isinstance(colors, str) else colors[i],
                width=width,
                height=height,
                size=size,
                gap=0,
                filled=filled[i] if filled else None,
            )

    def key(self) -> str:
        """Return 16 hex digits that change when the shapes or this module change."""
        return content_key(self.height, self.shapes, read_text(Path(__file__)))

    def png(self) -> bytes:
        """Return the picture as a PNG of few colours, some kilobytes."""
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from PIL import Image

        with rc_context({"font.family": "DejaVu Sans"}):
            figure = Figure(figsize=(WIDTH / 100, self.height / 100), dpi=100)
            canvas = FigureCanvasAgg(figure)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set(xlim=(0, WIDTH), ylim=(self.height, 0))
            axes.set_axis_off()
            for order, (kind, values) in enumerate(self.shapes):
                DRAW[kind](axes, zorder=order, **values)
            canvas.draw()
        pixels = bytes(canvas.buffer_rgba())
        size = canvas.get_width_height()
        image = Image.frombytes("RGBA", size, pixels).convert("RGB")
        buffer = BytesIO()
        few = image.quantize(64, dither=Image.Dither.NONE)
        few.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def _draw_box(
    axes: "Axes", x: float, y: float, width: float, height: float, fill: str,
    edge: str, dashed: bool, square: bool, zorder: int,
) -> None:  # fmt: skip
    from matplotlib.patches import FancyBboxPatch

    style = "square,pad=0" if square else "round,pad=0,rounding_size=7"
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle=style,
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.1,
            linestyle="--" if dashed else "-",
            zorder=zorder,
        )
    )


def _draw_circle(
    axes: "Axes", x: float, y: float, radius: float, fill: str, edge: str, zorder: int
) -> None:
    from matplotlib.patches import Circle

    look = {"facecolor": fill, "edgecolor": edge, "linewidth": 1.1}
    axes.add_patch(Circle((x, y), radius, zorder=zorder, **look))


def _draw_area(
    axes: "Axes", points: list[Point], fill: str, edge: str, zorder: int
) -> None:
    from matplotlib.patches import Polygon

    look = {"facecolor": fill, "edgecolor": edge, "linewidth": 1.1}
    axes.add_patch(Polygon(points, closed=True, zorder=zorder, **look))


def _draw_line(
    axes: "Axes", points: list[Point], color: str, width: float, dashed: bool,
    head: bool, zorder: int,
) -> None:  # fmt: skip
    style: dict[str, Any] = {"color": color, "linewidth": 0.72 * width}
    style["zorder"] = zorder
    if dashed:
        style["linestyle"] = (0, (4, 3))
    axes.plot([x for x, _ in points], [y for _, y in points], **style)
    if head:
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        size = 6 + 2 * width
        back = x1 - size * ux, y1 - size * uy
        side = 0.42 * size
        corners = [
            (x1, y1),
            (back[0] - side * uy, back[1] + side * ux),
            (back[0] + side * uy, back[1] - side * ux),
        ]
        from matplotlib.patches import Polygon

        look: dict[str, Any] = {"color": color, "linewidth": 0, "zorder": zorder}
        axes.add_patch(Polygon(corners, closed=True, **look))


def _draw_text(
    axes: "Axes", x: float, y: float, text: str, size: float, color: str, align: str,
    bold: bool, mono: bool, zorder: int,
) -> None:  # fmt: skip
    lines = text.split("\n")
    for i, line in enumerate(lines):
        axes.text(
            x, y + (i - (len(lines) - 1) / 2) * LINE * size, line, fontsize=0.72 * size,
            color=color, ha=align, va="center_baseline", parse_math=False,
            zorder=zorder,
            fontweight="bold" if bold else "normal",
            family="DejaVu Sans Mono" if mono else "DejaVu Sans",
        )  # fmt: skip


DRAW: dict[str, Callable[..., None]] = {
    "box": _draw_box,
    "circle": _draw_circle,
    "area": _draw_area,
    "line": _draw_line,
    "text": _draw_text,
}
