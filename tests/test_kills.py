"""A run that was killed anywhere goes on and ends with the same bytes."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_killed_at_25_points_ends_with_the_same_bytes(root):
    """benchmarks/killed_runs.py kills at more points, and runs that score with the transformer."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(root / "benchmarks" / "killed_runs.py"), "--points", "25", "--seed", "7"],
        capture_output=True, text=True, cwd=root, check=False, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert "25 points, 25 killed" in last, last
    assert last.endswith("0 ended with other bytes")
    kept = int(last.split("killed, ")[1].split()[0])
    assert kept >= 5, f"the points fall on {kept} different numbers of finished stages"
