"""Words, naming, visibility, co-mention, and who speaks about whom."""

import numpy as np
import pandas as pd
import pytest

from toolkit.encoders import load_encoder
from toolkit.errors import InputError
from toolkit.portrayal import (
    HARM,
    NAMINGS,
    Axis,
    actor_words,
    axis_scores,
    axis_words,
    co_mentions,
    find_harm,
    harm_shares,
    load_axes,
    naming_shares,
    passive_shares,
    portrayal_distances,
    visibility,
    voice_shares,
)
from toolkit.portrayal.distances import _distances, _pair, squared_distance
from toolkit.portrayal.naming import naming_of
from toolkit.portrayal.words import log_odds


def mentions_of(sentences, **columns):
    """A mention of Ankara (or of what stands in [[ ]]) in each sentence, each an article and a story of its own."""
    n = len(sentences)
    spans = []
    for text in sentences:
        if "[[" in text:
            start = text.index("[[")
            end = text.index("]]") - 2
            spans.append((text.replace("[[", "").replace("]]", ""), start, end))
        else:
            start = text.index("Ankara")
            spans.append((text, start, start + 6))
    table = pd.DataFrame(spans, columns=["sentence", "start", "end"])
    ids = [f"{i:04d}" for i in range(n)]
    filled = {
        "mention_id": ids, "article_id": ids, "story_id": ids, "sentence_id": ids, "outlet": "A",
        "date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body", "actor": "turkey",
        "surface": [s[a:b] for s, a, b in spans], "form": "capital", "reading": "actor", "voice": "outlet",
        "speaker": None, "position": 0, "organ": "state",
    }  # fmt: skip
    return table.assign(**{**filled, **columns})


def articles_of(mentions, text="First paragraph.\nSecond paragraph, some words longer.", **columns):
    once = mentions.drop_duplicates("article_id")
    filled = {"title": "Title", "text": text, "url": None, "language": "en", "source_file": "x"}
    keep = ["article_id", "outlet", "date", "wire", "story_id", "copied"]
    return once[keep].assign(**{**filled, **columns}).reset_index(drop=True)


# --- words


def test_log_odds_of_equal_use_is_nothing():
    counts = np.array([4.0, 2.0, 2.0])
    delta, z = log_odds(counts, 3 * counts, 8 * counts)
    assert np.abs(delta).max() < 0.01
    assert np.abs(z).max() < 0.1


def test_log_odds_are_antisymmetric():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 30, (2, 50)).astype(float)
    prior = np.full(50, 0.5)
    assert np.allclose(log_odds(a, b, prior)[0], -log_odds(b, a, prior)[0])


def planted(n=40, seed=3):
    rng = np.random.default_rng(seed)
    filler = "road rain week plan talks town line house".split()  # noqa: SIM905
    rows = []
    for outlet, own in (("A", "aids"), ("B", "bombs"), ("C", "visits")):
        for _ in range(n):
            words = [own if rng.random() < 0.4 else "meets", *rng.choice(filler, 3, replace=False)]
            rows.append((outlet, "Ankara " + " ".join(words)))
    outlets, texts = zip(*rows, strict=True)
    return mentions_of(list(texts), outlet=list(outlets))


def test_planted_words_are_found_at_both_ends():
    words = actor_words(planted(), "turkey", "A", "B", prior=20)
    assert words["word"].iloc[0] == "aids"
    assert words["word"].iloc[-1] == "bombs"
    assert words["low"].iloc[0] > 0 > words["high"].iloc[-1]
    everybody = actor_words(planted(), "turkey", "A")
    assert everybody["word"].iloc[0] == "aids"
    assert "visits" in set(everybody["word"])


def test_words_do_not_depend_on_the_order_of_rows_and_change_nothing():
    table = planted()
    before = table.copy()
    first = actor_words(table, "turkey", "A", "B")
    again = actor_words(table.sample(frac=1, random_state=2), "turkey", "A", "B")
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(table, before)


