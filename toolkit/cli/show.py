"""``toolkit show``: one article with its mentions, readings and voices marked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    show = commands.add_parser("show", help="one article with its mentions, readings and voices marked, as a web page")
    show.add_argument("article", help="the id or the address of the article")
    show.add_argument("where", type=Path, help="the folder of a run, a table of articles, or a folder of articles")
    show.add_argument("--actors", nargs="+", metavar="ACTOR", help="mark these alone")
    show.add_argument("--out", type=Path, help="the page to write (default: printed)")
    show.set_defaults(do=_show)


def _show(options: argparse.Namespace) -> int:
    import pandas as pd

    from toolkit.actors import find_mentions, load_lexicon
    from toolkit.annotated import show_article
    from toolkit.corpora import load_articles

    table = options.where / "articles.parquet" if options.where.is_dir() else options.where
    is_table = table.suffix == ".parquet" and table.exists()
    articles = pd.read_parquet(table) if is_table else load_articles(options.where)
    chosen = articles[(articles["article_id"] == options.article) | (articles["url"] == options.article)]
    key = chosen["article_id"].iloc[0] if len(chosen) else options.article
    made = options.where / "mentions.parquet"
    mentions = pd.read_parquet(made) if made.exists() else find_mentions(chosen)
    if options.actors:
        wanted = load_lexicon().require(options.actors)
        mentions = mentions[mentions["actor"].isin(wanted)]
    page = show_article(articles, mentions, key)
    if options.out is None:
        print(page.to_html())
    else:
        page.save(options.out)
        print(f"Page: {options.out}")
    return 0
