"""Dataset cards: what they must say, and that what they say holds."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from toolkit.corpora import load_labelled, read_articles, read_card, resolve_corpus
from toolkit.errors import InputError
from toolkit.files import file_hash

PROSE = "Turkey warned Syria on Friday that its patience was at an end."
MINIMAL = {"title": "T", "licence": "MIT", "citation": "C", "articles": {"path": "articles"}}
CARDS = [
    "actor_tone", "allsides_actors", "directed_sentiment", "fakes_syria", "idlib_2020", "narrative_frames", "newsmtsc",
    "readings",
]  # fmt: skip


def dataset(folder, card, files=()):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.yaml").write_text(yaml.safe_dump(card), encoding="utf-8")
    for name, content in dict(files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def copied(root, name, target):
    """A dataset's card alone, in a folder of its name."""
    (target / name).mkdir(parents=True)
    shutil.copy(root / "datasets" / name / "card.yaml", target / name)
    return target / name


@pytest.fixture(autouse=True)
def _without_data(request, monkeypatch):
    if "shelf" not in request.fixturenames:
        monkeypatch.delenv("TOOLKIT_DATA", raising=False)


@pytest.fixture
def shelf():
    """The data of third parties, where this machine has it."""
    folder = os.environ.get("TOOLKIT_DATA", "")
    if not folder:
        pytest.skip("TOOLKIT_DATA names no folder of data")

    def need(name):
        if not (Path(folder) / name).is_dir():
            pytest.skip(f"TOOLKIT_DATA has no folder {name!r}")

    return need


# The cards that are there ---------------------------------------------------------------------------


def test_every_dataset_has_a_card_and_is_listed(root):
    found = sorted(path.parent.name for path in (root / "datasets").glob("*/card.yaml"))
    assert found == CARDS
    listed = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in listed for name in found)


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_complete(name, root):
    card = read_card(root / "datasets" / name)
    assert card.language == "en"
    assert card.counts
    assert card.notes
    if name not in ("actor_tone", "idlib_2020", "readings"):  # these are our own
        assert card.source.startswith("https://")
        assert card.access


def test_the_sample_corpus(root):
    articles, rejected = read_articles(root / "datasets" / "idlib_2020")
    counts = read_card(root / "datasets" / "idlib_2020").counts
    found = {"articles": len(articles), "rejected": len(rejected), "outlets": articles["outlet"].nunique()}
    labelled = {split: len(load_labelled(root / "datasets" / "idlib_2020", split)) for split in ("own", "spoken")}
    assert found | labelled == counts
    assert set(articles["reader"]) == {"html", "csv", "jsonl", "text"}
    assert articles[["date", "title", "url", "language"]].notna().all(axis=None)
    assert articles["warnings"].isna().all()


def test_the_sample_corpus_is_read_as_it_was_written(root):
    folder = root / "datasets" / "idlib_2020"
    articles = read_articles(folder)[0].set_index("url")
    with (folder / "truth" / "bodies.jsonl").open(encoding="utf-8") as handle:
        bodies = {row["url"]: row["body"] for row in map(json.loads, handle)}
    assert set(bodies) == set(articles.index)
    for url, body in bodies.items():
        have = articles.loc[url, "text"].split("\n")
        assert [p for p in body.split("\n\n") if p not in have] == [], url


def test_the_sample_corpus_knows_its_outlets_and_agencies(root):
    folder = root / "datasets" / "idlib_2020"
    outlets = yaml.safe_load((folder / "outlets.yaml").read_text(encoding="utf-8"))
    card = read_card(folder)
    assert card.articles.outlets == {key: facts["name"] for key, facts in outlets.items()}
    assert resolve_corpus(folder).agencies == {
        "MPA": ["Meridian Press Agency", "MPA"],
        "NLN": ["Northline News", "NLN"],
    }
    assert list(resolve_corpus(folder)) == [folder / "card.yaml", folder / "articles"]


@pytest.mark.parametrize("name", ["fakes_syria", "allsides_actors"])
def test_counts_of_articles(name, root, shelf):
    shelf(name)
    articles, rejected = read_articles(root / "datasets" / name)
    counts = read_card(root / "datasets" / name).counts
    assert {
        "articles": len(articles),
        "rejected": len(rejected),
        "outlets": articles["outlet"].nunique(),
    } == counts