def test_a_sentence_counts_once_and_without_the_actors_names():
    table = mentions_of(["Ankara and Ankara again met envoys"] * 6, outlet=["A", "B"] * 3)
    twice = pd.concat([table, table.assign(mention_id=table["mention_id"] + "b", start=11, end=17, voice="quoted")])
    words = actor_words(twice, "turkey", "A", "B", minimum=1, voice="all").set_index("word")
    assert words.loc["met", "n_a"] == 3
    assert "ankara" not in words.index
    # Also a name that does not count itself, here the quoted one, is no word near the actor.
    assert "ankara" not in set(actor_words(twice, "turkey", "A", "B", minimum=1)["word"])


def test_words_of_one_repeated_story_are_uncertain():
    rows = planted(60)
    # "flood" stands twenty times in A, in one story alone; "aids" in many.
    flood = mentions_of(["Ankara flood"] * 20, outlet="A", story_id="one", mention_id=[f"f{i}" for i in range(20)],
                        sentence_id=[f"f{i}" for i in range(20)])  # fmt: skip
    words = actor_words(pd.concat([rows, flood]), "turkey", "A", "B").set_index("word")
    assert words.loc["flood", "z"] > words.loc["aids", "z"] * 0.7
    assert words.loc["flood", "z_stories"] < words.loc["aids", "z_stories"]


def test_words_of_many_outlets_that_do_not_differ_are_within_chance():
    """With the same source of words on both sides, about one interval in twenty misses 0."""
    rng = np.random.default_rng(7)
    vocabulary = np.array([f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(80)])
    misses, looked_at = 0, 0
    for _ in range(12):
        texts, stories = [], []
        for story in range(60):
            topic = rng.choice(vocabulary, 12, replace=False)
            for _ in range(3):
                texts.append("Ankara " + " ".join(rng.choice(topic, 6, replace=False)))
                stories.append(f"s{story}")
        outlet = np.where(np.array([int(s[1:]) for s in stories]) < 30, "A", "B")
        table = mentions_of(texts, outlet=list(outlet), story_id=stories)
        words = actor_words(table, "turkey", "A", "B", prior=5)
        misses += int(((words["low"] > 0) | (words["high"] < 0)).sum())
        looked_at += len(words)
    assert 0.02 < misses / looked_at < 0.08


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"actor": "turky"}, "no mention that counts has actor 'turky'; did you mean 'turkey'"),
        ({"a": "AA"}, "no mention that counts has outlet 'AA'"),
        ({"b": "X"}, "no mention that counts has outlet 'X'"),
        ({"between": "paper"}, "cannot compare by 'paper'"),
        ({"minimum": 0}, "minimum is 0; expected a whole number of at least 1"),
        ({"minimum": 900}, "no word stands 900 times near the actor"),
        ({"prior": 0}, "prior is 0; expected a number above 0"),
        ({"voice": "theirs"}, "unknown voice 'theirs'"),
    ],
)
def test_faults_of_words(change, message):
    given = {"actor": "turkey", "a": "A", "b": "B", **change}
    with pytest.raises(InputError, match=message):
        actor_words(planted(10), given.pop("actor"), given.pop("a"), given.pop("b"), **given)


# --- naming


@pytest.mark.parametrize(
    ("surface", "form", "behind", "organ", "expected"),
    [
        ("Syrian", "demonym", " regime forces shelled", "state", "regime"),
        ("Syrian", "demonym", " armed forces", "forces", "forces"),
        ("Syrian regime", "epithet", " said", "government", "regime"),
        ("regime", "epithet", " said", "government", "regime"),
        ("Syrian government forces", "institution", "", "forces", "government"),
        ("Assad", "leader", "'s army", "leader", "forces"),
        ("Assad", "leader", "’s government", "leader", "government"),
        ("Assad", "leader", " said the government", "leader", "leader"),
        ("Damascus", "capital", " and the rebels", "state", "capital"),
        ("Damascus", "capital", " authorities", "state", "authorities"),
        ("Syria", "name", ", whose government", "state", "name"),
        ("Syrian", "demonym", " foreign ministry", "ministry", "ministry"),
        ("foreign ministry", "institution", "", "ministry", "ministry"),
        ("Syrian", "demonym", "", "state", "name"),
        ("it", "pronoun", " said", "state", "other"),
        ("regimental", "epithet", "", "state", "other"),
    ],
)
def test_naming(surface, form, behind, organ, expected):
    assert naming_of(surface, form, behind, organ) == expected


