"""Bytes to text: which characters they stand for, and what in them is no text."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

    from checkpoints.documents.limits import Reading

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What files without a mark are written in. Each more is one more that a short text may look like.
_MULTIBYTE = ("gb18030", "big5", "cp932", "euc_jp", "cp949")
_SINGLE = ("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "koi8_r")
# Names that files use for less than the encoding they are in.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
}
_SAMPLE = 2**16
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜŸßàáâãäåæçèéêëìíîïñòóôõöøœùúûüÿ€£§©®°·«»¡¿‘’“”„–—…•ºª²³½\xa0\xad"  # noqa: RUF001  # the characters meant
)
_SEVEN_BITS = ("iso2022", "hz", "utf-7")
# Encodings of other things, and one that takes the square of its time.
_NO_TEXTS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_USUAL = re.compile(
    r"[\t\n\r -~\u00a0-\u017f\u0370-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u2010-\u203f\u3000-\u30ff"
    r"\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_EMBEDDED = re.compile(r"(data:[\w/+.-]{1,80};base64,)[A-Za-z0-9+/=]{120,}")


def decoded(reading: Reading, data: bytes, declared: str | None = None) -> str:
    """The text with line feeds as its line ends; what was guessed is noted.

    By its mark, as UTF-8, as `declared`, or else as the encoding that its letters look like.

    Raises:
        DocumentError: it is no text, or its letters could be those of several encodings.
    """
    text = _decoded(reading, data, declared)
    _check_text(reading, text)
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def _check_text(reading: Reading, text: str) -> None:
    if len(_CONTROLS.findall(text)) * 200 > len(text):
        raise reading.error(
            "is not a text file; convert it to UTF-8 text, Markdown, HTML, .docx or PDF"
        )


def without_embedded(reading: Reading, text: str) -> str:
    """The text without files that are written into it in base64, such as pictures."""
    shorter, count = _EMBEDDED.subn(r"\1…", text)
    if count:
        reading.miss(f"{count} files in base64 are not read")
    return shorter


def _decoded(reading: Reading, data: bytes, declared: str | None) -> str:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    named = _codec(declared)
    # Encodings in seven bits are UTF-8 too, as other letters.
    first = named if named and named.startswith(_SEVEN_BITS) else _escaped(data)
    for encoding in (marked, first, _zeros(data), _wide(data), "utf-8", named):
        try:
            if encoding:
                return data.decode(encoding)
        except UnicodeError:
            continue
    text = data.decode("utf-8", errors="replace")
    _check_text(reading, text)
    broken = text.count("\ufffd")
    if marked or broken * 20 < sum(1 for _ in re.finditer(r"[^\x00-\x7f]", text)):
        line = text[: text.index("\ufffd")].count("\n") + 1 if broken else 1
        if marked and marked != "utf-8-sig":
            text = data.decode(marked, errors="replace")
        reading.miss("bytes that stand for no character", f"from line {line} on")
        return text
    encoding = "cp1252" if _is_western(data) else _guessed(reading, data)
    text = data.decode(encoding, errors="replace")
    if "\ufffd" in text:
        reading.miss("bytes that stand for no character")
    reading.miss(f"read as {encoding}, a guess; save the file as UTF-8 if its letters are wrong")
    return text


def _codec(name: str | None) -> str | None:
    """The encoding of that name, if it is one of texts."""
    try:
        known = codecs.lookup(name).name if name else None
        "".encode(known or "utf-8")
    except (LookupError, ValueError):
        return None
    return None if known in _NO_TEXTS or not known else _WIDER.get(known, known)


def _escaped(data: bytes) -> str | None:
    """Japanese or Korean in seven bits, which begins and ends with escapes."""
    begin = data.find(b"\x1b$")
    if begin < 0:
        return None
    return "iso2022_kr" if data.startswith(b"\x1b$)C", begin) else "iso2022_jp_2"


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark of letters beyond the first few hundred: Chinese, say."""
    sample = data[: _SAMPLE // 16]
    if len(data) % 2 or b"\0" not in data:
        return None
    shares = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, errors="replace")
        shares[encoding] = sum(bool(_USUAL.match(c)) for c in text) / max(1, len(text))
    best = max(shares, key=lambda each: shares[each])
    return best if shares[best] > max(0.95, min(shares.values()) + 0.05) else None


def _zeros(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of most text is zero."""
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or max(even, odd) * 10 < len(sample) * 2 or min(even, odd) * 20 > len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_western(data: bytes) -> bool:
    """Letters with accents, which stand alone among others; of other scripts all bytes are high."""
    runs = [run.group() for run in _HIGH.finditer(data)]
    alone = sum(len(run) == 1 for run in runs)
    try:
        return alone * 2 >= sum(map(len, runs)) and all(
            c in _WESTERN for c in set(b"".join(runs).decode("cp1252"))
        )
    except UnicodeDecodeError:
        return False


def _guessed(reading: Reading, data: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]  # not within a character
    matches = list(from_bytes(sample, cp_isolation=[*_MULTIBYTE, *_SINGLE]))
    likely = [m for m in matches if _rank(m) == _rank(matches[0])]
    # Nearly any bytes are text of a single-byte encoding; of a multi-byte one only its own are.
    strong = [m for m in likely if m.encoding in _MULTIBYTE]
    chosen = likely if len({str(m) for m in likely}) == 1 else strong
    if len({str(m) for m in chosen}) == 1:
        return str(chosen[0].encoding)
    if not matches:
        raise reading.error("its letters are of no known encoding; save the file as UTF-8")
    names = ", ".join(sorted(str(m.encoding) for m in strong or likely)[:4])
    raise reading.error(f"its letters could be of {names}; save the file as UTF-8")


def _rank(match: CharsetMatch) -> tuple[float, float]:
    return match.chaos, match.coherence
