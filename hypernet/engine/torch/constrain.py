"""Answers that follow a JSON schema or are copied: which tokens may come next, and what is whole.

The grammar work is llguidance's, imported on first use. This says what is allowed; the caller
chooses. V is the vocabulary.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from cachetools import LRUCache

from hypernet.engine.interface import EngineError

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from torch import Tensor

    from hypernet.copying import Copy

SCHEMAS_KEPT = 64
MOST_CHARACTERS = 20_000
MOST_NESTING = 20
MESSAGE_CHARACTERS = 200
# The library's own keyword. It could allow whitespace without end, and to everyone else it is an
# unknown keyword, which JSON Schema says to pass over.
LIBRARY_OPTIONS = "x-guidance"
# Decoders of tokenizers whose tokens are bytes, which is what the library can read.
BYTE_DECODERS = ("ByteLevel", "ByteFallback")
# What compiling may cost, in the library's own unit: enough for a million characters.
COPY_FUEL = 500_000_000

# What the library says of a schema, and what its author is told.
REASONS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"patternProperty regexes /(.*)/ and /(.*)/ are not disjoint",
            "patternProperties: a name can match both {0!r} and {1!r}; make the patterns exclude "
            "each other, or list the names in `properties`",
        ),
        (r"Pointer '(.*)' does not exist", "`$ref` names {0!r}, which does not exist in it"),
        (
            r"Unimplemented keys: \[(.*?)\]",
            "these keywords are not supported: {0}; leave them out and check the output yourself",
        ),
        (
            r"oneOf constraints are not supported",
            "`oneOf` is not supported where several of its schemas can fit; use `anyOf`",
        ),
        (
            r"Unsatisfiable schema: Regex is empty",
            "no output can fit it: its pattern, format and lengths exclude each other",
        ),
        (r"Unsatisfiable schema: (.*)", "no output can fit it: {0}"),
        (
            r"regex parse error: (.*?) error: (.*)",
            "a pattern is not supported: {1} in {0}",
        ),
        (r"Unknown format: (.*)", "the format {0!r} is not known; leave it out or give a pattern"),
        (r"Invalid type: (.*)", "{0!r} is not a type of JSON Schema"),
        (
            r"NoExtensionBias",
            "no output can fit it: it leads back to itself by `$ref`, with nothing in between",
        ),
        (
            r"Too many items|[Ff]uel|limit \d+; ff_tokens",
            "it is too hard to follow; what holds itself by `$ref` must be able to end, so do not "
            "require it, and let texts and lists be shorter",
        ),
        (
            r"Resource '(?:json-schema:///)?(.*?)' is not present in a registry",
            "`$schema` or `$id` names {0!r}, which is not known here and is not fetched; leave it "
            "out",
        ),
        (
            r"Failed to generate regex for integer range",
            "a whole number is allowed that has over 18 digits; choose smaller bounds",
        ),
        (r"invalid multiple of", "`multipleOf` must be more than 0"),
        (r"Expected f64 for '(.*)', got (.*)", "{0!r} must be a number, and is {1}"),
    )
)


class Grammars:
    """The schemas of one tokenizer, compiled; least recently used out first.

    Safe from any thread. The tokenizer is read into the library by the first `start` (about half a
    second for 49,152 tokens), so that an engine that never constrains does not pay for it.

    Args:
        tokenizer: a fast transformers tokenizer; its end token ends an answer.
        vocab: V, where the model's logits are wider than the tokenizer.
    """

    def __init__(self, tokenizer: Any, vocab: int | None = None) -> None:
        self.eos = int(tokenizer.eos_token_id)
        self._tokenizer = tokenizer
        self.vocab = vocab or len(tokenizer)
        self._read: LLTokenizer | None = None
        self._compiled: LRUCache[str, LLMatcher] = LRUCache(SCHEMAS_KEPT)
        self._lock = threading.Lock()

    def start(self, schema: Mapping[str, Any]) -> Constraint:
        """A new answer that is to follow the schema.

        Raises:
            EngineError: the schema cannot be used, or the tokenizer's tokens are not bytes.
        """
        text = _checked(schema)
        with self._lock:
            matcher = self._compiled.get(text)
            if matcher is None:
                matcher = self._compiled[text] = self.compile(text)
            return Constraint(matcher.deep_copy(), self.vocab, self.eos)

    def start_copy(self, copy: Copy) -> Constraint:
        """A new answer that is to be a span of a text, without white space at either end.

        A text of 30,000 characters takes about 0.1 s. It is not kept: inputs seldom come twice.

        Raises:
            EngineError: the text cannot be used, or the tokenizer's tokens are not bytes.
        """
        with self._lock:
            matcher = self._matcher(copy_grammar(copy), "copy", COPY_FUEL)
        return Constraint(matcher, self.vocab, self.eos, "copy")

    @property
    def can_copy(self) -> bool:
        """Whether the tokenizer's tokens are bytes, without reading it into the library."""
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        return any(kind in str(getattr(backend, "decoder", "")) for kind in BYTE_DECODERS)

    def compile(self, text: str) -> LLMatcher:
        """The grammar of a schema's JSON text, which answers then start from as copies.

        Raises:
            EngineError: the schema cannot be used, or the tokenizer's tokens are not bytes.
        """
        return self._matcher(_grammar(text), "output_schema")

    def _matcher(self, grammar: str, field: str, fuel: int | None = None) -> LLMatcher:
        from llguidance import LLMatcher, LLParserLimits

        if self._read is None:
            self._read = self._read_tokenizer(field)
        # Else it prints its state into the message.
        limits = LLParserLimits(verbose_errors=False, initial_lexer_fuel=fuel)
        matcher = LLMatcher(self._read, grammar, log_level=0, limits=limits)
        matcher.compute_bitmask()  # what it works out for the first token serves every answer
        _check(matcher, field)
        return matcher

    def _read_tokenizer(self, field: str) -> LLTokenizer:
        from llguidance import LLTokenizer

        try:
            own = self._tokenizer.backend_tokenizer.to_str()
            return LLTokenizer(own, n_vocab=self.vocab, eos_token=self.eos)
        except ValueError as error:
            raise EngineError(
                f"{field}: this base's tokenizer cannot be constrained: {_short(str(error))}"
            ) from error