def test_naming_shares_sum_to_one_and_have_clustered_intervals():
    texts = ["The [[Syrian]] regime fell back", "The [[Syrian]] government met", "[[Syrian]] troops left"] * 8
    table = mentions_of(texts, actor="syria", form="demonym", outlet=["A", "B"] * 12)
    shares = naming_shares(table)
    assert np.allclose(shares.groupby(["outlet", "actor"])["estimate"].sum(), 1)
    assert list(shares[shares["outlet"].eq("A")]["naming"]) == list(NAMINGS)
    regime = shares[shares["naming"].eq("regime")]
    assert regime["estimate"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert ((regime["low"] >= 0) & (regime["high"] <= 1) & (regime["low"] < regime["estimate"])).all()
    copied = naming_shares(table.assign(copied=0.9))
    assert not len(copied)


# --- visibility


def test_visibility_by_hand():
    table = mentions_of(["Ankara met", "Ankara left", "Ankara spoke"])
    table["article_id"] = table["story_id"] = ["a1", "a1", "a2"]
    table["part"] = ["title", "body", "body"]
    table["position"] = pd.array([pd.NA, 5, 30], dtype="Int64")
    other = mentions_of(["Ankara"], actor="russia", article_id="a2", story_id="a2", mention_id="r", position=40)
    articles = articles_of(table, text="First paragraph.\n" + "x" * 43)
    third = articles.iloc[:1].assign(article_id="a3", story_id="a3")
    found = visibility(pd.concat([table, other]), pd.concat([articles, third]))
    values = found[found["actor"].eq("turkey")].set_index("measure")["estimate"]
    assert values["mentions"] == 3 / 4
    assert values["articles"] == pytest.approx(2 / 3)
    assert values["headlines"] == pytest.approx(1 / 3)
    assert values["leads"] == pytest.approx(1 / 3)
    assert values["depth"] == pytest.approx((1 + 1 - 30 / 60) / 2)
    assert found.groupby(["outlet", "measure"])["estimate"].sum()["A", "mentions"] == pytest.approx(1)


def test_visibility_says_what_is_wrong():
    table = mentions_of(["Ankara met"])
    articles = articles_of(table)
    with pytest.raises(InputError, match="unknown measure 'size'"):
        visibility(table, articles, measures=["size"])
    with pytest.raises(InputError, match="cannot group by 'country'"):
        visibility(table, articles, by=["country"])
    with pytest.raises(InputError, match="there is no mention to count"):
        visibility(table.iloc[:0], articles)


# --- co-mention


def test_co_mentions_by_hand():
    base = mentions_of(["Ankara"] * 6)
    base["sentence_id"] = ["1", "1", "2", "2", "3", "4"]
    base["actor"] = ["turkey", "russia", "turkey", "russia", "turkey", "syria"]
    table = co_mentions(base)
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["actor_a"], row["actor_b"], row["n"], row["n_a"], row["n_b"]) == ("russia", "turkey", 2, 2, 3)
    assert row["pmi"] == pytest.approx(np.log2(2 * 4 / 6))
    assert row["jaccard"] == pytest.approx(2 / 3)
    assert not len(co_mentions(base, minimum=3))
    with pytest.raises(InputError, match="cannot group by 'paper'"):
        co_mentions(base, by=["paper"])


# --- voices


