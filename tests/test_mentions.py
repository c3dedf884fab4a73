"""What counts as a mention: dates of office, parts of actors, namesakes, plain words, other languages."""

import warnings

import pandas as pd
import pytest

from toolkit.actors import find_mentions, load_lexicon
from toolkit.actors.describing import check_lexicon, describe_actor, list_actors
from toolkit.annotated import show_article
from toolkit.cli import main
from toolkit.errors import InputError, InputWarning
from toolkit.tables import ORGANS, check_table


def articles(text, date="2020-02-28", title=None, language="en"):
    return pd.DataFrame(
        [{"article_id": "a0", "outlet": "The Courier", "date": pd.Timestamp(date), "title": title, "text": text,
          "url": None, "language": language, "source_file": "x.txt", "wire": None, "story_id": "s0", "copied": 0.0}]
    )  # fmt: skip


def mentions(text, *columns, actors=None, lexicon=None, resolve=True, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        table = find_mentions(articles(text, **options), actors, lexicon=lexicon, resolve=resolve)
    rows = [tuple(None if pd.isna(v) else v for v in row) for row in table[list(columns)].itertuples(index=False)]
    return [row[0] for row in rows] if len(columns) == 1 else rows


# The files of a lexicon


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_files(tmp_path):
    folder = write(
        tmp_path,
        a_yaml="gondor: {label: Gondor, kind: state, capitals: [Minas Tirith], names: ['{Kingdom of |}Gondor'],\n"
        "  institutions: {forces: [Tower Guard], seat: [Citadel]}, relations: {opposed_to: [mordor]}}\n",
        b_yaml="mordor: {names: [Mordor], languages: {de: {names: [Schwarzes Land]}}}\n",
        leaders_csv="actor,name,also,office,from,to\ngondor,Denethor II,~Denethor,steward,2984,3019-03\n",
        names_csv="actor,language,form,names\ngondor,ru,name,Гондор{|а|у|ом|е}\n",
    )
    lexicon = load_lexicon(folder)
    gondor = lexicon.actors["gondor"]
    assert gondor.names == ("Kingdom of Gondor", "Gondor")
    assert gondor.organs == {"Tower Guard": "forces", "Citadel": "seat"}
    assert gondor.relations == {"opposed_to": ("mordor",)}
    assert [name.name for name in gondor.foreign] == ["Гондор", "Гондора", "Гондору", "Гондором", "Гондоре"]
    assert lexicon.actors["mordor"].foreign[0].language == "de"
    assert lexicon.holder("gondor", "steward", "3019-03-15").name == "Denethor II"
    assert lexicon.holder("gondor", "steward", "3019-04-01") is None
    assert "gondor" in load_lexicon(extra=folder).actors


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no lexicon"),
        ({"a_yaml": "x: {names: [X], institutions: {armies: [Y]}}"}, "unknown organ 'armies'"),
        ({"a_yaml": "x: {names: [X], relations: {friend_of: [x]}}"}, "unknown relation 'friend_of'"),
        ({"a_yaml": "x: {names: [X], relations: {part_of: [y]}}"}, "actor 'x', relations: unknown actor 'y'"),
        ({"a_yaml": "x.forces: [X]"}, "the id 'x.forces' has a dot"),
        ({"a_yaml": "x: {names: [X], languages: {xx: {names: [Y]}}}"}, "unknown language 'xx'"),
        ({"a_yaml": "x: {names: [X], leaders: [{name: Jo, from: May}]}"}, "'May' is no date; expected 2014-08-28"),
        ({"a_yaml": "x: [X]", "leaders_csv": "actor,name\n"}, "the first line must be actor,name,also,office,from,to"),
        (
            {"a_yaml": "x: [X]", "leaders_csv": "actor,name,also,office,from,to\ny,Jo,,,,\n"},
            "leaders.csv, line 2: unknown actor 'y'",
        ),
        (
            {"a_yaml": "x: [X]", "leaders_csv": "actor,name,also,office,from,to\nx,Jo,,king,2014-13,\n"},
            "leaders.csv, line 2: '2014-13' is no date",
        ),
        (
            {"a_yaml": "x: [X]", "leaders_csv": "actor,name,also,office,from,to\nx,Jo,a,b,c,d,e\n"},
            "line 2: expected 6 fields",
        ),
        (
            {"a_yaml": "x: [X]", "names_csv": "actor,language,form,names\nx,tr,nickname,Y\n"},
            "names.csv, line 2: unknown form 'nickname'",
        ),
        (
            {
                "a_yaml": "x: [X]\ny: [Y]",
                "leaders_csv": "actor,name,also,office,from,to\nx,Jo Doe,Jim Poe,,,\ny,Al Doe,Jim Poe,,,\n",
            },
            "the name 'Jim Poe' stands for two persons, 'Jo Doe' of 'x' and 'Al Doe' of 'y'",
        ),
        (
            {"a_yaml": "x: [X]\ny: [Y]", "leaders_csv": "actor,name,also,office,from,to\nx,Jo Doe,Y,,,\n"},
            "the name 'Y' stands for two actors, 'y' and 'x' (Jo Doe)",
        ),
    ],
)
def test_faults_of_a_folder(tmp_path, files, message):
    with pytest.raises(InputError) as error:
        load_lexicon(write(tmp_path, **files))
    assert message in str(error.value)


