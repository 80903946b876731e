"""What exactly a step of the past was sent: `prompt_of` makes its prompt again, part by part.

A step records which turns, steps and items stood in its prompt, the excerpts that were found, and a
hash of the whole. The rest is composed as it was then (`jobs.context`), and the hash tells whether
the result is the very prompt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints import DELETED, Excerpt, pack, shown
from mcp_server.jobs.context import TITLES, Part, memory_text, prompt_sha256, step_text
from mcp_server.jobs.past.prefix import prefix_of
from mcp_server.jobs.past.recorded import whole_of
from mcp_server.jobs.past.turns import turns_of
from mcp_server.jobs.past.values import Block, PastPrompt, PromptPart
from mcp_server.jobs.present import HISTORY, SENT
from mcp_server.schema.results import ExcerptResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from checkpoints import PastItem, StepRecord, Store
    from hypernet.task import Turn
    from mcp_server.jobs.context import PartName
    from mcp_server.jobs.past.values import State

UNRECORDED = "not recorded by the release that ran this step"
MODELS = ("model", "both")
ALL = 2**31
_WORST: tuple[State, ...] = ("deleted", "quarantined", "replaced", "here")


@dataclass(frozen=True)
class _Filled:
    """A part of the memory: as the prompt showed it, and what is told of it."""

    part: Part
    told: PromptPart


def prompt_of(store: Store, handle: str, n: int) -> tuple[StepRecord, PastPrompt] | None:
    """Step `n` of a session, or of the history at a checkpoint, and its prompt; None: no such step.

    Raises:
        MemoryFault: no such session or checkpoint.
    """
    step = store.timeline.step(handle, n)
    if step is None:
        return None
    session_id = store.timeline.side(handle).session_id
    result = step.result if isinstance(step.result, dict) else {}
    sent, tokens = _mapping(result.get(SENT)), _mapping(result.get("tokens"))
    turns = turns_of(store, handle, step)
    filled = [_filled(store, handle, result, name) for name in TITLES]
    memory = memory_text([each.part for each in filled])
    known = [turn for turn in turns if turn is not None]
    recorded = result.get("prompt_sha256")

    def fits(prefix: str) -> bool:
        return prompt_sha256(known, prefix, memory + step.input) == recorded

    prefix = prefix_of(store, session_id, step, sent, fits)
    brought = _mapping(result.get(HISTORY))
    parts = (
        _turns(turns, brought, sent),
        _task(prefix.text, prefix.problem, tokens, brought),
        *(each.told for each in filled),
        _input(step.input, tokens),
    )
    same = fits(prefix.text) if isinstance(recorded, str) else None
    prompt = PastPrompt(
        parts=tuple(part for part in parts if part.text or part.left_out or part.missing),
        whole=prefix.text + memory + step.input,
        same=same,
        changed=() if same else tuple(_reasons(parts, result)),
        read=result.get("answered_by", "model") in MODELS,
    )
    return step, prompt


def _turns(
    turns: Sequence[Turn | None], brought: Mapping[str, Any], sent: Mapping[str, Any]
) -> PromptPart:
    blocks, missing = [], []
    if (lost := turns.count(None)) > 0:
        missing.append(f"{_count(lost, 'turn')} of them: kept nowhere")
    if (whole_of(brought.get("turns")) or 0) > 0 and "turns" not in sent:
        missing.append(f"earlier turns: {UNRECORDED}")
    for turn in turns:
        said = () if turn is None else (("user", turn.user), ("answer", turn.answer))
        for title, text in said:
            state: State = "deleted" if DELETED in text else "here"
            blocks.append(Block(text, title, state=state))
    return PromptPart(
        "turns",
        "\n\n".join(f"[{block.title}]\n{block.text}" for block in blocks),
        tokens=whole_of(brought.get("tokens")),
        blocks=tuple(blocks),
        left_out=whole_of(brought.get("left_out")) or 0,
        missing=(*missing, *_deleted(blocks, "turns")),
    )


def _task(
    text: str, problem: str | None, tokens: Mapping[str, Any], brought: Mapping[str, Any]
) -> PromptPart:
    whole = whole_of(tokens.get("prefix"))
    own = None if whole is None else whole - (whole_of(brought.get("tokens")) or 0)
    missing = [] if problem is None else [problem]
    if DELETED in text:
        missing.insert(0, "text of the task was deleted for good")
    return PromptPart("task", text, tokens=own, missing=tuple(missing))


def _input(text: str, tokens: Mapping[str, Any]) -> PromptPart:
    whole, memory = whole_of(tokens.get("prompt")), whole_of(tokens.get("memory"))
    own = None if whole is None else whole - (memory or 0)
    missing = ("text of the input was deleted for good",) if DELETED in text else ()
    # Where no model ran, none counted its prompt.
    return PromptPart(
        "input", text, tokens=own if own is not None and own > 0 else None, missing=missing
    )


def _filled(store: Store, handle: str, result: Mapping[str, Any], name: PartName) -> _Filled:
    """A part of the memory as it stood in the prompt."""
    noted = next((each for each in _entries(result.get("context")) if each.get("part") == name), {})
    steps: list[StepRecord] = []
    excerpts: list[Excerpt] = []
    missing: list[str] = []
    if name == "recent":
        numbers = _numbers(noted.get("steps"))
        found = [store.timeline.step(handle, each) for each in numbers]
        steps = [each for each in found if each is not None]
        if len(steps) < len(numbers):
            missing.append(f"{_count(len(numbers) - len(steps), 'step')}: not in this memory")
        blocks = [_step_block(each) for each in steps]
    else:
        ids = _numbers(noted.get("item_ids"))
        if name == "retrieved":
            excerpts = [e for each in _entries(result.get("retrieved")) if (e := _excerpt(each))]
            ids = [item_id for each in excerpts for item_id in each.item_ids]
        items = store.timeline.items(handle, ids)
        if name == "pinned":
            lost = len(set(ids) - items.keys())
            if lost:
                missing.append(f"{_count(lost, 'pinned item')}: not in this memory any more")
            excerpts = list(_packed(items[each] for each in ids if each in items))
        blocks = [_excerpt_block(each, items, found=name == "retrieved") for each in excerpts]
    tokens = whole_of(noted.get("tokens"))
    if tokens and not blocks and not missing:
        missing.append(f"what was {name}: deleted for good since")
    if not noted and not blocks and "prompt_sha256" not in result:
        missing.append(f"what was {name}: {UNRECORDED}")
    left_out = whole_of(noted.get("left_out")) or 0
    part = Part(name, 0, steps=tuple(steps), excerpts=tuple(excerpts))
    told = PromptPart(
        name,
        part.text,
        tokens=tokens,
        budget=whole_of(noted.get("budget")),
        blocks=tuple(blocks),
        left_out=left_out,
        missing=(*missing, *_deleted(blocks, name)),
    )
    return _Filled(part, told)


def _packed(items: Iterable[PastItem]) -> tuple[Excerpt, ...]:
    """Neighbours as one, in their order: as they were when they were packed."""
    return pack([each.item for each in items], ALL, lambda text: 0).excerpts


def _excerpt(entry: Mapping[str, Any]) -> Excerpt | None:
    try:
        read = ExcerptResult.model_validate(entry)
    except ValueError:  # an imported session may hold what it likes
        return None
    values = read.model_dump(exclude={"pieces", "item_ids"})
    return Excerpt(**values, item_ids=tuple(read.item_ids))


def _excerpt_block(excerpt: Excerpt, items: Mapping[int, PastItem], *, found: bool) -> Block:
    title = ", ".join(part for part in (excerpt.source, excerpt.place) if part)
    states: list[State] = [items[each].state for each in excerpt.item_ids if each in items]
    if DELETED in (excerpt.text, excerpt.source) or DELETED in excerpt.text:
        states.append("deleted")
    return Block(
        text=shown(excerpt).partition("\n")[2],
        title=f"{title}, {excerpt.created_at[:10]}",
        step=excerpt.step,
        item_ids=excerpt.item_ids,
        score=excerpt.score if found else None,
        pinned=any(items[each].item.pinned for each in excerpt.item_ids if each in items),
        state=min(states, key=_WORST.index, default="here"),
    )


def _step_block(step: StepRecord) -> Block:
    heading, _, text = step_text(step).partition("\n")
    state: State = "deleted" if DELETED in text else "here"
    return Block(text, heading.strip("[]"), step=step.n, state=state)


def _deleted(blocks: Sequence[Block], what: str) -> tuple[str, ...]:
    count = sum(block.state == "deleted" for block in blocks)
    return (f"{what}: text in {_count(count, 'place')} was deleted for good",) if count else ()


def _reasons(parts: Sequence[PromptPart], result: Mapping[str, Any]) -> Iterable[str]:
    """Why a prompt is not, or may not be, the one that was sent."""
    if not isinstance(result.get("prompt_sha256"), str):
        yield f"the prompt's hash: {UNRECORDED}"
    found = [each for part in parts for each in part.missing]
    yield from found
    if not found and "prompt_sha256" in result:
        yield "something in it was changed or deleted since; the memory does not tell what"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _entries(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _numbers(value: object) -> list[int]:
    found = map(whole_of, value) if isinstance(value, list) else ()
    return [each for each in found if each is not None]
