import os
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.actors import find_mentions, load_lexicon
from toolkit.actors.surfaces import plain
from toolkit.errors import InputError, InputWarning
from toolkit.tables import OPTIONAL, SCHEMAS, check_table


def articles(*texts, title=None, **columns):
    n = len(texts)
    return pd.DataFrame(
        {
            "article_id": [f"a{i}" for i in range(n)],
            "outlet": "The Courier",
            "date": pd.Timestamp("2020-02-28"),
            "title": title,
            "text": list(texts),
            "url": None,
            "language": "en",
            "source_file": "x.txt",
            "wire": None,
            "story_id": [f"s{i}" for i in range(n)],
            "copied": 0.0,
        }
        | columns
    )


def mentions(text, *columns, title=None, **options):
    table = find_mentions(articles(text, title=title), **options)
    return list(table[list(columns)].itertuples(index=False, name=None))


# The lexicon


# The capital is called like the state, stands for somebody else (Brussels), or is rare in news and common otherwise
NO_CAPITAL = {"djibouti", "seychelles", "antigua_and_barbuda", "singapore", "belgium", "san_marino", "vatican",
              "czechoslovakia", "yugoslavia", "soviet_union"}  # fmt: skip


def test_every_state_has_a_name_a_capital_and_dated_leaders():
    lexicon = load_lexicon()
    assert {"turkey", "russia", "syria", "us", "nato", "un", "eu", "greece", "iran", "syrian_opposition", "hts"} <= set(
        lexicon.actors
    )
    for actor in lexicon.actors.values():
        assert actor.names or actor.people, actor.id
        assert (actor.kind != "state") or actor.capitals or actor.id in NO_CAPITAL, actor.id
        for leader in actor.leaders:
            assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", leader.start or ""), leader
            assert leader.end is None or leader.end >= leader.start[: len(leader.end)], leader


def test_actors_of_a_user():
    lexicon = load_lexicon(
        extra={"acme": {"label": "Acme", "names": ["Acme Corporation", "ACME"]}, "Umbrella": ["Umbrella"]}
    )
    assert lexicon.actors["acme"].label == "Acme"
    assert lexicon.actors["Umbrella"].label == "Umbrella"
    found = find_mentions(articles("Umbrella and Acme Corporation left Russia."), ["acme", "Umbrella"], lexicon=lexicon)
    assert list(found["actor"]) == ["Umbrella", "acme"]
    assert "acme" not in load_lexicon().actors


def test_an_actor_may_be_what_another_is_not():
    lexicon = load_lexicon(extra={"airline": ["Turkish Airlines"]})
    assert [hit[2] for hit in lexicon.search("Turkish Airlines flew over Turkey")] == ["airline", "turkey"]


def test_names_are_added_to_an_actor(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("actors:\n  turkey: {label: Türkiye, epithets: [the Sublime Porte]}\n", encoding="utf-8")
    actor = load_lexicon(extra=path).actors["turkey"]
    assert actor.label == "Türkiye"
    assert actor.names == load_lexicon().actors["turkey"].names
    assert actor.epithets == ("the Sublime Porte",)


def test_a_lexicon_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("gondor: {label: Gondor, kind: state, capitals: [Minas Tirith]}\n", encoding="utf-8")
    assert list(load_lexicon(path).actors) == ["gondor"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"acme": ["Ankara"]}, "the name 'Ankara' stands for two actors, 'turkey' and 'acme': take it from one"),
        ({"acme": {"name": ["Acme"]}}, "actor 'acme' has the unknown entry 'name'; did you mean 'names'?"),
        ({"acme": {"names": "Acme"}}, "actor 'acme', names: expected a list of texts, got 'Acme'"),
        ({"acme": {"names": ["Acme", 3]}}, "expected a list of texts, got 3"),
        ({"acme": {"names": ["Acme", " "]}}, "expected a list of texts, got ' '"),
        ({"acme": {"label": "Acme"}}, "actor 'acme' has no names; give names"),
        ({"acme": {"names": ["Acme"], "kind": "stat"}}, "actor 'acme' is of kind 'stat'; did you mean 'state'?"),
        ({"acme": "Acme"}, "actor 'acme' must be a list of names or a mapping, got 'Acme'"),
        (
            {"acme": {"names": ["Acme"], "leaders": ["Jo"]}},
            "leaders: expected {name: ..., office: ..., from: ...}, got 'Jo'",
        ),
        ({"acme": {"names": ["Acme"], "leaders": "Jo"}}, "actor 'acme', leaders: expected a list, got 'Jo'"),
        (
            {"acme": {"names": ["Acme"], "leaders": [{"name": "Jo", "form": 1}]}},
            "leader 'Jo' has the unknown entry 'form'; did you mean 'from'?",
        ),
        ({False: ["Acme"]}, "the id False is read as bool: put it in quotation marks"),
        ({"actors": ["Acme"]}, "'actors' must map ids to actors, got list"),
        ({"acme": {"names": ["Acme"], "epithets": ["firm"], "epithets_need": ["syira"]}}, "did you mean 'syria'?"),
    ],
)
def test_faults_of_a_lexicon(extra, message):
    with pytest.raises(InputError, match=re.escape(message)):
        load_lexicon(extra=extra)