class Constraint:
    """One running answer. Made by `Grammars`; for one thread at a time."""

    def __init__(
        self, matcher: LLMatcher, vocab: int, eos: int, field: str = "output_schema"
    ) -> None:
        self._matcher, self._vocab, self._eos, self._field = matcher, vocab, eos, field

    @property
    def done(self) -> bool:
        """The answer is whole; nothing but the end token may follow."""
        return self._matcher.is_stopped() and not self._matcher.is_error()

    def allowed_V(self) -> Tensor:  # noqa: N802  # as tensors, what gives one says its dimensions
        """Tokens that may come next, as a new bool mask [V]; the end token where it may end.

        Raises:
            EngineError: the grammar is too hard to follow from here.
        """
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        _check(self._matcher, self._field)
        mask_V = np.unpackbits(bits, count=self._vocab, bitorder="little")
        return torch.from_numpy(mask_V.view(np.bool_))

    def accept(self, token: int) -> None:
        """Take the next token of the answer.

        Raises:
            EngineError: the token is not allowed here, and nothing has changed; or the grammar is
                too hard to follow from here.
        """
        if self.done:
            allowed = token == self._eos
        else:
            # Asked first: a matcher that was given a wrong token never leaves its error.
            allowed = 0 <= token < self._vocab and self._matcher.validate_tokens([token]) == 1
        if not allowed:
            form = "schema" if self._field == "output_schema" else self._field
            raise EngineError(f"output: token {token} is not among those the {form} allows here")
        self._matcher.consume_token(token)
        _check(self._matcher, self._field)


