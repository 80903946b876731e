"""Frames that no honest client would send, from frames that one would: seeded, so replayable.

Half of them are mutated valid requests, half are odd from the ground up.
"""

from __future__ import annotations

import codecs
import copy
import json
import random
import zlib
from typing import Any

ENVELOPE = "io.modelcontextprotocol/"
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
CLIENT = {"name": "fuzz", "version": "0"}
# A request for a stream without an end is answered when it ends.
ENDLESS = b"subscriptions/listen"
IDS = 1000
"""Ids that a batch has for itself."""

CALLS: list[dict[str, Any]] = [
    {"name": "set_task", "arguments": {"task": "Repeat.", "labels": ["a", "b"]}},
    {"name": "run_step", "arguments": {"session_id": "nobody", "input": "x", "max_tokens": 4}},
    {"name": "checkpoint_memory", "arguments": {"session_id": "nobody", "label": "l"}},
    {"name": "restore_memory", "arguments": {"checkpoint_id": "0" * 32, "fork": True}},
    {"name": "remember", "arguments": {"session_id": "nobody", "documents": ["a", "b"]}},
    {"name": "recall", "arguments": {"session_id": "nobody", "query": 'NEAR("a" b) OR c*;--'}},
    {"name": "pin_memory", "arguments": {"session_id": "nobody", "item_ids": [1, 2]}},
    {"name": "quarantine_memory", "arguments": {"session_id": "nobody", "source": "web"}},
    {"name": "status", "arguments": {}},
]
PARAMS: list[tuple[str, dict[str, Any] | None]] = [
    *[("tools/call", call) for call in CALLS],
    ("ping", None),
    ("tools/list", {"cursor": "x"}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "memory://nobody/steps/1"}),
    ("resources/subscribe", {"uri": "memory://nobody"}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "resume", "arguments": {"session_id": "nobody"}}),
    (
        "completion/complete",
        {
            "ref": {"type": "ref/resource", "uri": "memory://{session_id}"},
            "argument": {"name": "session_id", "value": "a"},
        },
    ),
    ("logging/setLevel", {"level": "debug"}),
    ("server/discover", {}),
    ("subscriptions/listen", {"notifications": {}}),
    ("initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}),
]
NOTICES: list[tuple[str, dict[str, Any] | None]] = [
    ("notifications/initialized", None),
    ("notifications/cancelled", {"requestId": 10**9, "reason": "none"}),
    ("notifications/progress", {"progressToken": "t", "progress": 1}),
    ("notifications/roots/list_changed", None),
    ("notifications/nothing", {"a": 1}),
]
WILD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "", " ", "\x00",
    "a\x00b", "\ud800", "é" * 50, "../../../x", "%2e%2e%2f", "x" * 65, "x" * 20_000, "\u202e", [],
    [[]], [None], {}, {"": None}, {"__proto__": {}}, {"$ref": "#"}, "'; DROP TABLE steps;--",
    '"', "*", "NEAR", "content:a", "${jndi:x}", "{{7*7}}", "\r\n\r\n", "null", "[1]", '{"a":1}',
]  # fmt: skip
RAW: list[bytes] = [
    b"", b" ", b"\x00", b"null", b"true", b"0", b'""', b"[]", b"{}", b"[[]]", b"[{}]", b"{", b"}",
    b'{"jsonrpc":"2.0"', b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","method":"ping"}',
    b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}', b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
    b"\xff\xfe\xfa", b"\xef\xbb\xbf{}", b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x9f",
    b"Content-Length: 2", b"GET / HTTP/1.1", b'{"a":1}{"b":2}', b"'single'", b"\x1b[2J",
]  # fmt: skip


MARKS = ["\ufeff", "\ud83d", "\u202e", "e\u0301", "\x85", "\u2028", "\x00"]