def test_a_lexicon_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"there is no file '.*none.yaml'"):
        load_lexicon(tmp_path / "none.yaml")
    path = tmp_path / "x.yaml"
    path.write_text("- turkey\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected keys with values"):
        load_lexicon(extra=path)
    path.write_text("turkey: [", encoding="utf-8")
    with pytest.raises(InputError, match="mend the YAML there"):
        load_lexicon(extra=path)
    path.write_text("acme: {names: [Acme]}\nacme: {names: [Acme Inc]}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 2: the key 'acme' is given twice"):
        load_lexicon(extra=path)


def test_unknown_actor():
    with pytest.raises(InputError, match="unknown actor 'turky'; did you mean 'turkey'"):
        find_mentions(articles("Ankara warned."), ["turky"])
    with pytest.raises(
        InputError, match=re.escape("expected a list of actors, got the text 'turkey': write ['turkey']")
    ):
        find_mentions(articles("Ankara warned."), "turkey")


# Names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Turkey warned.", [("Turkey", "turkey", "name")]),
        ("Türkiye's army", [("Türkiye", "turkey", "name")]),
        ("TÜRKİYE AND TURKIYE", [("TÜRKİYE", "turkey", "name"), ("TURKIYE", "turkey", "name")]),
        ("Erdoğan met Erdogan and ERDOĞAN", [(x, "turkey", "leader") for x in ("Erdoğan", "Erdogan", "ERDOĞAN")]),
        ("ANKARA (AFP) - It rained.", [("ANKARA", "turkey", "capital")]),
        ("Bashar al-Assad left.", [("Bashar al-Assad", "syria", "leader")]),
        ("pro-Assad and anti-Turkish", [("Assad", "syria", "leader"), ("Turkish", "turkey", "demonym")]),
        ("the Turkish-Russian patrol", [("Turkish", "turkey", "demonym"), ("Russian", "russia", "demonym")]),
        ("Damascus ally Moscow", [("Damascus", "syria", "capital"), ("Moscow", "russia", "capital")]),
        ("the Turkish army", [("Turkish army", "turkey", "institution")]),
        ("the Russian Defence Ministry", [("Russian Defence Ministry", "russia", "institution")]),
        ("Syrian government forces fled", [("Syrian government forces", "syria", "institution")]),
        ("the Assad regime", [("Assad regime", "syria", "epithet")]),
        ("the Turkish regime", [("Turkish regime", "turkey", "epithet")]),
        (
            "the Kremlin and the White House",
            [("Kremlin", "russia", "institution"), ("White House", "us", "institution")],
        ),
        ("the U.S.-backed SDF", [("U.S.", "us", "name"), ("SDF", "sdf", "name")]),
        ("the Syrian National Army", [("Syrian National Army", "syrian_opposition", "name")]),
        ("Syrias army", [("Syria", "syria", "name")]),
        ("New\xa0Delhi agreed", [("New\xa0Delhi", "india", "capital")]),
        ("#Turkey", [("Turkey", "turkey", "name")]),
    ],
)
def test_names_and_forms(text, expected):
    assert mentions(text, "surface", "actor", "form") == expected


