"""Every figure that a run can draw gets its table, and draws it."""

import pytest
from matplotlib.figure import Figure

from toolkit.actors import find_mentions
from toolkit.cleaning import clean_articles
from toolkit.corpora import load_articles
from toolkit.estimation import contrast
from toolkit.experiment.figures import NEEDS_ARTICLES, RUN_TABLES, check_figure, figure_table, wanted_table
from toolkit.experiment.spec import Experiment
from toolkit.plots import PLOTS
from toolkit.scoring import score_mentions
from toolkit.stories import group_stories

DRAWN = [name for name, plot in PLOTS.items() if plot.table in RUN_TABLES]
ACTORS = ["turkey", "russia", "syria"]
OPTIONS = {"voice": "outlet", "copies": "one_per_story", "reading": "actor", "interval": "t", "level": 0.9, "seed": 1}


@pytest.fixture(scope="module")
def tables(root):
    articles = load_articles(root / "datasets" / "idlib_2020").sort_values("article_id").iloc[::3]
    articles = group_stories(clean_articles(articles)[0])
    mentions = score_mentions(find_mentions(articles, ACTORS), "tone", classifier="lexicon")
    return {"articles": articles, "mentions": mentions, "contrasts": contrast(mentions, **OPTIONS)}


@pytest.mark.filterwarnings("ignore::toolkit.errors.InputWarning")
@pytest.mark.parametrize("name", DRAWN)
def test_a_run_makes_the_table_of_each_figure_it_lets_pass(name, tables):
    experiment = Experiment(title="x", corpus={"articles": "x"}, actors=ACTORS, figures=[name])
    before = {key: table.copy(deep=True) for key, table in tables.items()}
    table = figure_table(wanted_table(name), experiment, tables, OPTIONS)
    assert len(table)
    PLOTS[name].plot(table, ax=Figure(figsize=(6, PLOTS[name].height(table))).subplots())
    assert all(before[key].equals(tables[key]) for key in tables)
    if "level" in table:
        assert set(table["level"]) == {0.9}
    if PLOTS[name].table == "articles":
        assert set(table["text"]) == {""}
    if PLOTS[name].table not in NEEDS_ARTICLES:
        rest = {key: value for key, value in tables.items() if key != "articles"}
        assert figure_table(wanted_table(name), experiment, rest, OPTIONS).equals(table)


def test_a_figure_without_a_table_in_a_run_is_refused_with_the_call_that_makes_it():
    for name in set(PLOTS) - set(DRAWN):
        with pytest.raises(ValueError, match=r"make it with .*toolkit\.\w+") as error:
            check_figure(name)
        assert f"toolkit.plot_{name}" in str(error.value)
        assert "tone_by_outlet" in str(error.value)