def test_rows_of_fakes_syria(root, shelf):
    shelf("fakes_syria")
    articles, rejected = read_articles(root / "datasets" / "fakes_syria")
    row = articles.set_index("article_id").loc["1918398776"]
    assert (row["outlet"], str(row["date"].date()), row["title"]) == (
        "Daily Sabah", "2015-02-18", "Syrian army advances near Aleppo",
    )  # fmt: skip
    assert articles["date"].notna().all()
    assert rejected["reason"].str.startswith("the same article").all()
    assert articles["warnings"].str.contains("characters lost").sum() == 33


def test_rows_of_allsides_actors(root, shelf):
    shelf("allsides_actors")
    articles, _ = read_articles(root / "datasets" / "allsides_actors")
    row = articles.set_index("article_id").loc["03S9R4R5qx2c83dY"]
    assert (row["outlet"], row["url"]) == ("BBC News", "https://www.bbc.com/news/world-us-canada-49147365")
    assert articles["date"].isna().sum() == 180
    assert articles["date"].min().year > 2000


def test_counts_of_newsmtsc(root, shelf):
    shelf("newsmtsc")
    folder = root / "datasets" / "newsmtsc"
    counts = read_card(folder).counts
    tables = {split: load_labelled(folder, split) for split in counts}
    assert {split: len(table) for split, table in tables.items()} == counts
    assert tables["train"]["label"].value_counts().to_dict() == {"negative": 3316, "neutral": 3028, "positive": 2395}
    assert set(tables["rw_test"]["source"]) == {"newsmtsc/rw_test"}
    assert tables["train"]["group"].str.fullmatch(r"(allsides|polusa_v1)_\d+").all()


def test_counts_of_narrative_frames(root, shelf):
    shelf("narrative_frames")
    folder = root / "datasets" / "narrative_frames"
    table = load_labelled(folder, "roles")
    assert {"roles": len(table)} == read_card(folder).counts
    assert table["label"].value_counts().to_dict() == {"antagonist": 1418, "innocent": 1024, "protagonist": 868}
    assert table.groupby(["group", "entity"])["label"].nunique().eq(1).all()
    for row in table.itertuples():
        assert row.sentence[row.start : row.end].lower() == row.entity


# As the data's own source lays it out ---------------------------------------------------------------


ARTICLE = (
    "The EPA  let Big Oil drill. Farmers, who trusted the  EPA, paid: farmers always pay. \u201cNo,\u201d said Bo."
)
ENTITIES = [
    ("big oil", "villain"), ("the EPA", "villain"), ("The  epa", "villain"), ("Farmers", "victim"),
    ("EPA", "hero"), ("EPA", "villain"), ("Bo", "hero"), ("Oilmen", "villain"),
]  # fmt: skip


