"""The tables of a run as the template needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import yaml

from toolkit.errors import InputError
from toolkit.estimation import COPIES, counted
from toolkit.report.answer import answer, shown
from toolkit.report.content import Figure, ReportContent, Section, keys_of
from toolkit.report.drawn import axis_end, dots, lanes, place
from toolkit.report.evidence import Evidence, cell_id
from toolkit.report.finding import address, names_for, row_address
from toolkit.report.text import number, p_words, visible, web_address
from toolkit.tables import READINGS, VOICES

__all__ = ["View"]

UNKNOWN = "unknown"
"""Stands for a voice or a reading that is missing."""
TINTS = (0.05, 0.15, 0.3)
"""Estimates this far from zero have one, two or three steps of tint."""
_TAKEN = frozenset(("date", "sentence", "start", "end", "article_id", "mention_id", "story_id", "position"))
"""Columns of the mentions that are no groups to choose from."""
_DEFAULTS = {"voice": "outlet", "copies": "one_per_story", "reading": "actor"}


class View:
    """The tables as the template needs them."""

    def __init__(self, content: ReportContent) -> None:
        self.content = content
        self.task = content.task
        self.summary = content.summary
        self.keys = [k for k in keys_of(self.summary) if k != "period"]
        self.options = {k: self._option(k) for k in _DEFAULTS}
        self.period = str(content.config.get("estimate", {}).get("period") or "week")
        self._raw = content.mentions.sort_values(["mention_id"]).reset_index(drop=True)
        scored = dict.fromkeys([self.task, *self.summary["task"]])
        self.tasks = [task for task in scored if f"{task}_score" in self._raw.columns]
        self.label_names = {task: _labels_of(self._raw, task) for task in self.tasks}
        self.mentions = self._raw.assign(
            score=self._raw[f"{self.task}_score"], counted=self.votes(self.task),
            voice=self._raw["voice"].fillna(UNKNOWN), reading=self._raw["reading"].fillna(UNKNOWN),
        )  # fmt: skip
        articles = content.articles.set_index("article_id")
        self.urls = {k: a for k, v in articles["url"].items() if content.text and (a := web_address(v))}
        self.titles = {k: v for k, v in articles["title"].items() if content.text and isinstance(v, str)}
        self.outlets = sorted({*content.articles["outlet"], *self._raw["outlet"]})
        self.actors = sorted(self._raw["actor"].unique(), key=lambda a: (shown(content, "actor", a), a))
        self.actor_names = [self.label("actor", a) for a in self.actors]
        # Of languages without rules of voice the mentions have none.
        self.voices = (*VOICES, *([UNKNOWN] if self._raw["voice"].isna().any() else []))
        self.reading_names = (*READINGS, *([UNKNOWN] if self._raw["reading"].isna().any() else []))
        self.ends = {
            str(task): axis_end(of[["estimate", "low", "high"]].to_numpy(dtype=float).ravel().tolist())
            for task, of in self.summary.groupby("task")
        }  # fmt: skip
        self.names = self._names()
        self.evidence = Evidence(self)

    def votes(self, task: str) -> pd.Series:
        """Which mentions have a vote in the estimates of a task."""
        options: dict[str, Any] = self.options
        return counted(self._raw, task, **options)

    def _names(self) -> dict[str, dict[Any, str]]:
        """For each column by which sentences can be found, its values and what the page calls them."""
        listed: dict[str, Any] = {
            "outlet": self.outlets, "actor": self.actors, "voice": self.voices, "reading": self.reading_names,
        }  # fmt: skip
        for key in self.keys:
            if key not in listed and key not in _TAKEN:
                values = self.mentions[key]
                known = sorted(values.dropna().unique(), key=str)
                listed[key] = [*known, *([None] if values.isna().any() else [])]
                self.mentions[key] = values.astype(object).where(values.notna(), None)
        return {key: names_for(values) for key, values in listed.items()}

    def find(self, row: Mapping[str, Any]) -> str:
        """The address of the sentences that a row of a table is about."""
        found = row_address(row, self.names, self.options, self.period)
        several = len(self.tasks) > 1 and row.get("task") in self.tasks[1:]
        return f"{found}{'&' if found else ''}{address([('task', str(row['task']))])}" if several else found

    def search(self, **wanted: Any) -> str:
        """The address of the mentions that have these values, also of those without a vote."""
        return address([*((k, self.names[k][v]) for k, v in wanted.items()), ("vote", "0")])

    def _option(self, name: str) -> str | float:
        """An option of the estimates; where they were grouped by it, the configuration still knows it."""
        given = self.content.config.get("estimate", {}).get(name)
        if isinstance(given, int | float):
            return given  # the least probability of a reading
        values = list(self.summary[name].unique()) if name in self.summary and name not in self.keys else []
        return str(values[0]) if len(values) == 1 else str(given or _DEFAULTS[name])

    def label(self, key: str, value: Any) -> str:
        """A value as it is printed."""
        return shown(self.content, key, value)

    @property
    def level(self) -> str:
        """The level of the intervals, in words."""
        return f"{100 * self.summary['level'].iloc[0]:g} %" if "level" in self.summary and len(self.summary) else "95 %"

    @property
    def answer(self) -> list[str]:
        """The result in words."""
        return answer(self.content)

    def cell_id(self, row: Mapping[str, Any]) -> str:
        """The address of the evidence of an estimate."""
        return cell_id([self.label("", row[k]) for k in self.keys])

    def matrix(self, task: str) -> dict[str, Any] | None:
        """Outlets x actors, where the estimates are by these two and nothing else."""
        rows = self.summary[self.summary["task"] == task]
        if sorted(keys_of(self.summary)) != ["actor", "outlet"] or rows.duplicated(["outlet", "actor"]).any():
            return None
        means = rows.groupby("outlet")["estimate"].mean().sort_values(kind="stable")
        held = {(r["outlet"], r["actor"]): r for r in self.records(rows)}
        missing = [o for o in self.outlets if o not in means.index]
        return {"outlets": [*means.index, *missing], "actors": self.actors, "cells": held, "empty": missing}

    def records(self, table: pd.DataFrame) -> list[dict[str, Any]]:
        """Rows as mappings; for estimates also their address and the picture of their interval."""
        rows: list[dict[str, Any]] = [{str(k): v for k, v in r.items()} for r in table.to_dict("records")]
        for row in rows:
            row["find"] = self.find(row)
            if "n_mentions" in row and set(self.keys) <= set(row):
                row["id"] = self.cell_id(row)
            ends = [row.get("low"), row.get("estimate"), row.get("high")]
            row["x"] = [place(v, self.ends.get(str(row.get("task")), 1.0)) for v in ends]
            row["tint"] = _tint(row.get("estimate"))
            row["note"] = row.get("note") if isinstance(row.get("note"), str) else None
        return rows

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """The contrasts, the clearest first."""
        if not len(self.content.contrasts):
            return []
        table = self.content.contrasts
        return self.records(table.assign(size=-table["estimate"].abs()).sort_values(["p", "size", "a", "b"]))

    @property
    def pair_keys(self) -> list[str]:
        """The groups within which outlets are compared, and the task where there are several."""
        table = self.content.contrasts
        if not len(table):
            return []
        return keys_of(table) + (["task"] if table["task"].nunique() > 1 else [])

    @property
    def corpus(self) -> list[dict[str, Any]]:
        """One row an outlet: articles, dates, copies, mentions, voices."""
        rows = []
        shared = self.content.articles.groupby("story_id")["outlet"].transform("nunique") > 1
        articles = self.content.articles.assign(shared=shared)
        for outlet in self.outlets:
            of = articles[articles["outlet"] == outlet]
            said = self.mentions[self.mentions["outlet"] == outlet]
            rows.append(
                {"outlet": outlet, "articles": len(of), "first": of["date"].min(), "last": of["date"].max(),
                 "undated": int(of["date"].isna().sum()), "stories": of["story_id"].nunique(),
                 "shared": int(of["shared"].sum()), "wire": int(of["wire"].notna().sum()),
                 "copied": int((of["copied"] >= 0.5).sum()), "mentions": len(said),
                 "counted": int(said["counted"].sum()), "voices": [(said["voice"] == v).mean() for v in self.voices]}
            )  # fmt: skip
        return rows

    @property
    def readings(self) -> list[dict[str, Any]]:
        """One row an actor: how its mentions are read and who speaks."""
        return [
            {"actor": a, "mentions": len(of), "readings": [(of["reading"] == r).mean() for r in self.reading_names],
             "voices": [(of["voice"] == v).mean() for v in self.voices]}
            for a in self.actors for of in [self.mentions[self.mentions["actor"] == a]]
        ]  # fmt: skip

    @property
    def removed(self) -> list[dict[str, Any]]:
        """One row a reason: how much was taken out, and what most often."""
        table = self.content.removed
        rows = []
        for reason, of in table.groupby("reason", sort=True):
            common = of["text"].str.strip().value_counts().rename_axis("text").reset_index(name="n")
            common = common[common["text"] != ""].sort_values(["n", "text"], ascending=[False, True]).head(3)
            rows.append(
                {"reason": reason, "spans": len(of), "articles": of["article_id"].nunique(),
                 "characters": int(of["text"].str.len().sum()), "examples": common.to_dict("records")}
            )  # fmt: skip
        return sorted(rows, key=lambda r: (-r["characters"], r["reason"]))

    @property
    def stories(self) -> list[dict[str, Any]]:
        """The stories that several outlets printed, the most printed first."""
        rows = []
        for story, of in self.content.articles.groupby("story_id", sort=True):
            if of["outlet"].nunique() > 1:
                ordered = of.sort_values(["date", "outlet", "article_id"])
                title = ordered["title"].dropna()
                rows.append(
                    {"story": story, "find": address([("story", visible(str(story))), ("vote", "0")]),
                     "title": title.iloc[0] if len(title) else "(no title)", "articles": len(of),
                     "outlets": sorted(of["outlet"].unique()), "wires": sorted(of["wire"].dropna().unique()),
                     "first": of["date"].min(), "last": of["date"].max()}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (-len(r["outlets"]), -r["articles"], r["story"]))

    def dots(self, task: str) -> dict[str, Any] | None:
        """The dot plot of a task, drawn by the page."""
        return dots(self, task)

    def lanes(self, figure: Figure) -> dict[str, Any] | None:
        """The lines over time of a figure, drawn by the page."""
        return lanes(self, figure)

    def grid(self, table: pd.DataFrame) -> list[dict[str, Any]]:
        """The rows of any table as texts, each with the address of its sentences."""
        names = list(map(str, table.columns))
        return [
            {"cells": [(_cell(k, v, self), _is_number(v)) for k, v in zip(names, row, strict=True)],
             "find": self.find(dict(zip(names, row, strict=True)))}
            for row in table.astype(object).itertuples(index=False, name=None)
        ]  # fmt: skip

    @property
    def sections(self) -> list[Section]:
        """The sections that this report may show."""
        kept = [s for s in self.content.sections if self.content.text or not s.has_text]
        twice = [s.id for i, s in enumerate(kept) if s.id in [other.id for other in kept[:i]]]
        if twice:
            raise InputError(f"two sections of the report have the id {twice[0]!r}; give each its own")
        return kept

    @property
    def copies_words(self) -> str:
        """What has a vote."""
        copies = str(self.options["copies"])
        return COPIES.get(copies, copies)

    @property
    def estimand(self) -> str:
        """What is estimated."""
        return str(self.summary["estimand"].iloc[0]) if "estimand" in self.summary and len(self.summary) else "mean"

    @property
    def method(self) -> str:
        """How the intervals were made."""
        return str(self.summary["method"].iloc[0]) if len(self.summary) else "none"

    @property
    def config_yaml(self) -> str:
        """The experiment as a file."""
        return yaml.safe_dump(_plain(self.content.config), sort_keys=False, allow_unicode=True, width=100)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the run depends on, flat."""
        return [(k, str(v)) for k, v in _flat(self.content.facts)]


