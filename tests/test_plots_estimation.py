"""Figures of specification curves, decompositions and corrected estimates."""

import inspect
import itertools
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from toolkit.errors import InputError
from toolkit.estimation import PARTS, decompose_gap, estimate, specification_curve
from toolkit.plots import plot_corrected, plot_decomposition, plot_specification_curve
from toolkit.plots.corrected import describe_corrected, height_corrected
from toolkit.plots.decomposition import describe_decomposition, height_decomposition
from toolkit.plots.specification_curve import describe_specification_curve, height_specification_curve
from toolkit.plots.style import FULL_WIDTH, ONE_COLUMN, paper_style

sys.path.insert(0, "benchmarks")
FIGURES = {
    "specification_curve": (plot_specification_curve, describe_specification_curve, height_specification_curve),
    "decomposition": (plot_decomposition, describe_decomposition, height_decomposition),
    "corrected": (plot_corrected, describe_corrected, height_corrected),
}
LONG = "The Eastern Mediterranean Business and Energy Courier, Weekend Edition"
HOSTILE = ["$x^2$", "_hidden", "a\x00b", "\u202eturned", "<script>alert(1)</script>", "\\frac{1}{0}", " ", "line\nline"]


@pytest.fixture(scope="module")
def tables(root):
    import regression_coverage as bench

    world = bench.draw(np.random.default_rng(0), 30, confound=True)
    scored = world["scored"].assign(actor=lambda t: t["actor"].map({"x": "turkey", "y": "russia"}))
    gold = {k: world[k] for k in ("gold", "frame")}
    methods = [estimate(scored, method=m, **({} if m == "naive" else gold)) for m in ("naive", "gold", "dsl")]
    return {
        "specification_curve": specification_curve(scored, "A", "B", "turkey", methods=["naive", "dsl"], **gold),
        "decomposition": decompose_gap(scored, "A", "B", actor="turkey", copies="all"),
        "corrected": pd.concat(methods, ignore_index=True),
    }


@pytest.fixture(params=list(FIGURES))
def name(request):
    return request.param


@pytest.fixture
def table(tables, name):
    return tables[name].copy()


@pytest.fixture
def ax():
    return Figure(figsize=(6, 4)).subplots()


def drawn(name, table, width):
    plot, _, height = FIGURES[name]
    with paper_style():
        figure = Figure(figsize=(width, height(table)), layout="constrained")
        ax = figure.subplots()
        assert plot(table, ax=ax) is ax
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return ax, np.asarray(canvas.buffer_rgba()).tobytes()


def test_draws_on_the_axes_it_is_given_and_returns_them(name, table, ax):
    assert FIGURES[name][0](table, ax=ax) is ax
    assert len(ax.collections) + len(ax.lines) > 0
    assert ax.figure.axes == [ax]
    parameters = inspect.signature(FIGURES[name][0]).parameters
    assert parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY


def test_changes_neither_table_nor_settings_and_makes_axes_where_none_are_given(name, table):
    before, settings = table.copy(deep=True), dict(mpl.rcParams)
    made = FIGURES[name][0](table)
    assert plt.fignum_exists(made.figure.number)
    plt.close(made.figure)
    FIGURES[name][1](table)
    pd.testing.assert_frame_equal(table, before, check_exact=True)
    assert dict(mpl.rcParams) == settings


def test_rows_in_another_order_give_the_same_picture(name, table):
    if name == "corrected":  # the order of the methods is the table's
        turned = table.iloc[[1, 0, *range(2, len(table))]]
    else:
        turned = table.iloc[::-1] if name == "decomposition" else table.iloc[[*range(1, len(table)), 0]]
    assert drawn(name, table, FULL_WIDTH)[1] == drawn(name, turned, FULL_WIDTH)[1]


@pytest.mark.parametrize("width", [ONE_COLUMN, FULL_WIDTH])
def test_long_names_fit_and_labels_do_not_overlap(name, table, width):
    if name == "corrected":
        table["outlet"] = table["outlet"].map({"A": LONG, "B": LONG[::-1]})
    else:
        table = table.assign(a=LONG, b=LONG[::-1])
    ax, _ = drawn(name, table, width)
    renderer = ax.figure.canvas.get_renderer()
    ticks = [t.get_window_extent(renderer) for t in ax.get_yticklabels() if t.get_text()]
    for one, other in itertools.combinations(ticks, 2):
        assert not one.overlaps(other)
    texts = [t for t in [*ax.get_yticklabels(), ax.xaxis.label] if t.get_text()]
    boxes = [t.get_window_extent(renderer) for t in texts]
    legend = ax.get_legend()
    if legend is not None:
        boxes.append(legend.get_window_extent(renderer))
        assert not any(legend.get_window_extent(renderer).overlaps(tick) for tick in ticks)
    whole = ax.figure.bbox
    for box in boxes:
        assert box.x0 >= whole.x0 - 2
        assert box.x1 <= whole.x1 + 2
        assert box.y0 >= whole.y0 - 2
        assert box.y1 <= whole.y1 + 2
    assert ax.get_window_extent(renderer).width > 0.25 * whole.width


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_only_names(name, table, hostile):
    column = "outlet" if name == "corrected" else "a"
    table[column] = table[column].replace("A", hostile)
    drawn(name, table, FULL_WIDTH)
    assert "\u202e" not in FIGURES[name][1](table)


