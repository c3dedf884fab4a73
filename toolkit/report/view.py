"""The tables of a run as the template needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from toolkit.estimation import COPIES, counted
from toolkit.files import content_id
from toolkit.report.answer import answer, shown
from toolkit.report.content import ReportContent, keys_of
from toolkit.report.text import cut, day, split_sentence, visible, web_address
from toolkit.tables import READINGS, VOICES

__all__ = ["View"]

SHOWN = 20
"""Sentences of a cell that stand in the page itself; the others come from its data when asked for."""
UNKNOWN = "unknown"
"""Stands for a voice or a reading that is missing."""
_DEFAULTS = {"voice": "outlet", "copies": "one_per_story", "reading": "actor"}


class View:
    """The tables as the template needs them."""

    def __init__(self, content: ReportContent) -> None:
        self.content = content
        self.task = content.task
        self.summary = content.summary
        self.keys = [k for k in keys_of(self.summary) if k != "period"]
        self.options = {k: self._option(k) for k in _DEFAULTS}
        mentions = content.mentions.sort_values(["mention_id"]).reset_index(drop=True)
        prefix = f"{self.task}_p_"
        self.label_names = [str(c)[len(prefix) :] for c in mentions.columns if str(c).startswith(prefix)]
        score = f"{self.task}_score"
        options: dict[str, Any] = self.options
        self.mentions = mentions.assign(
            counted=counted(mentions, self.task, **options), score=mentions[score],
            voice=mentions["voice"].fillna(UNKNOWN), reading=mentions["reading"].fillna(UNKNOWN),
        )  # fmt: skip
        articles = content.articles.set_index("article_id")
        self.urls = {k: address for k, v in articles["url"].items() if (address := web_address(v))}
        self.titles = {k: v for k, v in articles["title"].items() if isinstance(v, str)}
        self.outlets = sorted({*content.articles["outlet"], *mentions["outlet"]})
        self.actors = sorted(mentions["actor"].unique(), key=lambda a: (shown(content, "actor", a), a))
        self.actor_names = [self.label("actor", a) for a in self.actors]
        # Of languages without rules of voice the mentions have none.
        self.voices = (*VOICES, *([UNKNOWN] if mentions["voice"].isna().any() else []))
        self.reading_names = (*READINGS, *([UNKNOWN] if mentions["reading"].isna().any() else []))
        self.folds = self._folds()

    def _option(self, name: str) -> str | float:
        """An option of the estimates; where they were grouped by it, the configuration still knows it."""
        given = self.content.config.get("estimate", {}).get(name)
        if isinstance(given, int | float):
            return given  # the least probability of a reading
        values = list(self.summary[name].unique()) if name in self.summary and name not in self.keys else []
        return str(values[0]) if len(values) == 1 else str(given or _DEFAULTS[name])

    def _folds(self) -> pd.Series:
        """For each mention a key: the same actor in the same sentence of the same story."""
        m = self.mentions
        flat = m["sentence"].str.split().str.join(" ").str.casefold()
        parts = pd.DataFrame({"a": m["actor"], "s": m["story_id"], "t": flat, "at": m["surface"]})
        return parts.groupby(["a", "s", "t", "at"], sort=True).ngroup()

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
        return content_id("cell-", *(self.label("", row[k]) for k in self.keys))

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
            if "n_mentions" in row:
                row["id"] = self.cell_id(row)
            ends = [row.get("low"), row.get("estimate"), row.get("high")]
            # 2 to 98 on a line of 100: half a dot stands free at both ends.
            row["x"] = [None if v is None or pd.isna(v) else round(50 + 48 * max(-1.0, min(1.0, v)), 1) for v in ends]
            row["note"] = row.get("note") if isinstance(row.get("note"), str) else None
        return rows

    @property
    def tasks(self) -> list[str]:
        """The tasks that were estimated."""
        return list(dict.fromkeys(self.summary["task"]))

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
                    {"story": story, "title": title.iloc[0] if len(title) else "(no title)", "articles": len(of),
                     "outlets": sorted(of["outlet"].unique()), "wires": sorted(of["wire"].dropna().unique()),
                     "first": of["date"].min(), "last": of["date"].max()}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (-len(r["outlets"]), -r["articles"], r["story"]))

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

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """One part for each estimate of the main task: its sentences."""
        rows = self.summary[self.summary["task"] == self.task]
        if self.keys:
            rows = rows.drop_duplicates(self.keys)
            groups = self.mentions[self.mentions["counted"]].groupby(self.keys, dropna=False, sort=False).indices
        else:
            rows, groups = rows.head(1), {}
        base = self.mentions[self.mentions["counted"]]
        parts = []
        for row in self.records(rows):
            name = tuple(row[k] for k in self.keys)
            found = base.iloc[_lookup(groups, name)] if self.keys else base
            parts.append({**row, "name": [self.label(k, row[k]) for k in self.keys], **self._sentences(found)})
        return parts

    def _sentences(self, found: pd.DataFrame) -> dict[str, Any]:
        found = found.assign(fold=self.folds[found.index]).sort_values(["score", "mention_id"])
        first = found.drop_duplicates("fold")
        half = SHOWN // 2
        shown = first if len(first) <= SHOWN else pd.concat([first.head(half), first.tail(half)])
        times = found["fold"].value_counts()
        items = [{**self.sentence(r), "times": int(times[r["fold"]])} for r in shown.to_dict("records")]
        return {"items": items, "total": len(found), "distinct": len(first), "left": len(first) - len(shown)}

    def sentence(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """One mention as it is shown."""
        before, target, after = split_sentence(row["sentence"], int(row["start"]), int(row["end"]))
        others = [o for o in self._printers[row["fold"]] if o != row["outlet"]]
        return {
            "id": "m-" + row["mention_id"], "before": before, "target": target, "after": after, "others": others,
            "pred": row.get(f"{self.task}_pred"), "score": row["score"], "outlet": row["outlet"], "date": row["date"],
            "probabilities": [(name, row[f"{self.task}_p_{name}"]) for name in self.label_names],
            "voice": row["voice"], "speaker": row["speaker"] if isinstance(row["speaker"], str) else None,
            "part": row["part"], "reading": row["reading"], "url": self.urls.get(row["article_id"]),
            "title": self.titles.get(row["article_id"], "(no title)"),
        }  # fmt: skip

    @property
    def _printers(self) -> dict[int, list[str]]:
        if not hasattr(self, "_printed"):
            pairs = pd.DataFrame({"fold": self.folds, "outlet": self.mentions["outlet"]}).drop_duplicates()
            self._printed: dict[Any, list[str]] = {k: sorted(v) for k, v in pairs.groupby("fold")["outlet"]}
        return self._printed

    def data(self) -> dict[str, Any]:
        """All mentions for the filter, in columns; names are numbers into lists."""
        m = self.mentions
        used = m.drop_duplicates("article_id").sort_values("article_id")
        articles = {a: i for i, a in enumerate(used["article_id"])}
        outlets, actors = ({name: i for i, name in enumerate(names)} for names in (self.outlets, self.actors))
        texts = [split_sentence(s, b, e) for s, b, e in zip(m["sentence"], m["start"], m["end"], strict=True)]
        several = {k: [outlets[o] for o in v] for k, v in self._printers.items() if len(v) > 1}
        probabilities = m[[f"{self.task}_p_{n}" for n in self.label_names]].fillna(0).to_numpy(dtype=float)
        predicted = {name: i for i, name in enumerate(self.label_names)}
        return {
            "outlets": [visible(cut(o, 120)) for o in self.outlets],
            "actors": [visible(cut(name, 120)) for name in self.actor_names],
            "labels": [visible(n) for n in self.label_names],
            "voices": list(self.voices), "readings": list(self.reading_names),
            "articles": [
                [day(d), visible(cut(self.titles.get(a, "(no title)"))), self.urls.get(a, "")]
                for a, d in zip(used["article_id"], used["date"], strict=True)
            ],
            "printed": {str(k): v for k, v in several.items()},
            "id": [visible(i) for i in m["mention_id"]], "article": [articles[a] for a in m["article_id"]],
            "outlet": [outlets[o] for o in m["outlet"]], "actor": [actors[a] for a in m["actor"]],
            "voice": [self.voices.index(v) for v in m["voice"]],
            "reading": [self.reading_names.index(r) for r in m["reading"]],
            "label": [predicted.get(v, -1) for v in m[f"{self.task}_pred"]],
            "score": [None if pd.isna(v) else round(float(v), 3) for v in m["score"]],
            "chances": [[round(100 * v) for v in row] for row in probabilities.tolist()],
            "speaker": [visible(self.label("actor", v)) if isinstance(v, str) else "" for v in m["speaker"]],
            "part": [int(v == "title") for v in m["part"]], "counted": [int(v) for v in m["counted"]],
            "fold": [int(v) for v in self.folds], "text": [[visible(part) for part in text] for text in texts],
        }  # fmt: skip


def _lookup(groups: Mapping[Any, Any], name: tuple[Any, ...]) -> Any:
    for key, rows in groups.items():
        key = key if isinstance(key, tuple) else (key,)
        if all(a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(key, name, strict=True)):
            return rows
    return []


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