@pytest.mark.parametrize(
    "text",
    [
        "They ate turkey and told us so.",
        "Turkish Airlines flew.",
        "Russia Today reported it.",
        "a blade of Damascus steel",
        "She read the Washington Post.",
        "He lives in Moscow, Idaho.",
        "George Washington and Michael Jordan",
        "the Syrian Observatory for Human Rights",
        "They polish china. He is unable to.",
        "@Turkey and Turkeystan",
        "THEY TOLD US TO LEAVE AT ONCE",
        "The visa regime was the rebels' idea.",
        "The regime fell.",
    ],
)
def test_false_friends(text):
    assert mentions(text, "surface") == []


def test_us_in_capitals_needs_a_sign():
    assert mentions("IN THE US ARMY THEY TRUST", "actor") == [("us",)]


def test_plain_words_need_their_actor_in_the_article():
    assert mentions("Syria is at war. The regime shelled the rebels.", "surface", "actor", "form") == [
        ("Syria", "syria", "name"),
        ("regime", "syria", "epithet"),
        ("rebels", "syrian_opposition", "epithet"),
    ]
    assert mentions("The regime fell.", "actor", title="Assad is gone") == [("syria",), ("syria",)]
    assert mentions("Syria signed. The sanctions regime stays.", "actor") == [("syria",)]


def test_the_regime_is_the_one_just_named():
    text = "Syria protested. The Iranian regime struck, and the regime was proud.\nThe regime in Syria waited."
    found = mentions(text, "surface", "actor")
    assert found == [
        ("Syria", "syria"),
        ("Iranian regime", "iran"),
        ("regime", "iran"),
        ("regime", "syria"),
        ("Syria", "syria"),
    ]


def test_what_is_found_does_not_hang_on_the_actors_asked_for():
    text = "The Assad regime shelled Idlib. Moscow said that the regime and Ankara had talked."
    every = find_mentions(articles(text))
    some = find_mentions(articles(text), ["turkey", "syria"])
    pd.testing.assert_frame_equal(every[every["actor"].isin(["turkey", "syria"])].reset_index(drop=True), some)


# Readings


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Ankara warned them.", "actor"),
        ("They met in Ankara.", "place"),
        ("They met in Ankara's interest.", "actor"),
        ("There was no trust in Ankara.", "actor"),
        ("Troops withdrew from Ankara.", "place"),
        ("There was pressure from Ankara.", "actor"),
        ("He flew to Ankara.", "place"),
        ("This was told to Ankara.", "actor"),
        ("It fell in northern Turkey.", "place"),
        ("North of Ankara it rained.", "place"),
        ("It was the wish of Ankara.", "actor"),
        ("The land border between Turkey and the sea is long.", "place"),
        ("There were talks between Ankara and the rest.", "actor"),
        ("ANKARA (AFP) - The talks failed.", "place"),
        ("Ankara, 3 March - The talks failed.", "place"),
        ("It was 5 p.m. Ankara time.", "place"),
        ("It hit Turkey's border.", "place"),
        ("Turkey's demands grew.", "actor"),
        ("They left Turkey at dawn.", "place"),
        ("They came to Hatay, Turkey.", "place"),
        ("Turkish soldiers died.", "actor"),
        ("Turkish refugees died.", "place"),
        ("the Turkish border", "place"),
        ("the Turkish side", "actor"),
        ("the Turkish side of the frontier", "place"),
        ("Turkish-backed fighters", "actor"),
        ("Turkish-made drones", "place"),
        ("Turkish coffee", "place"),
        ("the Turkish and other presidents", "actor"),
        ("The Turks fired.", "actor"),
        ("Thousands of Turks fled.", "place"),
        ("Some 300 Turks who fled", "place"),
        ("Erdogan came to town.", "actor"),
        ("In the US Senate they talked.", "actor"),
        ("In the US they talked.", "place"),
        ("It was said in the Kremlin.", "place"),
        ("It was the Kremlin's idea.", "actor"),
        ("It was NATO in its prime.", "actor"),
    ],
)
def test_readings(text, reading):
    assert mentions(text, "reading") == [(reading,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Beirut-based newspaper closed.", ["place"]),
        ("The Ankara-backed militia left.", ["actor"]),
        ("Nine people died on the Turkey-Syria border.", ["place", "place"]),
        ("They queue at the border crossing with Turkey.", ["place"]),
        ("The province sits between Turkey and Iraq.", ["place", "place"]),
        ("Published in May MOSCOW (Sputnik) The army has left the town.", ["place"]),
        ("MOSCOW WARNS ANKARA", ["actor", "actor"]),
        ("Moscow: sanctions are short-sighted", ["actor"]),
        ("They met outside the capital Damascus again.", ["place"]),
        ("A strike hit Syrias Aleppo city.", ["place"]),
        ("The group's Syria wing was dissolved.", ["place"]),
        ("The two were at odds over Iran and North Korea.", ["actor", "actor"]),
        ("Jets were shot down over Iran.", ["place"]),
        ("An investigation into Russia's election interference goes on.", ["actor"]),
        ("It meddled in Crimea, Ukraine and Syria.", ["place", "place"]),
        ("There were statements from Iran and Russia.", ["actor", "actor"]),
        ("No Syrian can cross it.", ["place"]),
        ("They shot at a Syrian tribe.", ["place"]),
    ],
)
def test_readings_seen_in_real_articles(text, expected):
    assert [reading for (reading,) in mentions(text, "reading")] == expected


