"""What every figure of the shelf promises, and a few things about each."""

import inspect
import io
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from toolkit.errors import InputError
from toolkit.plots import PLOTS, plot_tone_by_outlet, plot_tone_over_time
from toolkit.plots.style import COLORS, FULL_WIDTH, MARKERS, ONE_COLUMN, draw_figure, paper_style, plain

VALUES = {
    "outlet": ["The Aegean Ledger", "Volga Dispatch", "The Barada Post", "The Atlantic Courier"],
    "actor": ["turkey", "russia", "syria"],
}
HOSTILE = [
    "$x^2$",
    "_hidden",
    "a\x00b",
    "\u202eturned",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "\\frac{1}{0}",
    " ",
    "line\nline",
]


def summary_for(plot, *, values=VALUES, periods=5, seed=0):
    """A summary as `toolkit.estimate` makes it for this figure."""
    rng = np.random.default_rng(seed)
    keys = [*plot.by, *(["period"] if plot.period else [])]
    dates = pd.Timestamp("2020-02-03") + pd.to_timedelta(7 * np.arange(periods), unit="D")
    levels = [values[k] if k != "period" else dates for k in keys]
    index = pd.MultiIndex.from_product(levels, names=keys)
    estimate = rng.uniform(-0.6, 0.6, len(index))
    half = rng.uniform(0.05, 0.3, len(index))
    n = rng.integers(2, 40, len(index))
    return index.to_frame(index=False).assign(
        task="tone", estimate=estimate, low=estimate - half, high=estimate + half, method="m", voice="outlet",
        copies="one_per_story", n_mentions=3 * n, n_articles=2 * n, n_stories=n, level=0.95,
    )  # fmt: skip


@pytest.fixture(params=list(PLOTS))
def name(request):
    return request.param


@pytest.fixture
def plot(name):
    return PLOTS[name]


@pytest.fixture
def ax():
    return Figure(figsize=(6, 4)).subplots()


def fingerprint(axes):
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).tobytes()


def test_draws_on_the_axes_it_is_given_and_returns_them(plot, ax):
    assert plot.plot(summary_for(plot), ax=ax) is ax
    assert len(ax.collections) + len(ax.lines) > 0


def test_makes_axes_where_none_are_given(plot):
    made = plot.plot(summary_for(plot))
    assert plt.fignum_exists(made.figure.number)
    plt.close(made.figure)


def test_signature_and_name(name, plot):
    parameters = inspect.signature(plot.plot).parameters
    assert list(parameters)[:2] == ["summary", "ax"]
    assert parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["ax"].default is None
    assert plot.plot.__name__ == f"plot_{name}"
    assert plot.title


