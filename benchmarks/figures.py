"""The pictures of docs/figures.md, drawn from a run.

    python benchmarks/figures.py runs/idlib_2020 [--out docs/figures]

Small PNG files of 96 dots an inch in at most 64 colours; the alternative texts are printed.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

import toolkit
from toolkit.plots import PLOTS
from toolkit.plots.style import FULL_WIDTH, figure_style

TABLES: dict[str, Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]] = {
    "tone_heatmap": lambda mentions, _: toolkit.estimate(mentions),
    "contrasts": lambda mentions, _: toolkit.contrast(mentions[mentions["actor"] == "syria"]),
    "coverage": lambda mentions, articles: toolkit.visibility(mentions, articles),
    "voice_share": lambda mentions, _: toolkit.voice_shares(mentions),
    "naming": lambda mentions, _: toolkit.naming_shares(mentions),
    "story_spread": lambda _, articles: articles,
}


def draw(name: str, table: pd.DataFrame, path: Path) -> str:
    """Draw a figure into a small file; returns it in words."""
    plot = PLOTS[name]
    with figure_style("paper"):
        figure = Figure(figsize=(FULL_WIDTH, plot.height(table)), layout="constrained")
        plot.plot(table, ax=figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=96, metadata={"Software": None})
    with Image.open(buffer) as image:
        image.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    return plot.alt_text(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/figures"))
    arguments = parser.parse_args()
    mentions = pd.read_parquet(arguments.run / "mentions.parquet")
    articles = pd.read_parquet(arguments.run / "articles.parquet")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, made in TABLES.items():
        words = draw(name, made(mentions, articles), arguments.out / f"{name}.png")
        print(f"{name}: {words}\n")


if __name__ == "__main__":
    main()
