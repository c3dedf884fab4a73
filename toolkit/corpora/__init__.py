"""From folders, files and dataset cards to articles and labelled sentences."""

from toolkit.corpora.cards import Card, read_card
from toolkit.corpora.importing import Imported, import_articles
from toolkit.corpora.labelled import load_labelled
from toolkit.corpora.loading import load_articles
from toolkit.corpora.reading import Corpus, read_articles, resolve_corpus

__all__ = [
    "Card", "Corpus", "Imported", "import_articles", "load_articles", "load_labelled", "read_articles", "read_card",
    "resolve_corpus",
]  # fmt: skip
