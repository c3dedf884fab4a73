"""The network that is fine-tuned: an encoder, and a head on the first token's and the target's states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.finetuning.inputs import pad

__all__ = ["build", "empty_encoder", "forward", "groups", "load_pretrained", "need_torch"]

DEEPEST = "embeddings"


def need_torch() -> Any:
    """Import torch, or say how to get it."""
    try:
        import onnx  # noqa: F401 - needed at the end of a training: better missed at its beginning
        import torch
        import transformers  # noqa: F401
    except ImportError:
        raise InputError(
            "fine-tuning needs the packages torch, transformers and onnx; run: pip install 'stance-toolkit[encoders]'"
        ) from None
    return torch


def load_pretrained(name: str, *, attention_dropout: float | None = None) -> tuple[Any, str]:
    """An encoder and its tokenizer, from a folder or by its name on the Hugging Face hub.

    Parameters
    ----------
    name : str
        A folder with `model.safetensors`, `config.json` and `tokenizer.json`, or a name.
    attention_dropout : float, optional
        In place of the encoder's own.

    Returns
    -------
    encoder : torch.nn.Module
    tokenizer : str
        JSON.

    Raises
    ------
    InputError
        There is no such encoder, or its weights are not safetensors (which alone are read: a pickle may hold code).
    """
    need_torch()
    from transformers import AutoModel, AutoTokenizer, logging

    folder = Path(name).expanduser()
    if not folder.is_dir() and (folder.is_absolute() or name.startswith((".", "~"))):
        raise InputError(f"there is no folder {name!r} with an encoder; give a folder with model.safetensors")
    source = str(folder) if folder.is_dir() else name
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # it reports the unused pooler's weights
    changes = {} if attention_dropout is None else {"attention_probs_dropout_prob": attention_dropout}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        # Plain attention: on processors the fused kernel's backward pass is several times slower in bfloat16.
        encoder = AutoModel.from_pretrained(
            source, use_safetensors=True, dtype="float32", attn_implementation="eager", **changes
        )
        text = tokenizer.backend_tokenizer.to_str()
    except Exception as error:  # the library raises a dozen kinds
        reason = str(error).strip().split("\n")[0][:200]
        raise InputError(
            f"the encoder {name!r} cannot be loaded ({reason}); expected a folder with model.safetensors, config.json "
            "and tokenizer.json, or the name of such a model on the Hugging Face hub (which needs a connection)"
        ) from None
    finally:
        logging.set_verbosity(level)
    if hasattr(encoder, "pooler"):
        encoder.pooler = None
    return encoder, text


def empty_encoder(shape: Any) -> Any:
    """An encoder of this shape whose weights are still to be set."""
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.for_model(shape.kind, **shape.config())
    encoder = AutoModel.from_config(config, attn_implementation="eager", dtype="float32")
    encoder.pooler = None
    return encoder


def build(encoder: Any, classes: int, heads: int, dropout: float) -> Any:
    """The network: `encoder`, `hidden` and `head`, in one torch module.

    With h the encoder's last states, head k gives W_k tanh(V [h_first ; mean of h over the target] + v) + b_k.
    """
    from torch import nn

    dims = int(encoder.config.hidden_size)
    network: Any = nn.ModuleDict(
        {
            "encoder": encoder,
            "hidden": nn.Linear(2 * dims, dims),
            "dropout": nn.Dropout(dropout),
            "head": nn.Linear(dims, classes * heads),
        }
    )
    network.classes = classes
    return network


def forward(network: Any, rows: list[tuple[np.ndarray, int, int]], filler: int, heads: Any = None) -> Any:
    """Logits of shape (rows, classes), of each row's head; without `heads` those of the first."""
    import torch

    device = next(network.parameters()).device
    ids, real = (torch.from_numpy(part).to(device) for part in pad([row[0] for row in rows], filler))
    spans = torch.zeros(ids.shape, dtype=torch.float32)
    for place, (_, first, last) in enumerate(rows):
        spans[place, first:last] = 1 / (last - first)
    states = network["encoder"](input_ids=ids, attention_mask=real).last_hidden_state.float()
    target = (states * spans.to(device)[:, :, None]).sum(1)
    hidden = torch.tanh(network["hidden"](torch.cat([states[:, 0], target], dim=1)))
    logits = network["head"](network["dropout"](hidden)).float()
    every = logits.view(len(rows), -1, network.classes)
    if heads is None:
        return every[:, 0]
    return every[torch.arange(len(rows), device=device), torch.as_tensor(heads, device=device)]


def groups(network: Any, rate: float, head_rate: float, layer_decay: float, weight_decay: float) -> list[dict]:
    """Parameter groups: lower layers learn more slowly, norms and biases are not shrunk."""
    depth = int(network["encoder"].config.num_hidden_layers)
    found: dict[tuple[float, float], list[Any]] = {}
    for name, value in network.named_parameters():
        if not value.requires_grad:
            continue
        if name.startswith("encoder."):
            parts = name.split(".")
            layer = int(parts[parts.index("layer") + 1]) + 1 if "layer" in parts else 0
            speed = rate * layer_decay ** (depth - layer)
        else:
            speed = head_rate
        shrink = weight_decay if value.ndim > 1 else 0.0
        found.setdefault((speed, shrink), []).append(value)
    return [{"params": values, "lr": lr, "weight_decay": wd, "peak": lr} for (lr, wd), values in found.items()]
