"""The training loop: batches of like length, soft labels, augmentation, averaged weights, resumable at every epoch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.files import content_id, to_json, write_atomically
from toolkit.finetuning import network as net
from toolkit.finetuning.inputs import Pieces, TargetTokenizer

__all__ = ["Examples", "Settings", "predict", "train"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Settings:
    """How is trained.

    Attributes
    ----------
    epochs, batch : int
        Passes over the examples; examples per step.
    rate, head_rate, layer_decay, weight_decay, warmup : float
        AdamW's peak learning rates for the encoder's top layer and for the head; the factor from each layer to the one
        below; its weight decay; the share of steps in which the rates rise.
    dropout, smoothing, average : float
        Dropout before the last layer; label smoothing of hard labels; decay of the moving average of the weights (0:
        the last weights are taken).
    mask, swap : float
        The shares of examples whose target is shown masked, and under another name.
    names : tuple of str
        The names that are put in targets' place.
    seed, threads : int
        Threads of torch on the processor; 0 leaves them as they are.
    device : str
        "cpu", "cuda" or "auto".
    """

    epochs: int = 4
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 5e-4
    layer_decay: float = 0.9
    weight_decay: float = 0.01
    warmup: float = 0.06
    dropout: float = 0.2
    smoothing: float = 0.1
    average: float = 0.995
    mask: float = 0.0
    swap: float = 0.0
    names: tuple[str, ...] = field(default=(), repr=False)
    seed: int = 0
    threads: int = 0
    device: str = "auto"


@dataclass(frozen=True)
class Examples:
    """What is learnt from.

    Attributes
    ----------
    pieces : sequence of Pieces
    labels : numpy.ndarray of float32, shape (examples, classes)
        Probabilities; a hard label is one 1.
    weights : numpy.ndarray of float32, shape (examples,)
    heads : numpy.ndarray of int64, shape (examples,)
        The number of the head that learns from the example.
    """

    pieces: Sequence[Pieces]
    labels: np.ndarray
    weights: np.ndarray
    heads: np.ndarray

    def digest(self) -> str:
        """Names the content, to tell whether a checkpoint belongs to it."""
        parts = (self.labels.tobytes().hex(), self.weights.tobytes().hex(), self.heads.tobytes().hex())
        return content_id("", *self.pieces, *parts)


def train(
    network: Any,
    tokenizer: TargetTokenizer,
    examples: Examples,
    settings: Settings,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    each_epoch: Callable[[Any, int], None] | None = None,
) -> Any:
    """Train a network of :func:`toolkit.finetuning.network.build`, in place.

    Parameters
    ----------
    network : torch.nn.Module
        Its attribute `classes` is the number of labels of a head.
    tokenizer : TargetTokenizer
    examples : Examples
    settings : Settings
    checkpoint : pathlib.Path, optional
        A folder where the state after each epoch is kept; a training that was cut off goes on from there, and ends with
        the weights that it would have had.
    progress : callable, optional
        Called with (steps done, steps).
    each_epoch : callable, optional
        Called with the network (averaged weights, evaluation mode) and the number of the epoch.

    Returns
    -------
    torch.nn.Module
        The network with the averaged weights, in evaluation mode.
    """
    torch = net.need_torch()
    device = _device(settings.device)
    network.to(device)
    steps_an_epoch = -(-len(examples.pieces) // settings.batch)
    total = steps_an_epoch * settings.epochs
    optimizer = torch.optim.AdamW(
        net.groups(network, settings.rate, settings.head_rate, settings.layer_decay, settings.weight_decay),
        betas=(0.9, 0.98),
        fused=True,
    )
    average = {key: value.detach().clone() for key, value in network.state_dict().items()}
    state = _Checkpoint(checkpoint, examples, settings)
    begun = state.load(network, average, optimizer)
    swaps = [tokenizer.words(name) for name in settings.names]
    with _threads(settings.threads), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        for epoch in range(begun, settings.epochs):
            torch.manual_seed(settings.seed * 1_000 + epoch)
            rng = np.random.default_rng([settings.seed, epoch])
            network.train()
            for step, (places, rows) in enumerate(_batches(tokenizer, examples, settings, swaps, rng)):
                done = epoch * steps_an_epoch + step
                _set_rates(optimizer, done, total, settings.warmup)
                _step(network, tokenizer, examples, settings, optimizer, places, rows)
                _update_average(network, average, settings.average, done)
                if progress:
                    progress(done + 1, total)
            state.save(network, average, optimizer, epoch + 1)
            if each_epoch:
                held = {key: value.detach().clone() for key, value in network.state_dict().items()}
                network.load_state_dict(average)
                each_epoch(network.eval(), epoch)
                network.load_state_dict(held)
    network.load_state_dict(average)
    return network.eval()


def predict(
    network: Any,
    tokenizer: TargetTokenizer,
    pieces: Sequence[Pieces],
    *,
    blind: bool,
    batch: int = 64,
    threads: int = 0,
    progress: Progress | None = None,
) -> np.ndarray:
    """Logits of shape (targets, classes) in torch, for teachers and for choosing; float32."""
    torch = net.need_torch()
    rows = [tokenizer.ids(p, blind=blind) for p in pieces]
    order = np.argsort([len(row[0]) for row in rows], kind="stable")
    found = np.zeros((len(rows), network.classes), dtype=np.float32)
    device = next(network.parameters()).device
    with _threads(threads), torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        network.eval()
        for first in range(0, len(rows), batch):
            places = order[first : first + batch]
            found[places] = net.forward(network, [rows[i] for i in places], tokenizer.pad).float().cpu().numpy()
            if progress:
                progress(min(first + batch, len(rows)), len(rows))
    return found


def _device(name: str) -> Any:
    torch = net.need_torch()
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in ("cpu", "cuda"):
        raise InputError(f"device is {name!r}; expected 'auto', 'cpu' or 'cuda'")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device is 'cuda', but torch finds no such device here; take 'auto'")
    return torch.device(name)


def _threads(number: int) -> AbstractContextManager[None]:
    from contextlib import contextmanager

    @contextmanager
    def held() -> Any:
        import torch

        before = torch.get_num_threads()
        if number:
            torch.set_num_threads(number)
        yield
        torch.set_num_threads(before)

    return held()


def _batches(
    tokenizer: TargetTokenizer,
    examples: Examples,
    settings: Settings,
    swaps: list[tuple[int, ...]],
    rng: np.random.Generator,
) -> Any:
    """Shuffled; examples of like length together, as padding is read too."""
    n, size = len(examples.pieces), settings.batch
    rows = []
    chance = rng.random(n)
    names = rng.integers(0, max(1, len(swaps)), n)
    for place, pieces in enumerate(examples.pieces):
        blind = bool(chance[place] < settings.mask)
        if not blind and swaps and chance[place] < settings.mask + settings.swap:
            pieces = Pieces(pieces.left, swaps[names[place]], pieces.right)
        rows.append(tokenizer.ids(pieces, blind=blind))
    order = rng.permutation(n)
    batches = []
    for first in range(0, n, size * 50):
        pool = order[first : first + size * 50]
        pool = pool[np.argsort([len(rows[i][0]) for i in pool], kind="stable")]
        batches += [pool[k : k + size] for k in range(0, len(pool), size)]
    for number in rng.permutation(len(batches)):
        yield batches[number], [rows[i] for i in batches[number]]


def _step(
    network: Any,
    tokenizer: TargetTokenizer,
    examples: Examples,
    settings: Settings,
    optimizer: Any,
    places: np.ndarray,
    rows: list[tuple[np.ndarray, int, int]],
) -> None:
    import torch

    device = next(network.parameters()).device
    with torch.autocast(device.type, torch.bfloat16):
        logits = net.forward(network, rows, tokenizer.pad, examples.heads[places])
    wanted = torch.from_numpy(examples.labels[places]).to(device)
    classes = wanted.shape[1]
    hard = (wanted.max(dim=1, keepdim=True).values == 1).float()
    wanted = wanted * (1 - settings.smoothing * hard) + settings.smoothing * hard / classes
    weights = torch.from_numpy(examples.weights[places]).to(device)
    losses = -(wanted * torch.log_softmax(logits, dim=1)).sum(1)
    loss = (losses * weights).mean()
    if not torch.isfinite(loss):
        raise InputError("the training went astray (the loss is not finite); try a lower learning rate")
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in network.parameters() if p.requires_grad], 1.0)
    optimizer.step()


def _set_rates(optimizer: Any, done: int, total: int, warmup: float) -> None:
    rising = max(1, round(total * warmup))
    factor = (done + 1) / rising if done < rising else max(0.0, (total - done) / max(1, total - rising))
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


def _update_average(network: Any, average: dict[str, Any], decay: float, done: int) -> None:
    import torch

    # Young averages forget faster: the first weights are those of a head that knows nothing.
    decay = min(decay, (1 + done) / (10 + done))
    with torch.no_grad():
        for key, value in network.named_parameters():
            if value.requires_grad:
                average[key].lerp_(value, 1 - decay)


class _Checkpoint:
    """The state between two epochs, as safetensors and JSON."""

    def __init__(self, folder: Path | None, examples: Examples, settings: Settings) -> None:
        self.folder = folder
        self.digest = content_id("", examples.digest(), json.dumps(asdict(settings))) if folder else ""

    def save(self, network: Any, average: dict[str, Any], optimizer: Any, epoch: int) -> None:
        if self.folder is None:
            return
        from safetensors.torch import save_file

        tensors = {f"network.{key}": value for key, value in network.state_dict().items()}
        tensors |= {f"average.{key}": value for key, value in average.items()}
        for number, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{key}": value for key, value in values.items()}
        with write_atomically(self.folder / f"epoch_{epoch}.safetensors") as part:
            save_file({key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}, part)
        with write_atomically(self.folder / "state.json") as part:
            part.write_text(to_json({"epoch": epoch, "training": self.digest}), encoding="utf-8")
        for old in self.folder.glob("epoch_*.safetensors"):
            if old.name != f"epoch_{epoch}.safetensors":
                old.unlink()

    def load(self, network: Any, average: dict[str, Any], optimizer: Any) -> int:
        if self.folder is None or not (self.folder / "state.json").is_file():
            return 0
        from safetensors.torch import load_file

        state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        if state["training"] != self.digest:
            raise InputError(
                f"{str(self.folder)!r} holds the state of another training (other data or settings); "
                "give another folder, or remove it"
            )
        tensors = load_file(self.folder / f"epoch_{state['epoch']}.safetensors")
        parts: dict[str, dict[str, Any]] = {"network": {}, "average": {}, "optimizer": {}}
        for key, value in tensors.items():
            kind, _, rest = key.partition(".")
            parts[kind][rest] = value
        network.load_state_dict(parts["network"])
        for key, value in parts["average"].items():
            average[key].copy_(value)
        whole = optimizer.state_dict()
        for key, value in parts["optimizer"].items():
            number, _, name = key.partition(".")
            whole["state"].setdefault(int(number), {})[name] = value
        optimizer.load_state_dict(whole)
        return int(state["epoch"])
