"""Run the notebooks anew, in place, and keep what they print.

python notebooks/build.py              all of them
python notebooks/build.py --check      run them and fail where they print something else than they keep
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
TIMEOUT = 90
"""Seconds a cell may take."""


def run(path: Path) -> nbformat.NotebookNode:
    """The notebook with fresh outputs, and nothing in it that changes from run to run."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": str(HERE.parent)}}
    )
    client.execute()
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
        cell.metadata.pop("execution", None)
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return notebook


def shown(notebook: nbformat.NotebookNode) -> list[Any]:
    """What a reader sees of each cell's outputs; pictures are left out, since fonts differ between systems."""
    return [
        [o.get("text") or o.get("ename") or {k: v for k, v in o.get("data", {}).items() if k.startswith("text/")}
         for o in cell.outputs]
        for cell in notebook.cells if cell.cell_type == "code"
    ]  # fmt: skip


def main() -> None:
    for path in sorted(HERE.glob("[0-9]*.ipynb")):
        fresh = run(path)
        if "--check" in sys.argv[1:]:
            kept = shown(nbformat.read(path, as_version=4))
            for number, (old, new) in enumerate(zip(kept, shown(fresh), strict=True), start=1):
                if old != new:
                    sys.exit(f"{path.name}, code cell {number} prints\n{new}\nand keeps\n{old}\nRun: make notebooks")
        else:
            nbformat.write(fresh, path)
        print(path.name)


if __name__ == "__main__":
    main()
