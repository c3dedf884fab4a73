"""The sample corpus: what is written there, and how well the toolkit finds it."""

import importlib.util
import sys

import pandas as pd
import pytest
import yaml

from toolkit.cleaning import clean_articles
from toolkit.corpora import load_articles, read_articles
from toolkit.experiment import run_experiment

sys.path.insert(0, "benchmarks")


@pytest.fixture(scope="module")
def folder(root):
    return root / "datasets" / "idlib_2020"


@pytest.fixture(scope="module")
def truth(folder):
    return {name: pd.read_csv(folder / "truth" / f"{name}.csv", keep_default_na=False)
            for name in ("articles", "removed", "mentions")}  # fmt: skip


@pytest.fixture(scope="module")
def articles(folder):
    return load_articles(folder)


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    return run_experiment(root / "experiments" / "idlib_2020.yaml", tmp_path_factory.mktemp("idlib") / "run")


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def test_articles_and_truth_are_what_build_makes(folder, tmp_path):
    module(folder / "build.py").build(tmp_path)
    for name in ("articles", "truth"):
        made = {p.relative_to(tmp_path): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        kept = {p.relative_to(folder): p.read_bytes() for p in (folder / name).rglob("*") if p.is_file()}
        assert made == kept, f"{name}/ is not what build.py makes: run python3 datasets/idlib_2020/build.py"


def test_it_is_as_large_and_as_hard_as_its_card_says(truth):
    listed, mentions = truth["articles"], truth["mentions"]
    assert len(listed) == 129
    assert listed["outlet"].nunique() == 6
    assert listed["event"].nunique() == 15
    assert listed["story"].nunique() == 103
    assert len(mentions) == 2661
    assert len(truth["removed"]) == 523
    kinds = " ".join(listed["kind"])
    assert all(kind in kinds for kind in ("trimmed", "whole", "retitled", "prepended"))
    cities = mentions[mentions["surface"].isin(["Moscow", "Ankara", "Damascus"])]
    assert cities["reading"].value_counts().min() >= 50
    assert (mentions["voice"].value_counts() >= 200).all()


def test_the_roles_are_of_true_mentions(folder, truth):
    roles = pd.read_csv(folder / "roles.csv")
    assert roles["role"].value_counts().to_dict() == {
        "none": 198, "antagonist": 141, "protagonist": 86, "innocent": 7,
    }  # fmt: skip
    assert not roles.duplicated(["url", "n"]).any()
    mentions = truth["mentions"].assign(n=truth["mentions"].groupby("url").cumcount() + 1)
    found = roles.merge(mentions, on=["url", "n"])
    assert len(found) == len(roles) == 432
    assert (found["reading"] == "actor").all()
    found["outlet"] = found["url"].map(truth["articles"].set_index("url")["outlet"])
    assert found.groupby(["outlet", "actor"])["voice"].value_counts().unstack().eq([13, 5, 6]).all(axis=None)
    assert pd.crosstab(found["actor"], found["role"]).gt(0).all(axis=None)
    assert set(found["actor"]) == {"turkey", "russia", "syria"}


def test_every_article_is_read_once(articles, truth):
    assert sorted(articles["url"]) == sorted(truth["articles"]["url"])
    listed = truth["articles"].set_index("url").loc[articles["url"]]
    assert articles["outlet"].tolist() == listed["outlet"].tolist()
    assert articles["title"].tolist() == listed["title"].tolist()
    assert articles["date"].dt.date.astype(str).tolist() == listed["date"].tolist()


def test_furniture_goes_and_the_article_stays(folder, truth):
    raw, rejected = read_articles(folder)
    assert rejected.empty
    cleaned, _ = clean_articles(raw)
    bodies = pd.read_json(folder / "truth" / "bodies.jsonl", lines=True).set_index("url")["body"]
    listed = truth["removed"].groupby("url")["text"].agg(list)
    kept = lost = total = furniture = 0
    for url, text in zip(cleaned["url"], cleaned["text"], strict=True):
        lines = {" ".join(line.split()) for line in text.splitlines()}
        body = [" ".join(line.split()) for line in bodies[url].split("\n\n")]
        total += sum(map(len, body))
        lost += sum(len(line) for line in body if line not in lines)
        wanted = [" ".join(line.split()) for line in listed.get(url, [])]
        furniture += sum(map(len, wanted))
        kept += sum(len(line) for line in wanted if line in lines)
    assert 1 - lost / total >= 0.98
    assert 1 - kept / furniture >= 0.98


def test_stories_and_wires_are_exact(articles, truth):
    listed = truth["articles"].set_index("url").loc[articles["url"]]
    pairs = pd.crosstab(articles["story_id"].to_numpy(), listed["story"].to_numpy()).gt(0)
    assert pairs.sum(axis=0).max() == pairs.sum(axis=1).max() == 1
    assert articles["wire"].fillna("").tolist() == listed["wire"].tolist()


def test_mentions_readings_and_voices_are_found(folder, root):
    bench = module(root / "benchmarks" / "idlib_truth.py")
    found, true = bench.read_truth(folder / "truth")
    figures = bench.measure(bench.match_mentions(found, true))
    assert figures["f1"] >= 0.95
    assert figures["reading"] >= 0.90
    assert figures["voice"] >= 0.85
    assert figures["speaker"] >= 0.75


@pytest.mark.parametrize("actor", ["turkey", "russia", "syria"])
def test_the_planted_lines_order_the_outlets(run, folder, actor):
    """Outlet voice, one vote per story: every outlet with a better line stands above every one with a worse."""
    outlets = yaml.safe_load((folder / "outlets.yaml").read_text())
    tone = run.summary[run.summary["actor"] == actor].set_index("outlet")["estimate"]
    lines = {facts["name"]: facts["line"][actor] for facts in outlets.values()}
    for better, high in lines.items():
        for worse, low in lines.items():
            if high > low:
                assert tone[better] > tone[worse], f"{better} ({tone[better]:+.2f}) and {worse} ({tone[worse]:+.2f})"


def test_the_notebook_cell_gives_the_numbers_of_the_command(run, folder):
    import toolkit

    mentions = toolkit.find_mentions(toolkit.load_articles(folder), actors=["turkey", "russia", "syria"])
    scored = toolkit.score_mentions(mentions, task="tone")
    summary = toolkit.estimate(
        scored, "tone", by=["outlet", "actor"], voice="outlet", copies="one_per_story", seed=2020
    )
    pd.testing.assert_frame_equal(summary, run.summary)


def test_the_readme_shows_what_the_command_prints(run, root, capsys):
    from toolkit.cli.run import print_run

    print_run(run)
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip() and "Report:" not in line]
    readme = (root / "README.md").read_text(encoding="utf-8")
    for line in shown:
        assert line in readme
