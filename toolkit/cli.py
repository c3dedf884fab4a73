"""The command ``toolkit``. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.corpora import Imported
    from toolkit.experiment import Run

__all__ = ["main"]

STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line, if not given.

    Returns
    -------
    int
        0 where all went well; 1 where a check failed; 2 where something given cannot be used; 130 after Ctrl-C.
    """
    from toolkit.errors import InputError

    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            return int(options.do(options))
    except InputError as error:
        print(f"toolkit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ntoolkit: stopped. What is finished is kept: give the same command again to go on.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has gone (toolkit ... | head); closing stdout keeps the interpreter from complaining.
        sys.stderr.close()
        return 1
    except OSError as error:
        name = f" ({error.filename})" if error.filename else ""
        print(f"toolkit: {error.strerror or error}{name}; nothing half-written was kept", file=sys.stderr)
        return 2


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"note: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="toolkit",
        description="How news outlets portray political actors: from a folder of articles to a defended figure.",
        epilog="Start with: toolkit run experiments/idlib_2020.yaml",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run an experiment, or finish one that was interrupted")
    run.add_argument("experiment", type=Path, help="the YAML file of the experiment")
    run.add_argument("--out", type=Path, help="the folder of the run (default: runs/NAME)")
    run.add_argument("--quiet", action="store_true", help="print nothing but faults")
    run.set_defaults(do=_run)

    read = commands.add_parser("import", help="read exports, pages and tables into one file of articles")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder with all below it")
    read.add_argument("--out", type=Path, required=True, help="the file to write, such as articles.parquet")
    read.add_argument("--format", default="auto", help="how the files are read (default: each by its content)")
    read.add_argument(
        "--columns", nargs="+", default=[], metavar="FIELD=COLUMN", help="such as text=body title=headline"
    )
    read.add_argument("--outlet", help="the outlet of articles that name none")
    read.add_argument(
        "--outlets", nargs="+", default=[], metavar="NAME=OUTLET",
        help="how a file or folder writes an outlet, and its name; comes before the toolkit's own table",
    )  # fmt: skip
    read.add_argument("--dates", metavar="ORDER", help="how dates in numbers are written: dmy or mdy")
    read.add_argument("--allow-rejected", action="store_true", help="end with 0 also where something was rejected")
    read.add_argument("--quiet", action="store_true", help="print nothing but faults")
    read.set_defaults(do=_import)

    verify = commands.add_parser(
        "verify", help="check a run: its files against their hashes, then all of it built again"
    )
    verify.add_argument("run", type=Path, help="the folder of the run")
    verify.add_argument("--no-rebuild", action="store_true", help="check the files alone")
    verify.set_defaults(do=_verify)
    _add_actors(commands)
    _add_show(commands)
    return parser


def _add_actors(commands: Any) -> None:
    actors = commands.add_parser("actors", help="what the lexicon of actors holds, and whether a file of yours fits")
    kinds = actors.add_subparsers(title="commands", required=True, metavar="WHAT")
    show = kinds.add_parser("show", help="what counts as a mention of an actor")
    show.add_argument("actor", help="its id, such as turkey")
    show.add_argument("--date", help="who held which office on that day, such as 2020-02-28")
    listed = kinds.add_parser("list", help="all actors")
    check = kinds.add_parser("check", help="read a file or folder of actors on top of those that ship")
    check.add_argument("file", type=Path, help="a YAML file, or a folder with *.yaml, leaders.csv, names.csv")
    for command in (show, listed):
        command.add_argument("--lexicon", type=Path, help="a file or folder of actors that is added to those that ship")
    for command, function in ((show, _show_actor), (listed, _list_actors), (check, _check_actors)):
        command.set_defaults(do=function)


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("stance-toolkit")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _run(options: argparse.Namespace) -> int:
    from toolkit.config import read_yaml
    from toolkit.experiment import run_experiment

    progress = _Bars(quiet=options.quiet)
    if read_yaml(options.experiment).get("kind") == "train":
        from toolkit.training import run_training

        report = run_training(options.experiment, out=options.out, progress=progress)
        if not options.quiet:
            print(report)
        return 0
    with progress:
        run = run_experiment(options.experiment, options.out, progress=progress)
    if not options.quiet:
        _print_run(run)
    return 0


def _import(options: argparse.Namespace) -> int:
    import time

    from toolkit.corpora import import_articles

    columns = {field: names.split(",") for field, names in _pairs(options.columns, "--columns").items()}
    given = {"outlet": options.outlet, "outlets": _pairs(options.outlets, "--outlets"), "dates": options.dates}
    started = time.perf_counter()
    with _Bars(quiet=options.quiet) as bars:
        bars.start("import")
        found = import_articles(
            options.paths, options.out, format=options.format, columns=columns or None, progress=bars.advance,
            counted=lambda number: bars.note(f"{number:,} articles"), **given,
        )  # fmt: skip
        bars.end("import", time.perf_counter() - started, False)
    if not options.quiet:
        _print_import(found, options.out)
    return 1 if found.rejected and not options.allow_rejected else 0


def _pairs(values: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` as a mapping."""
    from toolkit.errors import InputError

    pairs = [value.partition("=") for value in values]
    for value, (name, sign, meant) in zip(values, pairs, strict=True):
        if not (name.strip() and sign and meant.strip()):
            raise InputError(f"{option}: {value!r} has no two parts; expected NAME=VALUE, such as text=body")
    return {name.strip(): meant.strip() for name, _, meant in pairs}


def _print_import(found: Imported, out: Path) -> None:
    """The table at the end of an import."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.corpora.importing import REJECTED

    def listed(counts: Any, most: int) -> str:
        first = ", ".join(f"{name or 'not stated'} {n:,}" for name, n in counts.most_common(most))
        return first + (f" and {len(counts) - most} more" if len(counts) > most else "")

    dates = f"{found.first.date()} to {found.last.date()}" if found.first is not None else "-"
    folded = [f"{name} -> {outlet}" for name, outlet in sorted(found.folded)]
    rows = {
        "files": f"{found.files:,}", "articles": f"{found.articles:,}", "rejected": f"{found.rejected:,}",
        "of these duplicates": f"{found.duplicates:,}",
        "outlets": f"{len(found.outlets):,}: {listed(found.outlets, 6)}",
        "outlets folded": ", ".join(folded[:6]) + (f" and {len(folded) - 6} more" if len(folded) > 6 else "") or "-",
        "dates": dates, "missing dates": f"{found.missing_dates:,}", "languages": listed(found.languages, 6) or "-",
        "encodings": listed(found.encodings, 6) or "-", "truncated bodies": f"{found.truncated:,}",
        "with warnings": f"{found.doubtful:,}",
    }  # fmt: skip
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in rows.items():
        table.add_row(name, value.replace("[", r"\["))
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(table)
    print(f"\nArticles: {out}")
    if found.rejected:
        print(f"Rejected, with reasons: {out.with_name(REJECTED)}")


def _verify(options: argparse.Namespace) -> int:
    from toolkit.verification import verify_run

    with _Bars() as progress:
        found = verify_run(options.run, rebuild=not options.no_rebuild, progress=progress)
    if not found:
        print(f"{options.run}: " + ("all files are unchanged" if options.no_rebuild else "rebuilt to the same bytes"))
        return 0
    print(f"{options.run}: {len(found)} differences, the first in the stage {found[0].stage!r}")
    for difference in found[:50]:
        print(f"  {difference.stage:9} {difference.file}: {difference.what}")
    if len(found) > 50:
        print(f"  and {len(found) - 50} more")
    return 1


def _add_show(commands: Any) -> None:
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


def _show_actor(options: argparse.Namespace) -> int:
    from datetime import date

    from toolkit.actors import load_lexicon
    from toolkit.actors.describing import describe_actor
    from toolkit.errors import InputError

    try:
        day = date.fromisoformat(options.date).isoformat() if options.date else None
    except ValueError:
        raise InputError(f"--date: {options.date!r} is no date; expected YYYY-MM-DD, such as 2020-02-28") from None
    print(describe_actor(options.actor, day, load_lexicon(extra=options.lexicon)))
    return 0


def _list_actors(options: argparse.Namespace) -> int:
    from toolkit.actors import load_lexicon
    from toolkit.actors.describing import list_actors

    print(list_actors(load_lexicon(extra=options.lexicon)))
    return 0


def _check_actors(options: argparse.Namespace) -> int:
    from toolkit.actors.describing import check_lexicon

    lexicon, faults = check_lexicon(options.file)
    for fault in faults:
        print(fault)
    if lexicon is None:
        print(f"{options.file}: {len(faults)} faults")
        return 1
    print(f"{options.file}: fits; with what ships, {len(lexicon.actors)} actors and {len(lexicon.people)} persons")
    return 0


class _Bars:
    """Progress for people: a bar on a terminal, a line per stage elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.task: Any = None
        if sys.stderr.isatty() and not quiet:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self.bar = Progress(
                TextColumn("{task.description:10}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
                TimeRemainingColumn(), TextColumn("{task.fields[note]}"), console=Console(stderr=True), transient=True,
            )  # fmt: skip

    def __enter__(self) -> _Bars:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar:
            self.bar.stop()

    def start(self, stage: str) -> None:
        if self.bar:
            self.task = self.bar.add_task(stage, total=None, note="")

    def advance(self, done: int, total: int) -> None:
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def note(self, words: str) -> None:
        """Words behind the bar: what is known where the share that is done is not."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, note=words)

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        if self.bar and self.task is not None:
            self.bar.remove_task(self.task)
            self.task = None
        if not self.quiet:
            print(f"{stage:10} " + ("kept" if kept else f"{seconds:6.1f} s"), file=sys.stderr)


def _print_run(run: Run) -> None:
    """The small table at the end: outlet x actor, tone with its interval and the counts behind it."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.export import cell_text

    articles, mentions = run.articles, run.mentions
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(title=None, box=None, pad_edge=False)
    keys = list(run.summary.columns[: list(run.summary.columns).index("task")])
    for key in [*keys, "task"]:
        table.add_column(key)
    for name in ("estimate", "95 % interval", "mentions", "articles", "stories"):
        table.add_column(name.replace("95", f"{_level(run)}"), justify="right")
    for row in run.summary.to_dict("records"):
        missing = cell_text(row["low"]) == ""
        interval = "-" if missing else f"{row['low']:+.2f} to {row['high']:+.2f}"
        value = "-" if cell_text(row["estimate"]) == "" else f"{row['estimate']:+.2f}"
        counts = [str(row[f"n_{unit}"]) for unit in ("mentions", "articles", "stories")]
        table.add_row(*(cell_text(row[k]) for k in [*keys, "task"]), value, interval, *counts)
    console.print()
    console.print(table)
    console.print(
        f"\n{len(articles):,} articles of {articles['outlet'].nunique()} outlets, "
        f"{articles['story_id'].nunique():,} stories; {len(mentions):,} mentions; "
        f"{len(run.removed):,} spans of page furniture removed; {len(run.rejected):,} inputs rejected",
        highlight=False,
    )
    first = run.summary.iloc[0] if len(run.summary) else None
    if first is not None:
        console.print(f"voice: {first['voice']}; copies: {first['copies']}; {first['method']}", highlight=False)
    # A path must stay whole, so that it can be clicked and copied.
    print(f"\nReport: {run.report}")


def _level(run: Run) -> str:
    import yaml

    config = yaml.safe_load((run.path / "config.yaml").read_text(encoding="utf-8"))
    return f"{100 * config['estimate']['level']:g}"


if __name__ == "__main__":
    sys.exit(main())
