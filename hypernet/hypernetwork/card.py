"""A hypernetwork's folder: its files, the card in it, and where the one for a base is found.

Importing this imports no torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypernet.model_files import BrokenModelError, check_file, check_safetensors

SHIPPED = Path(__file__).parents[1] / "weights"
WEIGHTS_FILE, CARD_FILE = "hypernetwork.safetensors", "card.json"
NEEDED = ("encoder.name", "encoder.fingerprint", "fit.known", "fit.near")
"""Entries of a card without which no hypernetwork is loaded."""
VERSION_DIGITS = 16
"""How much of the SHA-256 of the weights' file names a hypernetwork, in reports too."""


class BadHypernetworkError(ValueError):
    """A hypernetwork's files are missing, damaged, or made for something else."""


def find_weights(base_name: str, setting: str | None) -> Path | None:
    """The folder with a hypernetwork for a base: the one set, else the shipped one of that name."""
    if setting:
        return Path(setting).expanduser()
    for file in sorted(SHIPPED.glob(f"*/{CARD_FILE}")):
        if read_card(file.parent, "base.name")["base"]["name"] == base_name:
            return file.parent
    return None


def read_card(folder: Path, *needed: str) -> dict[str, Any]:
    """The card of a hypernetwork's folder.

    Args:
        folder: where it is.
        needed: entries that it must have, such as `fit.near`; the names of its training tasks are
            always needed.

    Raises:
        BadHypernetworkError: the card or the weights are missing, or the card is damaged or lacks
            an entry.
    """
    for name in (CARD_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise BadHypernetworkError(
                f"{folder}: {name} is missing, so this is no hypernetwork folder"
            )
    try:
        check_file(folder / CARD_FILE)
    except BrokenModelError as error:
        raise BadHypernetworkError(str(error)) from error
    try:
        card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        for entry in needed:
            value: Any = card
            for key in entry.split("."):
                value = value[key]
        for task in card["data"]["tasks"]:
            task["name"]
    except (KeyError, TypeError, ValueError) as error:
        raise BadHypernetworkError(
            f"{folder}: {CARD_FILE} is damaged or incomplete ({error!r})"
        ) from error
    return card


def check_weights(folder: Path) -> None:
    """Look at the file of the weights without reading them.

    Raises:
        BadHypernetworkError: it is empty, a pointer, cut off, or no safetensors file.
    """
    try:
        check_safetensors(folder / WEIGHTS_FILE)
    except BrokenModelError as error:
        raise BadHypernetworkError(str(error)) from error
