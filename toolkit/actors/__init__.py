"""Who is meant: the lexicon of actors, their mentions in articles, and whether a name is a state or a place.

Names stand in ``toolkit/data/actors/``, the words around them that decide the reading in
``toolkit/data/readings.yaml``. Voices come from :mod:`toolkit.sentences`; this package says which actor a speaker is.
"""

from toolkit.actors.lexicon import Actor, Leader, Lexicon, load_lexicon
from toolkit.actors.mentions import find_mentions
from toolkit.actors.reading_model import MODES as READING_MODES
from toolkit.actors.voices import find_voices

__all__ = ["READING_MODES", "Actor", "Leader", "Lexicon", "find_mentions", "find_voices", "load_lexicon"]
