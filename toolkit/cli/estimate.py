"""``toolkit estimate``: estimates and contrasts of a run, corrected by a coded sample, with all they rest on."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.progress import Bars

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.results import ResultBlock

__all__ = ["add"]

METHODS = ("dsl", "gold", "ppi", "naive")


@dataclass
class _Study:
    """What a run and a coded sample hold."""

    scored: pd.DataFrame
    config: dict[str, Any]
    gold: pd.DataFrame | None = None
    frame: pd.DataFrame | None = None
    annotations: pd.DataFrame | None = None


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser(
        "estimate", help="estimates and contrasts of a run, corrected by a coded sample, with what they rest on"
    )
    command.add_argument("run", type=Path, help="the folder of a run, or a table of scored mentions (Parquet)")
    command.add_argument("--gold", type=Path, metavar="FOLDER", help="the folder of the coded sample, with gold.csv")
    command.add_argument("--task", default="tone")
    command.add_argument(
        "--method", choices=METHODS, help="how gold is used (default: dsl where --gold is given, else naive)"
    )
    command.add_argument("--by", help="the columns that make the groups (default: those of the run)")
    command.add_argument("--label", help="estimate the share of this label instead of the mean score")
    for name, words in (("voice", "whose words count"), ("copies", "what has a vote"), ("reading", "which readings"),
                        ("unit", "mention or article"), ("interval", "t, bootstrap or wild")):  # fmt: skip
        command.add_argument(f"--{name}", help=f"{words} (default: as the run)")
    command.add_argument("--level", type=float, help="the share of intervals that should hold the truth")
    command.add_argument("--between", default="outlet", help="what is compared, pair by pair (default: outlet)")
    command.add_argument("--within", action="store_true", help="also contrasts within the stories that both printed")
    command.add_argument(
        "--decompose", nargs=3, metavar=("A", "B", "ACTOR"),
        help="also split the gap between two outlets on an actor into which stories and how they are told",
    )  # fmt: skip
    command.add_argument(
        "--specifications", nargs=3, metavar=("A", "B", "ACTOR"),
        help="also the same contrast under every choice of voice, copies, reading, unit and method",
    )  # fmt: skip
    command.add_argument(
        "--no-swap-audit", action="store_true", help="do not score sentences again with other actors' names"
    )
    command.add_argument("--out", type=Path, help="a folder for the tables, figures and the methods paragraph")
    command.add_argument(
        "--without-result-block", action="store_true", help="print the estimates alone; say why in your text"
    )
    command.set_defaults(do=_estimate)


def _estimate(options: argparse.Namespace) -> int:
    from toolkit.estimation import contrast, estimate
    from toolkit.evaluation import swap_floor
    from toolkit.results import gold_quality, result_block

    study = _read(options)
    method = options.method or ("naive" if study.gold is None else "dsl")
    chosen = _choices(options, study.config)
    by = _names(options.by) or study.config.get("estimate", {}).get("by", ["outlet", "actor"])
    corrected = {"method": method, "gold": study.gold, "frame": study.frame, "label": options.label}
    tables: dict[str, pd.DataFrame] = {}
    tables["estimates"] = estimate(study.scored, options.task, by=by, **chosen, **corrected)
    if method != "naive":
        for name in ("gold", "naive"):
            if name != method:
                other = {**corrected, "method": name} if name == "gold" else {"label": options.label}
                tables[f"estimates_{name}"] = estimate(study.scored, options.task, by=by, **chosen, **other)
    rest = [key for key in by if key != options.between]
    tables["contrasts"] = contrast(study.scored, options.task, between=options.between, by=rest, **chosen, **corrected)
    _further(options, study, {**chosen, **corrected}, rest, tables)
    if study.gold is not None:
        tables |= gold_quality(
            study.scored, study.gold, options.task, frame=study.frame, annotations=study.annotations,
            seed=int(chosen["seed"]),
        )  # fmt: skip
    audit = None if options.no_swap_audit else _audit(study, options.task, chosen)
    if audit is not None:
        tables["swap_audit"] = audit
        if "actor" in by:
            tables["estimates"] = swap_floor(tables["estimates"], audit)
    block = result_block(
        tables["estimates"], study.scored, options.task, audit=audit, gold=study.gold,
        accuracy=tables.get("accuracy"), agreement=tables.get("agreement"), contrasts=tables["contrasts"],
    )  # fmt: skip
    _print(tables, by, method, options)
    if not options.without_result_block:
        print(f"\n{block}")
    if options.out:
        _write(options.out, tables, block)
    return 0


def _names(given: str | None) -> list[str]:
    return [part.strip() for part in (given or "").split(",") if part.strip()]


def _choices(options: argparse.Namespace, config: dict[str, Any]) -> dict[str, Any]:
    """The options of estimates: what the command says, else what the run did."""
    from toolkit.errors import InputError

    held = {key: value for key, value in config.get("estimate", {}).items() if key not in ("by", "period", "method")}
    given = {key: getattr(options, key) for key in ("voice", "copies", "reading", "unit", "interval", "level")}
    chosen = {**held, **{key: value for key, value in given.items() if value is not None}}
    reading = chosen.get("reading")
    if isinstance(reading, str) and reading.replace(".", "", 1).isdigit():
        chosen["reading"] = float(reading)
    if options.level is not None and not 0.5 < options.level < 1:
        raise InputError(f"--level is {options.level}; expected a number between 0.5 and 1, such as 0.95")
    return {**chosen, "seed": int(config.get("seed", 0))}


def _read(options: argparse.Namespace) -> _Study:
    import pandas as pd

    from toolkit.errors import InputError

    path, config = options.run, {}
    if path.is_dir():
        from toolkit.config import read_yaml

        if not (path / "run.json").is_file():
            raise InputError(f"{str(path)!r} holds no finished run (no run.json); give the folder 'toolkit run' named")
        config = read_yaml(path / "config.yaml")
        path = path / "mentions.parquet"
    try:
        scored = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be read as a table of scored mentions ({error})") from None
    study = _Study(scored, config)
    if options.gold is None:
        if options.method not in (None, "naive"):
            raise InputError(f"--method {options.method} needs gold: name the folder of the coded sample with --gold")
        return study
    return _with_gold(study, options.gold, options.task)


def _with_gold(study: _Study, folder: Path, task: str) -> _Study:
    from toolkit.annotation.coded import load_coded

    coded = load_coded(folder, task)
    study.frame, study.gold, study.annotations = coded.sample.frame, coded.gold, coded.annotations
    return study


def _further(
    options: argparse.Namespace, study: _Study, given: dict[str, Any], rest: list[str], tables: dict[str, pd.DataFrame]
) -> None:
    """What was asked for beside estimates and contrasts."""
    from toolkit.estimation import contrast_within, decompose_gap, specification_curve, specification_shares

    plain = {key: value for key, value in given.items() if key not in ("interval", "draws", "unit")}
    if options.within:
        within = {key: value for key, value in plain.items() if key != "copies"}
        tables["within_stories"] = contrast_within(
            study.scored, options.task, between=options.between, by=rest, **within
        )
    if options.decompose:
        a, b, actor = options.decompose
        tables["decomposition"] = decompose_gap(study.scored, a, b, actor=actor, task=options.task, **plain)
    if options.specifications:
        a, b, actor = options.specifications
        first = given["method"]
        methods = ["naive"] if study.gold is None else [first, *(m for m in ("dsl", "gold", "naive") if m != first)]
        curve = specification_curve(
            study.scored, a, b, actor, tasks=[options.task], methods=methods, gold=study.gold, frame=study.frame,
            label=options.label, seed=given["seed"],
        )  # fmt: skip
        tables |= {"specifications": curve, "specification_shares": specification_shares(curve)}


def _audit(study: _Study, task: str, chosen: dict[str, Any]) -> pd.DataFrame | None:
    """The swap audit; None where the classifier was fitted in the run, or there is one actor only."""
    from toolkit.results import audit_names

    spec = study.config.get("tasks", {}).get(task, {})
    if spec.get("train") is not None:
        return None
    given = {key: chosen[key] for key in ("voice", "copies", "reading", "seed") if key in chosen}
    with Bars(quiet=not sys.stderr.isatty()) as bars:
        bars.start("swap audit")
        return audit_names(study.scored, spec.get("classifier", "transformer"), task, progress=bars.advance, **given)


def _print(tables: dict[str, pd.DataFrame], by: list[str], method: str, options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    main = tables["estimates"]
    shown = Table(box=None, pad_edge=False)
    corrected = method != "naive"
    names = [
        *by,
        "corrected" if corrected else "estimate",
        "interval",
        *(["gold only", "uncorrected"] if corrected else []),
    ]
    for name in [*names, *(["gold"] if corrected else []), "mentions", "stories"]:
        shown.add_column(name, justify="left" if name in by else "right")
    gold_only, marked = tables.get("estimates_gold"), False
    for i, row in enumerate(main.to_dict("records")):
        cells = [str(row[key]) for key in by] + [_number(row["estimate"]), _interval(row)]
        if corrected:
            beside = gold_only["estimate"].iloc[i] if gold_only is not None else row["estimate"]
            cells += [_number(beside), _number(row["uncorrected"]), f"{row['n_gold']:,}"]
        if row.get("within_swap") is True:
            cells[len(by)] += " *"
            marked = True
        shown.add_row(*(c.replace("[", r"\[") for c in [*cells, f"{row['n_mentions']:,}", f"{row['n_stories']:,}"]))
    console.print(shown)
    if marked:
        console.print("* no larger than what other actors' names alone do to the same sentences (swap audit)")
    _print_contrasts(console, tables["contrasts"], options)
    if "within_stories" in tables:
        within = tables["within_stories"]
        found = within[within["n_stories_shared"] > 1]
        console.print(
            f"\nwithin the stories that both printed: {len(found)} of {len(within)} pairs share two stories or more"
        )
        _print_rows(console, found, [*_keys(found), "a", "b"], "a minus b", ("raw", "n_stories_shared"))
    if "decomposition" in tables:
        parts = tables["decomposition"]
        console.print(f"\n{parts['a'].iloc[0]} minus {parts['b'].iloc[0]} on {parts['actor'].iloc[0]}, taken apart")
        _print_rows(console, parts, ["part"], "points", (), last="meaning")
    if "specification_shares" in tables:
        held = tables["specification_shares"].iloc[0]
        console.print(
            f"\nthe contrast under {int(held['n_estimated'])} of {int(held['n_specifications'])} choices that can be "
            f"estimated: from {held['lowest']:+.2f} to {held['highest']:+.2f}, median {held['median']:+.2f}; "
            f"{held['share_same_sign']:.0%} have the sign of the first, {held['share_excludes_zero']:.0%} exclude 0"
        )


def _keys(table: pd.DataFrame) -> list[str]:
    return [str(key) for key in table.columns[: list(table.columns).index("task")]]


def _print_rows(
    console: Any, table: pd.DataFrame, keys: list[str], name: str, numbers: tuple[str, ...], last: str | None = None
) -> None:
    """Rows with an estimate and its interval."""
    from rich.table import Table

    shown = Table(box=None, pad_edge=False)
    for key in keys:
        shown.add_column(key)
    for head in (name, "interval", *(n.replace("n_stories_shared", "stories shared") for n in numbers)):
        shown.add_column(head, justify="right")
    if last:
        shown.add_column(last, max_width=60)
    for row in table.to_dict("records"):
        cells = [str(row[key]) for key in keys] + [_number(row["estimate"]), _interval(row)]
        cells += [_number(row[n]) if isinstance(row[n], float) else f"{row[n]:,}" for n in numbers]
        shown.add_row(*(c.replace("[", r"\[") for c in [*cells, *([str(row[last])] if last else [])]))
    console.print(shown)


def _print_contrasts(console: Any, contrasts: pd.DataFrame, options: argparse.Namespace) -> None:
    """The contrasts that differ after Holm's correction; all of them where there are few."""
    from rich.table import Table

    if not len(contrasts):
        return
    keys = _keys(contrasts)
    clear = contrasts[contrasts["p_holm"] < 0.05]
    rows = contrasts if len(contrasts) <= 12 else clear
    shown = Table(box=None, pad_edge=False)
    for name in [*keys, "a", "b"]:
        shown.add_column(name)
    for name in ("a minus b", "interval", "p", "p (Holm)"):
        shown.add_column(name, justify="right")
    for row in rows.to_dict("records"):
        cells = [str(row[key]) for key in [*keys, "a", "b"]]
        cells += [_number(row["estimate"]), _interval(row), _p(row["p"]), _p(row["p_holm"])]
        shown.add_row(*(c.replace("[", r"\[") for c in cells))
    console.print(
        f"\n{len(clear)} of {len(contrasts)} contrasts of {options.between}s differ at 5 % after Holm's correction"
        + ("" if len(rows) == len(contrasts) else " (these; --out writes all)")
    )
    if len(rows):
        console.print(shown)


