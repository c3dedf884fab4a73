"""How news outlets portray political actors: from a folder of articles to a figure that survives review.

The public names are loaded when they are first used, so that ``import toolkit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.actors import find_mentions, find_voices, load_lexicon
    from toolkit.annotated import show_article
    from toolkit.bundling import bundle_run
    from toolkit.classifiers import CLASSIFIERS
    from toolkit.cleaning import clean_articles, restore_text
    from toolkit.codebook import load_codebook
    from toolkit.comparing import compare_runs
    from toolkit.comparison import compare_classifiers, grouped_folds
    from toolkit.corpora import load_articles, load_labelled, read_articles
    from toolkit.encoders import load_encoder
    from toolkit.errors import InputError, InputWarning
    from toolkit.estimation import contrast, estimate, tone_by_article
    from toolkit.evaluation import accuracy, swap_audit
    from toolkit.experiment import run_experiment, run_variants
    from toolkit.plots import PLOTS, plot_tone_by_outlet, plot_tone_over_time
    from toolkit.portrayal import (
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
    from toolkit.readers import READERS
    from toolkit.rebuilding import rebuild_bundle
    from toolkit.scoring import score_mentions, score_parquet
    from toolkit.stories import group_stories
    from toolkit.verification import verify_run

_HOMES = {
    "CLASSIFIERS": "classifiers",
    "InputError": "errors",
    "InputWarning": "errors",
    "PLOTS": "plots",
    "READERS": "readers",
    "accuracy": "evaluation",
    "actor_words": "portrayal",
    "axis_scores": "portrayal",
    "axis_words": "portrayal",
    "bundle_run": "bundling",
    "clean_articles": "cleaning",
    "co_mentions": "portrayal",
    "compare_classifiers": "comparison",
    "compare_runs": "comparing",
    "contrast": "estimation",
    "estimate": "estimation",
    "find_harm": "portrayal",
    "find_mentions": "actors",
    "find_voices": "actors",
    "group_stories": "stories",
    "grouped_folds": "comparison",
    "harm_shares": "portrayal",
    "load_articles": "corpora",
    "load_axes": "portrayal",
    "load_codebook": "codebook",
    "load_encoder": "encoders",
    "load_labelled": "corpora",
    "load_lexicon": "actors",
    "naming_shares": "portrayal",
    "passive_shares": "portrayal",
    "plot_tone_by_outlet": "plots",
    "plot_tone_over_time": "plots",
    "portrayal_distances": "portrayal",
    "read_articles": "corpora",
    "rebuild_bundle": "rebuilding",
    "restore_text": "cleaning",
    "run_experiment": "experiment",
    "run_variants": "experiment",
    "score_mentions": "scoring",
    "score_parquet": "scoring",
    "show_article": "annotated",
    "swap_audit": "evaluation",
    "tone_by_article": "estimation",
    "verify_run": "verification",
    "visibility": "portrayal",
    "voice_shares": "portrayal",
}

__all__ = [
    "CLASSIFIERS",
    "PLOTS",
    "READERS",
    "InputError",
    "InputWarning",
    "accuracy",
    "actor_words",
    "axis_scores",
    "axis_words",
    "bundle_run",
    "clean_articles",
    "co_mentions",
    "compare_classifiers",
    "compare_runs",
    "contrast",
    "estimate",
    "find_harm",
    "find_mentions",
    "find_voices",
    "group_stories",
    "grouped_folds",
    "harm_shares",
    "load_articles",
    "load_axes",
    "load_codebook",
    "load_encoder",
    "load_labelled",
    "load_lexicon",
    "naming_shares",
    "passive_shares",
    "plot_tone_by_outlet",
    "plot_tone_over_time",
    "portrayal_distances",
    "read_articles",
    "rebuild_bundle",
    "restore_text",
    "run_experiment",
    "run_variants",
    "score_mentions",
    "score_parquet",
    "show_article",
    "swap_audit",
    "tone_by_article",
    "verify_run",
    "visibility",
    "voice_shares",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'toolkit' has no attribute {name!r}")
    return getattr(import_module(f"toolkit.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