def test_the_lexicon_that_ships_is_large_and_sound():
    lexicon = load_lexicon()
    kinds = pd.Series({key: actor.kind for key, actor in lexicon.actors.items()}).value_counts()
    assert kinds["state"] >= 197
    assert kinds["organisation"] >= 40
    assert kinds["group"] >= 40
    assert len(lexicon.people) >= 1500
    for actor in lexicon.actors.values():
        for leader in actor.leaders:
            assert leader.office, leader
            if leader.start and leader.end:
                assert leader.start[: len(leader.end)] <= leader.end, leader


# Dates of office


def test_a_president_is_one_while_in_office():
    found = [
        mentions("President Trump spoke.", "actor", "organ", "person", "office", date=day)[0]
        for day in ("2018-07-01", "2022-07-01")
    ]
    assert found == [
        ("us", "leader", "Donald Trump", "president"),
        ("us.former", "former", "Donald Trump", "former president"),
    ]


def test_who_holds_no_office_counts_only_where_asked_for():
    text = "Barack Obama met Joe Biden."
    assert mentions(text, "actor", "surface", actors=["us"], date="2022-01-01") == [("us", "Joe Biden")]
    assert mentions(text, "actor", actors=["us", "us.former"], date="2022-01-01") == ["us.former", "us"]
    assert mentions("Barack Obama ran.", "actor", "organ", date="2004-01-01") == [("us.later", "later")]
    assert mentions("Barack Obama met them.", "actor", date=None) == ["us"]


def test_one_person_for_two_actors():
    assert mentions("Mark Rutte spoke.", "actor", date="2020-01-01") == ["netherlands"]
    assert mentions("Mark Rutte spoke.", "actor", date="2025-01-01") == ["nato"]


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("The US president spoke.", "2016-03-01", [("US", "leader", "Barack Obama")]),
        ("The US president spoke.", "2020-03-01", [("US", "leader", "Donald Trump")]),
        ("The former US president spoke.", "2020-03-01", [("US", "former", None)]),
        ("Turkey's foreign minister spoke.", "2020-03-01", [("Turkey", "ministry", "Mevlüt Çavuşoğlu")]),
        (
            "The Russian and Turkish presidents met.",
            "2020-03-01",
            [("Russian", "leader", "Vladimir Putin"), ("Turkish", "leader", "Recep Tayyip Erdoğan")],
        ),
        ("Turkish soldiers left.", "2020-03-01", [("Turkish", "forces", None)]),
        ("The Turkish army left.", "2020-03-01", [("Turkish army", "forces", None)]),
        ("The Turkish foreign ministry knew.", "2020-03-01", [("Turkish foreign ministry", "ministry", None)]),
        ("Turkey left.", "2020-03-01", [("Turkey", "state", None)]),
        ("NATO left.", "2020-03-01", [("NATO", "organisation", None)]),
        ("The Kremlin knew.", "2020-03-01", [("Kremlin", "seat", None)]),
    ],
)
def test_organs(text, day, expected):
    assert mentions(text, "surface", "organ", "person", date=day) == expected


def test_a_part_as_an_actor_of_its_own():
    text = "The Turkish army fired. Ankara denied it."
    assert mentions(text, "actor", actors=["turkey", "turkey.forces"]) == ["turkey.forces", "turkey"]
    assert mentions(text, "actor", actors=["turkey.forces"]) == ["turkey.forces"]
    with pytest.raises(InputError, match="actor 'turkey.army': unknown part 'army'"):
        find_mentions(articles(text), ["turkey.army"])


def test_ids_of_mentions_do_not_hang_on_the_selection():
    text = "The Turkish army fired."
    assert mentions(text, "mention_id", actors=["turkey"]) == mentions(text, "mention_id", actors=["turkey.forces"])


