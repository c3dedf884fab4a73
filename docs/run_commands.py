"""Run the commands of a page and write what they print under them, or check that it still stands there.

    python docs/run_commands.py docs/coding.md            # writes
    python docs/run_commands.py docs/coding.md --check    # says what differs; exit code 1

Commands are the lines that begin with "$ " in blocks marked ```console; they run one after another in one empty folder,
in which `datasets` and `experiments` are the repository's. Standard output alone is shown.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def run_page(text: str, folder: Path) -> str:
    """The page with the output of its commands as it is now."""
    for name in ("datasets", "experiments"):
        (folder / name).symlink_to(ROOT / name)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COLUMNS": "110"}

    def block(match: re.Match[str]) -> str:
        out = []
        for line in match[1].splitlines():
            if line.startswith("$ "):
                out += [line, *run(line[2:], folder, environment)]
        return "```console\n" + "\n".join(out) + "\n```"

    return BLOCK.sub(block, text)


def run(command: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """The lines that a command prints."""
    python = f'"{sys.executable}"'
    script = f'toolkit() {{ {python} -m toolkit.cli "$@"; }}\npython() {{ {python} "$@"; }}\n{command}\n'
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{command}\nended with {done.returncode}:\n{done.stderr}")
    return [line.rstrip() for line in done.stdout.rstrip("\n").splitlines()]


def main() -> int:
    """Write or check one page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = options.page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        now = run_page(text, Path(folder))
    if now == text:
        return 0
    if not options.check:
        options.page.write_text(now, encoding="utf-8", newline="\n")
        return 0
    print("\n".join(difflib.unified_diff(text.splitlines(), now.splitlines(), "page", "now", lineterm="")))
    return 1


if __name__ == "__main__":
    sys.exit(main())
