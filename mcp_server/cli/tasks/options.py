"""What the commands of `hypernet-mcp tasks` share: options, and the shell's words for refusals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcp_server.cli.opening import Words

if TYPE_CHECKING:
    from checkpoints import Store

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
PRINCIPAL = click.option("--principal", help="Whose the task is, with tokens. [default: nobody's]")
EXISTING = click.Path(path_type=Path, exists=True)
COLUMNS_OF = (
    click.option("--input-column", help="Field of the inputs. [default: input, text, …]"),
    click.option("--output-column", help="Field of the outputs. [default: output, label, …]"),
)

WORDS = Words(
    fields={
        r"name": "NAME",
        r"version": "VERSION",
        r"description": "--task",
        r"labels(\[\d+\])?": "--label",
        r"ask_below": "--ask-below",
        r"principal": "--principal",
        r"copy": "copy in task.yaml",
    },
    remedies={
        "list the tasks that there are": "`hypernet-mcp tasks list` shows those there are",
    },
)
BESIDE = "while a server runs, its tools save_task and correct_step do this"


def own_task(store: Store, name: str, principal: str | None) -> bool:
    """Whether a principal, or with None nobody, has a task of this very name."""
    from checkpoints import UnknownTask

    try:
        store.tasks.line(f"{principal or ''}/{name}")
    except UnknownTask:
        return False
    return True
