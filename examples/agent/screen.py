"""A table that grows by a row at a time, with a status line below it on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

WIDTH = 120
STATUS_CHARS = 60
DIGEST_CHARS = 8

# Name, width and side. Widths are fixed, so that a row can be printed when it comes and stays where
# it is: the same output serves a terminal and a log. The column without one takes what is left.
Column = tuple[str, int | None, Literal["left", "right"]]


class TableScreen:
    """Prints each row once; on a terminal a status line below says what is waited for."""

    def __init__(
        self, columns: Sequence[Column], console: Console | None = None, *, heading: bool = True
    ) -> None:
        self.console = console or make_console()
        self._columns = columns
        self._status = self.console.status("starting", spinner="line")
        self._headed = not heading

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def status(self, text: str) -> None:
        """Change the status line."""
        line = " ".join(text.split())
        short = line if len(line) <= STATUS_CHARS else f"{line[: STATUS_CHARS - 3]}..."
        self._status.update(Text(short))

    def event(self, text: str) -> None:
        """Print a line between the rows."""
        self.console.print(Text(f"     -- {text}", style="bold"), soft_wrap=True)

    def row(self, cells: Iterable[str], style: str = "") -> None:
        """Print a row; the first one below the heading, where there is one."""
        table = Table(
            box=None, show_header=not self._headed, padding=(0, 1, 0, 0), width=self.console.width
        )
        for name, size, justify in self._columns:
            table.add_column(
                name,
                width=size,
                ratio=None if size else 1,
                justify=justify,
                no_wrap=True,
                overflow="ellipsis",
            )
        self._headed = True
        table.add_row(*(Text(cell) for cell in cells), style=style)
        self.console.print(table)

    def closing(self, lines: Iterable[str]) -> None:
        """Print the last lines, after the table."""
        self._status.stop()
        self.console.print()
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)


def make_console() -> Console:
    """A console that is never narrower than the table."""
    console = Console(highlight=False)
    return Console(highlight=False, width=max(WIDTH, console.width))
