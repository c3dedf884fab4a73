"""How news outlets portray political actors: from a folder of articles to a figure that survives review.

The public names are loaded when they are first used, so that ``import toolkit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.actors import find_mentions, find_voices, load_lexicon
    from toolkit.agreement import adjudicate, coder_agreement, coder_confusion, disagreements, krippendorff_alpha
    from toolkit.annotated import show_article, show_mention
    from toolkit.annotation import Sample, plan_sample, read_annotations, sample_mentions, write_sheets
    from toolkit.bundling import bundle_run
    from toolkit.classifiers import CLASSIFIERS
    from toolkit.cleaning import clean_articles, restore_text
    from toolkit.codebook import load_codebook, split_labels
    from toolkit.comparison import compare_classifiers, grouped_folds
    from toolkit.corpora import load_articles, load_labelled, read_articles
    from toolkit.encoders import load_encoder
    from toolkit.errors import InputError, InputWarning
    from toolkit.estimation import (
        contrast,
        contrast_within,
        decompose_gap,
        double_contrast,
        dsl_difference,
        dsl_mean,
        dsl_moment,
        dsl_ols,
        estimate,
        outcomes,
        ppi_mean,
        ppi_ols,
        regress,
        specification_curve,
        specification_shares,
        tone_by_article,
        trend,
    )
    from toolkit.evaluation import (
        accuracy,
        accuracy_by,
        cross_calibrate,
        gold_confusion,
        reliability,
        swap_audit,
        swap_by_actor,
        swap_floor,
    )
    from toolkit.experiment import report_again, run_experiment
    from toolkit.manual import coder_manual
    from toolkit.plots import (
        PLOTS,
        plot_agreement,
        plot_confusion,
        plot_corrected,
        plot_decomposition,
        plot_reliability,
        plot_specification_curve,
        plot_swap_audit,
        plot_tone_by_outlet,
        plot_tone_over_time,
    )
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
    "Sample": "annotation",
    "accuracy": "evaluation",
    "accuracy_by": "evaluation",
    "actor_words": "portrayal",
    "adjudicate": "agreement",
    "axis_scores": "portrayal",
    "axis_words": "portrayal",
    "bundle_run": "bundling",
    "clean_articles": "cleaning",
    "co_mentions": "portrayal",
    "coder_agreement": "agreement",
    "coder_confusion": "agreement",
    "coder_manual": "manual",
    "compare_classifiers": "comparison",
    "contrast": "estimation",
    "contrast_within": "estimation",
    "cross_calibrate": "evaluation",
    "decompose_gap": "estimation",
    "disagreements": "agreement",
    "double_contrast": "estimation",
    "dsl_difference": "estimation",
    "dsl_mean": "estimation",
    "dsl_moment": "estimation",
    "dsl_ols": "estimation",
    "estimate": "estimation",
    "find_harm": "portrayal",
    "find_mentions": "actors",
    "find_voices": "actors",
    "gold_confusion": "evaluation",
    "group_stories": "stories",
    "grouped_folds": "comparison",
    "harm_shares": "portrayal",
    "krippendorff_alpha": "agreement",
    "load_articles": "corpora",
    "load_axes": "portrayal",
    "load_codebook": "codebook",
    "load_encoder": "encoders",
    "load_labelled": "corpora",
    "load_lexicon": "actors",
    "naming_shares": "portrayal",
    "outcomes": "estimation",
    "passive_shares": "portrayal",
    "plan_sample": "annotation",
    "plot_agreement": "plots",
    "plot_confusion": "plots",
    "plot_corrected": "plots",
    "plot_decomposition": "plots",
    "plot_reliability": "plots",
    "plot_specification_curve": "plots",
    "plot_swap_audit": "plots",
    "plot_tone_by_outlet": "plots",
    "plot_tone_over_time": "plots",
    "portrayal_distances": "portrayal",
    "ppi_mean": "estimation",
    "ppi_ols": "estimation",
    "read_annotations": "annotation",
    "read_articles": "corpora",
    "rebuild_bundle": "rebuilding",
    "regress": "estimation",
    "reliability": "evaluation",
    "report_again": "experiment",
    "restore_text": "cleaning",
    "run_experiment": "experiment",
    "sample_mentions": "annotation",
    "score_mentions": "scoring",
    "score_parquet": "scoring",
    "show_article": "annotated",
    "show_mention": "annotated",
    "specification_curve": "estimation",
    "specification_shares": "estimation",
    "split_labels": "codebook",
    "swap_audit": "evaluation",
    "swap_by_actor": "evaluation",
    "swap_floor": "evaluation",
    "tone_by_article": "estimation",
    "trend": "estimation",
    "verify_run": "verification",
    "visibility": "portrayal",
    "voice_shares": "portrayal",
    "write_sheets": "annotation",
}

__all__ = [
    "CLASSIFIERS",
    "PLOTS",
    "READERS",
    "InputError",
    "InputWarning",
    "Sample",
    "accuracy",
    "accuracy_by",
    "actor_words",
    "adjudicate",
    "axis_scores",
    "axis_words",
    "bundle_run",
    "clean_articles",
    "co_mentions",
    "coder_agreement",
    "coder_confusion",
    "coder_manual",
    "compare_classifiers",
    "contrast",
    "contrast_within",
    "cross_calibrate",
    "decompose_gap",
    "disagreements",
    "double_contrast",
    "dsl_difference",
    "dsl_mean",
    "dsl_moment",
    "dsl_ols",
    "estimate",
    "find_harm",
    "find_mentions",
    "find_voices",
    "gold_confusion",
    "group_stories",
    "grouped_folds",
    "harm_shares",
    "krippendorff_alpha",
    "load_articles",
    "load_axes",
    "load_codebook",
    "load_encoder",
    "load_labelled",
    "load_lexicon",
    "naming_shares",
    "outcomes",
    "passive_shares",
    "plan_sample",
    "plot_agreement",
    "plot_confusion",
    "plot_corrected",
    "plot_decomposition",
    "plot_reliability",
    "plot_specification_curve",
    "plot_swap_audit",
    "plot_tone_by_outlet",
    "plot_tone_over_time",
    "portrayal_distances",
    "ppi_mean",
    "ppi_ols",
    "read_annotations",
    "read_articles",
    "rebuild_bundle",
    "regress",
    "reliability",
    "report_again",
    "restore_text",
    "run_experiment",
    "sample_mentions",
    "score_mentions",
    "score_parquet",
    "show_article",
    "show_mention",
    "specification_curve",
    "specification_shares",
    "split_labels",
    "swap_audit",
    "swap_by_actor",
    "swap_floor",
    "tone_by_article",
    "trend",
    "verify_run",
    "visibility",
    "voice_shares",
    "write_sheets",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'toolkit' has no attribute {name!r}")
    return getattr(import_module(f"toolkit.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