def _number(value: float) -> str:
    return "-" if value != value else f"{value:+.2f}"


def _interval(row: dict[Any, Any]) -> str:
    return "-" if row["low"] != row["low"] else f"{row['low']:+.2f} to {row['high']:+.2f}"


def _p(value: float) -> str:
    return "-" if value != value else "<0.001" if value < 0.001 else f"{value:.3f}"


def _write(folder: Path, tables: dict[str, pd.DataFrame], block: ResultBlock) -> None:
    """Every table in four formats, the figures that they allow, and the methods paragraph."""
    import pandas as pd

    from toolkit.errors import InputError
    from toolkit.export import write_tables
    from toolkit.files import write_atomically

    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {str(folder)!r} is a file; give a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {**tables, "result_block": block.table()}.items():
        write_tables(table, folder / "tables" / name)
    corrected = [tables[n] for n in ("estimates", "estimates_gold", "estimates_naive") if n in tables]
    figures: dict[str, pd.DataFrame | None] = {
        "corrected": pd.concat(corrected, ignore_index=True) if len(corrected) > 1 else None,
        "specification_curve": tables.get("specifications"), "decomposition": tables.get("decomposition"),
        "agreement": tables.get("agreement"), "swap_audit": tables.get("swap_audit")}  # fmt: skip
    for name, drawn in figures.items():
        if drawn is not None:
            _draw(name, drawn, folder / "figures" / name)
    with write_atomically(folder / "methods.txt") as path:
        path.write_text(block.paragraph() + "\n", encoding="utf-8", newline="\n")
    print(f"\nTables, figures and the methods paragraph: {folder}")


def _draw(name: str, table: pd.DataFrame, stem: Path) -> None:
    from importlib import import_module

    from matplotlib.figure import Figure

    from toolkit.plots.style import FULL_WIDTH, paper_style, save_figure

    module = import_module(f"toolkit.plots.{name}")
    parts = {kind: getattr(module, f"{kind}_{name}") for kind in ("plot", "describe", "height")}
    with paper_style():
        figure = Figure(figsize=(FULL_WIDTH, parts["height"](table)), layout="constrained")
        parts["plot"](table, ax=figure.subplots())
        save_figure(figure, stem, parts["describe"](table))
