import itertools

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pytest

from course_utils.evaluation import plots


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


HISTORY = [
    {"step": 1, "loss": 7.6},
    {"step": 5, "loss": 5.0},
    {"step": 5, "eval_loss": 5.2},
    {"step": 5, "train_runtime": 3.0},
]


def test_loss_curve_draws_both_losses_with_units():
    axes = plots.loss_curve(HISTORY).axes[0]
    assert [line.get_label() for line in axes.lines] == ["training", "validation"]
    assert axes.lines[0].get_ydata().tolist() == [7.6, 5.0]
    assert "nats" in axes.get_ylabel()


def test_a_few_validations_are_points_and_the_legend_says_so():
    axes = plots.loss_curve(HISTORY, baselines={"bigram": 5.5}).axes[0]
    training, validation, _ = axes.lines
    assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "None")
    assert validation.get_marker() == "o"
    assert [x.get_linestyle() for x in axes.get_legend().get_lines()] == ["-", "None"]
    many = [{"step": i, "eval_loss": 5.0} for i in range(plots.FEW + 1)]
    assert plots.loss_curve(HISTORY[:2] + many).axes[0].lines[1].get_linestyle() == "--"
    assert plots.loss_curve(HISTORY[:2]).axes[0].lines[0].get_linestyle() == "-"


def test_baselines_are_named_at_their_lines_and_not_in_the_legend():
    baselines = {"bigram": 5.5, "unigram": 6.5, "trigram": 5.49}
    figure = plots.loss_curve(HISTORY, baselines=baselines)
    axes = figure.axes[0]
    figure.canvas.draw()
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["training", "validation"]
    flat = axes.lines[2:]
    assert [set(line.get_ydata()) for line in flat] == [{5.5}, {6.5}, {5.49}]
    written = {text.get_text(): text.get_window_extent() for text in axes.texts}
    assert set(written) == {"bigram 5.5", "unigram 6.5", "trigram 5.49"}
    assert all(box.x0 > axes.bbox.x1 for box in written.values())
    assert written["bigram 5.5"].y0 >= written["trigram 5.49"].y1 - 1
    middle = axes.transData.transform((1, 6.5))[1]
    box = written["unigram 6.5"]
    assert box.y0 < middle < box.y1
    assert box.x1 <= figure.bbox.x1
    assert "bigram: 5.5." in repr(figure)


def test_lines_differ_without_colour():
    series = {str(i): ([0, 1], [i, i]) for i in range(6)}
    figure = plots.lines(series, title="t", xlabel="x", ylabel="y")
    drawn = figure.axes[0].lines
    # matplotlib's public get_linestyle() calls every custom pattern "--".
    assert len({str(line._dash_pattern) for line in drawn}) == 6


def test_few_points_are_marked():
    series = {"few": (range(5), [1] * 5), "many": (range(50), [1] * 50)}
    few, many = plots.lines(series, title="t", xlabel="x", ylabel="y").axes[0].lines
    assert (few.get_marker(), many.get_marker()) == ("o", "None")
    assert few.get_linestyle() == "-"


def test_large_numbers_are_written_out():
    series = {"held out": ([0, 1e6, 2e6], [7, 5, 4])}
    axes = plots.lines(series, title="t", xlabel="tokens", ylabel="y").axes[0]
    axes.figure.canvas.draw()
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert "1,000,000" in labels
    assert axes.xaxis.get_offset_text().get_text() == ""
    words = {"a": (["1", "2"], [1, 2])}
    plots.lines(words, title="t", xlabel="x", ylabel="y").canvas.draw()


def test_bars_with_intervals():
    figure = plots.bars(
        {"a": 2.0, "b": 3.0}, title="t", ylabel="y", intervals={"a": (1.5, 2.5)}
    )
    assert len(figure.axes[0].patches) == 2
    # A label stands above its whisker, not across it.
    assert [text.xy for text in figure.axes[0].texts] == [(0, 2.5), (1, 3.0)]


def test_a_matrix_has_a_colour_bar_where_colours_mean_numbers():
    with_bar = plots.matrix([[1, 0], [1, 1]], title="t", xticks="ab", yticks="ab")
    assert len(with_bar.axes) == 2
    assert len(plots.matrix([[1, 0], [1, 1]], title="t", colorbar=False).axes) == 1


def test_the_names_beside_a_matrix_do_not_touch():
    names = [f"token {i}" for i in range(24)]
    figure = plots.matrix([[0] * 24] * 24, title="t", xticks=names, yticks=names)
    figure.canvas.draw()
    boxes = [x.get_window_extent() for x in figure.axes[0].get_yticklabels()]
    assert all(above.y0 >= below.y1 for above, below in itertools.pairwise(boxes))


def test_the_look_does_not_leak():
    before = mpl.rcParams["axes.spines.top"]
    plots.loss_curve(HISTORY)
    assert mpl.rcParams["axes.spines.top"] == before


def test_a_notebook_shows_every_figure(monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    import nbformat

    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    draw = "figure = lines({'a': ([0], [0])}, title='t', xlabel='x', ylabel='y')"
    codes = [f"from course_utils.evaluation.plots import lines; {draw}", draw, draw]
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 1, 1]


def test_figures_say_in_words_what_they_show():
    assert repr(plots.loss_curve(HISTORY * 2)) == (
        "Loss. loss (nats per token) over step. training: from 7.6 to 5."
    )
    bars = plots.bars(
        {"lead": 49.0, "scratch": 29.0},
        title="ROUGE-1",
        ylabel="F1",
        intervals={"lead": (48.0, 50.0)},
    )
    assert repr(bars) == "ROUGE-1. F1. lead: 49. scratch: 29."
    marked = plots.histogram([1, 9], title="How long?", xlabel="x", marks={"mean": 5})
    assert repr(marked) == "How long? count over x. mean: 5."
    grid = plots.matrix([[1, 0], [1, 1]], title="Mask", xlabel="key", ylabel="query")
    assert repr(grid) == "Mask. query over key. A grid of 2 by 2 cells."
