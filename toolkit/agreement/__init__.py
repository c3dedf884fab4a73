"""Agreement between coders, what they disagree on, and the gold that comes of it.

``toolkit.agreement`` is this module, so the package offers its function :func:`agreement` under the name
``toolkit.coder_agreement``.
"""

from toolkit.agreement.adjudication import adjudicate, disagreements
from toolkit.agreement.coefficients import COEFFICIENTS, krippendorff_alpha
from toolkit.agreement.measuring import agreement, coder_agreement, coder_confusion

__all__ = [
    "COEFFICIENTS",
    "adjudicate",
    "agreement",
    "coder_agreement",
    "coder_confusion",
    "disagreements",
    "krippendorff_alpha",
]