def test_voice_shares_say_itself_and_put_rare_speakers_together():
    table = mentions_of(
        ["Ankara"] * 6, voice=["outlet", "quoted", "quoted", "reported", "quoted", "quoted"],
        speaker=[None, "turkey", "russia", "russia", "iran", None],
    )  # fmt: skip
    shares = voice_shares(table, speakers=1).set_index("speaker")["estimate"]
    assert shares.to_dict() == pytest.approx({"outlet": 1 / 6, "itself": 1 / 6, "russia": 2 / 6, "other": 2 / 6})
    with pytest.raises(InputError, match="no mention has a voice"):
        voice_shares(table.assign(voice=None))
    with pytest.raises(InputError, match="speakers is 0"):
        voice_shares(table, speakers=0)


# --- axes


HARSH = ["Ankara attacked the village with brutal force", "Ankara launched a hostile assault", "Ankara bombed homes"]
MILD = ["Ankara hosted calm talks on a truce", "Ankara offered peaceful dialogue", "Ankara welcomed envoys warmly"]


def leaning():
    return mentions_of((HARSH + MILD) * 3, outlet=(["Hawk"] * 3 + ["Dove"] * 3) * 3)


def test_axes_tell_planted_portrayals_apart_with_both_kinds_of_states():
    for states in ("words", "context"):
        scores = axis_scores(leaning(), ["peaceful-aggressive"], states=states).set_index("outlet")
        assert scores.loc["Dove", "high"] < scores.loc["Hawk", "low"]
        assert scores.loc["Dove", "estimate"] < scores.loc["Dove", "baseline"] < scores.loc["Hawk", "estimate"]
        assert scores["estimate"].abs().max() <= 1
        assert (scores["intensity"] >= 0).all()


def test_axis_scores_are_the_formula():
    """Bias and intensity of one group, worked out from the vectors of its words."""
    table = mentions_of(["Ankara attacked villages", "Ankara offered dialogue"])
    axis = load_axes()["peaceful-aggressive"]
    model = load_encoder("minilm")
    v = model.vectors(axis.high).mean(axis=0) - model.vectors(axis.low).mean(axis=0)
    c = model.vectors(["attacked", "villages", "offered", "dialogue"]) @ (v / np.linalg.norm(v))
    row = axis_scores(table, [axis.name]).iloc[0]
    assert row["estimate"] == pytest.approx(c.mean(), abs=1e-6)
    assert row["baseline"] == pytest.approx(c.mean(), abs=1e-6)
    assert row["intensity"] == pytest.approx(((c - c.mean()) ** 2).mean(), abs=1e-6)
    assert (row["n_words"], row["n_mentions"], row["n_stories"]) == (4, 2, 2)


def test_turning_an_axis_round_turns_its_scores_round():
    axis = load_axes()["peaceful-aggressive"]
    turned = {"turned": Axis("turned", axis.high, axis.low)}
    one = axis_scores(leaning(), [axis.name])["estimate"]
    assert axis_scores(leaning(), turned)["estimate"].tolist() == pytest.approx((-one).tolist(), abs=1e-7)


def test_axis_scores_do_not_depend_on_the_order_of_rows_and_change_nothing():
    table = leaning()
    before = table.copy()
    again = axis_scores(table.sample(frac=1, random_state=1), ["weak-strong"])
    pd.testing.assert_frame_equal(axis_scores(table, ["weak-strong"]), again)
    pd.testing.assert_frame_equal(table, before)


def test_words_that_move_an_actor_along_an_axis():
    words = axis_words(leaning(), "turkey", "peaceful-aggressive", outlet="Hawk", top=2)
    assert words["contribution"].is_monotonic_increasing
    assert {"attacked", "bombed", "assault", "hostile", "brutal"} & set(words["word"].tail(2))
    with pytest.raises(InputError, match="no mention that counts has outlet 'Hawks'; did you mean 'Hawk'"):
        axis_words(leaning(), "turkey", "peaceful-aggressive", outlet="Hawks")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"a-b": {"low": ["x"]}}, "high"),
        ({"a-b": {"low": [], "high": ["y"]}}, "low"),
        ({"a-b": {"low": ["x"], "high": ["X"]}}, "'x' stands at both poles"),
        ({"a-b": ["x", "y"]}, "expected its poles"),
        ({}, "holds no axis"),
    ],
)
def test_faults_of_axes(source, message):
    with pytest.raises(InputError, match=message):
        load_axes(source)


