"""The lines of an exported session: what each kind holds, and reading them one by one.

A line is refused if it is not exactly as it was written, has an unknown field or a value that no
store could have written. What the lines mean together is the import's matter.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from checkpoints.errors import BadLine
from checkpoints.file.export import chained
from checkpoints.records import canonical_json
from checkpoints.text.problems import problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CheckpointId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$", max_length=29)
]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SessionLine(_Strict):
    """The first line: whose history follows, and in which format."""

    line: Literal["session"]
    format: str
    version: int
    id: Handle
    principal: str | None
    created_at: Moment
    updated_at: Moment


class TextLine(_Strict):
    """A text that later lines name by its hash."""

    line: Literal["text"]
    text: str


class BranchLine(_Strict):
    """A branch, and the node of an earlier one that it continues."""

    line: Literal["branch"]
    number: Count
    parent: Count | None
    seq: Count | None


class StepPart(_Strict):
    """What a step has besides its node."""

    step_key: str | None
    result: dict[str, Any]
    is_item: bool


class NodeLine(_Strict):
    """The next node of a branch; the id of a redacted one was made from more than is left."""

    line: Literal["node"]
    branch: Count
    seq: Count
    id: Sha
    kind: Literal["root", "task", "step", "remember"]
    created_at: Moment
    content: dict[str, Any]
    step: StepPart | None
    redacted_at: Moment | None = None

    @property
    def redacted_id(self) -> str | None:
        """The id if the node is redacted; else it follows from what the node holds."""
        return None if self.redacted_at is None else self.id


class CheckpointLine(_Strict):
    """A checkpoint; of another session too, when the session was forked from it."""

    line: Literal["checkpoint"]
    id: CheckpointId
    session_id: Handle
    branch: Count
    seq: Count
    parent: CheckpointId | None
    label: str | None
    created_at: Moment
    pruned_at: Moment | None


class SourcePart(_Strict):
    """A memory item as quarantines name it."""

    text: Sha
    source: str


class CorrectionLine(_Strict):
    """The right output of a step, and the memory items that the step had in its prompt."""

    line: Literal["correction"]
    id: CheckpointId
    branch: Count
    seq: Count
    ordinal: Count
    output: Sha
    confirmed: bool
    created_at: Moment
    ended: Literal["taken back", "replaced"] | None
    ended_at: Moment | None
    sources: list[SourcePart]


class PinLine(_Strict):
    """A pinned text of a source; of every source in files of the first version."""

    line: Literal["pin"]
    text: Sha
    source: str | None = None
    created_at: Moment


class QuarantineLine(_Strict):
    """A source or a text of a source kept out; without a source, the text of any."""

    line: Literal["quarantine"]
    text_sha256: Sha | None
    source: str | None
    reason: str
    created_at: Moment


class RevokedLine(_Strict):
    """An adapter that the session refuses."""

    line: Literal["revoked"]
    digest: str
    reason: str
    created_at: Moment


class EndLine(_Strict):
    """The last line: the session's branch and latest checkpoint."""

    line: Literal["end"]
    branch: Count
    last_checkpoint: CheckpointId | None
    lines: Count


Line = Annotated[
    SessionLine
    | TextLine
    | BranchLine
    | NodeLine
    | CheckpointLine
    | CorrectionLine
    | PinLine
    | QuarantineLine
    | RevokedLine
    | EndLine,
    Field(discriminator="line"),
]
_LINE: TypeAdapter[Line] = TypeAdapter(Line)


class StepContent(_Strict):
    """What a step's node names; texts by their hashes."""

    n: Count
    input: Sha
    output: Sha
    task: Sha
    mode: str
    adapter_digest: str | None
    task_version: Sha | None = None


class ItemContent(_Strict):
    """An item as its node names it; the first version named text and source only."""

    text: Sha
    source: str
    origin: Literal["user", "tool", "step"] = "user"
    place: str = ""
    order: Count | None = None


class GoneContent(_Strict):
    """What was deleted for good."""

    deleted: Literal[True]


class SupersededContent(_Strict):
    """An item that a node replaces or takes away, as the node names it."""

    text: Sha
    source: str


class RememberContent(_Strict):
    """What a node of remembered texts names; from the third version on, what it supersedes too."""

    items: list[ItemContent | GoneContent]
    version: Literal[2, 3] | None = None
    superseded: list[SupersededContent | GoneContent] = []


def read_lines(file: IO[bytes], most_bytes: int) -> Iterator[tuple[int, Line]]:
    """Each line with its number, from 1. Raises BadLine, also for one over `most_bytes`."""
    before, number = "", 0
    while data := file.readline(most_bytes + 1):
        number += 1
        if len(data) > most_bytes:
            raise BadLine(number, f"is longer than {most_bytes} bytes")
        try:
            text = data.decode().removesuffix("\n")
            body = json.loads(text)
            chain = body.pop("chain")
            content = canonical_json(body)
            unchanged = canonical_json({**body, "chain": chain}) == text
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise BadLine(number, "is not a line of an exported session") from None
        before = chained(before, content)
        if not unchanged or chain != before:
            raise BadLine(number, "was changed, moved, or follows a missing line")
        try:
            line = _LINE.validate_python(body)
        except ValidationError as error:
            raise BadLine(number, words_of(error)) from error
        if isinstance(line, EndLine) and line.lines != number - 1:
            raise BadLine(number, "counts other lines than there are")
        yield number, line


def words_of(error: Exception) -> str:
    """A failure in a few words: for a value, the field and what is wrong with it."""
    return problems_of(error, "line", 1) if isinstance(error, ValidationError) else str(error)
