"""What must I know of these packages? Four steps for each, each under weights of its own."""

import asyncio
import json
import sys
from importlib import metadata

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from langchain_openai import ChatOpenAI

from examples.langchain.middleware import Step, StepTasks, line, new_session

READ = ("Name:", "Version:", "Summary:", "License:", "License-E", "Classifier: Dev", "Requires-P")


def look_up(package: str) -> str:
    """Read what an installed package says of itself."""
    found = [each.read_text("METADATA") or "" for each in metadata.distributions(name=package)]
    header = [*found, f"Summary: there is no package {package}"][0].partition("\n\n")[0]
    return "\n".join(row for row in header.splitlines() if row.startswith(READ))


def plan(name: str) -> list[Step]:
    """Each step names its task: in words, or as a saved one. It reads what came before."""
    question = f"What is {name}, and may I use it at work?"
    return [
        Step("Extract the name of the software.", question, tool="look_up"),
        Step("task:oldest-python"),
        Step("task:licence"),
        Step("Say in a few words what the package is for.", line("Summary"), tool="run_step"),
    ]


async def main(url: str, *names: str) -> None:
    """Print each step as a line of JSON once it is answered."""
    mcp = MultiServerMCPClient({"hypernet": {"transport": "streamable_http", "url": f"{url}/mcp"}})
    async with mcp.session("hypernet") as link:
        tools = await load_mcp_tools(link)
        session = await new_session(tools, "Tell what one must know of packages.")
        header = {"X-Session-Id": session}
        model = ChatOpenAI(base_url=f"{url}/v1", api_key="-", model="auto", default_headers=header)
        steps = [step for name in names for step in plan(name)]
        tasks = StepTasks(steps, session, on_step=lambda it: print(json.dumps(it), flush=True))
        await create_agent(model, [look_up, *tools], middleware=[tasks]).ainvoke({"messages": []})


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