# Persons and their namesakes


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("May lost the vote.", "2018-06-01", []),
        ("Theresa May spoke. Later May lost the vote.", "2018-06-01", ["Theresa May", "May"]),
        ("Prime Minister May lost the vote.", "2018-06-01", ["May"]),
        ("Prime Minister May lost the vote.", "2023-06-01", []),
        ("Melania Trump waved.", "2018-06-01", []),
        ("Asma al-Assad and Bilal Erdogan met.", "2018-06-01", []),
        ("Former Senator Ron Johnson and Jo Johnson met.", "2020-06-01", []),
        ("It was hot. Trump left Syria. Erdogan did not.", "2018-06-01", ["Trump", "Syria", "Erdogan"]),
        ("The Trump Organization paid.", "2018-06-01", []),
        ("Putin's plan and Mr. Putin", "2018-06-01", ["Putin", "Putin"]),
    ],
)
def test_surnames(text, day, expected):
    assert mentions(text, "surface", date=day) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Michael Jordan scored, and so did Chad Smith and Jordan Peterson.",
        "Paris Hilton met Denzel Washington and George Washington.",
        "They came from Moscow, Idaho, and from Paris, Texas.",
        "Turkish Airlines flew with American Airlines and British Airways.",
        "Russia Today, the Washington Post, the Moscow Times and the New York Times reported it.",
        "The Georgia Bulldogs play in Atlanta, Georgia.",
        "The governor of Georgia met senators in Atlanta.",
        "It is the Ankara Messi with a blade of Damascus steel.",
        "The American Medical Association and the Syrian Network for Human Rights wrote.",
        "They ate turkey from the finest china, and told us to polish it.",
        "The University of Jordan and the Patriarch of Moscow",
    ],
)
def test_names_of_something_else(text):
    assert mentions(text, "surface", resolve=False) == []


def test_georgia_the_state_beside_tbilisi():
    assert mentions("Georgia and its capital Tbilisi; Atlanta was far.", "actor") == ["georgia", "georgia"]
    assert mentions("Russia and Georgia fought in 2008.", "surface") == ["Russia", "Georgia"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Damascus ally Moscow", [("Damascus", "syria"), ("Moscow", "russia")]),
        ("Russian-backed Syrian forces", [("Russian", "russia"), ("Syrian forces", "syria")]),
        ("Turkish-backed rebels", [("Turkish", "turkey"), ("rebels", "syrian_opposition")]),
        ("the US-led coalition", [("US", "us"), ("coalition", "global_coalition")]),
    ],
)
def test_coordinated_and_nested_names(text, expected):
    assert mentions(text, "surface", "actor") == expected


def test_a_name_at_the_very_end_ends_there():
    found = find_mentions(articles("Damascus praised the Syrian Arab Army"))
    assert (found["end"] <= found["sentence"].str.len()).all()
    assert found["surface"].tolist() == ["Damascus", "Syrian Arab Army"]
    assert found["end"].tolist() == [8, 37]


# Plain words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Turkish defence ministry spoke. The ministry denied it.", [("ministry", "turkey", "ministry")]),
        ("The Pentagon spoke. The ministry denied it.", []),
        ("The Syrian army fled. The army lost 30 men.", [("army", "syria", "forces")]),
        ("The Syrian army met the Turkish army. The army lost 30 men.", []),
        ("President Putin spoke. The president left.", [("president", "russia", "leader")]),
        ("President Putin met President Erdogan. The president left.", []),
        ("The Greek government fell. The government had lost.", [("government", "greece", "government")]),
        ("The Greek government fell. Ankara saw it. The government had lost.", []),
        ("The government had lost. The ministry knew.", []),
        ("The defence ministry in Moscow spoke.", [("defence ministry", "russia", "ministry")]),
    ],
)
def test_plain_words_point_back_to_one_actor(text, expected):
    table = find_mentions(articles(text))
    found = table[table["resolved"]]
    assert list(found[["surface", "actor", "organ"]].itertuples(index=False, name=None)) == expected
    assert set(found["form"]) <= {"epithet"}


def test_plain_words_can_be_left_alone():
    text = "Syria is at war. The regime shelled them. The Syrian army won. The army left."
    assert mentions(text, "surface", resolve=False) == ["Syria", "Syrian army"]
    assert mentions(text, "surface") == ["Syria", "regime", "Syrian army", "army"]


def test_a_counterpart_holds_the_same_office():
    found = mentions("Sergei Lavrov met his Turkish counterpart.", "surface", "person", "office")
    assert found[1] == ("Turkish", "Mevlüt Çavuşoğlu", "foreign minister")