def test_changes_neither_table_nor_settings_and_shows_nothing(plot, ax, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a figure was shown"))
    monkeypatch.setattr(Figure, "savefig", lambda *a, **k: pytest.fail("a figure was saved"))
    table = summary_for(plot)
    before, settings, figures = table.copy(deep=True), dict(mpl.rcParams), plt.get_fignums()
    plot.plot(table, ax=ax)
    plot.alt_text(table)
    pd.testing.assert_frame_equal(table, before, check_exact=True)
    assert dict(mpl.rcParams) == settings
    assert plt.get_fignums() == figures


def test_row_order_does_not_matter(plot):
    table = summary_for(plot)
    turned = table.sample(frac=1, random_state=3)
    axes = [Figure(figsize=(6, 4)).subplots() for _ in range(2)]
    assert fingerprint(plot.plot(table, ax=axes[0])) == fingerprint(plot.plot(turned, ax=axes[1]))
    assert plot.alt_text(table) == plot.alt_text(turned)


def test_shows_every_number_of_the_table(plot, ax):
    table = summary_for(plot)
    plot.plot(table, ax=ax)
    drawn = [v for c in ax.collections for v in np.asarray(c.get_offsets()).ravel()]
    drawn += [v for line in ax.lines for v in np.concatenate(line.get_data()).astype(float)]
    ends = [v for c in ax.collections for path in c.get_paths() for v in path.vertices.ravel()]
    for value in table["estimate"]:
        assert np.isclose(drawn, value).any(), value
    for value in [*table["low"], *table["high"]]:
        assert np.isclose(ends, value).any(), value


@pytest.mark.parametrize("width", [ONE_COLUMN, FULL_WIDTH])
@pytest.mark.parametrize("outlets", [1, 3, 30])
def test_labels_neither_overlap_nor_leave_the_page(plot, width, outlets):
    words = ["Eastern", "Mediterranean", "Business", "and", "Energy", "Courier,", "Weekend", "Edition"]
    names = [f"The {' '.join(words[: 2 + i % 7])} {i}" for i in range(outlets)]
    table = summary_for(plot, values={**VALUES, "outlet": names, "actor": VALUES["actor"]})
    with paper_style():
        figure = Figure(figsize=(width, plot.height(table)), layout="constrained")
        axes = plot.plot(table, ax=figure.subplots())
        FigureCanvasAgg(figure).draw()
        ticks = [t for t in axes.get_yticklabels() if t.get_text()]
        boxes = [t.get_window_extent() for t in ticks]
        page = figure.bbox
        names = [t for t in (axes.xaxis.label, axes.yaxis.label) if t.get_text()]
        for box in [*boxes, *(t.get_window_extent() for t in names)]:
            assert box.x0 >= page.x0 - 1
            assert box.x1 <= page.x1 + 1
        boxes.sort(key=lambda b: b.y0)
        for low, high in itertools.pairwise(boxes):
            assert low.y1 <= high.y0 + 1, "two labels overlap"
        assert len({t.get_text() for t in ticks}) == len(ticks), "two labels look the same"
        assert axes.get_window_extent().width > 0.35 * page.width


def test_one_row_no_row_and_missing_intervals(plot, ax):
    table = summary_for(plot)
    assert "no estimates" in plot.alt_text(table.iloc[:0])
    empty = plot.plot(table.iloc[:0], ax=Figure().subplots())
    assert [t.get_text() for t in empty.texts] == ["no estimates"]
    fingerprint(plot.plot(table.iloc[:1], ax=Figure().subplots()))
    assert "no interval" in plot.alt_text(table.iloc[:1].assign(low=np.nan, high=np.nan))
    bare = table.assign(low=np.nan, high=np.nan)
    fingerprint(plot.plot(bare, ax=ax))
    blank = table.assign(estimate=np.nan, low=np.nan, high=np.nan)
    assert "no estimates" in plot.alt_text(blank)


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_are_drawn_as_text(plot, tmp_path, name):
    table = summary_for(plot, values={"outlet": HOSTILE, "actor": HOSTILE[:3]})
    files = draw_figure(name, table, tmp_path / name)
    tree = ET.parse(files[0])  # a control character would break it
    assert not [e for e in tree.iter() if e.tag.endswith("script")]
    alt = files[3].read_text(encoding="utf-8")
    assert "\u202e" not in alt
    assert "\x00" not in alt


def test_files_are_the_same_bytes_every_time(name, plot, tmp_path):
    table = summary_for(plot)
    first = [p.read_bytes() for p in draw_figure(name, table, tmp_path / "a")]
    code = (
        "import sys, pandas as pd; from toolkit.plots.style import draw_figure; from pathlib import Path;"
        "draw_figure(sys.argv[1], pd.read_pickle(sys.argv[2]), Path(sys.argv[3]))"
    )
    table.to_pickle(tmp_path / "table.pkl")
    call = [sys.executable, "-c", code, name, str(tmp_path / "table.pkl"), str(tmp_path / "b")]
    subprocess.run(call, check=True, env={"PYTHONHASHSEED": "7", "MPLBACKEND": "svg", "HOME": str(tmp_path)})
    assert first == [(tmp_path / f"b{s}").read_bytes() for s in (".svg", ".pdf", ".png", ".txt")]
    for data in first[:3]:
        assert not re.search(rb"CreationDate|ModDate|dc:date|Matplotlib v", data)


def test_files_have_the_width_that_was_asked_for(name, plot, tmp_path):
    files = draw_figure(name, summary_for(plot), tmp_path / name, width=ONE_COLUMN)
    with Image.open(io.BytesIO(files[2].read_bytes())) as image:
        assert image.width == pytest.approx(ONE_COLUMN * 300, abs=2)
    assert b"<text" not in files[0].read_bytes()  # letters are drawn: no font is needed to see them


def test_alt_text_says_kind_axes_counts_and_numbers(plot):
    table = summary_for(plot)
    text = plot.alt_text(table)
    assert re.match(r"(Dot|Line) plot with intervals\. Horizontal axis: ", text)
    assert f"{table['n_mentions'].sum():,} mentions" in text
    for actor in ("Ankara", "Moscow", "Damascus"):
        assert actor in text
    for actor in VALUES["actor"]:
        of = table[table["actor"] == actor]["estimate"]
        for value in (of.min(), of.max()):
            assert f"{value:.2f}".replace("-", "−") in text
    assert "95 % interval" in text


def test_labels_of_actors_can_be_given(plot, ax):
    table = summary_for(plot)
    assert "the Turks" in plot.alt_text(table, labels={"turkey": "the Turks"})
    plot.plot(table, ax=ax, labels={"turkey": "the Turks"})
    assert any("the Turks" in t.get_text() for t in ax.get_legend().get_texts())


def test_wrong_tables_are_refused_with_the_remedy(plot):
    table = summary_for(plot)
    with pytest.raises(InputError, match=r"toolkit\.estimate"):
        plot.plot(table.drop(columns=["outlet", "period"], errors="ignore"))
    with pytest.raises(InputError, match="draws one task; the summary holds stance, tone"):
        plot.plot(pd.concat([table, table.assign(task="stance")]))
    with pytest.raises(InputError, match="several rows"):
        plot.plot(pd.concat([table, table]))


def test_colours_differ_in_greyscale_and_so_do_markers():
    grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(to_rgb, COLORS)]
    assert min(abs(a - b) for i, a in enumerate(grey[:3]) for b in grey[:i]) > 0.2
    assert len(set(MARKERS)) == len(COLORS)


