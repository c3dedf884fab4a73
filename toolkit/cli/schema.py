"""``toolkit schema``: the keys of an experiment file, for editors and for people."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of experiment files, so that editors complete and check them",
        epilog="toolkit schema > experiment.schema.json, and as the first line of an experiment: "
        "# yaml-language-server: $schema=experiment.schema.json",
    )
    schema.add_argument("--reference", action="store_true", help="print every key as Markdown instead")
    schema.set_defaults(do=_schema)


def _schema(options: argparse.Namespace) -> int:
    import json

    from toolkit.experiment.schema import experiment_reference, experiment_schema

    if options.reference:
        print(experiment_reference(), end="")
    else:
        print(json.dumps(experiment_schema(), indent=2, ensure_ascii=False))
    return 0
