"""Numbers of the reference packages for tests/test_correction.py, on the data that this script draws.

    python -m venv VENV && VENV/bin/pip install ppi-python==0.2.3 statsmodels==0.15.0
    VENV/bin/pip install --ignore-requires-python --no-deps glide-py==0.11.0     # asks for Python 3.12, runs on 3.11
    VENV/bin/python benchmarks/corrected_references.py

Writes tests/fixtures/corrections.json: data and results. The packages are no dependencies of the toolkit, not even of
its tests: ppi-python brings numba and a downloader along.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

N, GOLD = 60, 24


def draw() -> dict[str, np.ndarray]:
    """Outcome, proxy, covariates, sample and clusters of a small study."""
    rng = np.random.default_rng(2311)
    cluster = np.sort(rng.integers(0, 15, N))
    x = rng.normal(size=N) + rng.normal(size=15)[cluster]
    y = np.clip(np.round(0.4 * x + rng.normal(size=N)), -1, 1)
    proxy = 0.6 * y + 0.2 + 0.5 * rng.normal(size=N)
    sampled = np.zeros(N, dtype=bool)
    sampled[rng.choice(N, GOLD, replace=False)] = True
    probability = np.where(x > 0, 0.5, 0.3)
    return {"cluster": cluster, "x": x, "y": y, "proxy": proxy, "sampled": sampled, "probability": probability}


def z_interval(low: np.ndarray, high: np.ndarray) -> dict[str, list[float]]:
    """Estimate and standard error of a normal 90 % interval."""
    from scipy.stats import norm

    low, high = np.atleast_1d(low), np.atleast_1d(high)
    return {"estimate": ((low + high) / 2).tolist(), "se": ((high - low) / 2 / norm.ppf(0.95)).tolist()}


def ppi(d: dict[str, np.ndarray]) -> dict[str, object]:
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate, ppi_ols_ci, ppi_ols_pointestimate

    S, X = d["sampled"], np.column_stack([np.ones(N), d["x"]])
    Y, F, U, XS, XU = d["y"][S], d["proxy"][S], d["proxy"][~S], X[S], X[~S]
    out: dict[str, object] = {}
    for lam in (None, 0.0, 0.5, 1.0):
        out[f"mean {lam}"] = {"point": float(np.squeeze(ppi_mean_pointestimate(Y, F, U, lam=lam))),
                              **z_interval(*ppi_mean_ci(Y, F, U, lam=lam))}  # fmt: skip
        out[f"ols {lam}"] = {"point": np.asarray(ppi_ols_pointestimate(XS, Y, F, XU, U, lam=lam)).tolist(),
                             **z_interval(*ppi_ols_ci(XS, Y, F, XU, U, lam=lam))}  # fmt: skip
    return out


def models(d: dict[str, np.ndarray]) -> dict[str, object]:
    """statsmodels' clustered least squares and logit, on pseudo-outcomes and on full gold."""
    import statsmodels.api as sm

    X = np.column_stack([np.ones(N), d["x"]])
    value = d["proxy"] + np.where(d["sampled"], (d["y"] - d["proxy"]) / d["probability"], 0)
    known = {"groups": d["cluster"], "use_correction": False}
    fits = {
        "ols": sm.OLS(value, X).fit(cov_type="cluster", cov_kwds=known),
        "ols HC0": sm.OLS(value, X).fit(cov_type="HC0"),
        "logit": sm.Logit((d["y"] > 0).astype(float), X).fit(disp=0, tol=1e-14, cov_type="cluster", cov_kwds=known),
    }
    return {name: {"estimate": fit.params.tolist(), "covariance": np.asarray(fit.cov_params()).tolist()}
            for name, fit in fits.items()}  # fmt: skip


def benjamini_hochberg() -> dict[str, list[float]]:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(3).uniform(size=20) ** 3
    return {"p": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist(),
            "bh": multipletests(p, method="fdr_bh")[1].tolist()}  # fmt: skip


def asi(d: dict[str, np.ndarray]) -> dict[str, object]:
    """glide's active statistical inference at lambda 1 is the design-based mean, with a divisor of n - 1."""
    from glide.estimators import ASIMeanEstimator

    y = np.where(d["sampled"], d["y"], np.nan)
    found = ASIMeanEstimator().estimate(y, d["proxy"], d["probability"], power_tuning=False)
    return {"asi": {"estimate": float(found.mean), "se": float(found.std)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--out", type=Path, default=root / "tests" / "fixtures" / "corrections.json")
    d = draw()
    facts = {
        "made_by": "benchmarks/corrected_references.py",
        "versions": {name: version(name) for name in ("ppi-python", "statsmodels", "glide-py", "numpy")},
        "data": {name: values.tolist() for name, values in d.items()},
        "ppi": ppi(d), "statsmodels": models(d), "glide": asi(d), "tests": benjamini_hochberg(),
    }  # fmt: skip
    parser.parse_args().out.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: facts[name] for name in ("versions", "ppi", "statsmodels", "glide")}, indent=1))


if __name__ == "__main__":
    main()
