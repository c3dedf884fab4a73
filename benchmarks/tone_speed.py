"""Speed and memory of the shipped tone classifier.

    python benchmarks/tone_speed.py --encoder FOLDER     against sentence-transformers' default encode of the same
                                                         encoder and a RoBERTa-base of random weights, in one run
    python benchmarks/tone_speed.py --mentions 1000000   memory while so many mentions of a Parquet file are scored

FOLDER holds the pretrained all-MiniLM-L6-v2. Sentences: different development targets of NewsMTSC. The three are run in
turn and the ratio is taken within each turn, as other work on the machine comes and goes. Needs torch and
sentence-transformers.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.corpora import load_labelled
from toolkit.scoring import make_classifier, score_parquet

ROOT = Path(__file__).resolve().parents[1]
NEWS = ROOT / "datasets" / "newsmtsc"


def sentences(n: int) -> pd.DataFrame:
    dev = pd.concat([load_labelled(NEWS, "rw_dev"), load_labelled(NEWS, "mt_dev")], ignore_index=True)
    return dev[["sentence", "start", "end"]].drop_duplicates(ignore_index=True).iloc[:n]


def speed(encoder: str, n: int, turns: int) -> pd.DataFrame:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import RobertaConfig, RobertaModel

    torch.set_num_threads(2)
    table = sentences(n)
    texts = list(table["sentence"])
    ours = make_classifier("transformer")
    theirs = SentenceTransformer(encoder, device="cpu")
    large = RobertaModel(RobertaConfig(max_position_embeddings=514, type_vocab_size=1), add_pooling_layer=False).eval()
    few = [theirs.tokenizer(text)["input_ids"][:128] for text in texts[:: max(1, n // 20)]]
    ours.predict_proba(table.iloc[:20])
    theirs.encode(texts[:32])
    rows = []
    for turn in range(turns):
        started = time.perf_counter()
        alone = ours.predict_proba(table)
        own = len(table) / (time.perf_counter() - started)
        started = time.perf_counter()
        theirs.encode(texts)
        default = len(texts) / (time.perf_counter() - started)
        started = time.perf_counter()
        with torch.inference_mode():
            for ids in few:
                large(input_ids=torch.tensor([ids]))
        roberta = len(few) / (time.perf_counter() - started)
        rows.append((turn, own, default, roberta, own / default, own / roberta))
        print(f"turn {turn}: {own:.0f} {default:.0f} {roberta:.1f} a second", flush=True)
    order = np.random.default_rng(0).permutation(len(table))
    assert (ours.predict_proba(table.iloc[order]) == alone[order]).all()
    single = np.vstack([ours.predict_proba(table.iloc[i : i + 1]) for i in range(0, len(table), 10)])
    assert (single == alone[::10]).all()
    print("the same bits alone, together and in another order: yes")
    names = ["turn", "mentions_per_s", "sentence_transformers_per_s", "roberta_base_per_s", "ratio", "ratio_roberta"]
    return pd.DataFrame(rows, columns=names)


def memory(mentions: int) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    base = sentences(700)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "mentions.parquet"
        schema = pa.schema(
            [("mention_id", pa.string()), ("sentence", pa.string()), ("start", pa.int64()), ("end", pa.int64())]
        )
        with pq.ParquetWriter(source, schema) as writer:
            for first in range(0, mentions, 50_000):
                rows = np.arange(first, min(first + 50_000, mentions))
                part = base.iloc[rows % len(base)].assign(mention_id=[f"m{row:012d}" for row in rows])
                writer.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        n = score_parquet(source, Path(folder) / "scored.parquet", classifier="transformer")
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {
        "mentions": n,
        "different": len(base),
        "seconds": seconds,
        "start_mib": before / 1024,
        "peak_mib": peak / 1024,
    }
    return pd.DataFrame([found])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder")
    parser.add_argument("--mentions", type=int)
    parser.add_argument("-n", type=int, default=400)
    parser.add_argument("--turns", type=int, default=7)
    args = parser.parse_args(argv)
    if args.encoder:
        found = speed(args.encoder, args.n, args.turns).round(2)
        found.to_csv(ROOT / "benchmarks" / "tone_speed.csv", index=False)
        print(found.to_string(index=False))
        print("medians:", found.median().round(2).to_dict())
    if args.mentions:
        found = memory(args.mentions).round(1)
        found.to_csv(ROOT / "benchmarks" / "tone_memory.csv", index=False)
        print(found.to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
