"""Where sentences end, what stands in quotation marks, and what a sentence hands to a speaker.

Rules and word lists (``toolkit/data/attributions.yaml``), for English. Everything is offsets in code points of the text
that was given; no text is changed.
"""

from toolkit.sentences.attributions import METHODS, Attribution, find_attributions
from toolkit.sentences.splitting import split_sentences

__all__ = ["METHODS", "Attribution", "find_attributions", "split_sentences"]
