"""The tagger's attributions, and the table of voices."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.actors import find_mentions, find_voices
from toolkit.errors import InputError, InputWarning
from toolkit.sentences import find_attributions, split_sentences
from toolkit.sentences.rules import apply_rules
from toolkit.sentences.tagger import SHAPES, STATES, WEIGHTS, find_tokens, load_tagger, normal_word, rule_states
from toolkit.tables import SCHEMAS, check_table


def attributions(text):
    return [
        (a.voice, text[a.start : a.end], None if a.speaker_start is None else text[a.speaker_start : a.speaker_end])
        for a in find_attributions(text)
    ]


def quotations(text):
    return [(words, speaker) for voice, words, speaker in attributions(text) if voice == "quoted"]


def articles(*texts, **columns):
    n = len(texts)
    table = {
        "article_id": [f"a{i}" for i in range(n)], "outlet": "x", "date": pd.Timestamp("2020-02-28"), "title": None,
        "text": list(texts), "url": None, "language": "en", "source_file": "x.txt", "wire": None,
        "story_id": [f"a{i}" for i in range(n)], "copied": 0.0,
    }  # fmt: skip
    return pd.DataFrame({**table, **columns})


# Quotations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "“We will not leave Idlib,” the foreign minister said. “Our soldiers are there at the request of its "
            "people.”",
            [
                ("We will not leave Idlib,", "the foreign minister"),
                ("Our soldiers are there at the request of its people.", "the foreign minister"),
            ],
            id="goes on after the cue",
        ),
        pytest.param(
            '"The talks were long," Mr. Lavrov told reporters in Sochi, "but they were useful, and both sides will '
            'honour what was agreed."',
            [
                ("The talks were long,", "Mr. Lavrov"),
                ("but they were useful, and both sides will honour what was agreed.", "Mr. Lavrov"),
            ],
            id="the sentence goes on after the cue",
        ),
        pytest.param(
            'The governor was blunt. "We asked for tents. We got promises. We asked for doctors. We got a delegation," '
            "he said.",
            [("We asked for tents. We got promises. We asked for doctors. We got a delegation,", "he")],
            id="several sentences",
        ),
        pytest.param(
            "«They fired first», a Kremlin spokesman said on Monday.",
            [("They fired first", "a Kremlin spokesman")],
            id="angle marks",
        ),
        pytest.param(
            'He said the plan was "dead," and that he had "no intention" of reviving it.',
            [("dead,", "He"), ("no intention", "He")],
            id="pieces of a sentence",
        ),
        pytest.param(
            "The delegate spoke last. 'It is the rebels' fault, and they know it,' he told the council.",
            [("It is the rebels' fault, and they know it,", "he")],
            id="an apostrophe inside single marks",
        ),
    ],
)
def test_quotations_and_their_speakers(text, expected):
    assert quotations(text) == expected


def test_a_quotation_over_two_paragraphs_has_one_speaker():
    text = '"The first convoy left at dawn.\n\n"The second never arrived," said a driver from Aleppo.'
    found = quotations(text)
    assert [words for words, _ in found] == ["The first convoy left at dawn.", "The second never arrived,"]
    assert all(speaker.startswith("a driver") for _, speaker in found)


@pytest.mark.parametrize(
    "text",
    [
        'The so-called "safe zone" was shelled again on Tuesday, and the road to the border stayed closed.',
        "The 'victory' cost thirty lives.",
        "The soldiers' families and the rebels' commanders waited in the '90s for a sign that never came.",
        "The war in Idlib has cost more than a thousand lives since December. Families sleep in the open.",
    ],
)
def test_scare_quotes_apostrophes_and_plain_reports_are_the_outlet(text):
    assert attributions(text) == []


# Layout


TRANSCRIPT = """The minister spoke to the programme on Sunday.
WALLACE: Will the truce hold?
PENCE: It has to. "Nobody wins," my father said.
WALLACE: Nobody?
The interview was cut for length."""


def test_turns_of_a_transcript():
    assert quotations(TRANSCRIPT) == [
        ("Will the truce hold?", "WALLACE"),
        ('It has to. "Nobody wins," my father said.', "PENCE"),
        ("Nobody?", "WALLACE"),
    ]


def test_headings_in_capitals_are_no_transcript():
    text = "READ MORE: The war in Idlib\nREAD MORE: The road to Hatay\nREAD MORE: The camps in winter"
    assert "READ MORE" not in [speaker for _, _, speaker in attributions(text)]


def test_names_that_sign_quotations():
    text = (
        "Readers wrote to us about the border.\n"
        "“It should have been opened years ago, and everybody knows it.” ― Ana Díaz\n"
        "“It must never be opened, whatever Brussels says.”― Bo van Lier"
    )
    assert [speaker for _, speaker in quotations(text)] == ["Ana Díaz", "Bo van Lier"]


# Reported speech


@pytest.mark.parametrize(
    ("text", "content", "speaker"),
    [
        ("Ankara believes the truce will hold, but few in the camps share its hopes.", "the truce will hold", "Ankara"),
        (
            "The ceasefire will not last the winter, according to three diplomats briefed on the talks.",
            "The ceasefire will not last the winter",
            "three diplomats briefed on the talks",
        ),
        ("Turkey, she argued, had no choice but to answer.", "had no choice but to answer.", "she"),
        (
            "The ministry denied that any of its aircraft had been in the area.",
            "any of its aircraft had been in the area.",
            "The ministry",
        ),
    ],
)
def test_reported_speech(text, content, speaker):
    assert ("reported", content, speaker) in attributions(text)


def test_a_thought_without_a_rule_is_found_by_the_tagger():
    text = "Many in the capital fear a new wave of refugees. His critics call the threat blackmail."
    assert find_attributions(text, "rules") == []
    assert ("reported", "the threat blackmail", "His critics") in attributions(text)


@pytest.mark.parametrize(
    ("text", "content", "speaker"),
    [
        ("At least 16 were killed on Sunday a monitor said.", "At least 16 were killed on Sunday", "a monitor"),
        ("The strikes have killed 122 civilians he said.", "The strikes have killed 122 civilians", "he"),
        (
            "Air strikes killed 42 people in the northwest the Syrian Observatory for Human Rights said on Monday.",
            "Air strikes killed 42 people in the northwest", "the Syrian Observatory for Human Rights",
        ),
        (
            "Some 60 mercenaries were killed in a series of strikes the defence ministry in Moscow said on Saturday.",
            "Some 60 mercenaries were killed in a series of strikes", "the defence ministry in Moscow",
        ),
        (
            "The generator was destroyed in the raid Observatory chief Rami Abdel Rahman told AFP.",
            "The generator was destroyed in the raid", "Observatory chief Rami Abdel Rahman",
        ),
    ],
)  # fmt: skip
def test_a_speaker_at_the_end_whose_comma_was_lost(text, content, speaker):
    assert attributions(text) == [("reported", content, speaker)]


@pytest.mark.parametrize(
    "text",
    ["It was unclear what the minister said.", "The man who lives next door to the minister said on Monday.",
     "They were surprised by what the Turkish president said on Friday."],
)  # fmt: skip
def test_a_cue_at_the_end_that_hands_nothing_over(text):
    assert attributions(text) == []


def test_a_quotation_that_has_lost_its_closing_mark_does_not_swallow_a_long_paragraph():
    rest = "The group controls the town. " * 30
    text = f'"We have killed over 20 of them Carter stated at a meeting. {rest}'
    assert quotations(text)[0][0] == "We have killed over 20 of them Carter stated at a meeting."
    short = '"We have killed over 20 of them. The group controls the town.'
    assert quotations(short)[0][0] == short[1:]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (
            "Moscow called it myopic. On Friday it banned Polish fruit and said it might expand the ban to all fruit.",
            "russia",
        ),
        (
            '"It was a mistake, and we shall pay for it," said Fred Hof, who worked in the Obama administration.',
            "other",
        ),
        ("The London-based group said that nine people were killed.", "other"),
        (
            "In a speech to his AK Party President Erdogan said that the army would stay in the town until the end.",
            "turkey",
        ),
    ],
)
def test_speakers_seen_in_real_articles(text, speaker):
    found = find_voices(articles(text)).dropna(subset=["speaker"])
    assert found["speaker"].iloc[-1] == speaker


def test_what_the_author_says_is_the_outlet():
    assert attributions("I said that Moscow had lied.") == []


# The network


WORDS = st.sampled_from(
    [
        "Ankara",
        "said",
        "that",
        ",",
        ".",
        '"',
        "“",
        "”",
        "'",
        "according to",
        "\n",
        "\r\n",
        "he",
        "№",
        "ı",
        "Ж",
        "مصر",
        "5",
        "",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_any_text_is_tagged(parts):
    text = " ".join(parts)
    rules = apply_rules(text, split_sentences(text))
    tokens, offsets = find_tokens(text)
    assert [text[start:end] for start, end in offsets] == tokens
    assert not "".join(text[end:start] for end, start in zip([0, *offsets[:, 1]], offsets[:, 0], strict=False)).strip()
    states = rule_states(offsets[:, 0], rules)
    assert states.shape == (len(tokens),)
    assert not len(states) or 0 <= states.min() <= states.max() < STATES
    tags = load_tagger().tag(tokens, offsets, states)
    assert tags.content.shape == tags.source.shape == tags.words.shape == (len(tokens),)
    assert tags.where.shape == (len(tokens), 5)
    assert np.isfinite(tags.content).all()


def test_states_say_what_stands_there():
    text = 'Ankara said "we stay".'
    tokens, offsets = find_tokens(text)
    states = dict(zip(tokens, rule_states(offsets[:, 0], apply_rules(text, [(0, len(text))])).tolist(), strict=True))
    assert states["Ankara"] == 2  # a speaker
    assert states["said"] % 3 == 1  # a cue
    assert states["stay"] // 9 == 1  # inside quotation marks
    assert states["stay"] // 3 % 3 == 2  # and quoted
    assert states["."] == 0


def test_the_network_in_numpy_is_the_one_of_the_formula():
    """Each layer adds relu of a convolution over three words that stand `step` apart, written out word by word."""
    text = "Ankara said that the talks in Moscow had failed, and that nobody was surprised by it."
    tagger = load_tagger()
    tokens, offsets = find_tokens(text)
    states = rule_states(offsets[:, 0], apply_rules(text, [(0, len(text))]))
    rows = [divmod(tagger.numbers[token] // 2, SHAPES) for token in tokens]
    layer = [
        tagger.words[row] + tagger.shapes[shape] + tagger.states[state]
        for (row, shape), state in zip(rows, states, strict=True)
    ]
    for kernel, bias, step in zip(tagger.kernels, tagger.biases, tagger.dilations, strict=True):
        added = []
        for i in range(len(layer)):
            total = bias.copy()
            for k, j in enumerate((i - step, i, i + step)):
                if 0 <= j < len(layer):
                    total = total + layer[j] @ kernel[k]
            added.append(np.maximum(total, 0))
        layer = [old + new for old, new in zip(layer, added, strict=True)]
    scores = np.array(layer) @ tagger.out + tagger.out_bias
    tags = tagger.tag(tokens, offsets, states)
    np.testing.assert_allclose(tags.content, scores[:, 0], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(tags.where, scores[:, 3:], rtol=1e-3, atol=1e-3)


def test_the_same_text_has_the_same_tags_whatever_stands_beside_it():
    text = 'Ankara said that it had won. "Nobody believes them," a rebel said.'
    alone = find_attributions(text)
    for _ in range(3):
        find_attributions("Another article. " * 50)
        assert find_attributions(text) == alone


def test_the_weights_are_small_and_hold_no_text():
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 3e6
    vocabulary = json.loads((WEIGHTS / "tagger.json").read_text(encoding="utf-8"))["vocabulary"]
    assert len(vocabulary) == len(set(vocabulary))
    assert not [word for word in vocabulary if " " in word]


@pytest.mark.parametrize(
    ("token", "expected"),
    [("Ankara’s", ("ankara's", 1)), ("NATO", ("nato", 2)), ("1,5", ("0", 3)), ("\n\n", ("\n", 0))],
)
def test_how_tokens_are_looked_up(token, expected):
    assert normal_word(token) == expected


# The table of voices


TEXT = (
    'It rained in Ankara. The war is over, the Turkish president said. "We have won. Nobody can deny it."\n'
    'A shopkeeper saw it otherwise. "They have won nothing," she said.'
)


def test_table_of_voices():
    table = articles(TEXT, "", "Nothing happened.", title=["Talks in Moscow", "A title", None])
    before = table.copy(deep=True)
    voices = find_voices(table)
    pd.testing.assert_frame_equal(table, before)
    assert list(voices.columns) == list(SCHEMAS["voices"])
    assert list(voices["sentence_id"]) == ["a0:t", *(f"a0:{i}" for i in range(6)), "a1:t", "a2:0"]
    for row in voices.itertuples(index=False):
        source = table.set_index("article_id").loc[row.article_id]
        whole = source["title"] if row.part == "title" else source["text"]
        assert whole[row.start : row.end] == row.sentence
    assert list(voices["voice"][:7]) == ["outlet", "outlet", "reported", "quoted", "quoted", "outlet", "quoted"]
    assert [None if pd.isna(speaker) else speaker for speaker in voices["speaker"]] == [
        None, None, "turkey", "turkey", "turkey", None, "other", None, None,
    ]  # fmt: skip
    assert (voices.loc[voices["voice"] == "outlet", "attributed"] == 0).all()
    assert (voices.loc[voices["voice"] != "outlet", "attributed"] > 0.3).all()


def test_sentences_are_those_of_the_mentions():
    table = articles(TEXT)
    mentions, voices = find_mentions(table), find_voices(table)
    joined = mentions.merge(voices, on="sentence_id", suffixes=("", "_of_sentence"), validate="many_to_one")
    assert len(joined) == len(mentions) > 0
    assert (joined["sentence"] == joined["sentence_of_sentence"]).all()


def test_other_languages_have_no_voice_and_say_so():
    table = articles("„Wir bleiben“, sagte der Minister.", "Ankara said it had won.", language=["de", "en-GB"])
    with pytest.warns(
        InputWarning, match=r"1 articles are not in English \(de: 1\); voices are known for English alone"
    ):
        voices = find_voices(table)
    german, english = voices[voices["article_id"] == "a0"], voices[voices["article_id"] == "a1"]
    assert len(german) == 1
    assert german[["voice", "attributed", "speaker"]].isna().all(axis=None)
    assert english["voice"].tolist() == ["reported"]


def test_no_articles():
    voices = find_voices(articles("x").iloc[:0])
    assert voices.empty
    check_table(voices, "voices")


def test_a_table_that_is_none():
    with pytest.raises(InputError, match="lacks the column 'text'"):
        find_voices(articles("Ankara.").drop(columns="text"))


# PolNeAR


def test_accuracy_on_polnear(root, monkeypatch):
    path = Path(os.environ.get("TOOLKIT_DATA") or "") / "polnear" / "dev.jsonl"
    if not os.environ.get("TOOLKIT_DATA") or not path.exists():
        pytest.skip("needs the folder polnear of TOOLKIT_DATA (github.com/networkdynamics/PolNeAR)")
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import voices_accuracy

    listed = [voices_accuracy.Article(row) for row in voices_accuracy.read_articles(path)]
    assert len(listed) == 84
    tagger, _ = voices_accuracy.measure(listed, lambda article: find_attributions(article.text))
    rules, _ = voices_accuracy.measure(listed, lambda article: find_attributions(article.text, "rules"))
    marks, _ = voices_accuracy.measure(listed, lambda article: voices_accuracy.quotation_marks(article.text))
    assert tagger["f1"] > rules["f1"] + 0.03 > marks["f1"] + 0.1
    assert tagger["f1"] >= 0.83
    assert tagger["speaker_direct"] >= 0.80
    assert tagger["found_direct"] >= 0.98