def test_one_row_and_missing_values(name, table, ax):
    plot, describe, height = FIGURES[name]
    if name == "specification_curve":
        one = table[table["headline"]]
        plot(one, ax=ax)
        assert "under 1 specifications" in describe(one)
        some = table.assign(low=np.nan, high=np.nan)
        some.loc[some.index[0], "estimate"] = np.nan
        axes, _ = drawn(name, some, FULL_WIDTH)
        assert "1 not estimated" in [t.get_text() for t in axes.get_legend().get_texts()]
        assert "Not estimated: 1" in describe(some)
    elif name == "decomposition":
        plot(table.iloc[:1], ax=ax)
        lost = table.copy()
        lost.loc[lost["part"] == "telling", ["estimate", "low", "high"]] = np.nan
        drawn(name, lost, FULL_WIDTH)
        assert "cannot be told" in describe(lost)
    else:
        plot(table.iloc[:1], ax=ax)
        lost = table.assign(low=np.nan)
        drawn(name, lost, FULL_WIDTH)
        assert "no interval" in describe(lost)
    assert height(table) > 1


def test_without_any_estimate_it_says_so(name, table, ax):
    plot, describe, _ = FIGURES[name]
    plot(table.assign(estimate=np.nan), ax=ax)
    assert [t.get_text() for t in ax.texts] == ["no estimates"]
    assert "no estimates to show" in describe(table.assign(estimate=np.nan))


def test_wrong_tables_are_refused_with_the_remedy(name, table):
    plot = FIGURES[name][0]
    needed = {"specification_curve": "headline", "decomposition": "part", "corrected": "method"}[name]
    with pytest.raises(InputError, match=needed):
        plot(table.drop(columns=needed))
    if name == "decomposition":
        with pytest.raises(InputError, match="several rows for 'gap'"):
            plot(pd.concat([table, table]))
        with pytest.raises(InputError, match="the part 'sellection'"):
            plot(table.assign(part=table["part"].replace("selection", "sellection")))
    if name == "corrected":
        with pytest.raises(InputError, match="several rows"):
            plot(pd.concat([table, table]))
        with pytest.raises(InputError, match="needs the column 'outlet' or 'actor'"):
            plot(table.drop(columns=["outlet", "actor"]))


def minus(value):
    text = f"{value:.2f}"
    return (text if float(text) else text.replace("-", "")).replace("-", "−")


def test_words_hold_the_numbers(tables):
    text = describe_decomposition(tables["decomposition"])
    rows = tables["decomposition"].set_index("part")
    for part in PARTS:
        assert minus(rows.loc[part, "estimate"]) in text
    text = describe_corrected(tables["corrected"])
    for value in tables["corrected"]["estimate"]:
        assert minus(value) in text
    text = describe_specification_curve(tables["specification_curve"])
    head = tables["specification_curve"].query("headline").iloc[0]
    assert f"Headline: {minus(head['estimate'])} (95 % interval {minus(head['low'])} to {minus(head['high'])})" in text
    assert "toward Ankara" in text
    assert "toward Ankara" in describe_decomposition(tables["decomposition"])
    assert "the Turks" in describe_corrected(tables["corrected"], labels={"turkey": "the Turks"})


def test_bars_of_the_waterfall_meet_and_end_at_the_gap(tables, ax):
    plot_decomposition(tables["decomposition"], ax=ax)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    for (_, end), (begin, _) in itertools.pairwise(bars[:-1]):
        assert begin == pytest.approx(end)
    assert bars[-1][0] == 0
    assert bars[-2][1] == pytest.approx(bars[-1][1])


def test_bars_of_the_curve_say_what_was_chosen(tables, ax):
    curve = tables["specification_curve"]
    plot_specification_curve(curve, ax=ax)
    rows = {t.get_text(): y for t, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    known = curve[curve["estimate"].notna()].reset_index(drop=True)
    marks = {}
    for lines in ax.collections:
        for (x, low), (_, high) in getattr(lines, "get_segments", list)():
            marks.setdefault(round((low + high) / 2, 6), set()).add(int(x))
    for choice in ("voice: all", "method: dsl", "copies: own", "unit: article"):
        column, value = choice.split(": ")
        assert marks[round(rows[choice], 6)] == set(np.flatnonzero(known[column] == value))


def test_methods_are_named_by_what_tells_them_apart(tables, ax):
    plot_corrected(tables["corrected"], ax=ax)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["uncorrected mean", "gold only", "corrected (DSL)"]
    both = pd.concat([tables["corrected"].iloc[:4], tables["corrected"].iloc[:4].assign(
        method="uncorrected mean, story bootstrap")])  # fmt: skip
    axes = Figure().subplots()
    plot_corrected(both, ax=axes)
    assert len({t.get_text() for t in axes.get_legend().get_texts()}) == 2
