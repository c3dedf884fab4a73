"""How an actor is portrayed, beside tone: which words stand near it, how it is named, how visible it is, who speaks."""

from toolkit.portrayal.naming import NAMINGS, naming_shares
from toolkit.portrayal.visibility import co_mentions, visibility, voice_shares
from toolkit.portrayal.words import actor_words

__all__ = ["NAMINGS", "actor_words", "co_mentions", "naming_shares", "visibility", "voice_shares"]
