"""What `doctor` finds, as lines of a report."""

from __future__ import annotations

from dataclasses import dataclass

from hypernet.terminal import Cell


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is the command or action that helps."""

    what: str
    found: str
    ok: bool = True
    remedy: str = ""


def show(findings: list[Finding]) -> None:
    """Print the report as a table, then what to do."""
    from rich.console import Console
    from rich.table import Column, Table

    console = Console()
    table = Table("state", "what", Column("found", overflow="fold"), box=None)
    for finding in findings:
        table.add_row("ok" if finding.ok else "MISSING", finding.what, Cell(finding.found))
    console.print(table)
    for finding in findings:
        if finding.remedy:
            console.print(f"{finding.what}: {finding.remedy}", soft_wrap=True, markup=False)
