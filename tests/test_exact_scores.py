"""The same target gets the same score to the last bit, whatever stands beside it and however many work on it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import toolkit.classifiers.transformer as transformer
import toolkit.encoders as encoders
from toolkit.actors import find_mentions
from toolkit.corpora import load_articles
from toolkit.scoring import NO_TRAINING, SHIPPED, make_classifier, score_mentions

READY = sorted({*SHIPPED, *NO_TRAINING})
MOST = 36


@cache
def sentences():
    """Targets of the sample corpus, short and long, spread over all lengths."""
    from conftest import ROOT

    articles = load_articles(ROOT / "datasets" / "idlib_2020").iloc[:16]
    found = find_mentions(articles, ["turkey", "russia", "syria"])
    table = found[["sentence", "start", "end"]].drop_duplicates().reset_index(drop=True)
    by_length = table.assign(n=table["sentence"].str.len()).sort_values("n", kind="stable")
    spread = by_length.iloc[np.linspace(0, len(table) - 1, MOST).astype(int)]
    return spread.drop(columns="n").reset_index(drop=True)


@cache
def expected(task, name):
    """Each target by itself."""
    ready = make_classifier(name, task)
    rows = [score_mentions(sentences().iloc[[i]], task, classifier=ready) for i in range(MOST)]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("task", "name"), READY)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(rows=st.lists(st.integers(0, MOST - 1), min_size=1, max_size=14), chunk=st.sampled_from([1, 5, 256]))
def test_subsets_orders_batches_and_workers_change_no_bit(monkeypatch, task, name, workers, rows, chunk):
    """Rows may repeat, come in any order, in batches of any size, on one thread or two."""
    with monkeypatch.context() as patch:
        patch.setattr(transformer, "processors", lambda: workers)
        patch.setattr(encoders, "processors", lambda: workers)
        patch.setattr("toolkit.scoring.CHUNK", chunk)
        found = score_mentions(sentences().iloc[rows], task, classifier=make_classifier(name, task))
    wanted = expected(task, name).iloc[rows]
    for column in (c for c in wanted if c.startswith(f"{task}_")):
        assert found[column].to_numpy().tolist() == wanted[column].to_numpy().tolist(), column
