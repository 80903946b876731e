"""What LangChain's own clients get of a served application: run by the Python that has them.

Prints one JSON object: the name of each case, and what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

from examples.langchain.middleware import Step, StepError, StepTasks, line, new_session

SOLVED = [("one", "1"), ("two", "2")]
SAID = [("system", "Repeat what is said."), ("user", "one two three")]


class Founded(BaseModel):
    """When."""

    year: int


def founded(year: int) -> str:
    """Says when."""
    return f"Year: {year}\nPlace: here"


def model_of(url: str, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(base_url=f"{url}/v1", api_key="none", model="auto", max_retries=0, **options)


def refused(action: Any) -> str:
    try:
        return f"answered: {action()}"
    except Exception as error:  # which one is what the test looks at
        return f"{type(error).__name__}: {error}"


def cases_of_the_model(url: str) -> dict[str, Any]:
    model = model_of(url)
    whole = model.invoke(SAID)
    chunks = list(model_of(url, stream_usage=True).stream(SAID))
    added = chunks[0]
    for chunk in chunks[1:]:
        added += chunk
    responses = model_of(url, use_responses_api=True)
    return {
        "whole": [whole.text, whole.response_metadata["system_fingerprint"]],
        "stream": [added.text, added.response_metadata["system_fingerprint"]],
        "usage": [whole.usage_metadata["total_tokens"], added.usage_metadata["total_tokens"]],
        "responses": responses.invoke(SAID).text,
        "responses_stream": "".join(chunk.text for chunk in responses.stream(SAID)),
        "batch": [each.text for each in model.batch([SAID, SAID])],
        "by_schema": model.with_structured_output(Founded).invoke(SAID).year,
        "by_function": model.with_structured_output(Founded, method="function_calling")
        .invoke(SAID)
        .year,
        "by_stream": list(model.with_structured_output(Founded).stream(SAID))[-1].year,
        "by_agent": create_agent(model, response_format=Founded)
        .invoke({"messages": SAID})["structured_response"]
        .year,
        "by_responses": responses.with_structured_output(Founded).invoke(SAID).year,
        "forced": model.bind_tools([founded], tool_choice="founded")
        .invoke(SAID)
        .tool_calls[0]["args"],
        "only_one": model.bind_tools([founded], tool_choice="any")
        .invoke(SAID)
        .tool_calls[0]["args"],
        "free_choice": refused(lambda: model.bind_tools([founded]).invoke(SAID)),
        "n": refused(lambda: model_of(url, n=2).invoke(SAID)),
        "no_such_model": refused(lambda: model.bind(model="task:nothing").invoke(SAID)),
    }


def cases_of_the_hook(url: str) -> dict[str, Any]:
    steps = [
        Step("Say when.", "Founded in 2026.", tool="founded"),
        Step("Repeat it."),
        Step("Say the place.", line("Place")),
        Step("Say the year.", "In 2026.", answer=Founded),
        Step("Go on.", "So?", history=True),
    ]
    hook = StepTasks(steps)
    agent = create_agent(model_of(url), [founded], middleware=[hook], checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "one"}}
    first = agent.invoke({"messages": []}, thread)
    again = agent.invoke({"messages": [HumanMessage("again")]}, thread)
    told: list[str] = []
    streamed = [
        message.text
        for message, _ in create_agent(
            model_of(url), middleware=[StepTasks([Step("Repeat it.")], on_step=told.append)]
        ).stream({"messages": [HumanMessage("a b c")]}, stream_mode="messages")
        if isinstance(message, AIMessage)
    ]

    def run(*plan: Step, **options: Any) -> Any:
        agent = create_agent(model_of(url), [founded], middleware=[StepTasks(plan, **options)])
        return agent.invoke({"messages": []})

    return {
        "taken": first["taken"],
        "answer": first["structured_response"].year,
        "again": len(again["taken"]),
        "streamed": "".join(streamed),
        "told": told,
        "nothing_to_read": refused(lambda: run(Step("Repeat it."))),
        "no_such_line": refused(lambda: run(Step("Say it.", line("Colour")))),
        "no_such_tool": refused(lambda: run(Step("Say it.", "x", tool="nothing"))),
        "no_session": refused(lambda: run(Step("Say it.", "x", tool="run_step"))),
        "unsaved": refused(lambda: run(Step("task:nothing", "x"))),
        "by_examples": run(Step("Echo it.", "x", examples=SOLVED))["taken"][0]["adapter"],
        "by_text": run(Step("Echo it.", "x"))["taken"][0]["adapter"],
        "saved_has_its_own": refused(lambda: run(Step("task:a", "x", examples=SOLVED))),
    }


async def cases_of_mcp(url: str) -> dict[str, Any]:
    mcp = MultiServerMCPClient({"ours": {"transport": "streamable_http", "url": f"{url}/mcp"}})
    async with mcp.session("ours") as link:
        tools = await load_mcp_tools(link)
        session = await new_session(tools, "A job.")
        model = model_of(url, default_headers={"X-Session-Id": session})
        steps = [
            Step("Repeat it.", "one two"),
            Step("Say it again.", tool="run_step"),
            Step("Repeat that."),
        ]

        async def run(plan: list[Step], session_id: str = session) -> Any:
            hook = StepTasks(plan, session_id, key="job")
            agent = create_agent(model, tools, middleware=[hook])
            return (await agent.ainvoke({"messages": []}))["taken"]

        taken = await run(steps)
        again = await run(steps)
        try:
            failed = str(await run([Step("Repeat it.", "x", tool="run_step")], "no such session"))
        except StepError as error:
            failed = str(error)
    streamed = "".join([chunk.text async for chunk in model_of(url).astream(SAID)])
    return {
        "astream": streamed,
        "session": session,
        "mcp": taken,
        "mcp_again": again == taken,
        "mcp_failed": failed,
    }


if __name__ == "__main__":
    address = sys.argv[1]
    found = cases_of_the_model(address) | cases_of_the_hook(address)
    sys.stdout.write(json.dumps(found | asyncio.run(cases_of_mcp(address))))