def narrative(root, tmp_path, entities, article=ARTICLE):
    folder = copied(root, "narrative_frames", tmp_path)
    (folder / "articles.jsonl").write_text(json.dumps({"id": "7", "text": article}) + "\n", encoding="utf-8")
    rows = [{"id": "7", "entity": words, "group": "x", "role": role} for words, role in entities]
    (folder / "roles.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return folder


def test_roles_of_narrative_frames_are_put_into_sentences(root, tmp_path):
    table = load_labelled(narrative(root, tmp_path, ENTITIES), "roles")
    found = [
        (row.sentence[row.start : row.end], row.sentence.split()[0], row.label) for row in table.itertuples(index=False)
    ]
    assert found == [
        ("Big Oil", "The", "antagonist"),
        ("The EPA", "The", "antagonist"),
        ("the EPA", "Farmers,", "antagonist"),
        ("Farmers", "Farmers,", "innocent"),
        ("Bo", "\u201cNo,\u201d", "protagonist"),
    ]
    assert set(table["group"]) == {"7"}
    assert table["entity"].tolist() == ["big oil", "the epa", "the epa", "farmers", "bo"]


def test_what_narrative_frames_lacks_is_said(root, tmp_path):
    with pytest.raises(InputError, match="line 1: unknown role 'vilain'; did you mean 'villain'"):
        load_labelled(narrative(root, tmp_path / "a", [("Bo", "vilain")]), "roles")
    folder = narrative(root, tmp_path / "b", [("Bo", "hero")])
    (folder / "articles.jsonl").write_text('{"id": "8", "text": "x"}\n')
    with pytest.raises(InputError, match="has no article '7'; get both files again"):
        load_labelled(folder, "roles")
    (folder / "articles.jsonl").write_text('{"id": "8"}\n')
    with pytest.raises(InputError, match="line 1 is no article"):
        load_labelled(folder, "roles")
    (folder / "articles.jsonl").write_text('{"id": "7", "text": "x"}\n')
    (folder / "roles.jsonl").write_text("{\n")
    with pytest.raises(InputError, match="line 1 is no line of the layout 'narrative_roles'"):
        load_labelled(folder, "roles")


def test_fakes_syria_as_its_source_has_it(root, tmp_path):
    folder = copied(root, "fakes_syria", tmp_path)
    header = "unit_id,article_title,article_content,source,date,location,labels\n"
    row = f'1914947530,Ankara warns,"{PROSE} ""No"" said Moscow.",{{}},4/5/2017,idlib,0\n'
    content = header + row.format("nna") + row.format("sputnik").replace("530", "531")
    (folder / "FA-KES-Dataset.csv").write_bytes(content.replace("No", "Syria\x92s").encode("latin-1"))
    articles, rejected = read_articles(folder)
    assert not len(rejected)
    assert articles["outlet"].to_list() == ["nna", "Sputnik"]
    assert articles["article_id"].to_list() == ["1914947530", "1914947531"]
    assert str(articles["date"][0].date()) == "2017-04-05"
    assert "Syria’s" in articles["text"][0]
    assert articles["warnings"][0] == "not UTF-8; read as cp1252"


def test_allsides_as_its_source_has_it(root, tmp_path):
    folder = copied(root, "allsides_actors", tmp_path)
    (folder / "data" / "jsons").mkdir(parents=True)
    for number, day in enumerate(["2020-02-28", ""]):
        article = {
            "topic": "syria", "source": "BBC News", "bias": 1, "url": "https://bbc.example/1", "title": "Ankara warns",
            "date": day, "authors": "A,B", "content": "turkey warn", "content_original": PROSE,
            "source_url": "bbc.example", "bias_text": "center", "ID": f"x{number}",
        }  # fmt: skip
        (folder / "data" / "jsons" / f"x{number}.json").write_text(json.dumps(article, indent=4))
    articles, rejected = read_articles(folder)
    assert not len(rejected)
    assert articles["article_id"].to_list() == ["x0", "x1"]
    assert set(articles["outlet"]) == {"BBC News"}
    assert set(articles["text"]) == {PROSE}
    assert articles["date"].isna().to_list() == [False, True]


@pytest.mark.parametrize("name", ["fakes_syria", "allsides_actors"])
def test_absent_data_is_said_with_how_to_get_it(name, root, tmp_path, monkeypatch):
    folder = copied(root, name, tmp_path)
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "shelf"))
    with pytest.raises(InputError) as caught:
        read_articles(folder)
    message = str(caught.value)
    assert "is not here: looked for articles.jsonl or" in message
    assert "How to get it: " in message
    assert str(tmp_path / "shelf" / name) in message
    assert "TOOLKIT_DATA" in message


def test_data_is_found_on_the_shelf(tmp_path, monkeypatch):
    folder = dataset(tmp_path / "datasets" / "mine", MINIMAL)
    (tmp_path / "shelf" / "mine" / "articles" / "o").mkdir(parents=True)
    (tmp_path / "shelf" / "mine" / "articles" / "o" / "1.txt").write_text(PROSE)
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "shelf"))
    assert len(read_articles(folder)[0]) == 1
    assert list(resolve_corpus(folder)) == [folder / "card.yaml", tmp_path / "shelf" / "mine" / "articles"]


# What a card may say --------------------------------------------------------------------------------


