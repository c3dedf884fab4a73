"""The report made again from a finished run, and runs and mentions that show themselves in a notebook."""

import re

import pandas as pd
import pytest
import yaml
from lxml import html as lxml_html

import toolkit
from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.experiment import Run, run_experiment

TEXTS = {
    "The Courier": ["Ankara warned Damascus on Monday. The brave Turkish soldiers saved hundreds.",
                    "Moscow committed a brutal crime, residents said. Russia lied about it shamelessly."],
    "The <Post>": ["Turkey is a cruel occupier that has brought nothing but misery to us.",
                   "Syria thanked Russia for its generous help. Damascus has won a great victory."],
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    rows = [
        {"outlet": outlet, "date": f"2020-02-1{i}", "title": f"Title number {i} of the outlet here", "text": text}
        for outlet, texts in TEXTS.items() for i, text in enumerate(texts)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "articles.csv", index=False)
    study = {
        "title": "A <b>test</b>", "corpus": {"articles": str(folder / "articles.csv")},
        "actors": ["turkey", "russia", "syria"], "tasks": {"tone": {"classifier": "lexicon"}},
        "lexicon": {"syria": {"label": "The Umayyad Mosque"}},
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return run_experiment(folder / "study.yaml", folder / "run")


def test_the_report_made_again_is_the_same(run, capsys):
    before = run.report.read_bytes()
    assert main(["report", str(run.path)]) == 0
    said = capsys.readouterr()
    assert run.report.read_bytes() == before
    assert f"Report: {run.report}" in said.out
    assert f"Size: {len(before) / 1e6:.1f} MB" in said.out
    assert "note" not in said.err
    assert b"The Umayyad Mosque" in before
    assert b"Other choices of voice and copies" in before


def test_without_texts(run, capsys, tmp_path):
    assert main(["report", str(run.path), "--no-text"]) == 0
    assert main(["report", str(run.path), "--no-text", "--out", str(tmp_path / "x.html")]) == 0
    assert "without texts" in capsys.readouterr().out
    made = (run.path / "report-no-text.html").read_text(encoding="utf-8")
    assert made == (tmp_path / "x.html").read_text(encoding="utf-8")
    for words in ("brave Turkish soldiers", "cruel occupier", "Title number"):
        assert words not in made
    assert "Without texts." in made


def test_another_report_in_the_place_of_the_runs_own_is_told(run, tmp_path):
    before = run.report.read_bytes()
    try:
        with pytest.warns(toolkit.InputWarning, match=r"not byte for byte the one that the run made"):
            toolkit.report_again(run.path, run.report, text=False)
    finally:
        run.report.write_bytes(before)


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "holds no finished run" in capsys.readouterr().err
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="holds no finished run"):
        toolkit.report_again(tmp_path)


def test_a_lexicon_that_is_gone_leaves_ids(run, tmp_path):
    config = yaml.safe_load((run.path / "config.yaml").read_text(encoding="utf-8"))
    kept = (run.path / "config.yaml").read_bytes()
    (run.path / "config.yaml").write_text(yaml.safe_dump({**config, "lexicon": "gone.yaml"}), encoding="utf-8")
    try:
        with pytest.warns(toolkit.InputWarning, match=r"actors are named by their ids: .*gone\.yaml"):
            made = toolkit.report_again(run.path, tmp_path / "x.html")
    finally:
        (run.path / "config.yaml").write_bytes(kept)
    table = lxml_html.document_fromstring(made.read_bytes()).xpath("//table[contains(@class, 'matrix')]")[0]
    assert {"russia", "syria", "turkey"} <= set(table.xpath(".//thead//bdi/text()"))


def test_a_run_shows_itself(run, monkeypatch):
    loaded = Run.load(run.path)
    shown = loaded._repr_html_()
    tree = lxml_html.fragment_fromstring(shown)
    assert tree.xpath("./h3")[0].text_content() == "A <b>test</b>"
    assert len(tree.xpath(".//tbody/tr")) == len(run.summary)
    assert "The <Post>" in tree.text_content()
    image = tree.xpath(".//img")[0]
    assert image.get("src").startswith("data:image/svg+xml;base64,")
    assert image.get("alt").startswith("Dot plot with intervals.")
    assert tree.xpath(".//a/@href") == [run.report.as_uri()]
    monkeypatch.chdir(run.path.parent)
    assert lxml_html.fragment_fromstring(loaded._repr_html_()).xpath(".//a/@href") == ["run/report.html"]
    assert not tree.xpath(".//script")


def test_a_mention_shows_itself(run):
    row = run.mentions[run.mentions["outlet"] == "The <Post>"].iloc[0]
    shown = toolkit.show_mention(run.mentions, row["mention_id"])
    tree = lxml_html.fragment_fromstring(shown._repr_html_())
    said = " ".join(tree.text_content().split())
    assert tree.xpath(".//mark/text()")[0] == row["surface"]
    assert "The <Post>" in said
    assert re.search(rf"tone: {row['tone_pred']} −?\d\.\d\d \(negative \d+ %, neutral \d+ %, positive \d+ %\)", said)
    plain = run.mentions[[c for c in run.mentions.columns if not c.startswith("tone_")]]
    assert "tone:" not in toolkit.show_mention(plain, row["mention_id"]).body
    with pytest.raises(InputError, match="no mention 'nobody' in this table"):
        toolkit.show_mention(run.mentions, "nobody")
