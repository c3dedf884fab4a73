import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.sentences import METHODS, find_attributions, split_sentences


def sentences(text):
    return [text[start:end] for start, end in split_sentences(text)]


def attributions(text, method="rules"):
    """What is handed over, by the rules alone; the tagger has tests of its own in test_voices.py."""
    return [
        (a.voice, text[a.start : a.end], None if a.speaker_start is None else text[a.speaker_start : a.speaker_end])
        for a in find_attributions(text, method)
    ]


@pytest.mark.parametrize(
    "parts",
    [
        ["Mr. Erdogan met Gen. Ivanov on Feb. 28.", "They agreed."],
        ["The U.S. Army left.", "It was late."],
        ["He flew to the U.S.", "The talks failed."],
        ["It rose 2.5 per cent to 3.6 million.", "No. 10 kept silent."],
        ["J. R. Smith of Acme Inc. was there at 5 p.m. on Monday.", "Nobody else was."],
        ["Was it over?", "No.", "It was not!", "Perhaps..."],
        ["They waited ... and waited.", "Nothing came."],
        ['"We are here." He left.', "Nobody came."],
        ['"Who gave the order?" Putin asked.', "Nobody knew."],
        ['"Stop!" he said.', "(They did.)", "Then they left."],
        ["“We stay.”", "The army left."],
        ["A headline without a stop", "A first line.", "A second."],
        ["A vote of the E.U. Council failed.", "Vol. 3, p. 12 has it."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts):
    joined = "\n".join(parts) if parts[0].startswith("A headline") else " ".join(parts)
    expected = ['"We are here."', "He left.", "Nobody came."] if parts[0].startswith('"We are here') else parts
    assert sentences(joined) == expected


def test_line_breaks_end_sentences_and_blank_text_has_none():
    assert sentences("One line\r\nanother\u2028third\n\n\n") == ["One line", "another", "third"]
    assert split_sentences("") == split_sentences(" \n\t ") == []


def test_a_list_without_full_stops_is_cut():
    spans = split_sentences("word " * 3000)
    assert max(end - start for start, end in spans) <= 2000
    assert "".join("word " * 3000).replace(" ", "") == "".join(sentences("word " * 3000)).replace(" ", "")


TEXTS = st.text(alphabet=st.sampled_from("aB .!?\n\"'“”‘’«»„…,;:—()1\ue000üЖع") | st.characters(), max_size=200)


@settings(max_examples=300)
@given(TEXTS)
def test_sentences_cover_everything_but_white_space(text):
    spans = split_sentences(text)
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert not text[last:start].strip()
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        last = end
    assert not text[last:].strip()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Ankara", "said", "that", ", ", ". ", '"', "“", "”", "'", "according to", "\n", "he", " "])
    ),
    st.sampled_from(METHODS),
)
def test_attributions_stay_within_the_text(parts, method):
    text = " ".join(parts)
    found = find_attributions(text, method)
    assert found == sorted(found, key=lambda a: (a.start, a.end, a.voice))
    last = 0
    for a in found:
        assert 0 <= a.start < a.end <= len(text)
        assert (a.speaker_start is None) == (a.speaker_end is None)
        if a.speaker_start is not None:
            assert 0 <= a.speaker_start < a.speaker_end <= len(text)
            assert text[a.speaker_start : a.speaker_end].strip()
        if a.voice == "quoted":
            assert a.start >= last
            last = a.end


@pytest.mark.parametrize(
    ("left", "right"), [('"', '"'), ("“", "”"), ("‘", "’"), ("'", "'"), ("«", "»"), ("»", "«"), ("„", "“")]
)
def test_all_quotation_marks(left, right):
    text = f"{left}They fired first and we don't forget it,{right} a Kremlin spokesman said."
    assert attributions(text) == [("quoted", "They fired first and we don't forget it,", "a Kremlin spokesman")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('The minister said: "We stay."', [("We stay.", "The minister")]),
        (
            '"We stay," said a spokesman for the ministry in Ankara.',
            [("We stay,", "a spokesman for the ministry in Ankara")],
        ),
        ('"We stay," he said. "We will not go."', [("We stay,", "he"), ("We will not go.", "he")]),
        ('"We stay. We will not go," the envoy said.', [("We stay. We will not go,", "the envoy")]),
        ('The delegate spoke last. "We stay."', [("We stay.", "The delegate spoke last")]),
        (
            '"We stay.\n\n"We will not go," an officer said.',
            [("We stay.", "an officer"), ("We will not go,", "an officer")],
        ),
        ("'It is the rebels' fault,' an officer said.", [("It is the rebels' fault,", "an officer")]),
        ('Moscow claimed that it moved "without telling us".', [("without telling us", "Moscow")]),
        ('He called the plan "not even worth the paper it is on".', [("not even worth the paper it is on", "He")]),
        ("\"He said 'never' to me,\" the aide told reporters.", [("He said 'never' to me,", "the aide")]),
    ],
)
def test_quotations_and_their_speakers(text, expected):
    assert [(words, speaker) for voice, words, speaker in attributions(text) if voice == "quoted"] == expected


