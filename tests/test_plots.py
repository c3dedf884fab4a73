"""What every figure of the shelf promises, and a few things about each."""

import inspect
import io
import itertools
import json
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
from plot_tables import ACTORS, HOSTILE, MAKERS, OUTLETS, table_for

import toolkit
from toolkit.errors import InputError
from toolkit.plots import PLOTS, plot_tone_by_outlet, plot_tone_over_time
from toolkit.plots.style import (
    COLORS,
    FULL_WIDTH,
    MARKERS,
    ONE_COLUMN,
    STYLES,
    draw_figure,
    figure_style,
    paper_style,
    plain,
)

ORDERED = {"corrected", "agreement", "confusion", "swap_audit"}
"""Their rows stand in the table's order, which its maker chooses."""
WORDS = ["Eastern", "Mediterranean", "Business", "and", "Energy", "Courier,", "Weekend", "Edition"]


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


def test_every_kind_of_table_has_an_example_and_a_maker():
    assert {plot.table for plot in PLOTS.values()} == set(MAKERS)
    for name, plot in PLOTS.items():
        for call in re.findall(r"toolkit\.(\w+)\(", plot.maker):
            assert callable(getattr(toolkit, call)), (name, call)


def test_the_page_of_figures_lists_every_figure_and_says_which_a_run_draws(root):
    from toolkit.experiment.figures import RUN_TABLES

    page = (root / "docs" / "figures.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)`( \*\*run\*\*)? \|", page, flags=re.MULTILINE))
    assert set(listed) == set(PLOTS)
    assert {n for n, run in listed.items() if run} == {n for n, p in PLOTS.items() if p.table in RUN_TABLES}
    for image in re.findall(r"\((figures/\w+\.png)\)", page):
        assert (root / "docs" / image).stat().st_size < 60_000


def test_draws_on_the_axes_it_is_given_and_returns_them(plot, ax):
    assert plot.plot(table_for(plot), ax=ax) is ax
    assert len(ax.collections) + len(ax.lines) + len(ax.images) + len(ax.patches) > 0
    assert ax.figure.axes == [ax]


def test_makes_axes_where_none_are_given(plot):
    made = plot.plot(table_for(plot))
    assert plt.fignum_exists(made.figure.number)
    plt.close(made.figure)


def test_signature_and_name(name, plot):
    parameters = inspect.signature(plot.plot).parameters
    assert list(parameters)[1:3] == ["ax", "labels"]
    for key in list(parameters)[1:]:
        assert parameters[key].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[key].default in (None, False)
    assert plot.plot.__name__ == f"plot_{name}"
    assert getattr(toolkit, f"plot_{name}") is plot.plot
    assert plot.title