def test_faults_of_axis_scores():
    with pytest.raises(InputError, match="unknown axis 'weak-stron'; did you mean 'weak-strong'"):
        axis_scores(leaning(), ["weak-stron"])
    with pytest.raises(InputError, match="unknown states 'layers'"):
        axis_scores(leaning(), states="layers")
    same = {"same": Axis("same", ("calm",), ("calm",))}
    with pytest.raises(InputError, match="the poles of the axis 'same' mean the same"):
        axis_scores(leaning(), same)


def test_a_file_of_axes_of_ones_own(tmp_path):
    path = tmp_path / "axes.yaml"
    path.write_text("cold-warm: {low: [cold], high: [warm]}\n", encoding="utf-8")
    assert axis_scores(leaning(), load_axes(path))["axis"].unique().tolist() == ["cold-warm"]


# --- distances


def test_squared_distance_is_right_on_average_where_the_plain_one_is_not():
    rng = np.random.default_rng(4)
    true = 0.5
    shift = np.zeros(20)
    shift[0] = np.sqrt(true)
    plain, debiased = [], []
    for _ in range(400):
        a, b = rng.normal(size=(12, 20)), rng.normal(size=(30, 20)) + shift
        debiased.append(squared_distance(a, b))
        plain.append(float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()))
    error = np.std(debiased) / np.sqrt(400)
    assert abs(np.mean(debiased) - true) < 3 * error
    assert np.mean(plain) - true > 10 * error


def test_distances_from_products_are_those_from_vectors():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(11, 6))
    drawn = np.zeros((3, 11), dtype=bool)
    for row, k in zip(drawn, (2, 5, 8), strict=True):
        row[:k] = True
    expected = [squared_distance(x[row], x[~row]) for row in drawn]
    assert _distances(x @ x.T, drawn).tolist() == pytest.approx(expected, abs=1e-12)


def test_planted_portrayals_are_far_apart_and_equal_ones_are_not():
    far = portrayal_distances(leaning(), "turkey", permutations=400).iloc[0]
    assert far["distance"] > 0.1
    assert far["p"] < 0.02
    alike = mentions_of((HARSH + MILD) * 4, outlet=["A"] * 12 + ["B"] * 12)
    near = portrayal_distances(alike, "turkey", permutations=400).iloc[0]
    assert near["plain"] > near["distance"]
    assert near["p"] > 0.05


def test_permutation_p_is_uniform_where_nothing_differs():
    """Of 200 tests of no difference about 20 have p at most 0.1, also with stories in both outlets."""
    rng = np.random.default_rng(6)
    small = 0
    for i in range(200):
        means = rng.normal(size=(24, 5))
        common = rng.normal(size=(6, 5))
        means[:6] += common
        means[12:18] += common  # the same stories, told by the other outlet
        stories = [f"s{k}" for k in range(12)] + [f"s{k}" for k in range(6)] + [f"t{k}" for k in range(6)]
        keys = pd.DataFrame({"outlet": ["A"] * 12 + ["B"] * 12, "story_id": stories})
        small += _pair(keys, means, "outlet", "A", "B", 100, i)["p"] <= 0.1
    assert 8 <= small <= 34


def test_distances_need_two_stories_and_say_so():
    table = mentions_of(["Ankara met envoys", "Ankara left", "Ankara spoke"], outlet=["A", "B", "B"])
    row = portrayal_distances(table, "turkey", permutations=100).iloc[0]
    assert np.isnan(row["distance"])
    assert row["note"] == "fewer than two stories"
    with pytest.raises(InputError, match="no mention of 'russia' counts"):
        portrayal_distances(table, "russia")
    with pytest.raises(InputError, match="permutations is 5"):
        portrayal_distances(table, "turkey", permutations=5)


# --- harm