def test_joined_names_are_read_alike():
    assert mentions("They met in Ankara and Moscow.", "reading") == [("place",), ("place",)]
    assert mentions("Ankara and Moscow met.", "reading") == [("actor",), ("actor",)]


def test_the_city_of_an_organisation_is_no_mention():
    assert mentions("They met in Brussels.", "actor") == []
    assert mentions("Brussels promised money.", "actor") == [("eu",)]


# Voices and speakers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankara warned.", [("Ankara", "outlet", None)]),
        ("Ankara said that Damascus lied.", [("Ankara", "outlet", None), ("Damascus", "reported", "turkey")]),
        ('"Damascus lied," a Kremlin spokesman said.', [("Damascus", "quoted", "russia"), ("Kremlin", "outlet", None)]),
        ('"Damascus lied," said a resident of Ankara.', [("Damascus", "quoted", "other"), ("Ankara", "outlet", None)]),
        ('"Damascus lied." So they wrote on walls.', [("Damascus", "quoted", None)]),
        (
            "Turkey struck back. Its defence ministry said that Damascus had lied.",
            [("Turkey", "outlet", None), ("Damascus", "reported", "turkey")],
        ),
        (
            'Putin left early. "Ankara has lied," he said.',
            [("Putin", "outlet", None), ("Ankara", "quoted", "russia")],
        ),
        (
            "A monitoring group in London was there. It said that Russia had lied.",
            [("London", "outlet", None), ("Russia", "reported", "other")],
        ),
        (
            "Russian deputy minister Ivan Petrov said it rained. Days went by. Petrov said that Ankara had lied.",
            [("Russian", "outlet", None), ("Ankara", "reported", "russia")],
        ),
        (
            'Ankara said that Moscow "had let Damascus lie".',
            [("Ankara", "outlet", None), ("Moscow", "reported", "turkey"), ("Damascus", "quoted", "turkey")],
        ),
        (
            "Officials in Ankara said that Russia had lied.",
            [("Ankara", "outlet", None), ("Russia", "reported", "turkey")],
        ),
        ("Ankara spoke of a 'Russian lie' again.", [("Ankara", "outlet", None), ("Russian", "quoted", "turkey")]),
        ("The 'Russian lie' was believed.", [("Russian", "outlet", None)]),
    ],
)
def test_voices_and_speakers(text, expected):
    found = [(s, v, p if isinstance(p, str) else None) for s, v, p in mentions(text, "surface", "voice", "speaker")]
    assert found == expected


# The table


def test_table_of_mentions():
    table = articles(
        "Ankara warned. They met in Moscow.", "Nothing here.", title=["Talks with Moscow", None], wire="AFP"
    )
    before = table.copy(deep=True)
    found = find_mentions(table)
    pd.testing.assert_frame_equal(table, before)
    assert list(found.columns) == [*SCHEMAS["mentions"], *OPTIONAL["mentions"]]
    assert list(found["part"]) == ["title", "body", "body"]
    assert found["position"].dtype == "Int64"
    assert found["position"].isna().tolist() == [True, False, False]
    assert list(found["sentence_id"]) == ["a0:t", "a0:0", "a0:1"]
    assert list(found["sentence"]) == ["Talks with Moscow", "Ankara warned.", "They met in Moscow."]
    assert found["wire"].eq("AFP").all()
    assert found["story_id"].eq("s0").all()
    assert found["mention_id"].is_unique
    pd.testing.assert_frame_equal(found, find_mentions(table))


