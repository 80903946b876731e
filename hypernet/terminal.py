"""What both shells share at the terminal: text that comes in any encoding, and output in any.

Other people's text may neither steer the terminal nor turn the line around it.

Importing this imports no torch.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.text import Text

# Under its own name, ASCII is to click a setting gone wrong: it would write UTF-8.
PLAIN_ASCII = "plain_ascii"
# Unprintable by themselves: they make one character of several, in Persian and in emoji.
JOINERS = "\u200c\u200d"

# The marks that an encoding's files begin with; UTF-32 first, whose mark begins as UTF-16's does.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


@dataclass(frozen=True)
class Cell:
    """A text in one of rich's tables, which gives each of its lines its own direction."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        from rich.text import Text

        for line in wrapped(self._shown(console), options.max_width):
            yield Text(isolated(line, console.encoding))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.measure import Measurement
        from rich.text import Text

        return Measurement.get(console, options, Text(self._shown(console)))

    def _shown(self, console: Console) -> str:
        return writable(visible(self.text), console.encoding)


class TextError(ValueError):
    """A text that cannot be read; the message says why and what helps."""


class Command(click.Command):
    """A command that refuses, by the option's name, words that are not valid text.

    A path that begins with `~`, as in `--cache=~/models`, which shells leave alone, is the user's.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        for name, value in ctx.params.items():
            if isinstance(value, Path) and value.parts[:1] == ("~",):
                ctx.params[name] = value.expanduser()
        for parameter in self.params:
            if isinstance(parameter.type, click.types.StringParamType | click.types.Tuple):
                for text in _texts(ctx.params.get(parameter.name or "")):
                    try:
                        check_text(text)
                    except TextError as error:
                        raise click.BadParameter(str(error), ctx, parameter) from error
        return super().invoke(ctx)


class Group(click.Group):
    """Commands whose output never fails on what the terminal cannot show."""

    command_class = Command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run what the command line says."""
        codecs.register(_own_codec)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                encoding = PLAIN_ASCII if is_ascii(stream.encoding) else None
                stream.reconfigure(encoding=encoding, errors="backslashreplace")
        return super().main(*args, **kwargs)


def is_ascii(encoding: str) -> bool:
    """Whether a terminal is to get ASCII alone: by its encoding, or by the user's word.

    Python writes UTF-8 where the locale is C, which is what many containers have; only where it
    was asked for is it taken at its word.
    """
    if codecs.lookup(encoding).name == "ascii":
        return True
    asked = os.environ.get("LC_ALL") in ("C", "POSIX")
    return asked and not any(map(os.environ.get, ("PYTHONIOENCODING", "PYTHONUTF8")))


def _own_codec(name: str) -> codecs.CodecInfo | None:
    if name.replace("-", "_") != PLAIN_ASCII:
        return None
    ascii_ = codecs.lookup("ascii")
    return codecs.CodecInfo(
        *ascii_, ascii_.incrementalencoder, ascii_.incrementaldecoder, name=name
    )


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON as the terminal can show it: what its encoding lacks is escaped as JSON has it."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text if shows(text) else json.dumps(value, indent=indent)


def shows(text: str) -> bool:
    """Whether the terminal can show all of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def visible(text: str) -> str:
    """A text with spaces for the characters that would steer a terminal."""
    return "".join(c if c.isprintable() or c in JOINERS else " " for c in text)


def writable(text: str, encoding: str) -> str:
    """A text with question marks for what an encoding lacks: escapes would widen a table."""
    try:
        if "…".encode(encoding, "ignore") == b"":
            text = text.replace("…", "...")
        return text.encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text


def isolated(line: str, encoding: str) -> str:
    """A line that turns nothing around it, where it may be written from right to left."""
    if line.isascii() or not any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in line):
        return line
    whole = f"\u2068{line}\u2069"
    try:
        whole.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return line
    return whole


def lines_of(data: bytes) -> Iterator[tuple[int, str | TextError]]:
    """The lines of a text with their numbers from 1 on, each text or the reason why it is none.

    UTF-8, or whatever a mark at the beginning says. A blank line is an empty text.
    """
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if encoding is not None:
        # What is no character becomes NUL: it keeps its line from being text, and no other.
        codecs.register_error("nul", _nul)
        data = data.decode(encoding, errors="nul").encode()
    for number, line in enumerate(data.splitlines(), 1):
        try:
            text = line.decode().strip()
            check_text(text)
        except UnicodeDecodeError as error:
            byte = f"byte 0x{line[error.start]:02x} at {error.start + 1}"
            yield number, TextError(f"is not UTF-8 ({byte}); save the text as UTF-8")
        except TextError as error:
            yield number, error
        else:
            yield number, text


def check_text(text: str) -> None:
    """Refuse what is no text for a model, a database or a wire.

    Raises:
        TextError: half a surrogate pair, which stands for a byte that is no UTF-8; or NUL.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise TextError("holds bytes that are not UTF-8; give it in UTF-8")
    if "\0" in text:
        raise TextError(
            "holds NUL or half characters, as UTF-16 without its mark does; give it in UTF-8"
        )


def wrapped(text: str, columns: int) -> Iterator[str]:
    """A text in lines of so many columns, cut at spaces, and in longer words between characters."""
    import regex
    from rich.cells import cell_len

    line, room = "", columns
    for word in re.findall(r"\S+\s*|^\s+", text):
        parts = [word]
        if cell_len(word.rstrip()) > room:
            if line:
                yield line.rstrip()
            line, room = "", columns
            if cell_len(word.rstrip()) > columns:
                parts = regex.findall(r"\X", word)
        for part in parts:
            wide = cell_len(part)
            if line and wide > room and part.strip() and len(parts) > 1:
                yield line.rstrip()
                line, room = "", columns
            line, room = line + part, room - wide
    yield line.rstrip()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def _nul(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # for the type checker
    return "\0", error.end
