"""Score mentions: one classifier, one task, new columns."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.classifiers import CLASSIFIERS, load_classifier
from toolkit.classifiers.anchors import AnchorsClassifier
from toolkit.codebook import Task, load_codebook, require_single
from toolkit.errors import InputError, InputWarning, nearest
from toolkit.files import write_atomically
from toolkit.tables import check_table, task_columns

__all__ = ["is_ready", "make_classifier", "score_mentions", "score_parquet"]

_MODELS = Path(__file__).parent / "models"
SHIPPED = {("tone", "transformer"): _MODELS / "tone", ("tone", "embedding"): _MODELS / "tone_embedding"}
"""The trained classifiers that ship, by task and name."""
NO_TRAINING = {("tone", "lexicon")}
"""Classifiers that need none, by task and name."""
ZERO_SHOT = "anchors"
"""Needs no training for any task with one label a mention: it reads the codebook."""
CHUNK = 256
"""Different targets between two reports of progress."""


def make_classifier(classifier: Any, task: str | Task = "tone", codebook: str | Path | None = None) -> Any:
    """A classifier that is ready to score a task.

    Parameters
    ----------
    classifier : str, pathlib.Path or object
        A name of :data:`toolkit.CLASSIFIERS` that ships trained for the task or needs no training ("transformer",
        "embedding", "lexicon" for tone, "anchors" for every task), the folder of a saved one, or a fitted classifier
        with `predict_proba` and `classes_`. None: "transformer" for tone, "anchors", with a warning, for any other.
    task : str or Task
        A task of the codebook, or one of your own.
    codebook : path, optional
        Your codebook, in which `task` is a name; the toolkit's own by default.

    Raises
    ------
    InputError
        There is no such task, classifier or folder; the classifier has to be fitted first; it gives labels that the
        task lacks.
    """
    spec = _task(task, codebook)
    if classifier is None:
        classifier = "transformer" if spec == load_codebook()["tone"] else ZERO_SHOT
        if classifier == ZERO_SHOT:
            warnings.warn(
                f"no classifier ships for the task {spec.name!r}: 'anchors' is used, which reads the codebook only and "
                "is not validated (docs/methods.md, Roles and frames); hold it against coded mentions, or name it to "
                "silence this",
                InputWarning,
                stacklevel=3,
            )
    if isinstance(classifier, str | Path):
        classifier = _by_name(str(classifier), spec)
    if isinstance(classifier, type):
        raise InputError(
            f"{classifier.__name__} is a class; give a fitted classifier, as in {classifier.__name__}().fit(...)"
        )
    for needed in ("predict_proba", "classes_"):
        if not hasattr(classifier, needed):
            hint = "fit it first" if hasattr(classifier, "predict_proba") else f"names: {', '.join(CLASSIFIERS)}"
            raise InputError(f"{classifier!r} cannot score mentions: it has no {needed}; {hint}")
    foreign = [str(label) for label in classifier.classes_ if label not in spec.labels]
    if foreign:
        raise InputError(
            f"the classifier gives the label {foreign[0]!r}, which the task {spec.name!r} lacks; "
            f"its labels are {', '.join(spec.labels)}: fit the classifier on those"
        )
    return classifier


def is_ready(name: str, task: str = "tone") -> bool:
    """Whether a classifier of this name ships trained for a task, or needs no training for it.

    Examples
    --------
    >>> is_ready("embedding"), is_ready("tfidf"), is_ready("anchors", "role")
    (True, False, True)
    """
    if name == ZERO_SHOT:
        held = load_codebook().get(task)
        return held is not None and not held.multiple and not held.needs_proposition
    return (task, name) in SHIPPED or (task, name) in NO_TRAINING


def _task(task: str | Task, codebook: str | Path | None = None) -> Task:
    if isinstance(task, Task):
        if codebook is not None:
            raise InputError(f"the task {task.name!r} is given whole, so no codebook is read: leave codebook out")
        return require_single(task, "a classifier")
    tasks = load_codebook() if codebook is None else load_codebook(codebook)
    if task not in tasks:
        raise InputError(f"unknown task {task!r}; {nearest(str(task), tasks)}")
    return require_single(tasks[task], "a classifier")


def _by_name(name: str, task: Task) -> Any:
    if name == ZERO_SHOT:
        return AnchorsClassifier(task)
    # What ships was trained by the shipped definitions: a task of one's own that only has the name gets none of it.
    if task == load_codebook().get(task.name):
        if (task.name, name) in SHIPPED:
            return load_classifier(SHIPPED[task.name, name], labels=task.labels)
        if (task.name, name) in NO_TRAINING:
            return CLASSIFIERS[name]()
    if name in CLASSIFIERS:
        raise InputError(
            f"the classifier {name!r} does not ship trained for the task {task.name!r}; use 'anchors', which needs no "
            "training, or fit it and give the fitted one "
            f"(CLASSIFIERS[{name!r}]().fit(labelled, labelled['label'])), or in an experiment name its labelled data: "
            f"tasks: {{{task.name}: {{classifier: {name}, train: FOLDER}}}}"
        )
    if not Path(name).is_dir():
        raise InputError(f"unknown classifier {name!r}, and no folder of that name; {nearest(name, CLASSIFIERS)}")
    return load_classifier(name, labels=task.labels)


def score_mentions(
    mentions: pd.DataFrame,
    task: str | Task = "tone",
    *,
    classifier: Any = None,
    codebook: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Score every mention of a table for a task.

    Parameters
    ----------
    mentions : pandas.DataFrame
        At least the columns sentence, start, end; :func:`toolkit.find_mentions` makes such a table.
    task : str or Task
        A task of the codebook, or one of your own.
    classifier : str, pathlib.Path or object, optional
        See :func:`make_classifier`. By default "transformer" for tone and "anchors" for any other task. On coded
        roles the anchors did worse than reading the role off the tone (docs/methods.md, Roles and frames).
    codebook : path, optional
        Your codebook, in which `task` is a name; the toolkit's own by default.
    progress : callable, optional
        Called with (done, total), in different targets.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order, with the columns `<task>_pred` (the most probable label; missing where the
        classifier is told to abstain), `<task>_p_<label>`
        (probabilities, which sum to 1) and `<task>_score`: the expected value of the label, from -1 to 1, where the
        task's labels are ordered; missing where they are not. Columns of these names that were there are replaced.

    Raises
    ------
    InputError
        The table, the task or the classifier cannot be used.

    Notes
    -----
    The score is the sum over labels of value times probability, so a sentence that the classifier is unsure of counts
    less than one it is sure of. Equal targets get equal scores; each is classified once.

    Examples
    --------
    >>> import pandas as pd
    >>> sentences = ["Moscow betrayed and murdered its allies.", "Ankara won praise for its generous help."]
    >>> scored = score_mentions(pd.DataFrame({"sentence": sentences, "start": 0, "end": 6}))
    >>> scored["tone_pred"].tolist()
    ['negative', 'positive']
    """
    check_table(mentions, "targets")
    spec = _task(task, codebook)
    name = spec.name
    ready = make_classifier(classifier, spec)
    columns = ["sentence", "start", "end", *(c for c in getattr(ready, "further", ()) if c in mentions.columns)]
    targets = mentions[columns].reset_index(drop=True)
    # One place for equal targets, in the order in which they first occur; missing values are equal to each other.
    keys = targets.astype(dict.fromkeys(columns[3:], object)).fillna(dict.fromkeys(columns[3:], ""))
    place = keys.groupby(columns, sort=False, dropna=False).ngroup().to_numpy()
    different = targets[~keys.duplicated()].reset_index(drop=True)
    found = _probabilities(ready, different, spec, progress)
    proba = found[place] if len(targets) else found
    said = np.array(spec.labels, dtype=object)[proba.argmax(axis=1)]
    if (least := getattr(ready, "abstain", 0)) > 0:
        said = np.where(proba.max(axis=1) >= least, said, None)
    new: dict[str, Any] = {
        f"{name}_pred": pd.array(said, dtype="str"),
        **{f"{name}_p_{label}": proba[:, i] for i, label in enumerate(spec.labels)},
        f"{name}_score": np.full(len(proba), np.nan),
    }
    if spec.values is not None:
        # Column by column: a matrix product's last bits would depend on the number of rows.
        new[f"{name}_score"] = sum(value * proba[:, i] for i, value in enumerate(spec.values))
    assert list(new) == task_columns(name, spec.labels)
    return mentions.assign(**new)