@pytest.mark.parametrize("text", ["", "Nothing to see here.", "The rebels."])
def test_no_mentions(text):
    found = find_mentions(articles(text))
    assert not len(found)
    check_table(found, "mentions")
    assert find_mentions(articles("Ankara.").iloc[:0]).empty


def test_missing_dates_and_wires_stay_missing():
    found = find_mentions(articles("Ankara warned.", date=pd.NaT))
    assert found["date"].isna().all()
    assert found["wire"].isna().all()
    assert found["speaker"].isna().all()


def test_other_languages_are_told():
    table = articles("Ankara warnte.", "Ankara warned.", language=["pl", "en-GB"])
    with pytest.warns(InputWarning, match=r"1 articles are not in English \(pl: 1\); only English names are known"):
        find_mentions(table)


def test_a_table_that_is_none():
    with pytest.raises(InputError, match="lacks the column 'text'"):
        find_mentions(articles("Ankara.").drop(columns="text"))


NAMES = ["Ankara", "Turkish", "regime", "U.S.", "Assad", "'Moscow'", '"Syria', "rebels'", "Washington, D.C.", "NATO"]
WORDS = st.sampled_from([*NAMES, "the", "in", "said", "that", ".", ",", "\n", "ı", "İ", "\u200f"])


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=40), st.lists(WORDS, max_size=6))
def test_mentions_stand_where_they_say(body, title):
    text, headline = " ".join(body), " ".join(title)
    found = find_mentions(articles(text, title=[headline]))
    last = ("title", -1)
    for m in found.itertuples(index=False):
        assert m.sentence[m.start : m.end] == m.surface
        assert m.end == m.start + len(m.surface)
        if m.part == "body":
            assert text[m.position : m.position + len(m.surface)] == m.surface
            assert last < ("title", m.position) or last[1] <= m.position
        else:
            assert m.sentence == headline


# The sample corpus


def test_sample_corpus(root, tmp_path, monkeypatch):
    source = root / "datasets" / "idlib_2020" / "source"
    if len(list(source.glob("*.txt"))) < 6:
        pytest.skip("the sources of datasets/idlib_2020 are not there")
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import idlib_truth

    table = idlib_truth.report(idlib_truth.match_mentions(*idlib_truth.read_truth(idlib_truth.build_truth(tmp_path))))
    sys.modules.pop("idlib_build", None)
    for group in ("tuned on", "held out"):
        row = table.loc[group]
        assert row["mentions"] > 600
        assert row["f1"] >= 0.97
        assert row["reading"] >= 0.95
        assert row["voice"] >= 0.92
        assert row["speaker"] >= 0.83


def test_lexicon_of_other_people_for_coverage():
    """Capitals that another dictionary gives to the states of this lexicon are the same."""
    folder = os.environ.get("TOOLKIT_DATA")
    path = Path(folder or "") / "actors" / "countries.jsonl"
    if not folder or not path.exists():
        pytest.skip("needs the folder actors of TOOLKIT_DATA (countries.jsonl of github.com/mledoze/countries)")
    listed = pd.read_json(path, lines=True)
    capitals = dict(zip(listed["name"].map(lambda n: n["common"]), listed["capital"], strict=True))
    states = [a for a in load_lexicon().actors.values() if a.kind == "state"]
    known = [(a, capitals[n]) for a in states for n in a.names if n in capitals]
    assert len(known) >= 40
    # Brussels stands for the Union, Tel Aviv is the seat that news uses, Victoria and others are too common as names
    odd = {a.id for a, given in known if given and not {*map(plain, given)} & {*map(plain, a.capitals + a.names)}}
    assert odd <= {"israel", "belgium", "dr_congo", "seychelles", "antigua_and_barbuda", "san_marino", "luxembourg"}


def test_no_actor_stands_in_two_files(root):
    seen = {}
    for path in sorted((root / "toolkit" / "data" / "actors").glob("*.yaml")):
        ids = re.findall(r"^(\w+):", path.read_text(encoding="utf-8"), flags=re.M)
        assert set(ids) == set(yaml.safe_load(path.read_text(encoding="utf-8")))
        for key in ids:
            assert seen.setdefault(key, path.name) == path.name, key
            assert ids.count(key) == 1, key