def test_card_options_hold_and_give_way(tmp_path):
    card = MINIMAL | {
        "language": "en",
        "articles": {
            "path": ["nowhere", "articles"], "outlets": {"a": "The A", "b": "The B"}, "dates": "dmy",
            "folders": {"b": {"columns": {"text": "body", "date": "day"}, "dates": "mdy"}},
        },
    }  # fmt: skip
    files = {
        "articles/a/1.jsonl": json.dumps({"text": PROSE, "date": "3/4/2020"}),
        "articles/b/2.csv": f"day,body\n3/4/2020,{PROSE}\n",
        "articles/README.md": "about",
        "articles/a/LICENSE.txt": PROSE,
    }
    folder = dataset(tmp_path / "d", card, files)
    articles, rejected = read_articles(folder)
    assert not len(rejected)
    assert articles["outlet"].to_list() == ["The A", "The B"]
    assert articles["date"].dt.strftime("%m-%d").to_list() == ["04-03", "03-04"]
    assert articles["language"].to_list() == ["en", "en"]
    given, _ = read_articles(folder / "card.yaml", dates="mdy", outlets={"a": "Other"})
    assert given["outlet"].to_list() == ["Other", "The B"]
    assert given["date"].dt.strftime("%m-%d").to_list() == ["03-04", "03-04"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"licens": "MIT"}, "licens: unknown key; did you mean 'licence'?"),
        ({"articles": {"path": "x", "folder": {}}}, "articles.folder: unknown key; did you mean 'folders'?"),
        ({"articles": {"path": "x", "folders": {"a": {"colums": {}}}}}, "colums: unknown key; did you mean 'columns'?"),
        ({"articles": {"path": "x", "columns": {"titel": "t"}}}, "'titel' is no field; did you mean 'title'?"),
        ({"articles": {"path": "x", "dates": "ymd"}}, "articles.dates: the text 'ymd'"),
        ({"articles": {"path": "../secrets"}}, "expected a path inside the dataset's folder"),
        ({"articles": {"path": "/etc"}}, "expected a path inside the dataset's folder"),
        ({"articles": {}}, "articles.path: this key is needed and missing"),
        ({"articles": None}, "a card names articles or labelled data, or both"),
        ({"labelled": {"layout": "newsmtcs", "splits": {"a": "b"}}}, "labelled.layout: the text 'newsmtcs'"),
    ],
)
def test_wrong_cards(change, words, tmp_path):
    folder = dataset(tmp_path / "d", MINIMAL | change)
    with pytest.raises(InputError) as caught:
        read_card(folder)
    assert words in str(caught.value)
    assert "card.yaml" in str(caught.value)


def test_a_format_that_is_none(tmp_path):
    folder = dataset(tmp_path / "d", MINIMAL | {"articles": {"path": "a", "format": "jsonlines"}}, {"a/o/1.txt": PROSE})
    with pytest.raises(InputError, match=r"format 'jsonlines' is unknown; did you mean 'jsonl'\?"):
        read_articles(folder)


def test_a_folder_that_the_card_names_and_the_data_lacks(tmp_path):
    card = MINIMAL | {"articles": {"path": "articles", "folders": {"courir": {"dates": "dmy"}}}}
    folder = dataset(tmp_path / "d", card, {"articles/courier/1.txt": PROSE})
    with pytest.raises(InputError, match=r"articles.folders: no folder 'courir'; did you mean 'courier'\?"):
        read_articles(folder)


def test_no_card(tmp_path):
    with pytest.raises(InputError, match="there is no dataset card .*; give the folder of a dataset that has one"):
        read_card(tmp_path)
    with pytest.raises(InputError, match="there is no dataset card"):
        load_labelled(tmp_path, "train")


def test_a_card_without_labelled_sentences(tmp_path):
    with pytest.raises(InputError, match="the dataset 'T' has no labelled sentences"):
        load_labelled(dataset(tmp_path / "d", MINIMAL), "train")


def test_hashes_are_checked(tmp_path):
    folder = dataset(tmp_path / "d", MINIMAL, {"articles/o/1.txt": PROSE, "articles/o/2.txt": PROSE + " x"})
    digest = file_hash(folder / "articles" / "o" / "1.txt")
    dataset(folder, MINIMAL | {"sha256": {"articles/o/1.txt": digest}})
    assert len(read_articles(folder)[0]) == 2
    (folder / "articles" / "o" / "1.txt").write_text(PROSE + " Changed.")
    with pytest.raises(InputError, match="1.txt is not the file that the card of 'T' describes .*get it again"):
        read_articles(folder)


def test_directed_sentiment_gives_both_entities(tmp_path, root):
    folder = tmp_path / "directed_sentiment"
    folder.mkdir()
    shutil.copy(root / "datasets" / "directed_sentiment" / "card.yaml", folder / "card.yaml")
    rows = [
        {"sentence_marked": "[Kim] blamed [the U. S.] for it.", "label": 3},
        {"sentence_marked": "[Kim] met [Lee].", "label": 0},
        {"sentence_marked": "For [Kim], thanks from [Lee].", "label": 2},
    ]
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = load_labelled(folder, "train")
    spans = [s[a:b] for s, a, b in found[["sentence", "start", "end"]].itertuples(index=False)]
    assert list(zip(spans, found["label"], strict=True)) == [
        ("Kim", "neutral"), ("the U. S.", "negative"), ("Kim", "positive"), ("Lee", "neutral")]  # fmt: skip
    assert found["sentence"].tolist()[0] == "Kim blamed the U. S. for it."
