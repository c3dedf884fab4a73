"""A small fine-tuned encoder that reads the sentence with its target marked, or masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from toolkit.classifiers.base import NotFitted, TargetClassifier
from toolkit.encoders import onnx_session, processors
from toolkit.errors import InputError, nearest
from toolkit.files import write_atomically
from toolkit.finetuning.inputs import VIEWS, TargetTokenizer
from toolkit.finetuning.names import HELD_OUT

__all__ = ["TransformerClassifier"]

CONTEXTS = ("sentence", "neighbours")
CHANGES = 0.02
"""More changes of label by the target's name alone than this share, and the name is not read unless asked for."""
AUDITED = 200
"""So many development sentences are tried under other names."""
TONE = Path(__file__).parents[1] / "models" / "tone"


class TransformerClassifier(TargetClassifier):
    """An encoder fine-tuned on marked targets; it runs as ONNX with weights of eight bits, without torch.

    Parameters
    ----------
    encoder : str
        What :meth:`fit` starts from: "tone" (the tone classifier that ships: it knows the task, so that few annotations
        do), or the folder or name of an encoder of the kinds bert, roberta or xlm-roberta.
    view : {"auto", "blind", "sighted"}
        "blind": the target is replaced by a mask, so that who it is cannot matter; "sighted": it is marked and read;
        "auto": what was found better on development data when the classifier was trained.
    context : {"sentence", "neighbours"}
        What is read: the sentence alone, or also the text in the columns `before` and `after`, as far as it fits.
    abstain : float
        :meth:`predict` gives no label (None) where the largest probability is below this; 0 to 1.
    languages : sequence of str
        The languages of the training data, as ISO 639-1 codes.
    other_languages : {"refuse", "accept"}
        What is done with a table whose column `language` names another one, or most of whose letters are of a script
        that none of the languages is written in.
    epochs, rate, batch, max_tokens : int, float, int, int
        Passes over the annotations, peak learning rate, annotations a step, tokens read.
    mask, swap : float
        The shares of training sentences whose target is masked, and gets another name.
    smoothing : float
        Label smoothing.
    device : {"auto", "cpu", "cuda"}
        Where is trained.
    random_state : int
        Seed of the training.

    Notes
    -----
    The markers are two tokens that the vocabulary leaves unused; the head reads the states of the first token and the
    mean of the target's. Each text runs by itself, so results don't depend on the rows beside it, nor on how many texts
    run at the same time.

    References
    ----------
    Wang et al.: MiniLM. NeurIPS 2020. Hamborg, Donnay: NewsMTSC. EACL 2021. Hinton, Vinyals, Dean: Distilling the
    knowledge in a neural network. 2015.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.scoring import make_classifier
    >>> sentence = "Ankara accused Damascus of shelling the camp."
    >>> mentions = pd.DataFrame({"sentence": sentence, "start": [0, 15], "end": [6, 23]})
    >>> make_classifier("transformer").predict(mentions).tolist()
    ['neutral', 'negative']
    """

    name = "transformer"
    files: ClassVar[tuple[str, ...]] = ("model.onnx", "tokenizer.json")
    further: ClassVar[tuple[str, ...]] = ("language", "before", "after")

    def __init__(
        self,
        encoder: str = "tone",
        view: str = "auto",
        context: str = "sentence",
        abstain: float = 0.0,
        languages: Sequence[str] = ("en",),
        other_languages: str = "refuse",
        epochs: int = 4,
        rate: float = 5e-5,
        batch: int = 16,
        max_tokens: int = 128,
        mask: float = 0.5,
        swap: float = 0.2,
        smoothing: float = 0.1,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.encoder = encoder
        self.view = view
        self.context = context
        self.abstain = abstain
        self.languages = languages
        self.other_languages = other_languages
        self.epochs = epochs
        self.rate = rate
        self.batch = batch
        self.max_tokens = max_tokens
        self.mask = mask
        self.swap = swap
        self.smoothing = smoothing
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        mentions: pd.DataFrame,
        y: Any,
        *,
        checkpoint: str | Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> TransformerClassifier:
        """Fine-tune on labelled targets; see :meth:`TargetClassifier.fit`.

        Parameters
        ----------
        mentions : pandas.DataFrame
            Columns sentence, start, end.
        y : array-like of str, or pandas.DataFrame of float, shape (rows, classes)
            The labels, or the probability of each: its columns are the classes.
        checkpoint : path, optional
            A folder where the state after each epoch is kept; called again with the same data, a training that was cut
            off goes on from there.
        progress : callable, optional
            Called with (steps done, steps).
        """
        from toolkit.finetuning.fitting import Start, fit_network

        self._check_parameters()
        targets = self._targets(mentions)
        soft = y if isinstance(y, pd.DataFrame) else None
        if soft is None:
            labels = self._labels(y, len(targets))
            classes = np.unique(labels)
            table = (labels[:, None] == classes[None]).astype(np.float32)
        else:
            classes, table = _soft_labels(soft, len(targets))
        if len(classes) < 2:
            raise InputError(
                f"all labels are {str(classes[0])!r}; a classifier needs at least two different ones to fit"
            )
        start = None
        if self.encoder == "tone":
            from toolkit.classifiers import load_classifier

            held: Any = load_classifier(TONE)
            start = Start(held.model_, held.tokenizer_, held.facts_["shape"], [str(c) for c in held.classes_])
        folder = Path(checkpoint) if checkpoint else None
        made = fit_network(self, targets, table, [str(c) for c in classes], start, folder, progress)
        return self.restore(made.model, made.tokenizer, made.shape, [str(c) for c in classes])

    def restore(self, model: bytes, tokenizer: str, shape: dict[str, Any], classes: list[str]) -> TransformerClassifier:
        """Take a graph of :func:`toolkit.finetuning.fitting.export` as what was fitted; not calibrated."""
        self.classes_ = np.array(classes)
        self._take(model, tokenizer, {"shape": shape, "temperature": dict.fromkeys(VIEWS, 1.0), "view": "blind"})
        return self

    def calibrate(self, mentions: pd.DataFrame, y: Any) -> TransformerClassifier:
        """Choose the temperature of each view on development data, and the view of "auto".

        The logits are divided by the temperature at which the gold labels are most probable. "auto" is from then on
        "sighted" where its labels have the higher macro-F1 and fewer than 2 % of them change with the target's name,
        else "blind".

        References
        ----------
        Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017.
        """
        from scipy.optimize import minimize_scalar
        from sklearn.metrics import f1_score

        if not self._is_fitted():
            raise NotFitted("the classifier 'transformer' is not fitted; call fit(mentions, labels) first, or load one")
        targets = self._targets(mentions)
        labels = self._labels(y, len(targets))
        unknown = sorted(set(labels) - set(self.classes_))
        if unknown:
            known = [str(label) for label in self.classes_]
            raise InputError(f"the label {str(unknown[0])!r} was not trained; {nearest(str(unknown[0]), known)}")
        places: Any = np.searchsorted(self.classes_, labels)
        score = {}
        for view in VIEWS:
            logits = self._logits(targets, blind=view == "blind")

            def loss(log_temperature: float, logits: np.ndarray = logits) -> float:
                proba = _softmax(logits / np.exp(log_temperature))
                return float(-np.log(np.clip(proba[np.arange(len(places)), places], 1e-12, 1)).mean())

            found = minimize_scalar(loss, bounds=(-2, 2), method="bounded")
            self.facts_["temperature"][view] = round(float(np.exp(found.x)), 4)
            score[view] = f1_score(labels, self.classes_[logits.argmax(axis=1)], average="macro", zero_division=0)
        changed = self._changed_by_names(targets)
        seeing = score["sighted"] > score["blind"] and changed < CHANGES
        self.facts_["view"] = "sighted" if seeing else "blind"
        self.facts_["changed_by_names"] = round(changed, 4)
        return self

    def _changed_by_names(self, targets: list[tuple[str, int, int]]) -> float:
        """In the view "sighted", the share of pairs of names under which a sentence's label differs."""
        few = targets[:: max(1, len(targets) // AUDITED)]
        said = [
            self._logits([(s[:a] + name + s[b:], a, a + len(name)) for s, a, b in few], blind=False).argmax(axis=1)
            for name in HELD_OUT
        ]
        pairs = [(one != other).mean() for place, one in enumerate(said) for other in said[:place]]
        return float(np.mean(pairs))

    def predict(self, mentions: pd.DataFrame) -> np.ndarray:
        """The most probable label of each row; None where its probability is below `abstain`."""
        proba = self.predict_proba(mentions)
        if not len(proba):
            return np.empty(0, dtype=self.classes_.dtype)
        said = self.classes_[proba.argmax(axis=1)]
        if self.abstain <= 0:
            return said
        sure = proba.max(axis=1) >= self.abstain
        return np.array([label if kept else None for label, kept in zip(said, sure, strict=True)], dtype=object)

    def _check_parameters(self) -> None:
        for key, known in (
            ("view", ("auto", *VIEWS)),
            ("context", CONTEXTS),
            ("other_languages", ("refuse", "accept")),
            ("device", ("auto", "cpu", "cuda")),
        ):
            if getattr(self, key) not in known:
                raise InputError(f"{key} is {getattr(self, key)!r}; {nearest(str(getattr(self, key)), known)}")
        for key, low, high in (
            ("abstain", 0, 1),
            ("mask", 0, 1),
            ("swap", 0, 1),
            ("smoothing", 0, 0.99),
            ("epochs", 1, 1000),
            ("batch", 1, 4096),
            ("max_tokens", 16, 512),
            ("rate", 1e-9, 1),
        ):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"{key} is {value!r}; expected a number from {low} to {high}")
        if self.mask + self.swap > 1:
            raise InputError(f"mask is {self.mask} and swap {self.swap}; together they are shares of at most 1")
        if isinstance(self.languages, str) or not list(self.languages):
            raise InputError(f"languages is {self.languages!r}; expected a list of codes such as ['en']")

    def _targets(self, mentions: pd.DataFrame) -> list[tuple[str, int, int]]:
        self._check_parameters()
        targets = super()._targets(mentions)
        if self.other_languages == "refuse":
            self._check_language(mentions, targets)
        if self.context == "sentence":
            return targets
        if not {"before", "after"} <= set(mentions.columns):
            raise InputError(
                "context is 'neighbours', but the table lacks the columns 'before' and 'after' with the text of the "
                "sentences beside each; add them, or take context='sentence'"
            )
        sides = mentions[["before", "after"]].fillna("").astype(str).itertuples(index=False, name=None)
        found = []
        for (sentence, start, end), (before, after) in zip(targets, sides, strict=True):
            lead = f"{before} " if before else ""
            found.append((lead + sentence + (f" {after}" if after else ""), start + len(lead), end + len(lead)))
        return found

    def _check_language(self, mentions: pd.DataFrame, targets: list[tuple[str, int, int]]) -> None:
        known = [str(code).lower() for code in self.languages]
        remedy = (
            "take a classifier trained for it (fit one on an encoder that knows the language), or say "
            "other_languages='accept'"
        )
        if "language" in mentions.columns:
            given = mentions["language"].dropna().astype(str)
            foreign = given[(given != "") & ~given.str.lower().str.split(r"[-_]").str[0].isin(known)]
            if len(foreign):
                raise InputError(
                    f"row {foreign.index[0]} is in the language {foreign.iloc[0]!r}; the classifier was trained for "
                    f"{', '.join(known)}: {remedy}"
                )
        if targets and set(known) <= _LATIN and sum(map(_is_foreign, targets)) * 2 > len(targets):
            sentence = next(target[0] for target in targets if _is_foreign(target))
            raise InputError(
                f"most sentences are not written in Latin letters, such as {sentence[:40]!r}; the classifier was "
                f"trained for {', '.join(known)}: {remedy}"
            )

    def _blind(self) -> bool:
        return (self.facts_["view"] if self.view == "auto" else self.view) == "blind"

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        blind = self._blind()
        return _softmax(
            self._logits(targets, blind=blind) / self.facts_["temperature"]["blind" if blind else "sighted"]
        )

    def _logits(self, targets: list[tuple[str, int, int]], *, blind: bool) -> np.ndarray:
        session, tokenizer = self._ready()
        places = {target: place for place, target in enumerate(dict.fromkeys(targets))}

        def one(target: tuple[str, int, int]) -> np.ndarray:
            ids, first, last = tokenizer.ids(tokenizer.pieces(*target), blind=blind)
            read = np.array([0, *range(first, last)], dtype=np.int64)
            return session.run(["logits"], {"input_ids": ids[None], "places": read})[0][0]

        # Threads share out texts, never one text's arithmetic: the bits cannot depend on their number.
        with ThreadPoolExecutor(min(8, processors())) as pool:
            found = np.array(list(pool.map(one, places)), dtype=np.float64)
        return found[[places[target] for target in targets]]

    def _take(self, model: bytes, tokenizer: str, facts: dict[str, Any]) -> None:
        self.model_, self.tokenizer_, self.facts_ = model, tokenizer, facts
        self.__dict__.pop("_held", None)

    def _ready(self) -> tuple[Any, TargetTokenizer]:
        # Made at first use and kept.
        held = getattr(self, "_held", None)
        if held is None or held[0] != self.max_tokens:
            self._held = held = (
                self.max_tokens,
                _session(self.model_),
                TargetTokenizer(self.tokenizer_, self.max_tokens),
            )
        return held[1], held[2]

    def __getstate__(self) -> dict[str, Any]:
        """Copies leave the loaded model behind: it is loaded again where they are used."""
        return {key: value for key, value in super().__getstate__().items() if key != "_held"}

    def _facts(self) -> dict[str, Any]:
        return self.facts_

    def _write(self, folder: Path) -> None:
        with write_atomically(folder / "model.onnx") as part:
            part.write_bytes(self.model_)
        with write_atomically(folder / "tokenizer.json") as part:
            part.write_text(self.tokenizer_, encoding="utf-8")

    def _read(self, facts: dict[str, Any], contents: dict[str, bytes], source: str) -> None:
        if set(facts["temperature"]) != set(VIEWS) or facts["view"] not in VIEWS:
            raise InputError(f"{source}: the views {facts['temperature']}, {facts['view']!r}; expected {VIEWS}")
        self._take(contents["model.onnx"], contents["tokenizer.json"].decode("utf-8"), facts)
        session, _ = self._ready()
        found = session.get_outputs()[0].shape
        if found != [1, len(self.classes_)]:
            raise InputError(f"{source}: the model gives {found}, expected {[1, len(self.classes_)]}")


_LATIN = set("en de fr es it pt nl sv da no fi pl cs sk sl hr hu ro tr id ms vi sq et lv lt".split())  # noqa: SIM905


def _is_foreign(target: tuple[str, int, int]) -> bool:
    """Whether most letters are beyond Latin (with its additions, which end at U+024F, and U+1E00 to U+1EFF)."""
    letters = [c for c in target[0][:400] if c.isalpha()]
    return sum(ord(c) > 0x24F and not 0x1E00 <= ord(c) <= 0x1EFF for c in letters) * 2 > len(letters)


def _soft_labels(table: pd.DataFrame, rows: int) -> tuple[np.ndarray, np.ndarray]:
    if len(table) != rows:
        raise InputError(f"{len(table)} rows of probabilities for {rows} mentions; expected one row for each")
    if not rows:
        raise InputError("there are no labelled mentions to fit on")
    ordered = table[sorted(table.columns)]
    values = ordered.to_numpy(dtype=np.float32)
    if not np.isfinite(values).all() or (values < 0).any() or not np.allclose(values.sum(axis=1), 1, atol=1e-3):
        raise InputError("probabilities must lie between 0 and 1 and sum to 1 in each row")
    return np.array([str(c) for c in ordered.columns]), values


def _softmax(logits: np.ndarray) -> np.ndarray:
    # Row by row in effect: nothing here adds up over rows.
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _session(model: bytes) -> Any:
    try:
        return onnx_session(model)
    except Exception as error:  # the library's own kinds, which share no base but Exception
        reason = str(error).split("\n")[0][:200]
        raise InputError(f"model.onnx cannot be read ({reason}); save or fetch the classifier again") from None
