"""Two runs side by side: what they found, what was changed between them, and which stage made the difference first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.config import read_yaml
from toolkit.errors import InputError
from toolkit.runs import WORK
from toolkit.verification import read_facts

__all__ = ["Change", "RunComparison", "compare_runs", "comparison_report"]

KINDS = {"config": "experiment", "input": "inputs", "code": "code", "library": "libraries", "machine": "machine"}
"""Kinds of changes, as the report calls them."""
SHOWN = 20
"""Lines of one kind that the report lists."""
BELONGS = (
    ("corpus.least_articles", ("mentions",)), ("corpus.agencies", ("read", "stories")), ("corpus", ("read",)),
    ("actors", ("mentions",)), ("lexicon", ("mentions",)), ("mentions", ("mentions",)), ("tasks", ("score",)),
    ("estimate", ("estimate",)), ("seed", ("estimate",)), ("figures", ("figures",)),
)  # fmt: skip
"""Which stages a key of the experiment is a setting of, the first that fits; the report shows the rest."""


@dataclass(frozen=True)
class Change:
    """One thing that is not the same in both runs.

    Attributes
    ----------
    kind : str
        ``config``, ``input``, ``code``, ``library`` or ``machine``.
    name : str
        The path of the key, the file, or the library.
    old, new : object
        What it was and what it is; None where it is not there. Of files the first digits of their hashes.
    stages : tuple of str
        The stages that a key of the experiment is a setting of.
    """

    kind: str
    name: str
    old: Any
    new: Any
    stages: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunComparison:
    """What :func:`compare_runs` found.

    Attributes
    ----------
    a, b : pathlib.Path
        The run folders.
    estimates : pandas.DataFrame
        One row per group and task of either run: the keys, ``task``, ``estimate_a, low_a, high_a, n_mentions_a``, the
        same with ``_b``, ``difference`` (b minus a), ``in`` (``both``, ``a`` or ``b``).
    changes : tuple of Change
        What was changed.
    stages : pandas.DataFrame
        One row per stage: ``stage``, ``made_from`` and ``result``, each ``same``, ``differ``, or ``a`` or ``b`` where
        only one run has the stage.
    first_stage : str or None
        The first stage whose result differs; None where all results are the same.
    reasons : tuple of Change
        The changes that this stage is the first to see.
    """

    a: Path
    b: Path
    estimates: pd.DataFrame
    changes: tuple[Change, ...]
    stages: pd.DataFrame
    first_stage: str | None
    reasons: tuple[Change, ...]

    def to_record(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        tables = {}
        for name, table in (("estimates", self.estimates), ("stages", self.stages)):
            tables[name] = table.astype(object).where(table.notna(), None).to_dict("records")
        changes, reasons = (
            [vars(c) | {"stages": list(c.stages)} for c in part] for part in (self.changes, self.reasons)
        )
        return {
            "a": str(self.a), "b": str(self.b), **tables, "changes": changes, "first_stage": self.first_stage,
            "reasons": reasons,
        }  # fmt: skip


def compare_runs(a: Path, b: Path) -> RunComparison:
    """Compare two finished runs.

    Parameters
    ----------
    a, b : pathlib.Path
        Run folders; of one experiment, of two versions of it, or of other corpora.

    Returns
    -------
    RunComparison

    Raises
    ------
    InputError
        One of them holds no finished run.

    Notes
    -----
    Differences stand without an interval: both runs mostly rest on the same stories, so that their errors are not
    independent.
    """
    a, b = Path(a), Path(b)
    facts = [read_facts(path) for path in (a, b)]
    changes = [*_config_changes(a, b), *_other_changes(*facts)]
    stages = _stages(*facts)
    differing = stages.loc[stages["result"] != "same", "stage"]
    first = str(differing.iloc[0]) if len(differing) else None
    return RunComparison(
        a,
        b,
        _estimates(_summary(a), _summary(b)),
        tuple(changes),
        stages,
        first,
        tuple(_reasons(first, changes)),
    )


def _summary(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path / WORK / "summary.parquet")
    except (OSError, ValueError):
        raise InputError(
            f"{str(path)!r} lacks its estimates ({WORK}/summary.parquet); run the experiment again"
        ) from None


def _estimates(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """The rows of both summaries, matched by their groups; first those of a, in its order."""
    keys = list(dict.fromkeys([*_keys(a), *_keys(b)]))
    shown = ["estimate", "low", "high", "n_mentions"]
    sides = []
    for table, side in ((a, "a"), (b, "b")):
        named = table.reindex(columns=[*keys, *shown])
        named[keys] = named[keys].astype(object).where(named[keys].notna(), "(all)").astype(str)
        sides.append(named.rename(columns={name: f"{name}_{side}" for name in shown}))
    found = sides[0].merge(sides[1], on=keys, how="outer", indicator="in", sort=False)
    order = {key: place for place, key in enumerate(dict.fromkeys(_rows(sides[0], keys) + _rows(sides[1], keys)))}
    found = found.iloc[sorted(range(len(found)), key=[order[row] for row in _rows(found, keys)].__getitem__)]
    found["in"] = found["in"].astype(str).map({"both": "both", "left_only": "a", "right_only": "b"})
    found["difference"] = found["estimate_b"] - found["estimate_a"]
    counts = ["n_mentions_a", "n_mentions_b"]
    found[counts] = found[counts].astype("Int64")
    numbers = [f"{name}_{side}" for side in "ab" for name in shown]
    return found[[*keys, *numbers, "difference", "in"]].reset_index(drop=True)


def _rows(table: pd.DataFrame, keys: list[str]) -> list[tuple[Any, ...]]:
    return list(table[keys].itertuples(index=False, name=None))


def _keys(summary: pd.DataFrame) -> list[str]:
    columns = [str(column) for column in summary.columns]
    return columns[: columns.index("task") + 1]


def _config_changes(a: Path, b: Path) -> list[Change]:
    old, new = (dict(_leaves(read_yaml(path / "config.yaml"))) for path in (a, b))
    return [
        Change("config", name, old.get(name), new.get(name), _stages_of(name))
        for name in dict.fromkeys([*old, *new])
        if name not in old or name not in new or old[name] != new[name]
    ]


def _leaves(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """The values of nested mappings, by dotted paths; lists stay whole."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _stages_of(name: str) -> tuple[str, ...]:
    fits = (stages for key, stages in BELONGS if name == key or name.startswith(f"{key}."))
    return next(fits, ("report",))