def test_changes_neither_table_nor_settings_and_shows_nothing(plot, ax, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a figure was shown"))
    monkeypatch.setattr(Figure, "savefig", lambda *a, **k: pytest.fail("a figure was saved"))
    table = table_for(plot)
    before, settings, figures = table.copy(deep=True), dict(mpl.rcParams), plt.get_fignums()
    plot.plot(table, ax=ax)
    plot.alt_text(table)
    pd.testing.assert_frame_equal(table, before, check_exact=True)
    assert dict(mpl.rcParams) == settings
    assert plt.get_fignums() == figures


def test_row_order_does_not_matter(name, plot):
    if name in ORDERED:
        pytest.skip("the order of its rows is the table's")
    table = table_for(plot)
    turned = table.sample(frac=1, random_state=3)
    axes = [Figure(figsize=(6, 4)).subplots() for _ in range(2)]
    assert fingerprint(plot.plot(table, ax=axes[0])) == fingerprint(plot.plot(turned, ax=axes[1]))
    assert plot.alt_text(table) == plot.alt_text(turned)


DOTS = ["tone_by_outlet", "tone_over_time", "contrasts", "corrected", "coverage", "harm", "axes"]


@pytest.mark.parametrize("name", DOTS)
def test_dots_and_lines_stand_at_the_numbers_of_the_table(name, plot, ax):
    table = table_for(plot)
    plot.plot(table, ax=ax)
    drawn = [v for c in ax.collections for v in np.asarray(c.get_offsets()).ravel()]
    drawn += [v for line in ax.lines for v in np.concatenate(line.get_data()).astype(float)]
    ends = [v for c in ax.collections for path in c.get_paths() for v in path.vertices.ravel()]
    if name == "harm":
        table = table[table["harm"] != "none"]
    if name == "coverage":
        table = table[table["measure"] != "depth"]
    for value in table["estimate"]:
        assert np.isclose(drawn, value).any(), value
    for value in [*table["low"], *table["high"]]:
        assert np.isclose(ends, value).any(), value


@pytest.mark.parametrize("width", [ONE_COLUMN, FULL_WIDTH])
@pytest.mark.parametrize("outlets", [1, 3, 30])
def test_labels_neither_overlap_nor_leave_the_page(plot, width, outlets):
    names = [f"The {' '.join(WORDS[: 2 + i % 7])} {i}" for i in range(outlets)]
    table = table_for(plot, outlets=names)
    with paper_style():
        figure = Figure(figsize=(width, plot.height(table)), layout="constrained")
        axes = plot.plot(table, ax=figure.subplots())
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())
        edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert (edge[:, :3] > 250).all(), "something is cut off at the edge of the page"
        ticks = [t for t in axes.get_yticklabels() if t.get_text()]
        boxes = [t.get_window_extent() for t in ticks]
        legend = axes.get_legend()
        if legend is not None:
            over = legend.get_window_extent()
            assert not any(over.overlaps(box) for box in boxes)
            notes = [t for t in axes.texts if isinstance(t, mpl.text.Annotation) and t.xy[0] == 1]
            assert not any(over.overlaps(t.get_window_extent()) for t in notes)
        boxes.sort(key=lambda b: b.y0)
        for low, high in itertools.pairwise(boxes):
            assert low.y1 <= high.y0 + 1, "two labels overlap"
        across = sorted((t.get_window_extent() for t in axes.get_xticklabels() if t.get_text()), key=lambda b: b.x0)
        if not any(t.get_rotation() for t in axes.get_xticklabels()):
            for left, right in itertools.pairwise(across):
                assert left.x1 <= right.x0 + 1, "two labels overlap"
        assert axes.get_window_extent().width > 0.3 * figure.bbox.width


def test_names_that_differ_look_different(plot):
    names = [f"The {' '.join(WORDS[: 2 + i % 7])} {i}" for i in range(30)]
    axes = plot.plot(table_for(plot, outlets=names), ax=Figure().subplots())
    labels = [t.get_text() for t in axes.get_yticklabels() if t.get_text()]
    if len(labels) == 30:
        assert len(set(labels)) == 30


def test_one_row_no_row_and_missing_intervals(name, plot, ax):
    table = table_for(plot)
    empty = plot.plot(table.iloc[:0], ax=Figure().subplots())
    assert [t.get_text()[:2] for t in empty.texts] in (["no"], [])
    assert re.search(r"there (is|are) no |nothing was", plot.alt_text(table.iloc[:0]))
    assert plot.height(table.iloc[:0]) > 0.5
    single = table.iloc[2:4] if name == "specification_curve" else table.iloc[:1]
    if name == "specification_curve":
        single = table[table["headline"]]
    fingerprint(plot.plot(single, ax=Figure().subplots()))
    assert plot.alt_text(single)
    bounds = [c for c in table.columns if c in ("low", "high", "signed_low", "signed_high")]
    if bounds:
        bare = table.assign(**dict.fromkeys(bounds, np.nan))
        fingerprint(plot.plot(bare, ax=ax))
        assert "no interval" in plot.alt_text(bare)
    assert "nan" not in plot.alt_text(table)


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_are_drawn_as_text(plot, tmp_path, name):
    table = table_for(plot, outlets=HOSTILE, actors=HOSTILE[:3])
    files = draw_figure(name, table, tmp_path / name)
    tree = ET.parse(files[0])  # a control character would break it
    assert not [e for e in tree.iter() if e.tag.endswith("script")]
    alt = files[3].read_text(encoding="utf-8")
    assert "\u202e" not in alt
    assert "\x00" not in alt