@pytest.mark.parametrize(
    "text",
    [
        'The "safe zone" was shelled again.',
        "The 'victory' cost thirty lives.",
        "The soldiers' families and the rebels' commanders waited in the '90s.",
        "It wasn't Ankara's fault, it's Moscow's.",
    ],
)
def test_scare_quotes_and_apostrophes_are_the_outlet(text):
    assert attributions(text) == []


@pytest.mark.parametrize(
    ("text", "content", "speaker"),
    [
        ("Ankara said on Monday that Damascus had lied.", "Damascus had lied.", "Ankara"),
        ("Ankara said Damascus had lied.", "Damascus had lied.", "Ankara"),
        ("According to Ankara, the army had left.", "the army had left.", "Ankara"),
        ("According to him Turkey has built drones.", "Turkey has built drones.", "him"),
        ("Two men died, according to the U.S. army.", "Two men died", "the U.S. army"),
        ("Two men died, the ministry said.", "Two men died", "the ministry"),
        ("Two men died, the ministry said in a statement on Monday.", "Two men died", "the ministry"),
        ("Two men died, said a spokesman for the ministry.", "Two men died", "a spokesman for the ministry"),
        ("Ankara accused Damascus of a massacre.", "Damascus of a massacre.", "Ankara"),
        ("The envoy called on Turkey to leave.", "Turkey to leave.", "The envoy"),
        (
            "The Kremlin, equally predictable, said Turkey had lied.",
            "Turkey had lied.",
            "The Kremlin, equally predictable",
        ),
        ("The minister told reporters Turkey would stay.", "Turkey would stay.", "The minister"),
        ("State television insisted there were no losses, which was news.", "there were no losses", "State television"),
        ("A spokesman chose sober words: Turkey had failed.", "Turkey had failed.", "A spokesman chose sober"),
    ],
)
def test_reported_speech(text, content, speaker):
    assert attributions(text) == [("reported", content, speaker)]


def test_a_parenthesis_hands_over_both_sides():
    assert attributions("The strikes, it said, had helped.") == [
        ("reported", "The strikes", "it"),
        ("reported", "had helped.", "it"),
    ]


def test_a_second_verb_keeps_its_subject():
    found = attributions("Ankara said that two men had died and blamed Damascus.")
    assert ("reported", "Damascus.", "Ankara") in found


def test_the_next_speaker_ends_what_was_said():
    assert attributions("Ankara said it had won and Moscow said it had not.") == [
        ("reported", "it had won and", "Ankara"),
        ("reported", "it had not.", "Moscow"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ankara refused to say that it had won.",
        "It must be said, the army fought well.",
        "The first warning came at night.",
        "He said nothing about Russia's pilots.",
        "I said that Moscow had lied.",
        "Without asking for thanks, the army left.",
        "Russia's so-called friends left.",
    ],
)
def test_what_hands_nothing_over(text):
    assert attributions(text) == []


def test_an_unclosed_quotation_ends_with_its_paragraph():
    assert attributions('An officer said: "We stay.\nNobody else spoke.') == [("quoted", "We stay.", "An officer")]


@pytest.mark.parametrize("function", [split_sentences, find_attributions])
def test_no_text(function):
    with pytest.raises(InputError, match=r"expected a text, got float: pass one article's text"):
        function(float("nan"))


def test_an_unknown_method():
    with pytest.raises(InputError, match=r"method 'tager' is unknown: choose one of tagger, rules"):
        find_attributions("Ankara warned.", "tager")