def _other_changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    found = []
    for kind, part in (("input", "inputs"), ("code", "code"), ("library", "libraries")):
        if (part in a) != (part in b):  # a run of an older toolkit
            said = ["noted" if part in facts else "not noted" for facts in (a, b)]
            found.append(Change(kind, part, said[0], said[1]))
            continue
        old, new = (facts.get(part) or {} for facts in (a, b))
        digits = None if kind == "library" else 12
        found += [
            Change(kind, name, _short(old.get(name), digits), _short(new.get(name), digits))
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    machine = [n for n in ("python", "system", "processor") if n in a and n in b and a[n] != b[n]]
    return found + [Change("machine", name, a.get(name), b.get(name)) for name in machine]


def _short(value: Any, digits: int | None) -> Any:
    return value[:digits] if isinstance(value, str) else value


def _stages(a: Mapping[str, Any], b: Mapping[str, Any]) -> pd.DataFrame:
    """Of each stage whether it was made from the same things, and whether its files are the same."""
    keys = [{stage["stage"]: stage["key"] for stage in facts["stages"]} for facts in (a, b)]
    rows = []
    for name in dict.fromkeys([*keys[0], *keys[1]]):
        only = [side for side, known in zip("ab", keys, strict=True) if name in known]
        made = [
            {file: facts["outputs"].get(file) for file, stage in facts["made_by"].items() if stage == name}
            for facts in (a, b)
        ]
        source = only[0] if len(only) == 1 else "same" if keys[0][name] == keys[1][name] else "differ"
        result = only[0] if len(only) == 1 else "same" if made[0] == made[1] else "differ"
        rows.append({"stage": name, "made_from": source, "result": result})
    return pd.DataFrame(rows, columns=["stage", "made_from", "result"])


def _reasons(first: str | None, changes: list[Change]) -> Iterable[Change]:
    """What the first stage that differs may have seen: its settings, the inputs that it reads; else code and machine.

    Which file of the code a stage uses is not kept in a run, so code counts where nothing else explains a stage.
    """
    if first is None:
        return
    inputs = [change for change in changes if change.kind == "input"]
    own = [change for change in changes if first in change.stages]
    # What the articles are, everything rests on; other inputs are lexicons and labelled data.
    own += inputs if first in ("read", "mentions", "score") else []
    yield from own or [change for change in changes if change.kind in ("code", "library", "machine")]


def comparison_report(found: RunComparison) -> str:
    """The comparison in words and tables.

    Parameters
    ----------
    found : RunComparison
        What :func:`compare_runs` returned.
    """
    lines = [f"a: {found.a}", f"b: {found.b}", ""]
    if not found.changes:
        lines.append("Nothing was changed: the same experiment, inputs, code and libraries.")
    for kind, words in KINDS.items():
        part = [change for change in found.changes if change.kind == kind]
        if part:
            lines.append(f"Changed in the {words}:")
            lines += [f"  {_change_words(change)}" for change in part[:SHOWN]]
            lines += [f"  and {len(part) - SHOWN} more"] if len(part) > SHOWN else []
    lines.append("")
    if found.first_stage is None:
        lines.append("Every stage has the same result.")
    else:
        reasons = "; ".join(_change_words(change) for change in found.reasons[:3])
        more = f" and {len(found.reasons) - 3} more" if len(found.reasons) > 3 else ""
        because = f", by {reasons}{more}" if reasons else "; nothing that is noted explains it"
        lines.append(f"The first stage that differs: {found.first_stage}{because}")
    again = found.stages.loc[(found.stages["made_from"] == "differ") & (found.stages["result"] == "same"), "stage"]
    if len(again):
        lines.append(f"Made from other things, with the same result: {', '.join(again)}")
    return "\n".join([*lines, "", _table_words(found.estimates)])


def _change_words(change: Change) -> str:
    if change.kind in ("input", "code") and "not noted" not in (change.old, change.new):
        what = "is new" if change.old is None else "is gone" if change.new is None else "is another"
        return f"{change.name} {what}"
    return f"{change.name}: {_plain(change.old)} -> {_plain(change.new)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "none" if value is None else str(value).lower()
    text = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else " ".join(str(value).split())
    return text if len(text) <= 80 else text[:80] + "..."


def _table_words(table: pd.DataFrame) -> str:
    if not len(table):
        return "Neither run has an estimate."
    keys = list(table.columns[: list(table.columns).index("task") + 1])

    def interval(row: Mapping[Hashable, Any], side: str) -> str:
        if pd.isna(row[f"estimate_{side}"]):
            return "-"
        low, high = row[f"low_{side}"], row[f"high_{side}"]
        between = "" if pd.isna(low) else f" [{low:+.2f}, {high:+.2f}]"
        return f"{row[f'estimate_{side}']:+.2f}{between}"

    rows = [
        {**{k: " ".join(str(row[k]).split()) for k in keys}, "a": interval(row, "a"), "b": interval(row, "b"),
         "difference": "-" if pd.isna(row["difference"]) else f"{row['difference']:+.3f}"}
        for row in table.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows).to_string(index=False)