@pytest.fixture(scope="module")
def drawn_elsewhere(tmp_path_factory):
    """Every figure, drawn by another process with another hash seed and backend."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name, plot in PLOTS.items():
        table_for(plot).to_pickle(folder / f"{name}.pkl")
    code = (
        "import sys, json, pandas as pd; from toolkit.plots.style import draw_figure; from pathlib import Path\n"
        "for n in json.loads(sys.argv[1]):\n"
        "    draw_figure(n, pd.read_pickle(Path(sys.argv[2]) / (n + '.pkl')), Path(sys.argv[2]) / n)"
    )
    call = [sys.executable, "-c", code, json.dumps(list(PLOTS)), str(folder)]
    subprocess.run(call, check=True, env={"PYTHONHASHSEED": "7", "MPLBACKEND": "svg", "HOME": str(folder)})
    return folder


def test_files_are_the_same_bytes_every_time(name, plot, tmp_path, drawn_elsewhere):
    first = [p.read_bytes() for p in draw_figure(name, table_for(plot), tmp_path / "a")]
    assert first == [(drawn_elsewhere / f"{name}{s}").read_bytes() for s in (".svg", ".pdf", ".png", ".txt")]
    for data in first[:3]:
        assert not re.search(rb"CreationDate|ModDate|dc:date|Matplotlib v", data)


def test_files_have_the_width_that_was_asked_for(name, plot, tmp_path):
    files = draw_figure(name, table_for(plot), tmp_path / name, width=ONE_COLUMN)
    with Image.open(io.BytesIO(files[2].read_bytes())) as image:
        assert image.width == pytest.approx(ONE_COLUMN * 300, abs=2)
    assert b"<text" not in files[0].read_bytes()  # letters are drawn: no font is needed to see them


def test_styles_scale_letters_marks_and_page_alike(plot):
    scale, width = STYLES["slides"]
    table = table_for(plot)

    def sizes(of, wide):
        with figure_style(of):
            times = STYLES[of][0]
            figure = Figure(figsize=(wide, times * plot.height(table)), layout="constrained")
            axes = plot.plot(table, ax=figure.subplots())
            FigureCanvasAgg(figure).draw()
            found = [t.get_fontsize() for t in figure.findobj(mpl.text.Text) if t.get_text()]
            found += [line.get_linewidth() for line in axes.lines] + [line.get_markersize() for line in axes.lines]
            found += [v for c in axes.collections for v in np.sqrt(np.asarray(getattr(c, "get_sizes", list)()))]
            found += [float(v) for c in axes.collections for v in np.atleast_1d(c.get_linewidth())]
            return np.array(found) / times, figure.get_size_inches() / times

    found, page = sizes("slides", width)
    paper, small = sizes("paper", width / scale)
    assert np.allclose(page, small)
    assert np.allclose(found, paper)


def test_draw_figure_takes_a_style_and_writes_the_same_bytes(tmp_path):
    table = table_for(PLOTS["harm"])
    files = {s: draw_figure("harm", table, tmp_path / s, style=s) for s in STYLES}
    again = draw_figure("harm", table, tmp_path / "again", style="slides")
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in files["slides"]]
    for style, (scale, width) in STYLES.items():
        with Image.open(files[style][2]) as image:
            assert image.width == pytest.approx(300 * width, abs=2)
            assert image.height == pytest.approx(300 * scale * PLOTS["harm"].height(table), abs=2)
    with pytest.raises(InputError, match="unknown style 'slide'; did you mean 'slides'"):
        draw_figure("harm", table, tmp_path / "x", style="slide")
    with pytest.raises(InputError, match="unknown figure 'harms'; did you mean 'harm'"):
        draw_figure("harms", table, tmp_path / "x")


NUMBERS = {
    "tone_heatmap": "estimate", "coverage": "estimate", "harm": "estimate", "voice_share": "estimate",
    "corrected": "estimate", "decomposition": "estimate", "agreement": "estimate", "reliability": "share",
}  # fmt: skip


def minus(value, digits=2):
    text = f"{value:.{digits}f}"
    return (text if float(text) else text.replace("-", "")).replace("-", "−")


@pytest.mark.parametrize("name", list(NUMBERS))
def test_alt_text_holds_the_numbers(name, plot):
    table = table_for(plot)
    for key, out in (("harm", "none"), ("measure", "depth")):
        table = table[table[key] != out] if key in table else table
    text = plot.alt_text(table)
    for value in table[NUMBERS[name]]:
        assert minus(value) in text
    if "low" in table:
        assert f"95 % interval {minus(table['low'].iloc[0])} to {minus(table['high'].iloc[0])}" in text


@pytest.mark.parametrize("name", ["tone_by_outlet", "tone_over_time"])
def test_alt_text_says_kind_axes_counts_and_numbers(plot):
    table = table_for(plot)
    text = plot.alt_text(table)
    assert re.match(r"(Dot|Line) plot with intervals\. Horizontal axis: ", text)
    assert f"{table['n_mentions'].sum():,} mentions" in text
    for actor in ("Ankara", "Moscow", "Damascus"):
        assert actor in text
    for actor in ACTORS:
        of = table[table["actor"] == actor]["estimate"]
        for value in (of.min(), of.max()):
            assert minus(value) in text
    assert "95 % interval" in text


def test_labels_of_actors_can_be_given(name, plot, ax):
    table = table_for(plot)
    if not table.astype(str).isin(["turkey"]).any(axis=None):
        pytest.skip("its table has no actors")
    assert "the Turks" in plot.alt_text(table, labels={"turkey": "the Turks"})
    plot.plot(table, ax=ax, labels={"turkey": "the Turks"})
    texts = [t.get_text().replace("\n", " ") for t in ax.figure.findobj(mpl.text.Text)]
    assert any("the Turks" in t for t in texts)
    assert not any("Ankara" in t for t in texts)


def test_wrong_tables_are_refused_with_the_remedy(name, plot):
    with pytest.raises(InputError, match=r"toolkit\.\w+|the schema|missing column"):
        plot.plot(pd.DataFrame({"x": [1]}))
    table = table_for(plot)
    if "task" in table and name not in ("confusion", "swap_audit", "decomposition", "specification_curve"):
        with pytest.raises(InputError, match="draws one task"):
            plot.plot(pd.concat([table, table.assign(task="stance")]))
    if name not in ("specification_curve", "agreement", "swap_audit", "confusion", "reliability", "story_spread"):
        with pytest.raises(InputError, match="several rows"):
            plot.plot(pd.concat([table, table]))


def test_colours_differ_in_greyscale_and_so_do_markers():
    grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(to_rgb, COLORS)]
    assert min(abs(a - b) for i, a in enumerate(grey[:3]) for b in grey[:i]) > 0.2
    assert len(set(MARKERS)) == len(COLORS)


def test_outlets_stand_in_the_order_of_their_means(ax):
    table = table_for(PLOTS["tone_by_outlet"])
    plot_tone_by_outlet(table, ax=ax)
    means = table.groupby("outlet")["estimate"].mean().sort_values()
    assert [t.get_text().replace("\n", " ") for t in ax.get_yticklabels()] == list(means.index)


def test_too_many_actors_are_refused():
    table = table_for(PLOTS["tone_by_outlet"], actors=[f"a{i}" for i in range(8)])
    with pytest.raises(InputError, match="tells 7 actors apart, the summary has 8"):
        plot_tone_by_outlet(table)


def test_lines_break_at_gaps(ax):
    table = table_for(PLOTS["tone_over_time"], actors=["turkey"])
    plot_tone_over_time(table.drop(index=2), ax=ax)
    line = next(line for line in ax.lines if np.isnan(np.asarray(line.get_ydata(), dtype=float)).any())
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)).sum() == 1


def test_many_lines_get_lanes():
    plot = PLOTS["tone_over_time"]
    table = table_for(plot, actors=[f"actor {i}" for i in range(9)])
    axes = plot_tone_over_time(table, ax=Figure().subplots())
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"actor {i}" for i in range(9)]
    assert plot.height(table) > plot.height(table[table["actor"] == "actor 1"])


def test_plain_names():
    assert plain("turkey", kind="actor") == "Ankara"
    assert plain("turkey", kind="outlet") == "turkey"
    assert plain(float("nan")) == "(none)"
    assert plain("a\u202eb\x07c\nd") == "ab c d"


def lanes_table():
    plot = PLOTS["tone_over_time"]
    made = [table_for(plot, seed=i).assign(outlet=outlet) for i, outlet in enumerate(OUTLETS)]
    return pd.concat(made, ignore_index=True)


def test_outlets_get_lanes_and_actors_lines_in_them(ax):
    table = lanes_table()
    plot_tone_over_time(table, ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == sorted(OUTLETS)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["Moscow", "Damascus", "Ankara"]
    text = PLOTS["tone_over_time"].alt_text(table)
    assert "12 lines" in text
    assert "Volga Dispatch, Ankara: lowest" in text
    many = [table.assign(actor=f"a{i}") for i in range(8)]
    with pytest.raises(InputError, match="tells 7 actors of an outlet apart, the summary has 8"):
        plot_tone_over_time(pd.concat(many).drop_duplicates(["outlet", "actor", "period"]))


def test_events_stand_at_their_days_and_in_the_legend(ax):
    table = table_for(PLOTS["tone_over_time"])
    events = {"2020-02-27": "33 soldiers killed", "2020-02-10": "The <b> $x$", "2031-01-01": "later"}
    plot_tone_over_time(table, ax=ax, events=events)
    days = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert days == [
        pd.Timestamp(d).to_datetime64().astype("datetime64[D]").astype(int) for d in ("2020-02-10", "2020-02-27")
    ]
    told = [t.get_text() for t in ax.get_legend().get_texts()]
    assert told[-2:] == ["A: The <b> \\$x\\$", "B: 33 soldiers killed"]
    text = PLOTS["tone_over_time"].alt_text(table, events=events)
    assert "Event B, 2020-02-27: 33 soldiers killed." in text
    assert "later" not in text
    with pytest.raises(InputError, match="'yesterday' is no date"):
        plot_tone_over_time(table, events={"yesterday": "x"})


def test_bands_hold_the_intervals_and_lonely_periods_keep_a_line(ax):
    table = table_for(PLOTS["tone_over_time"], actors=["turkey"]).sort_values("period").reset_index(drop=True)
    lonely = table.drop(index=3)  # the last period has no neighbour
    plot_tone_over_time(lonely, ax=ax, bands=True)
    bands = [c for c in ax.collections if type(c).__name__.endswith("PolyCollection")]
    inside = [v for c in bands for path in c.get_paths() for v in path.vertices[:, 1]]
    for value in [*lonely["low"][:3], *lonely["high"][:3]]:
        assert np.isclose(inside, value).any()
    upright = [
        v for c in ax.collections if type(c).__name__ == "LineCollection" for s in c.get_segments() for v in s[:, 1]
    ]
    assert np.allclose(sorted(upright), sorted([lonely["low"].iloc[-1], lonely["high"].iloc[-1]]))


def test_heat_map_writes_every_number_and_leaves_gaps_open(ax):
    plot = PLOTS["tone_heatmap"]
    table = table_for(plot)
    table.loc[0, ["estimate", "low", "high"]] = np.nan
    plot.plot(table, ax=ax)
    texts = [t.get_text() for t in ax.texts]
    for value in table["estimate"].dropna():
        assert minus(value) in texts
    assert texts.count("–") == 1
    bold = {t.get_text() for t in ax.texts if t.get_weight() == "bold"}
    apart = table[(table["low"] > 0) | (table["high"] < 0)]
    assert bold == {minus(v) for v in apart["estimate"]}
    assert sum(f"n {n:,}" in t for n in table["n_stories"].unique() for t in texts if t.endswith(f"n {n:,}")) == 11


def test_contrasts_mark_what_stands_after_holm_and_say_what_is_left_out(ax):
    plot = PLOTS["contrasts"]
    table = table_for(plot)
    plot.plot(table, ax=ax)
    marked = {
        round(float(x), 9)
        for c in ax.collections
        if len(c.get_offsets())
        and np.allclose(c.get_edgecolor()[0][:3], to_rgb(COLORS[0]))
        and type(c).__name__ == "PathCollection"
        for x, _ in c.get_offsets()
    }
    assert marked == {round(v, 9) for v in table.loc[table["p_holm"] < 0.05, "estimate"]}
    many = table_for(plot, outlets=[f"Outlet {i}" for i in range(12)])
    axes = plot.plot(many, ax=Figure().subplots())
    assert "60 of 198 pairs" in axes.get_xlabel()
    drawn = {float(x) for c in axes.collections if type(c).__name__ == "PathCollection" for x, _ in c.get_offsets()}
    assert drawn == set(many["estimate"].iloc[many["estimate"].abs().argsort()[-60:]])
    assert "the 60 farthest from 0" in plot.alt_text(many)


def test_bars_of_voices_fill_the_row(ax):
    plot = PLOTS["voice_share"]
    table = table_for(plot)
    plot.plot(table, ax=ax)
    width = sum(bar.get_width() for bars in ax.containers for bar in bars)
    assert width == pytest.approx(len(OUTLETS) * len(ACTORS))
    looks = [(bars[0].get_facecolor(), bars[0].get_hatch()) for bars in ax.containers]
    assert len(set(looks)) == len(looks)
    crowd = pd.concat([table.assign(speaker=table["speaker"] + f"{i}") for i in range(2)])
    with pytest.raises(InputError, match="tells 7 speakers apart"):
        plot.plot(crowd)


def test_shares_are_written_and_unused_namings_left_out(ax):
    plot = PLOTS["naming"]
    table = table_for(plot)
    table.loc[table["naming"] == "junta", "estimate"] = 0.0
    table.loc[table["naming"] == "militia", "estimate"] = 0.0
    plot.plot(table, ax=ax)
    assert "militia" not in [t.get_text() for t in ax.get_xticklabels()]
    texts = {t.get_text() for t in ax.texts}
    assert {f"{100 * v:.0f}" for v in table.loc[table["naming"] == "regime", "estimate"]} <= texts


def test_words_of_both_ends_are_drawn(ax):
    plot = PLOTS["words"]
    table = table_for(plot).sort_values("z_stories", ascending=False)
    plot.plot(table, ax=ax)
    drawn = sorted(float(x) for c in ax.collections if type(c).__name__ == "PathCollection" for x, _ in c.get_offsets())
    assert np.allclose(drawn, sorted([*table["log_odds"][:15], *table["log_odds"][-15:]]))
    with pytest.raises(InputError, match="draws one pair and actor"):
        plot.plot(pd.concat([table, table.assign(a="C")]))


def test_many_outlets_on_axes_name_the_ends(ax):
    plot = PLOTS["axes"]
    table = table_for(plot, outlets=[f"Outlet {i}" for i in range(9)], actors=["turkey"])
    plot.plot(table, ax=ax)
    one = table[table["axis"] == "cruel-humane"].sort_values("estimate")
    assert f"< {one['outlet'].iloc[0]}\n> {one['outlet'].iloc[-1]}" in [t.get_text() for t in ax.texts]


def test_distances_fill_half_a_square(ax):
    plot = PLOTS["distances"]
    table = table_for(plot)
    plot.plot(table, ax=ax)
    texts = [t.get_text() for t in ax.texts]
    assert sorted(texts) == sorted(
        minus(d, 3) + ("*" if p < 0.05 else "") for d, p in table[["distance", "p_holm"]].values
    )


def test_copies_stand_at_their_days(ax):
    plot = PLOTS["story_spread"]
    table = table_for(plot)
    plot.plot(table, ax=ax)
    marks = [(float(x), c) for c in ax.collections if type(c).__name__ == "PathCollection" for x, _ in c.get_offsets()]
    of = table.groupby("story_id")["outlet"].transform("nunique") > 1
    days = table.loc[of, "date"].to_numpy().astype("datetime64[D]").astype(float)
    assert sorted(x for x, _ in marks) == sorted(days)
    hollow = sum(np.allclose(c.get_facecolor()[0][:3], 1) for _, c in marks)
    assert hollow == table.loc[of, "wire"].notna().sum()
    lost = table.assign(date=table["date"].where(table["article_id"] != "a1-0"))
    axes = plot.plot(lost, ax=Figure().subplots())
    assert "1 copies without a date are left out" in axes.get_xlabel()