def test_a_shared_word_is_theirs_whom_the_article_calls_so():
    text = "The Assad regime fell. Iran protested. Tehran sent help. The regime was alone."
    assert mentions(text, "surface", "actor")[-1] == ("regime", "syria")


# Other languages

WORLD = {
    "turkey": {"languages": {
        "tr": {"names": ["Türkiye"], "adjectives": ["Türk"]}, "ar": {"names": ["تركيا"], "adjectives": ["تركي"]},
        "de": {"names": ["Türkei"], "adjectives": ["türkisch"], "people": ["Türke"]},
        "ru": {"names": ["Турци{я|и|ю|ей|ею}"], "adjectives": ["турецк{ADJ}"]},
        "fr": {"names": ["Turquie"]}, "es": {"names": ["Turquía"]},
    }},
    "us": {"languages": {"tr": {"names": ["ABD"]}, "ar": {"names": ["ولايات متحدة"]}, "fr": {"names": ["États-Unis"]},
                         "es": {"names": ["EE. UU."]}}},
    "iran": {"languages": {"tr": {"names": ["İran"]}, "fr": {"names": ["Iran"]}}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("tr", "Türkiye'nin ve TÜRKİYE’DEN, Türkiyenin", ["Türkiye", "TÜRKİYE", "Türkiyenin"]),
        ("tr", "İRAN ile iran, İran'a", ["İRAN", "İran"]),
        ("tr", "Türkler ve Türklerin, Türkçe", ["Türkler", "Türklerin"]),
        ("tr", "ABD'nin kararı; Abd al-Rahman", ["ABD"]),
        ("ru", "Турция, в Турции; ТУРЦИЮ", ["Турция", "Турции", "ТУРЦИЮ"]),
        ("ru", "турецкие и Турецкими, турок", ["турецкие", "Турецкими"]),
        ("ar", "وقالت تركيا إن بتركيا ولتركيا", ["تركيا", "تركيا", "تركيا"]),
        ("ar", "التركي والتركية ترك", ["التركي", "التركية"]),
        ("ar", "الولايات المتحدة وللولايات المتحدة", ["الولايات المتحدة", "ولايات المتحدة"]),
        ("ar", "\u200fتُرْكِيَا\u200f و تـركيا", ["تُرْكِيَا", "تـركيا"]),
        ("de", "Die Türkei und der Türkei Heer, Tuerkei", ["Türkei", "Türkei", "Tuerkei"]),
        ("de", "türkische Truppen, Türkische, Türken, Türkinnen, türkis", ["türkische", "Türkische", "Türken"]),
        ("fr", "L’Iran et d'Iran, les Etats-Unis", ["Iran", "Iran", "Etats-Unis"]),
        ("es", "Turquía y Turquia, EE.UU.", ["Turquía", "Turquia", "EE.UU"]),
    ],
)
def test_names_in_other_languages(tmp_path, language, text, expected):
    path = tmp_path / "bare.yaml"
    path.write_text("turkey: [Turkey]\nus: [United States]\niran: [Iran]\n", encoding="utf-8")
    lexicon = load_lexicon(path, extra=WORLD)
    assert mentions(text, "surface", lexicon=lexicon, language=language) == expected


def test_what_is_not_known_of_a_language_is_missing():
    table = articles("Die Türkei warnte.", language="de-AT")
    with pytest.warns(InputWarning, match="names are searched in their language, but readings, voices and speakers"):
        found = find_mentions(table)
    assert list(found["actor"]) == ["turkey"]
    assert found[["reading", "voice", "speaker"]].isna().all(axis=None)
    check_table(found, "mentions")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("tr", "Rusya ve ABD, Ankara'da Suriye'yi görüştü.", ["russia", "us", "turkey", "syria"]),
        ("ru", "Россия и США обсудили Сирию в Анкаре.", ["russia", "us", "syria", "turkey"]),
        ("ar", "ناقشت روسيا والولايات المتحدة سوريا في أنقرة.", ["russia", "us", "syria", "turkey"]),
        ("de", "Russland und die USA sprachen in Ankara über Syrien.", ["russia", "us", "turkey", "syria"]),
        ("fr", "La Russie et les États-Unis ont parlé de la Syrie à Ankara.", ["russia", "us", "syria", "turkey"]),
        ("es", "Rusia y Estados Unidos hablaron de Siria en Ankara.", ["russia", "us", "syria", "turkey"]),
    ],
)
def test_main_actors_in_other_languages(language, text, expected):
    assert mentions(text, "actor", language=language) == expected


# Showing


