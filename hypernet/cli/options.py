"""What several commands of `hypernet` share: their options, and where errors and progress go."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from hypernet.runtime import RuntimeOptions

ERRORS = Console(stderr=True)

base_option = click.option(
    "--base", help="Base model: folder, .gguf or hub name. [default: embedded]"
)
weights_option = click.option(
    "--hypernetwork", help="Hypernetwork folder. [default: the shipped one]"
)
encoder_option = click.option(
    "--encoder", help="Text encoder: folder or hub name. [default: MiniLM]"
)
cache_option = click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=RuntimeOptions().cache,
    help="Where converted models are kept.",
)
