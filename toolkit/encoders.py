"""Text to vectors: the encoder that ships (ONNX Runtime), or any sentence-transformers model by name or folder.

Texts run one at a time, without padding: the same text gives the same bits whatever stands beside it, in whatever order
and with however many threads. In batches it would not: int8 activations share one scale, and padding moves the last
bits.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.files import file_hash

__all__ = ["Encoder", "TokenStates", "load_encoder", "onnx_session", "processors"]

SHIPPED = {"minilm": Path(__file__).parent / "models" / "minilm"}
LONGEST = 4_000
"""Characters: of a longer text only this many round the target are cut into tokens."""
CHUNK = 128
"""Texts between two reports of progress; bounds the memory of states that wait."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TokenStates:
    """The states of one text's tokens, without the special ones.

    Attributes
    ----------
    offsets : numpy.ndarray of int, shape (tokens, 2)
        Start and end of each token in the text, in code points.
    states : numpy.ndarray of float32, shape (layers, tokens, dims)
        One vector for each layer asked for and token.
    """

    offsets: np.ndarray
    states: np.ndarray


@dataclass(frozen=True)
class _Tokens:
    ids: np.ndarray
    offsets: np.ndarray
    special: np.ndarray


class Encoder(ABC):
    """A frozen encoder.

    Attributes
    ----------
    name : str
        What was asked for.
    fingerprint : str
        A hash of the weights: a classifier trained on one encoder refuses another.
    n_layers, dims, max_tokens : int
        Layers above the embeddings (layer 0), length of a state, tokens of one text including the special ones.
    default_layers : tuple of int
        The layers a classifier reads unless told otherwise.
    """

    name: str
    fingerprint: str
    n_layers: int
    dims: int
    max_tokens: int
    default_layers: tuple[int, ...]
    threads: int = 1

    def states(
        self,
        targets: Iterable[tuple[str, int, int]],
        layers: Sequence[int] | None = None,
        *,
        progress: Progress | None = None,
    ) -> Iterator[TokenStates]:
        """The token states round each target, in the order given.

        Parameters
        ----------
        targets : iterable of (text, start, end)
            Offsets in code points. Of a text longer than `max_tokens` a window is read in which the target is kept.
        layers : sequence of int, optional
            From 0 (embeddings) to `n_layers`.
        progress : callable, optional
            Called with (done, total) every few texts; total is the number of targets where they are a list.

        Yields
        ------
        TokenStates

        Raises
        ------
        InputError
            A layer that the encoder lacks.
        """
        chosen = self._check_layers(self.default_layers if layers is None else layers)
        total = len(targets) if isinstance(targets, Sequence) else 0
        return self._chunks(iter(targets), chosen, total, progress)

    def _chunks(
        self, targets: Iterator[tuple[str, int, int]], layers: tuple[int, ...], total: int, progress: Progress | None
    ) -> Iterator[TokenStates]:
        done = 0
        with ThreadPoolExecutor(self.threads) as pool:
            while chunk := list(islice(targets, CHUNK)):
                # Threads share out texts, never one text's arithmetic: the bits cannot depend on their number.
                yield from pool.map(lambda target: self._states(target, layers), chunk)
                done += len(chunk)
                if progress:
                    progress(done, max(total, done))

    def vectors(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """One vector of length 1 for each text: the mean of its tokens in the last layer.

        Parameters
        ----------
        texts : sequence of str
            Each different text is encoded once. Of a long text the beginning is read.
        progress : callable, optional
            Called with (done, total).

        Returns
        -------
        numpy.ndarray of float32, shape (texts, dims)

        References
        ----------
        Reimers, Gurevych: Sentence-BERT. EMNLP 2019.
        """
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        table = np.zeros((len(places), self.dims), dtype=np.float32)
        for place, found in enumerate(
            self.states([(text, 0, 0) for text in places], (self.n_layers,), progress=progress)
        ):
            if found.states.shape[1]:
                mean = found.states[0].mean(axis=0)
                table[place] = mean / np.linalg.norm(mean)
        return table[[places[text] for text in texts]] if len(texts) else table

    def _check_layers(self, layers: Sequence[int]) -> tuple[int, ...]:
        for layer in layers:
            if not (isinstance(layer, int) and 0 <= layer <= self.n_layers):
                raise InputError(f"the encoder {self.name!r} has the layers 0 to {self.n_layers}, got {layer!r}")
        if not len(layers):
            raise InputError(f"name at least one layer of the encoder {self.name!r}, from 0 to {self.n_layers}")
        return tuple(layers)

    def _states(self, target: tuple[str, int, int], layers: tuple[int, ...]) -> TokenStates:
        text, start, end = target
        cut, start, end, skipped = _crop(text, start, end)
        tokens = self._tokenize(cut)
        keep = _window(tokens, start, end, self.max_tokens)
        states = self._run(tokens.ids[keep], layers)
        real = ~tokens.special[keep]
        return TokenStates(tokens.offsets[keep][real] + skipped, np.ascontiguousarray(states[:, real]))

    @abstractmethod
    def _tokenize(self, text: str) -> _Tokens:
        """All tokens of a text, special ones included."""

    @abstractmethod
    def _run(self, ids: np.ndarray, layers: tuple[int, ...]) -> np.ndarray:
        """States of shape (layers, tokens, dims) for the tokens of one text."""


def _crop(text: str, start: int, end: int) -> tuple[str, int, int, int]:
    if len(text) <= LONGEST:
        return text, start, end, 0
    first = max(0, start - (LONGEST - min(end - start, LONGEST)) // 2)
    return text[first : first + LONGEST], start - first, min(end - first, LONGEST), first


def _window(tokens: _Tokens, start: int, end: int, most: int) -> np.ndarray:
    """Places of the tokens to keep: the special ones and as many others round the target as fit."""
    places = np.arange(len(tokens.ids))
    if len(places) <= most:
        return places
    real, special = places[~tokens.special], places[tokens.special]
    room = most - len(special)
    offsets = tokens.offsets[real]
    inside = np.flatnonzero((offsets[:, 0] < max(end, start + 1)) & (offsets[:, 1] > start))
    low, high = (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)
    first = max(0, low - max(0, room - (high - low)) // 2)
    first = max(0, min(first, len(real) - room))
    return np.sort(np.concatenate([special, real[first : first + room]]))


class _OnnxEncoder(Encoder):
    """The encoder that ships."""

    def __init__(self, name: str, folder: Path, threads: int) -> None:
        from tokenizers import Tokenizer

        config = _read_config(folder)
        self.name, self.threads = name, threads
        self.fingerprint = config["hashes"]["model.onnx"]
        self.n_layers, self.dims, self.max_tokens = config["layers"], config["dims"], config["max_tokens"]
        self.default_layers = tuple(config["default_layers"])
        self._session = onnx_session(folder / "model.onnx")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def _tokenize(self, text: str) -> _Tokens:
        # Lone surrogates are legal in a str and in no UTF-8; one code point for one keeps the offsets.
        found = self._tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8"))
        return _Tokens(
            np.array(found.ids, dtype=np.int64),
            np.array(found.offsets, dtype=np.int64).reshape(-1, 2),
            np.array(found.special_tokens_mask, dtype=bool),
        )

    def _run(self, ids: np.ndarray, layers: tuple[int, ...]) -> np.ndarray:
        found = self._session.run([f"layer_{layer}" for layer in layers], {"input_ids": ids[None]})
        return np.concatenate(found)


def _read_config(folder: Path) -> dict[str, Any]:
    remedy = "install the toolkit again"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        hashes = config["hashes"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"the encoder's folder {str(folder)!r} cannot be read ({error}); {remedy}") from None
    for name, wanted in hashes.items():
        path = folder / name
        if not path.is_file():
            raise InputError(f"the encoder's file {str(path)!r} is missing; {remedy}")
        found = file_hash(path)
        if found != wanted:
            raise InputError(
                f"the encoder's file {str(path)!r} is damaged or another one: its SHA-256 is {found[:12]}..., "
                f"expected {wanted[:12]}...; {remedy}"
            )
    return config


class _SentenceTransformer(Encoder):
    """Any sentence-transformers model whose first part is a transformer."""

    def __init__(self, name: str) -> None:
        self.name = name
        transformer = _load_sentence_transformer(name)[0]
        self._model: Any = getattr(transformer, "auto_model", None)
        self._tokenizer: Any = getattr(transformer, "tokenizer", None)
        depth = getattr(getattr(self._model, "config", None), "num_hidden_layers", None)
        if self._model is None or depth is None or not getattr(self._tokenizer, "is_fast", False):
            raise InputError(
                f"the encoder {name!r} gives no states of single tokens with their places in the text; expected a "
                "sentence-transformers model that is a transformer with a fast tokenizer, such as "
                "'sentence-transformers/all-MiniLM-L6-v2'"
            )
        self._model.eval()
        self.n_layers, self.dims = int(depth), int(self._model.config.hidden_size)
        self.max_tokens = min(128, int(transformer.max_seq_length or 128))
        # Two thirds of the way up and the top: where the shipped encoder's tone is read best (see its card).
        self.default_layers = tuple(sorted({max(1, round(depth * 2 / 3)), self.n_layers}))
        self.fingerprint = _hash_weights(self._model)

    def _tokenize(self, text: str) -> _Tokens:
        found = self._tokenizer(
            text.encode("utf-8", "replace").decode("utf-8"),
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            truncation=False,
            padding=False,
            verbose=False,
        )
        return _Tokens(
            np.array(found["input_ids"], dtype=np.int64),
            np.array(found["offset_mapping"], dtype=np.int64).reshape(-1, 2),
            np.array(found["special_tokens_mask"], dtype=bool),
        )

    def _run(self, ids: np.ndarray, layers: tuple[int, ...]) -> np.ndarray:
        import torch

        with torch.inference_mode():
            every = torch.ones((1, len(ids)), dtype=torch.int64)
            found = self._model(
                input_ids=torch.from_numpy(ids)[None], attention_mask=every, output_hidden_states=True
            ).hidden_states
            return np.concatenate([found[layer].float().numpy() for layer in layers])


def _load_sentence_transformer(name: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise InputError(
            f"the encoder {name!r} needs the package sentence-transformers; run: pip install 'stance-toolkit[encoders]'"
        ) from None
    folder = Path(name)
    if not folder.is_dir() and (folder.is_absolute() or name.startswith((".", "~"))):
        raise InputError(
            f"there is no folder {name!r} with an encoder; give the folder of a sentence-transformers model"
        )
    try:
        # Code that comes with a model is never run (trust_remote_code stays off).
        return SentenceTransformer(name, device="cpu")
    except Exception as error:  # the library raises a dozen kinds, from OSError to KeyError
        reason = str(error).strip().split("\n")[0][:200]
        if folder.is_dir():
            raise InputError(
                f"the folder {name!r} cannot be loaded as a sentence-transformers model ({reason}); expected a folder "
                "that SentenceTransformer(...).save(...) wrote"
            ) from None
        raise InputError(
            f"the encoder {name!r} is neither one that ships ({', '.join(SHIPPED)}), nor a folder, nor could it be "
            f"had from the Hugging Face hub ({reason}). Without a connection: on a connected machine run "
            f'python -c "from sentence_transformers import SentenceTransformer; SentenceTransformer({name!r}).save('
            "'FOLDER')\", copy FOLDER here, and give its path as the encoder"
        ) from None


def _hash_weights(model: Any) -> str:
    import hashlib

    import torch

    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def load_encoder(name: str = "minilm", *, threads: int | None = None) -> Encoder:
    """Load an encoder.

    Parameters
    ----------
    name : str
        "minilm" (all-MiniLM-L6-v2, int8, ships with the toolkit), the hub name of a sentence-transformers model, or the
        path of a folder with one.
    threads : int, optional
        Texts encoded at the same time by the shipped encoder; by default as many as there are processors, at most 8.
        The vectors don't depend on it.

    Returns
    -------
    Encoder

    Raises
    ------
    InputError
        The model's files are damaged; there is no such model here and the hub can't be reached; the package
        sentence-transformers is not installed.

    References
    ----------
    Wang et al.: MiniLM. NeurIPS 2020. Reimers, Gurevych: Sentence-BERT. EMNLP 2019.

    Examples
    --------
    >>> encoder = load_encoder()
    >>> a, b, c = encoder.vectors(["Turkish jets struck the base.", "The base was bombed by Ankara.", "Oil fell."])
    >>> bool(a @ b > a @ c)
    True
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"expected the name of an encoder, got {name!r}; 'minilm' ships with the toolkit")
    if threads is not None and (not isinstance(threads, int) or threads < 1):
        raise InputError(f"threads is {threads!r}; expected a whole number of at least 1")
    if name in SHIPPED:
        return _OnnxEncoder(name, SHIPPED[name], threads or min(8, processors()))
    return _SentenceTransformer(name)


def onnx_session(model: Path | bytes) -> Any:
    """A model in ONNX Runtime, from a file or from its bytes: on one thread, so that its bits are always the same."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