class Frames:
    """A stream of frames. Each request has an id that no other has, until it is mutated."""

    def __init__(self, seed: str, modern: bool) -> None:
        self._rng = random.Random(seed)  # noqa: S311  # a fuzzer wants the same stream again
        self._modern = modern
        self._id = zlib.crc32(seed.encode()) * IDS
        self._used: set[str] = set()

    def next(self) -> bytes:
        """The next frame, as the bytes of one line or body without its end.

        Two requests of one id are no fault of a server's, so the second is drawn again.
        """
        while True:
            try:
                frame = self._drawn()
            except RecursionError:
                continue  # buried so often that this side cannot write it
            if (number := _id_of(frame)) not in self._used:
                break
        if number is not None:
            self._used.add(number)
        return frame

    def _drawn(self) -> bytes:
        rng = self._rng
        kind = rng.random()
        if kind < 0.06:
            return rng.choice(RAW)
        if kind < 0.10:
            return self._large()
        if kind < 0.14:
            batch = [self._valid() for _ in range(rng.randint(0, 5))]
            return self._encoded(batch)
        frame: Any = self._valid()
        if kind < 0.60:
            for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
                frame = self._bent(frame)
            return self._encoded(frame)
        if kind < 0.88:
            return self._broken(self._encoded(frame))
        if kind < 0.94:
            return self._marked(self._encoded(frame))
        return self._encoded(frame)

    def _valid(self) -> dict[str, Any]:
        rng = self._rng
        method, params = rng.choice(NOTICES if rng.random() < 0.15 else PARAMS)
        frame: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if not method.startswith("notifications/"):
            number = self._next_id()
            frame["id"] = rng.choice([number, f"f{number}"])
        params = json.loads(json.dumps(params))
        if self._modern:
            params = {**(params or {}), "_meta": envelope()}
        if params is not None:
            frame["params"] = params
        return frame

    def _bent(self, frame: Any) -> Any:
        """With one value of it replaced, dropped, renamed, wrapped or buried."""
        rng = self._rng
        places = list(_places(frame))
        holder, key = rng.choice(places) if places else (None, None)
        what = rng.randrange(7)
        if holder is None or what == 6:
            return rng.choice(
                [[frame], [frame, frame], {"jsonrpc": "2.0", "id": 1, "result": frame}]
            )
        if what in (0, 1):
            holder[key] = copy.deepcopy(rng.choice(WILD))
        elif what == 2:
            del holder[key]
        elif what == 3 and isinstance(holder, dict):
            holder[str(rng.choice(WILD))[:100]] = holder.pop(key)
        elif what == 4:
            holder[key] = _nested(holder[key], rng.choice([3, 30, 90, 130, 300]))
        else:
            holder[key] = [holder[key]] * rng.choice([1, 2, 50])
        return frame

    def _broken(self, line: bytes) -> bytes:
        """With some of its bytes changed, taken out, doubled or put in."""
        rng, data = self._rng, bytearray(line)
        for _ in range(rng.choice([1, 1, 2, 5, 20])):
            at = rng.randrange(len(data) + 1)
            what = rng.randrange(5)
            if what == 0 and at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            elif what == 1:
                del data[at : at + rng.randint(1, 8)]
            elif what == 2:
                data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 4)))
            elif what == 3:
                data[at:at] = data[max(0, at - rng.randint(1, 40)) : at]
            else:
                del data[at:]
        return bytes(data)

    def _marked(self, line: bytes) -> bytes:
        """In another encoding, or with a mark of one before it; with a number of many digits."""
        rng, text = self._rng, line.decode(errors="replace")
        what = rng.randrange(4)
        if what == 0:
            return rng.choice([codecs.BOM_UTF8, codecs.BOM_UTF8 * 2, codecs.BOM_UTF16_LE]) + line
        if what == 1:
            return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"]))
        if what == 2:
            return text.replace('": "', f'": "{rng.choice(MARKS)}').encode(errors="surrogatepass")
        huge = rng.choice(["9" * 5_000, "-1e99999", "0." + "0" * 5_000 + "1", "1" + "0" * 400])
        return text.replace('": ', f'": [{huge}, ', 1).replace("}", "]}", 1).encode()

    def _large(self) -> bytes:
        rng = self._rng
        what = rng.randrange(6)
        if what == 0:
            depth = rng.choice([200, 5_000, 100_000])
            return b"[" * depth + (b"]" * depth if rng.random() < 0.5 else b"")
        if what == 1:
            depth = rng.choice([150, 5_000])
            head = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":' % self._next_id()
            return head + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        if what == 2:
            return b'{"jsonrpc":"2.0","id":' + b"9" * rng.choice([20, 5_000]) + b',"method":"ping"}'
        if what == 3:
            return b"x" * rng.choice([70_000, 300_000])
        if what == 4:
            keys = ",".join(f'"k{n}":{n}' for n in range(rng.choice([100, 5_000])))
            number = self._next_id()
            return f'{{"jsonrpc":"2.0","id":{number},"method":"ping","params":{{{keys}}}}}'.encode()
        twice = b'{"jsonrpc":"2.0","id":5,"id":%d,"method":"ping","method":"tools/list"}'
        return twice % self._next_id()

    def _next_id(self) -> int:
        self._id += 1
        return self._id

    def _encoded(self, frame: Any) -> bytes:
        if self._rng.random() < 0.1:  # as UTF-8 itself: a lone surrogate then is broken UTF-8
            text = json.dumps(frame, ensure_ascii=False)
            return text.encode("utf-8", "surrogatepass")
        return json.dumps(frame).encode()


def envelope() -> dict[str, Any]:
    """What every request of the stateless era carries."""
    return {
        f"{ENVELOPE}protocolVersion": MODERN,
        f"{ENVELOPE}clientInfo": dict(CLIENT),
        f"{ENVELOPE}clientCapabilities": {},
    }


def _id_of(frame: bytes) -> str | None:
    """The id of a frame that some parser would take for a request, as text; else None."""
    try:
        message = json.loads(frame.decode(errors="replace").lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return None
    found = message.get("id") if isinstance(message, dict) else None
    return None if found is None else json.dumps(found)[:IDS]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            keys: list[Any] = list(each)
        elif isinstance(each, list):
            keys = list(range(min(len(each), 60)))
        else:
            continue
        found += [(each, key) for key in keys]
        if len(found) < 2_000:
            todo += [each[key] for key in keys]
    return found


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value