def check_schema(schema: object) -> None:
    """Refuse a schema that answers cannot be made to follow. Nothing is ever fetched.

    Raises:
        EngineError: not a mapping of JSON values, too long, too deep, refers to something outside
            of itself, or asks for what the grammar library cannot enforce.
    """
    from llguidance import LLMatcher

    error = LLMatcher.validate_grammar(_grammar(_checked(schema)))
    if error:
        raise EngineError(f"output_schema: cannot be enforced: {_reason(error)}")


def _checked(schema: object) -> str:
    """The schema as JSON text, once it is within the limits."""
    if not isinstance(schema, Mapping):
        raise EngineError(
            f"output_schema: a {type(schema).__name__} is given, allowed is a JSON object"
        )
    _check_nodes(schema)
    own = {key: value for key, value in schema.items() if key != LIBRARY_OPTIONS}
    try:
        text = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise EngineError(f"output_schema: not JSON: {_short(str(error))}") from error
    if len(text) > MOST_CHARACTERS:
        raise EngineError(
            f"output_schema: {len(text)} characters as JSON, allowed are up to {MOST_CHARACTERS}"
        )
    return text


def _check_nodes(schema: Mapping[Any, Any]) -> None:
    """Nesting and references, a level at a time: a schema that holds itself comes to an end too."""
    level: list[Any] = [schema]
    for _ in range(MOST_NESTING):
        for node in level:
            target = node.get("$ref") if isinstance(node, Mapping) else None
            if isinstance(target, str) and target != "#" and not target.startswith("#/"):
                raise EngineError(
                    f"output_schema: `$ref` to {_short(target)!r} is not followed, allowed are the "
                    "schema itself (`#`) and its own definitions (`#/...`)"
                )
        level = [child for node in level for child in _children(node)]
    if level:
        raise EngineError(f"output_schema: nested over {MOST_NESTING} deep")


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, Mapping) else node
    return [value for value in values if isinstance(value, (Mapping, list, tuple))]


def _grammar(text: str) -> str:
    from llguidance import LLMatcher

    try:
        # Without whitespace: a small model that may write a space can go on with spaces for ever.
        return LLMatcher.grammar_from_json_schema(text, overrides={"whitespace_flexible": False})
    except ValueError as error:  # NaN or half a surrogate pair, which Python writes
        raise EngineError(f"output_schema: not JSON: {_short(str(error))}") from error


def copy_grammar(copy: Copy) -> str:
    """llguidance's grammar of the spans of a text, and of what may stand for nothing."""
    # By letters the same as by pieces of one letter each, in a third of the time.
    spans = {"substring_chunks": copy.pieces} if copy.words else {"substring_chars": copy.text}
    nothing = "".join(f" | {json.dumps(each, ensure_ascii=False)}" for each in copy.nothing)
    # One terminal, so that nothing is decided between the two before the answer ends.
    return (
        f"start: ANSWER\nSPAN: %regex {json.dumps(spans, ensure_ascii=False)}\n"
        f"ANSWER: (SPAN & /\\S((.|\\n)*\\S)?/){nothing}"
    )


def _check(matcher: LLMatcher, field: str) -> None:
    if matcher.is_error():
        raise EngineError(f"{field}: cannot be enforced: {_reason(matcher.get_error())}")


def _reason(message: str) -> str:
    """Why a schema cannot be enforced, in words for who wrote it; else the library's own."""
    line = " ".join(message.split())
    for pattern, words in REASONS:
        if (found := pattern.search(line)) is not None:
            return _short(words.format(*found.groups()))
    return _short(line)


def _short(message: str) -> str:
    """On one line, and not too long: a bad pattern's message draws it over several."""
    line = " ".join(message.replace("<non-verbose/>", "").split())
    return line if len(line) <= MESSAGE_CHARACTERS else line[: MESSAGE_CHARACTERS - 1] + "…"
