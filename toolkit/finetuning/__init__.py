"""Fine-tuning an encoder to judge marked targets: inputs, network, loop and export.

torch and transformers are needed to train and imported only then; what was trained runs without them.
"""

from __future__ import annotations

from toolkit.finetuning.inputs import Pieces, TargetTokenizer

__all__ = ["Pieces", "TargetTokenizer"]