def test_outlets_stand_in_the_order_of_their_means(ax):
    table = summary_for(PLOTS["tone_by_outlet"])
    plot_tone_by_outlet(table, ax=ax)
    means = table.groupby("outlet")["estimate"].mean().sort_values()
    assert [t.get_text().replace("\n", " ") for t in ax.get_yticklabels()] == list(means.index)


def test_too_many_actors_are_refused():
    table = summary_for(PLOTS["tone_by_outlet"], values={**VALUES, "actor": [f"a{i}" for i in range(8)]})
    with pytest.raises(InputError, match="tells 7 actors apart, the summary has 8"):
        plot_tone_by_outlet(table)


def test_lines_break_at_gaps(ax):
    table = summary_for(PLOTS["tone_over_time"], values={"actor": ["turkey"]}, periods=6)
    plot_tone_over_time(table.drop(index=3), ax=ax)
    line = next(line for line in ax.lines if np.isnan(np.asarray(line.get_ydata(), dtype=float)).any())
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)).sum() == 1


def test_many_lines_get_lanes():
    plot = PLOTS["tone_over_time"]
    table = summary_for(plot, values={"actor": [f"actor {i}" for i in range(9)]})
    axes = plot_tone_over_time(table, ax=Figure().subplots())
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"actor {i}" for i in range(9)]
    assert plot.height(table) > plot.height(table[table["actor"] == "actor 1"])


def test_plain_names():
    assert plain("turkey", kind="actor") == "Ankara"
    assert plain("turkey", kind="outlet") == "turkey"
    assert plain(float("nan")) == "(none)"
    assert plain("a\u202eb\x07c\nd") == "ab c d"