def _tint(estimate: Any) -> str:
    """The class of a cell's tint: three steps to each side, none near zero."""
    if estimate is None or pd.isna(estimate):
        return "t0"
    step = sum(abs(estimate) >= edge for edge in TINTS)
    return f"t{'n' if estimate < 0 else 'p'}{step}" if step else "t0"


def _labels_of(mentions: pd.DataFrame, task: str) -> list[str]:
    prefix = f"{task}_p_"
    return [str(c)[len(prefix) :] for c in mentions.columns if str(c).startswith(prefix)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _cell(name: str, value: Any, view: View) -> str:
    """A value of any table as it is printed."""
    if isinstance(value, list | tuple | dict):
        return str(value)
    if value is None or pd.isna(value):
        return "–" if isinstance(value, float) else ""
    if isinstance(value, pd.Timestamp) or name == "actor":
        return view.label(name, value)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if _is_number(value):
        return p_words(float(value)) if name == "p" or name.startswith("p_") else number(float(value))
    return str(value)


def _plain(value: Any) -> Any:
    """Mappings and lists that YAML can write."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _flat(value: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key in sorted(value):
        name = f"{above}{key}"
        inner = value[key]
        found += _flat(inner, f"{name}: ") if isinstance(inner, Mapping) else [(name, inner)]
    return found
