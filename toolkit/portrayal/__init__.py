"""How an actor is portrayed, beside tone: which words stand near it, how it is named, how visible it is, who speaks."""

from toolkit.portrayal.axes import Axis, axis_scores, axis_words, load_axes
from toolkit.portrayal.distances import portrayal_distances
from toolkit.portrayal.harm import HARM, PASSIVES, find_harm, harm_shares, passive_shares
from toolkit.portrayal.naming import NAMINGS, naming_shares
from toolkit.portrayal.visibility import co_mentions, visibility, voice_shares
from toolkit.portrayal.words import actor_words

__all__ = [
    "HARM",
    "NAMINGS",
    "PASSIVES",
    "Axis",
    "actor_words",
    "axis_scores",
    "axis_words",
    "co_mentions",
    "find_harm",
    "harm_shares",
    "load_axes",
    "naming_shares",
    "passive_shares",
    "portrayal_distances",
    "visibility",
    "voice_shares",
]
