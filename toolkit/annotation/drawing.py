"""Draw the mentions that people code: stratified, seeded, and with the probability of every mention of being drawn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.annotation.allocation import draw_units, random_key
from toolkit.annotation.sample import Sample, drawn_hash, frame_hash
from toolkit.annotation.strata import ALLOCATIONS, DESIGNS, check_design, find_task, lay_out
from toolkit.codebook import Task, task_hash
from toolkit.errors import InputWarning

__all__ = ["ALLOCATIONS", "DESIGNS", "Sample", "sample_mentions"]


def sample_mentions(
    scored: pd.DataFrame, task: str | Task = "tone", *, n: int, by: Sequence[str] = ("outlet", "actor"),
    minimum: int = 2, design: str = "mention", allocation: str = "proportional", predicted: bool = True,
    voice: str = "outlet", reading: str | float = "actor", copies: str = "all", seed: int = 0,
) -> Sample:  # fmt: skip
    r"""Draw the mentions that people code.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions, as :func:`toolkit.score_mentions` returns them; not changed. Row order does not matter.
    task : str or Task, default "tone"
        What is to be coded.
    n : int
        Mentions to be coded. With ``design="story"`` as many stories are drawn as hold about `n` mentions.
    by : sequence of str, default ("outlet", "actor")
        The columns whose values make the strata; may be empty.
    minimum : int, default 2
        The least that is drawn from each stratum: mentions, or stories; all where it holds fewer. At least 1, since
        what cannot be drawn cannot be corrected; from 2 on the spread within a stratum can be seen.
    design : {"mention", "story"}
        See :data:`DESIGNS`. A story belongs to the stratum of its mentions' values of `by`; where they differ, the
        value is "(several)". Coding a story at a time is quicker, and gives wider intervals for the same `n`.
    allocation : {"proportional", "neyman"}
        See :data:`ALLOCATIONS`.
    predicted : bool, default True
        Also stratify by the machine's label (`<task>_pred`), so that rare classes are in the sample; mentions only.
        False for a task that nothing has been scored for.
    voice, reading, copies
        Which mentions can be drawn: those that would count in :func:`toolkit.estimate` with these options. Draw from
        all that you want to estimate anything about.
    seed : int, default 0
        The same seed and mentions give the same sample. With more `n` and the same seed, what was drawn from a
        stratum is drawn again as long as the stratum gives no less.

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        A name is not known; the mentions are not scored; nothing can be drawn from; `n` is more than there is, or
        less than the minimum needs.

    Warns
    -----
    InputWarning
        Mentions without a voice or a score are left out; all mentions are drawn.

    Notes
    -----
    Every mention of stratum `h` is drawn with probability :math:`n_h / N_h` exactly (with whole stories, stories drawn
    over stories there), by simple random sampling without replacement within strata (Cochran 1977, Sampling Techniques,
    ch. 5 and 5A): those with the smallest SHA-256 of seed and id. Nothing but ids and values decides.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"mention_id": [f"m{i}" for i in range(9)], "outlet": ["A"] * 6 + ["B"] * 3}).assign(
    ...     article_id="a", story_id="s", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body",
    ...     actor="turkey", surface="Ankara", form="capital", reading="actor", voice="outlet", speaker=None,
    ...     sentence_id="t", sentence="Ankara warned.", start=0, end=6, position=0, tone_pred="neutral", tone_score=0.0)
    >>> sample = sample_mentions(scored, "tone", n=4, by=["outlet"], minimum=2)
    >>> sample.strata[["stratum", "mentions", "drawn", "probability"]].round(2).values.tolist()
    [['A | neutral', 6, 2, 0.33], ['B | neutral', 3, 2, 0.67]]
    """
    spec = find_task(task)
    options = check_design(scored, spec, n, by, minimum, design, allocation, predicted, voice, reading, copies, seed)
    layout = lay_out(scored, spec, options, design, allocation, predicted)
    rows, taken = layout.rows, layout.taken(n, minimum)
    key = random_key(seed, "draw", layout.unit_ids.tolist())
    drawn = draw_units(layout.unit_stratum, key, taken)[layout.unit_of]
    frame = pd.DataFrame({
        "mention_id": rows["mention_id"].astype("str"), "stratum": pd.array(layout.stratum, dtype="str"),
        "probability": layout.probability(taken), "drawn": drawn, "cluster": rows["story_id"].astype("str"),
    })  # fmt: skip
    mentions = rows[drawn]
    order = np.argsort(random_key(seed, "order", mentions["mention_id"].tolist()), kind="stable")
    mentions = mentions.iloc[order].reset_index(drop=True)
    if drawn.all():
        message = f"all {len(rows)} mentions are drawn: this is no sample but all there is"
        warnings.warn(message, InputWarning, stacklevel=2)
    facts = {
        "task": spec.name, "task_sha256": task_hash(spec), "proposition": spec.proposition, "seed": int(seed),
        "n": int(n), "drawn": int(drawn.sum()), "frame": len(rows), "strata": len(taken), "by": list(options.by),
        "predicted": predicted and design == "mention", "design": design, "allocation": allocation,
        "minimum": int(minimum), "voice": voice, "reading": reading, "copies": copies, "left_out": layout.left_out,
        "frame_sha256": frame_hash(frame), "drawn_sha256": drawn_hash(mentions),
    }  # fmt: skip
    return Sample(spec.name, frame, mentions, facts)