def test_describing_an_actor():
    said = describe_actor("turkey", "2020-02-28")
    assert "president" in said
    assert "Recep Tayyip Erdoğan" in said
    assert "Turkish Airlines" not in said.partition("does not count")[0]
    assert "Abdullah Gül" not in said
    assert "Abdullah Gül" in describe_actor("turkey")
    assert "backed by: iran" in describe_actor("hezbollah")
    with pytest.raises(InputError, match="unknown actor 'turky'; did you mean 'turkey'"):
        describe_actor("turky")
    assert len(list_actors().splitlines()) == len(load_lexicon().actors)


def test_checking_a_file(tmp_path):
    lexicon, faults = check_lexicon({"acme": ["Acme"]})
    assert lexicon is not None
    assert not faults
    assert check_lexicon({"acme": {"names": ["Acme"], "leaders": [{"name": "Jo", "from": 2020, "to": 2010}]}})[1] == [
        "actor 'acme': 'Jo' ends (2010) before the start (2020)"
    ]
    assert check_lexicon(tmp_path / "none.yaml")[0] is None


def test_the_commands(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("acme: [Acme, Ankara]\n", encoding="utf-8")
    assert main(["actors", "check", str(path)]) == 1
    assert "the name 'Ankara' stands for two actors" in capsys.readouterr().out
    path.write_text("acme: [Acme]\n", encoding="utf-8")
    assert main(["actors", "check", str(path)]) == 0
    assert main(["actors", "show", "acme", "--lexicon", str(path)]) == 0
    assert "acme: acme (organisation)" in capsys.readouterr().out
    assert main(["actors", "show", "turkey", "--date", "28.2.2020"]) == 2
    assert "'28.2.2020' is no date; expected YYYY-MM-DD" in capsys.readouterr().err
    assert main(["actors", "list"]) == 0
    assert "turkey" in capsys.readouterr().out


def test_a_page_of_one_article(tmp_path, capsys):
    text = 'Ankara <b>left</b>.\n"Moscow lied and lied," a Turkish spokesman said.\n"We left.\n"We came to Moscow."'
    table = articles(text, title="Talks & more in Moscow")
    found = find_mentions(table)
    page = show_article(table, found, "a0")
    html = page.to_html()
    assert "&lt;b&gt;left&lt;/b&gt;" in html
    assert "Talks &amp; more in <mark" in html
    assert "Moscow<small>Moscow · place</small>" in html
    assert "Ankara<small>Ankara · actor</small>" in html
    assert '<span class="who">quoted: Ankara</span>' in html
    assert html.count("<span") == html.count("</span>")
    assert "http" not in html
    assert "<script" not in html
    assert page._repr_html_() in html
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == html
    with pytest.raises(InputError, match="no article 'b9' in this table"):
        show_article(table, found, "b9")
    with pytest.raises(InputError, match="does not stand at"):
        show_article(table.assign(text="Something else entirely, and long enough to hold all of it. " * 3), found, "a0")
    table.to_parquet(tmp_path / "articles.parquet")
    found.to_parquet(tmp_path / "mentions.parquet")
    assert main(["show", "a0", str(tmp_path), "--actors", "turkey"]) == 0
    shown = capsys.readouterr().out
    assert "Ankara<small>" in shown
    assert "Moscow<small>" not in shown
    assert main(["show", "a0", str(tmp_path / "articles.parquet"), "--out", str(tmp_path / "b.html")]) == 0
    assert "Moscow<small>" in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_a_page_in_another_language_and_hostile_text():
    table = articles("تركيا قالت \u202e <script>alert(1)</script>", language="ar", title="</style><img src=x>")
    with pytest.warns(InputWarning):
        found = find_mentions(table)
    html = show_article(table, found, "a0").to_html()
    assert "<script>" not in html
    assert "<img" not in html
    assert 'dir="auto"' in html
    assert "⟨U+202E⟩" in html


def test_organs_of_the_schema_are_those_of_the_lexicon():
    from toolkit.actors import model

    assert set(ORGANS) == {*model.KINDS, *model.ORGANS, *model.NO_OFFICE}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Theresa May lost a vote. In May there were elections.", ["Theresa May"]),
        ("Theresa May lost a vote on 4 May and again on May 20.", ["Theresa May"]),
        ("Theresa May lost a vote. It was in May's interest that May resign.", ["Theresa May", "May", "May"]),
    ],
)
def test_a_month_is_no_prime_minister(text, found):
    mentions = find_mentions(articles(text, date="2019-03-20"), ["uk"])
    assert list(mentions["surface"]) == found
