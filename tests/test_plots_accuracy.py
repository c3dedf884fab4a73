"""Figures of agreement, confusion, reliability and the swap audit."""

import inspect
import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from toolkit.errors import InputError
from toolkit.plots import agreement, confusion, reliability, swap_audit
from toolkit.plots.style import FULL_WIDTH, ONE_COLUMN, paper_style

LONG = "The Eastern Mediterranean Business and Energy Courier, Weekend Edition"
HOSTILE = "$x^2$ \u202e<b>_{0}\x00"


def agreement_table():
    rows = [
        ("turkey", "alpha", 0.7, 0.6, 0.8, 120, None), ("turkey", "percent", 0.85, 0.8, 0.9, 120, None),
        ("russia", "alpha", np.nan, np.nan, np.nan, 0, "no overlap: no mention has labels of two coders"),
        ("russia", "percent", np.nan, np.nan, np.nan, 0, "no overlap: no mention has labels of two coders"),
        (HOSTILE, "alpha", -0.2, np.nan, np.nan, 3, "no interval: 1 article"),
        (HOSTILE, "percent", 0.4, np.nan, np.nan, 3, "no interval: 1 article"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["actor", "coefficient", "estimate", "low", "high", "n_units", "note"])
    table.insert(1, "task", "tone")
    return table.assign(level=0.95)


def confusion_table():
    rows = [("a", "a", 30, 0.75), ("a", "b", 10, 0.25), ("b", "a", 0, np.nan), ("b", "b", 0, np.nan)]
    return pd.DataFrame(rows, columns=["label_a", "label_b", "n", "share"]).assign(task="tone", a=LONG, b=HOSTILE)


def reliability_table():
    return pd.DataFrame({
        "label": None, "bin_low": [0.4, 0.5, 0.9], "bin_high": [0.5, 0.6, 1.0], "probability": [0.48, 0.51, 0.95],
        "share": [0.5, 0.4, 1.0], "low": [0.3, 0.2, np.nan], "high": [0.7, 0.6, np.nan], "n": [1234, 987, 3],
        "level": 0.95,
    })  # fmt: skip


def swap_table():
    rows = [(LONG, "turkey", "others", 0.02), (LONG, "turkey", "mask", -0.01), ("B", "russia", "others", -0.2)]
    table = pd.DataFrame(rows, columns=["outlet", "actor", "against", "signed"])
    table.insert(2, "task", "tone")
    high = table["signed"] + [0.03, 0.02, np.nan]
    return table.assign(
        signed_low=table["signed"] - 0.02, signed_high=high, changed=0.1, n_mentions=[1200, 1200, 3], level=0.95
    )


FIGURES = {
    "agreement": (
        agreement,
        agreement_table,
        ["Ankara", "0.70 (95 % interval 0.60 to 0.80)", "not defined (no overlap"],
    ),
    "confusion": (confusion, confusion_table, ["30 of 40 mentions have the same label", "a 30 (75 %)", "b: none"]),
    "reliability": (reliability, reliability_table, ["Probability 0.95: share 1.00 (no interval, 3 mentions)"]),
    "swap_audit": (
        swap_audit,
        swap_table,
        ["0.020 (95 % interval 0.000 to 0.050; 10 % of labels change)", "no interval"],
    ),
}


@pytest.fixture(params=list(FIGURES))
def figure(request):
    module, table, said = FIGURES[request.param]
    plot, describe, height = (getattr(module, f"{kind}_{request.param}") for kind in ("plot", "describe", "height"))
    return plot, describe, height, table(), said


def pixels(axes):
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def test_draws_on_the_axes_it_is_given_and_changes_nothing(figure, monkeypatch):
    plot, describe, height, table, _ = figure
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a figure was shown"))
    before, settings = table.copy(deep=True), dict(mpl.rcParams)
    ax = Figure(figsize=(6, height(table))).subplots()
    assert plot(table, ax=ax) is ax
    describe(table)
    pd.testing.assert_frame_equal(table, before)
    assert dict(mpl.rcParams) == settings
    assert inspect.signature(plot).parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
    own = plot(table)
    assert plt.fignum_exists(own.figure.number)
    plt.close(own.figure)


@pytest.mark.parametrize("width", [ONE_COLUMN, FULL_WIDTH])
def test_same_bytes_and_everything_inside_the_page(figure, width):
    plot, _, height, table, _ = figure
    files = []
    for _ in range(2):
        with paper_style():
            made = Figure(figsize=(width, height(table)), layout="constrained")
            ax = plot(table, ax=made.subplots())
            image = pixels(ax)
            target = io.BytesIO()
            made.savefig(target, format="svg", metadata={"Date": None})
            files.append(target.getvalue())
    assert files[0] == files[1]
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert (edge[:, :3] > 250).all(), "something is cut off at the edge of the page"


def test_says_the_numbers_in_words(figure):
    _, describe, _, table, said = figure
    words = describe(table)
    for part in said:
        assert part in words
    assert "nan" not in words
    assert "\u202e" not in words
    assert "\x00" not in words


def test_an_empty_table_says_so(figure):
    plot, describe, height, table, _ = figure
    empty = table.iloc[:0]
    ax = plot(empty, ax=Figure(figsize=(6, height(empty))).subplots())
    assert ax.texts
    assert "no" in describe(empty)


def test_another_table_is_refused(figure):
    plot, _, _, _, _ = figure
    with pytest.raises(InputError, match="make the table with"):
        plot(pd.DataFrame({"x": [1]}))


def test_what_one_figure_cannot_hold():
    two = pd.concat([confusion_table(), confusion_table().assign(a="C")])
    with pytest.raises(InputError, match="plot_confusion draws one pair"):
        confusion.plot_confusion(two)
    with pytest.raises(InputError, match="draws one curve"):
        reliability.plot_reliability(pd.concat([reliability_table()] * 2))
    with pytest.raises(InputError, match="draws one task"):
        agreement.plot_agreement(pd.concat([agreement_table(), agreement_table().assign(task="stance")]))


def test_confusion_reads_in_grey():
    with paper_style():
        ax = confusion.plot_confusion(confusion_table(), ax=Figure().subplots())
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours["30\n75 %"] == "white"
    assert colours["10\n25 %"] == "black"
    assert colours["0"] == "black"  # no share of an empty row
    image = ax.images[0]
    shades = image.cmap(image.norm(np.array([0.0, 0.25, 0.75, 1.0])))[:, :3]
    assert np.allclose(shades, shades[:, :1])
    assert (np.diff(shades[:, 0]) < 0).all()


def test_what_has_no_interval_is_hollow():
    with paper_style():
        ax = agreement.plot_agreement(agreement_table(), ax=Figure().subplots())
    faces = [f for c in ax.collections if isinstance(c, PathCollection) for f in c.get_facecolor()]
    assert sum(np.allclose(face[:3], 1) for face in faces) >= 2
    assert sum(text.get_text() == "not defined" for text in ax.texts) == 2
