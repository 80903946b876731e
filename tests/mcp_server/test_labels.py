"""Labels: the answer is one of the strings that were given, and no two of them read the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
GIVEN = [("New  York", "new york"), (" padded\t", "x"), (DECOMPOSED, "tea"), ("a\nb\u00a0c", "d")]
ALIKE = [
    ["a", "a"],
    ["x", "a b", "a  b"],
    ["a", "\ta\n"],
    [COMPOSED, DECOMPOSED],
    ["a\u00a0b", "a b"],
    ["\u212b", "\u00c5"],  # the angstrom sign is an A with a ring
    *(
        ["dog", f"do{unseen}g"]
        for unseen in (
            *("\u200b", "\u200c", "\u200d", "\u200e", "\u2060", "\u2063", "\u00ad", "\ufeff"),
            *("\u034f", "\u061c", "\u115f", "\u180b", "\u180e", "\u2065", "\u202e", "\u2066"),
            *("\ufe00", "\ufe0f", "\ufff9", "\U000e0041", "\U000e0101", "\x07", "\x7f"),
        )
    ),
    ["other", "a b", "a \u200b b"],
    ["a b", "a\u3164b"],
    ["\u2764", "\u2764\ufe0f"],
    ["caf\u00e9", "cafe\u200d\u0301\ufeff"],
]
EMPTY = ["\u200b", "\ufeff\u00ad", "\u3164", " \u2060 "]


@pytest.mark.parametrize("labels", GIVEN)
@pytest.mark.parametrize("by_task", [True, False])
async def test_the_answer_is_a_label_as_it_was_given(
    make_app: MakeApp, era: str, labels: tuple[str, str], by_task: bool
):
    given = {"labels": list(labels)}
    async with connected(make_app(), era) as call:
        session = await call.begin(KNOWN, **(given if by_task else {}))
        for label in labels:
            step = await call(
                "run_step",
                session_id=session,
                input=f"It is {label.split()[0]} {' '.join(label.split()[1:])}!",
                **({} if by_task else given),
            )
            assert step["output"] == label
            assert set(step["shares"]) == set(labels)
            assert step["confidence"] == step["shares"][label]
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    assert step["stop_reason"] == "label"
    assert "It is" in whole.contents[0].text


@pytest.mark.parametrize("label", EMPTY)
async def test_a_label_of_which_nothing_is_seen_is_refused(make_app: MakeApp, label: str):
    async with connected(make_app()) as call:
        session = await call.begin()
        refusals = [
            await call.refused("set_task", task=KNOWN, labels=["a", label]),
            await call.refused("run_step", session_id=session, input="a", labels=["a", label]),
        ]
    assert {text.split(":")[0] for text in refusals} == {"labels[1]"}
    assert all("must not be empty, or nothing but invisible" in text for text in refusals)


async def test_flags_that_only_their_hidden_letters_tell_apart_are_two_labels(make_app: MakeApp):
    england, scotland = (
        "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in code) + "\U000e007f"
        for code in ("gbeng", "gbsct")
    )
    async with connected(make_app()) as call:
        session = await call.begin(KNOWN, labels=[england, scotland])
        step = await call("run_step", session_id=session, input=f"It is {scotland}.")
    assert step["output"] == scotland


async def test_the_form_of_labels_makes_no_other_task(make_app: MakeApp):
    async with connected(make_app()) as call:
        one = await call("set_task", task=KNOWN, labels=["New York", COMPOSED])
        other = await call("set_task", task=KNOWN, labels=[f"{DECOMPOSED} ", "New  York"])
    assert one["adapter"]["digest"] == other["adapter"]["digest"]


@pytest.mark.parametrize("labels", ALIKE)
async def test_labels_that_read_the_same_are_refused_wherever_they_are_given(
    make_app: MakeApp, labels: list[str]
):
    async with connected(make_app()) as call:
        none = await call.refused("set_task", task=KNOWN, labels=labels)
        session = await call.begin()
        step = {"session_id": session, "input": "a"}
        refusals = [
            none,
            await call.refused("set_task", session_id=session, task="Other.", labels=labels),
            await call.refused("run_step", **step, labels=labels),
            await call.refused("run_step", **step, labels=labels, task="Another."),
        ]
        state = (await call("status"))["sessions"]
    first = len(labels) - 2
    for text in refusals:
        assert text.startswith(
            f"labels: the same label is given twice, as labels[{first}] and labels[{first + 1}]"
        )
    assert [(each["steps"], each["task"]) for each in state] == [(0, KNOWN)]