def score_parquet(
    source: str | Path,
    target: str | Path,
    task: str | Task = "tone",
    *,
    classifier: Any = None,
    codebook: str | Path | None = None,
    rows: int = 20_000,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Score the mentions of a Parquet file into another, part by part: memory does not grow with their number.

    Parameters
    ----------
    source, target : path
        `target` is written whole or not at all.
    task, classifier, codebook
        As for :func:`score_mentions`, which is applied to each part; the result is the same.
    rows : int
        Mentions in memory at a time.
    progress : callable, optional
        Called with (mentions scored, mentions).

    Returns
    -------
    int
        The number of mentions.

    Raises
    ------
    InputError
        The file cannot be read, or :func:`score_mentions` refuses it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(rows, int) or rows < 1:
        raise InputError(f"rows is {rows!r}; expected a whole number of at least 1")
    try:
        file = pq.ParquetFile(source)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{str(source)!r} cannot be read as Parquet ({error})") from None
    spec = _task(task, codebook)
    ready = make_classifier(classifier, spec)
    total, done, writer = file.metadata.num_rows, 0, None
    with file, write_atomically(Path(target)) as part:
        try:
            for batch in file.iter_batches(batch_size=rows):
                scored = score_mentions(batch.to_pandas(), spec, classifier=ready)
                table = pa.Table.from_pandas(scored, preserve_index=False)
                writer = writer or pq.ParquetWriter(part, table.schema)
                # A part whose labels are all missing would else be of another type than the first.
                writer.write_table(table.cast(writer.schema))
                done += len(scored)
                if progress:
                    progress(done, total)
            if writer is None:
                empty = score_mentions(file.schema_arrow.empty_table().to_pandas(), spec, classifier=ready)
                pq.write_table(pa.Table.from_pandas(empty, preserve_index=False), part)
        finally:
            if writer is not None:
                writer.close()
    return done


def _probabilities(
    classifier: Any, targets: pd.DataFrame, task: Task, progress: Callable[[int, int], None] | None
) -> np.ndarray:
    """Shape (targets, labels), columns in the task's order."""
    columns = [task.labels.index(str(label)) for label in classifier.classes_]
    table = np.zeros((len(targets), len(task.labels)))
    for first in range(0, len(targets), CHUNK):
        part = targets.iloc[first : first + CHUNK]
        table[first : first + len(part), columns] = classifier.predict_proba(part)
        if progress:
            progress(first + len(part), len(targets))
    if np.isnan(table).any():
        row = int(np.isnan(table).any(axis=1).argmax())
        raise InputError(f"the classifier gives no probability for the sentence {targets['sentence'][row][:80]!r}")
    return table
