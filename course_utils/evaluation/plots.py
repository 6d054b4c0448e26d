"""Every figure of the course, in one look: readable in light, dark and grey."""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, ordered so that neighbours also differ in grey; line styles
# repeat the distinction for readers who see no colour.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
FEW = 12
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))


@contextmanager
def look():
    """Apply the course's style to the figures made inside the block.

    Example:
        >>> import matplotlib as mpl
        >>> with look():
        ...     print(mpl.rcParams["figure.facecolor"], mpl.rcParams["font.size"])
        white 10.0
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    # The first drawing loads a backend, and a notebook's switches interactive mode on.
    # Inside the context below, that would be undone: no later figure would be shown.
    plt.draw_if_interactive()
    grey = "#666666"
    style = {
        "figure.figsize": (6.4, 3.4),
        "figure.dpi": 110,
        "savefig.dpi": 110,
        "savefig.bbox": "tight",
        # An opaque white card: a transparent figure loses its labels in dark mode.
        "figure.facecolor": "white",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": grey,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.alpha": 0.25,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "legend.frameon": False,
        "font.size": 10,
    }
    with mpl.rc_context(style):
        yield


def new_axes(title: str, xlabel: str, ylabel: str) -> "Axes":
    """Return the axes of a new, empty figure, which can describe itself in words.

    Example:
        >>> axes = new_axes("Loss", "step", "nats")
        >>> axes.figure
        Loss. nats over step.
    """
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    class Described(Figure):
        # A notebook stores the repr beside the picture: it becomes the alt text.
        def __repr__(self) -> str:
            return describe(self)

    _, axes = plt.subplots(layout="constrained", FigureClass=Described)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return axes


def describe(figure: "Figure") -> str:
    """Return a figure in words for readers who cannot see it: title, axes, end points.

    Example:
        >>> figure = lines({"train": ([1, 2, 3], [4.0, 3.0, 2.5])}, title="Loss",
        ...                xlabel="step", ylabel="nats")
        >>> describe(figure)
        'Loss. nats over step. train: from 4 to 2.5.'
    """
    axes = figure.axes[0]
    title = axes.get_title(loc="left") or axes.get_title()
    words = [title if title[-1:] in ".?!" else f"{title}."]
    y = axes.get_ylabel() + (", logarithmic" if axes.get_yscale() == "log" else "")
    words.append(f"{y} over {axes.get_xlabel()}." if axes.get_xlabel() else f"{y}.")
    if axes.images:
        rows, columns = axes.images[0].get_array().shape[:2]
        # The pages' styles know a grid by these words, and leave its colours alone.
        words.append(f"A grid of {rows} by {columns} cells.")
    for line in axes.lines:
        y, label = line.get_ydata(), line.get_label()
        if line.get_transform() != axes.transData:
            words.append(f"{label}.")  # a mark: its name holds its place
        elif len(y) > 2:
            words.append(f"{label}: from {y[0]:.3g} to {y[-1]:.3g}.")
    names = [tick.get_text() for tick in axes.get_xticklabels()]
    bars = [one.patches[0] for one in axes.containers if hasattr(one, "patches")]
    if len(bars) == len(names):
        pairs = zip(names, bars, strict=True)
        words += [f"{name}: {bar.get_height():.3g}." for name, bar in pairs]
    return " ".join(word for word in words if word.strip(" ."))


def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    baselines: Mapping[str, float] | None = None,
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
) -> "Figure":
    """Draw one line per name, and a named horizontal line at each of `baselines`.

    Args:
        series: {name: (x values, y values)}.
        title: what the picture shows.
        xlabel: name and unit of x.
        ylabel: name and unit of y.
        log: logarithmic y axis.
        baselines: {name: y value} of horizontal lines to compare with.
        bands: {name: (low, high)} of the lines that have an interval, shaded.

    Example:
        >>> losses = {"training": ([1, 2, 3], [4.0, 3.0, 2.5])}
        >>> figure = lines(losses, title="Loss", xlabel="step", ylabel="nats",
        ...                baselines={"bigram": 3.2})
        >>> describe(figure)
        'Loss. nats over step. training: from 4 to 2.5. bigram: 3.2.'
    """
    with look():
        axes = new_axes(title, xlabel, ylabel)
        for i, (name, (x, y)) in enumerate(series.items()):
            style: dict[str, Any] = {
                "color": COLORS[i % 6],
                "linestyle": STYLES[i % 6],
            }
            if len(x) <= FEW:  # show what was measured, and not only the line
                style |= {"marker": "o", "markersize": 4}
            axes.plot(x, y, label=name, linewidth=1.8, **style)
            if bands and name in bands:
                axes.fill_between(x, *bands[name], color=COLORS[i % 6], alpha=0.15)
        if log:
            axes.set_yscale("log")
        numbers = [v for x, _ in series.values() for v in x if not isinstance(v, str)]
        if max(numbers, default=0) >= 10_000:  # instead of a lonely 1e6 at the end
            axes.xaxis.set_major_formatter("{x:,.0f}")
        if len(series) > 1:
            axes.legend()
        _add_baselines(axes, baselines or {})
        return axes.figure


def _add_baselines(axes: "Axes", baselines: Mapping[str, float]) -> None:
    """Draw horizontal lines with their names at the end, outside the axes."""
    for name, y in baselines.items():
        style = {"color": "#444444", "linewidth": 1, "linestyle": (0, (2, 2))}
        axes.axhline(y, label=f"{name}: {y:.3g}", **style)
    axes.autoscale_view()  # now, since the names' places depend on the limits
    to_axes = axes.transData - axes.transAxes
    lowest = -1.0
    for name, y in sorted(baselines.items(), key=lambda item: item[1]):
        # A name that would touch the one below it moves up.
        height = max(lowest, to_axes.transform((1, y))[1])
        lowest = height + 0.055
        label = f"{name} {y:.3g}"
        at_end = {"transform": axes.transAxes, "va": "center", "fontsize": 9}
        axes.text(1.01, height, label, **at_end)


def loss_curve(
    log_history: Sequence[Mapping],
    title: str = "Loss",
    baselines: Mapping[str, float] | None = None,
) -> "Figure":
    """Draw training and validation loss from `trainer.state.log_history`.

    Losses are mean cross entropies in nats per token. A few validations are points: a
    line from the first to the second would show a fall that nobody measured.

    Args:
        log_history: what `Trainer` has logged.
        title: what the picture shows.
        baselines: {name: loss} of horizontal lines, such as those of counting models.

    Example:
        >>> history = [{"step": 10 * i, "loss": 5.0 - i} for i in range(1, 4)]
        >>> describe(loss_curve(history))
        'Loss. loss (nats per token) over step. training: from 4 to 2.'
    """
    series: dict[str, Any] = {}
    for key, name in (("loss", "training"), ("eval_loss", "validation")):
        points = [(row["step"], row[key]) for row in log_history if key in row]
        if points:
            series[name] = tuple(zip(*points, strict=True))
    figure = lines(
        series,
        title=title,
        xlabel="step",
        ylabel="loss (nats per token)",
        baselines=baselines,
    )
    drawn = {line.get_label(): line for line in figure.axes[0].lines[: len(series)]}
    validation = drawn.get("validation")
    if validation and len(validation.get_xdata()) <= FEW:
        validation.set_linestyle("none")
        figure.axes[0].legend(handles=drawn.values())  # its samples as they are now
    return figure


def histogram(
    values: Sequence[float],
    *,
    title: str,
    xlabel: str,
    bins: int = 40,
    marks: Mapping[str, float] | None = None,
) -> "Figure":
    """Draw a histogram, with named vertical lines at `marks`.

    Example:
        >>> figure = histogram([3, 5, 5, 8], title="Turns", xlabel="turns of a chat",
        ...                    marks={"median": 5})
        >>> describe(figure)
        'Turns. count over turns of a chat. median: 5.'
    """
    with look():
        axes = new_axes(title, xlabel, "count")
        axes.hist(values, bins=bins, color=COLORS[0], alpha=0.85)
        for i, (name, x) in enumerate((marks or {}).items(), start=1):
            style = {"color": COLORS[i % 6], "linestyle": STYLES[i % 6]}
            axes.axvline(x, label=f"{name}: {x:,.0f}", **style)
        if marks:
            axes.legend()
        return axes.figure


def bars(
    values: Mapping[str, float],
    *,
    title: str,
    ylabel: str,
    intervals: Mapping[str, tuple[float, float]] | None = None,
) -> "Figure":
    """Draw one bar per name, with (low, high) intervals as whiskers where given.

    Example:
        >>> scores = {"before": 8.0, "after": 31.5}
        >>> figure = bars(scores, title="ROUGE-L", ylabel="score")
        >>> describe(figure)
        'ROUGE-L. score. before: 8. after: 31.5.'
    """
    with look():
        axes = new_axes(title, "", ylabel)
        for i, (name, value) in enumerate(values.items()):
            whisker, top = None, value
            if intervals and name in intervals:
                low, high = intervals[name]
                whisker, top = [[value - low], [high - value]], high
            axes.bar(name, value, color=COLORS[i % 6], yerr=whisker, capsize=4)
            axes.annotate(
                f"{value:.3g}", (i, top), ha="center", va="bottom", fontsize=9
            )
        return axes.figure


def matrix(
    values: Sequence[Sequence[float]],
    *,
    title: str,
    xticks: Sequence[str] | None = None,
    yticks: Sequence[str] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    colorbar: bool = True,
) -> "Figure":
    """Draw a matrix, such as an attention map or a mask, as a grid of cells.

    Without the `colorbar`, colours only tell cells apart.

    Example:
        >>> mask = [[1, 0, 0], [1, 1, 0]]
        >>> describe(matrix(mask, title="Mask", xlabel="key", ylabel="query"))
        'Mask. query over key. A grid of 2 by 3 cells.'
    """
    with look():
        axes = new_axes(title, xlabel, ylabel)
        image = axes.imshow(
            values, cmap="cividis", aspect="auto", interpolation="nearest"
        )
        axes.grid(False)
        if xticks is not None:
            axes.set_xticks(range(len(xticks)), xticks, rotation=60, ha="right")
        if yticks is not None:
            axes.set_yticks(range(len(yticks)), yticks)
            height = 1 + 0.18 * len(yticks)  # inches: room for each name
            axes.figure.set_figheight(max(height, axes.figure.get_figheight()))
        if colorbar:
            axes.figure.colorbar(image, ax=axes, shrink=0.8)
        return axes.figure