@pytest.mark.parametrize(
    ("sentence", "form", "expected"),
    [
        ("[[Syrian]] warplanes bombed a market in Idlib", "demonym", ("agent", "active")),
        ("The [[regime]] has repeatedly shelled the town", "epithet", ("agent", "active")),
        ("[[Russia]] is bombing the province again", "name", ("agent", "active")),
        ("[[Turkey]] launched a new cross-border offensive", "name", ("agent", "active")),
        ("Ten people were killed by [[regime]] shelling", "epithet", ("agent", "passive")),
        ("Air strikes carried out by the [[Syrian army]] hit the clinic", "institution", ("agent", "passive")),
        ("Nine died in [[Russian]] air strikes on Idlib", "demonym", ("agent", "noun")),
        ("Eight were killed in [[US]] airstrikes", "name", ("agent", "noun")),
        ("Many fled [[Turkey]]'s invasion", "name", ("agent", "noun")),
        ("A [[US]]-led raid freed nobody", "name", ("agent", "noun")),
        ("The missile hit a [[US]]-made tank", "name", ("none", None)),
        ("Twelve [[Syrian]] soldiers were killed on Friday", "demonym", ("patient", "passive")),
        ("Ten [[Syrian]] troops killed in clashes", "demonym", ("patient", "passive")),
        ("Rebels attacked the [[regime]] at dawn", "epithet", ("patient", "active")),
        ("Militants killed 17 [[Turkish]] servicemen", "demonym", ("patient", "active")),
        ("A terror attack on the [[Russian embassy]] was foiled", "institution", ("patient", "noun")),
        # What only looks like it.
        ("Bombing in [[Damascus]] killed five", "capital", ("none", None)),
        ("The [[Damascus]] bombing shocked all", "capital", ("none", None)),
        ("Israel would not confirm the [[Syria]] strike", "name", ("none", None)),
        ("Shells hit western [[regime]]-held districts", "epithet", ("none", None)),
        ("Dozens injured [[Syrian]] media reported", "demonym", ("none", None)),
        ("[[Trump]] struck a warmer tone", "leader", ("none", None)),
        ("[[Moscow]] called for talks", "capital", ("none", None)),
    ],
)
def test_who_does_harm(sentence, form, expected):
    row = find_harm(mentions_of([sentence], form=form, actor="syria")).iloc[0]
    construction = None if pd.isna(row["construction"]) else row["construction"]
    assert (row["harm"], construction) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The [[regime]] killed three civilians", "active"),
        ("Three civilians were killed by the [[regime]]", "by_agent"),
        ("Three civilians were killed in [[Syrian]] air raids", "agent_in_noun"),
        ("Three civilians were killed near the border, [[Ankara]] said", "agentless"),
        ("At least 12 civilians killed in strikes, [[Ankara]] says", "agentless"),
        ("Three officers were killed near territory held by rebels, [[Ankara]] said", "agentless"),
        ("[[Ankara]] called for talks", None),
    ],
)
def test_where_the_doer_is_left_out(sentence, expected):
    form = "demonym" if "[[Syrian]]" in sentence else "epithet" if "regime" in sentence else "capital"
    said = find_harm(mentions_of([sentence], form=form))["passive"].iloc[0]
    assert (None if pd.isna(said) else said) == expected


def test_shares_of_harm_and_of_passives():
    texts = ["The [[regime]] killed three civilians", "Ten people were killed by the [[regime]]",
             "Rebels attacked the [[regime]] at dawn", "The [[regime]] met envoys"] * 5  # fmt: skip
    table = mentions_of(texts, form="epithet", actor="syria")
    shares = harm_shares(table)
    assert shares["harm"].tolist() == list(HARM)
    assert shares["estimate"].tolist() == pytest.approx([0.5, 0.25, 0.25])
    told = passive_shares(table).set_index("passive")
    assert told["estimate"].sum() == pytest.approx(1)
    assert told.loc["by_agent", "estimate"] == pytest.approx(1 / 3)
    assert told["n_mentions"].tolist() == [15] * 4


def test_long_lines_are_read_in_linear_time():
    text = "were killed and wounded " * 40_000 + "Ankara bombed by the by the by"
    assert len(find_harm(mentions_of([text]))) == 1
