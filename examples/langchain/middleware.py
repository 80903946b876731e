"""A task for each step of a LangChain agent: middleware to copy, it needs nothing else of here.

`StepTasks` makes `create_agent` take the steps of a plan in their order. Before each it puts the
step's task where the server looks for it, and so the step runs under that task's weights:

- a step of the model (`wrap_model_call`): the text of the task is the system message, with its
  solved examples behind it, a saved one (`task:NAME`) the name of the model;
- a step by the MCP tool `run_step` (`wrap_tool_call`): its argument `task`, with the session.

Which tool a step calls is in the plan, because a small model does not choose well among tools. What
it is called with the model writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ExtendedModelResponse,
    ModelResponse,
    hook_config,
)
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)
from langgraph.types import Command

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from langchain.agents.middleware import ModelRequest, ToolCallRequest
    from langchain_core.messages import AnyMessage
    from langchain_core.tools import BaseTool

SAVED = "task:"
RUN_STEP = "run_step"


class StepError(Exception):
    """A step cannot be taken; the message names it and says why."""


@dataclass(frozen=True)
class Step:
    """What is done in one step, and under which task.

    Args:
        task: its text, or `task:NAME` for a saved one.
        examples: solved ones of a task that is not saved, as pairs of input and answer. The
            weights are trained on them, once; eight are a good number.
        reads: the step's input: a text, or a function that takes one from the messages so far.
            None: what the last tool gave, or what was asked.
        tool: what the step calls. `run_step` does the step itself, over MCP, under the task. Any
            other gets its arguments from the model, under the task, held to the tool's schema.
        answer: the answer's schema, a pydantic model or JSON schema.
        history: whether the model reads the earlier messages, too, as turns of a conversation.
    """

    task: str
    reads: str | Callable[[Sequence[AnyMessage]], str] | None = None
    tool: str | None = None
    answer: Any = None
    history: bool = False
    examples: Sequence[tuple[str, str]] = ()

    @property
    def saved(self) -> bool:
        """Whether the task is a saved one."""
        return self.task.startswith(SAVED)

    @property
    def shown(self) -> list[SystemMessage]:
        """Its examples as the server tells them from the task: by the names of the messages."""
        return [
            SystemMessage(text, name=name)
            for pair in self.examples
            for name, text in zip(("example_user", "example_assistant"), pair, strict=True)
        ]


class Taken(TypedDict):
    """A step that was answered."""

    step: int
    task: str
    door: str
    """`/v1` or `run_step`."""
    adapter: str | None
    """The digest of the weights; None: the base's own answered, or the Responses API did."""
    tool: str | None
    """The tool that the answer calls."""
    output: str
    """The text, or the arguments of the call."""
    prompt_tokens: int | None
    """None where a stream did not count them: `ChatOpenAI(stream_usage=True)` does."""


class PlanState(AgentState[Any]):
    """The agent's state, with what was taken of the plan."""

    begun: NotRequired[int]
    taken: NotRequired[list[Taken]]


class StepTasks(AgentMiddleware[PlanState, None, Any]):
    """Takes the steps of a plan, each under its own task.

    `result["taken"]` of the agent tells of each step which weights answered, and what. The model is
    `ChatOpenAI` with `model="auto"`, and its session goes by `default_headers`.
    """

    state_schema = PlanState

    def __init__(
        self,
        steps: Sequence[Step],
        session_id: str | None = None,
        key: str | None = None,
        on_step: Callable[[Taken], object] | None = None,
    ) -> None:
        """Take a plan.

        Args:
            steps: the plan.
            session_id: the session of `run_step`; None where no step is one.
            key: a name of this run of the plan. Steps that are sent again under it, after a crash,
                give back the answer that was recorded. It needs a session.
            on_step: told of each step once it is answered.

        Raises:
            StepError: a step cannot be taken so.
        """
        super().__init__()
        for number, step in enumerate(steps, 1):
            if step.tool == RUN_STEP and (step.saved or session_id is None):
                raise StepError(
                    f"step {number}: run_step needs a session_id, and a task's text: "
                    "a saved one is answered at /v1, without `tool`"
                )
            if step.examples and (step.saved or step.tool == RUN_STEP):
                raise StepError(
                    f"step {number}: examples go with a task's text at /v1; a saved task has its "
                    "own, and run_step takes none"
                )
        self._steps, self._session, self._key = tuple(steps), session_id, key
        self._on_step = on_step

    def before_agent(self, state: PlanState, runtime: Any) -> dict[str, Any]:
        """The plan begins anew with each invocation; one that is resumed goes on."""
        return {"begun": 0, "taken": []}

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: PlanState, runtime: Any) -> dict[str, Any] | None:
        """End after the last step; else the last message is what the next step reads."""
        if state["begun"] == len(self._steps):
            return {"jump_to": "end"}
        step, messages = self._steps[state["begun"]], state["messages"]
        if step.reads is None and messages and not isinstance(messages[-1], AIMessage):
            return None
        return {"messages": [HumanMessage(self._input(step, messages, state["begun"] + 1))]}

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: PlanState, runtime: Any) -> dict[str, Any] | None:
        """On to the next step, unless a tool is to be called first."""
        last = state["messages"][-1]
        return None if isinstance(last, AIMessage) and last.tool_calls else {"jump_to": "model"}

    def wrap_model_call(
        self,
        request: ModelRequest[None],
        handler: Callable[[ModelRequest[None]], ModelResponse[Any]],
    ) -> ExtendedModelResponse[Any]:
        """Put the step's task into the call."""
        if (asked := self._asked(request)) is None:
            return self._run_step(request)
        return self._answered(request, handler(asked))

    async def awrap_model_call(
        self,
        request: ModelRequest[None],
        handler: Callable[[ModelRequest[None]], Awaitable[ModelResponse[Any]]],
    ) -> ExtendedModelResponse[Any]:
        """The same, for `ainvoke` and `astream`."""
        if (asked := self._asked(request)) is None:
            return self._run_step(request)
        return self._answered(request, await handler(asked))

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Put the step's task into the call of `run_step`."""
        return self._done(request, handler(self._with_task(request)))

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """The same, for `ainvoke` and `astream`; MCP's tools have only this."""
        return self._done(request, await handler(self._with_task(request)))

    def _input(self, step: Step, messages: Sequence[AnyMessage], number: int) -> str:
        if callable(step.reads):
            try:
                return step.reads(messages)
            except (LookupError, ValueError) as error:
                raise StepError(f"step {number} has nothing to read: {error}") from error
        if step.reads is not None:
            return step.reads
        for message in reversed(messages):
            if not isinstance(message, AIMessage):
                return str(message.text)
        raise StepError(f"step {number} has nothing to read: give it `reads`")

    def _asked(self, request: ModelRequest[None]) -> ModelRequest[None] | None:
        """The call under the step's task; None: the step is one of `run_step`."""
        number = _begun(request) + 1
        step = self._steps[number - 1]
        tools = [tool for tool in request.tools if _name(tool) == step.tool]
        if step.tool is not None and not tools:
            raise StepError(f"step {number}: the agent has no tool {step.tool!r}")
        if step.tool == RUN_STEP:
            return None
        text, settings = request.messages[-1].text, dict(request.model_settings)
        if step.saved:
            settings["model"] = step.task
        if self._key is not None:
            settings["extra_headers"] = {"Idempotency-Key": f"{self._key}-{number}"}
        return request.override(
            system_message=None if step.saved else SystemMessage(step.task),
            messages=[*step.shown, *(request.messages if step.history else [HumanMessage(text)])],
            model_settings=settings,
            tools=tools,
            tool_choice=step.tool,
            response_format=None if step.answer is None else ProviderStrategy(step.answer),
        )

    def _answered(
        self, request: ModelRequest[None], response: ModelResponse[Any]
    ) -> ExtendedModelResponse[Any]:
        number, message = _begun(request) + 1, response.result[0]
        if not isinstance(message, AIMessage):
            raise StepError(f"step {number}: {message.text}")
        calls, usage = message.tool_calls, message.usage_metadata
        taken = Taken(
            step=number,
            task=self._steps[number - 1].task,
            door="/v1",
            adapter=message.response_metadata.get("system_fingerprint"),
            tool=calls[0]["name"] if calls else None,
            output=json.dumps(calls[0]["args"]) if calls else message.text,
            prompt_tokens=usage["input_tokens"] if usage else None,
        )
        told = self._told(request.state, taken)
        return ExtendedModelResponse(response, Command(update={"begun": number, **told}))

    def _run_step(self, request: ModelRequest[None]) -> ExtendedModelResponse[Any]:
        """The call of `run_step`, without a model: nothing in it is to be decided."""
        number = _begun(request) + 1
        arguments = {"input": request.messages[-1].text}
        call = ToolCall(name=RUN_STEP, args=arguments, id=f"step-{number}", type="tool_call")
        message = AIMessage("", tool_calls=[call])
        return ExtendedModelResponse(ModelResponse([message]), Command(update={"begun": number}))

    def _with_task(self, request: ToolCallRequest) -> ToolCallRequest:
        if request.tool_call["name"] != RUN_STEP:
            return request
        number = request.state["begun"]
        added = {"task": self._steps[number - 1].task, "session_id": self._session}
        if self._key is not None:
            added["step_key"] = f"{self._key}-{number}"
        arguments = {**request.tool_call["args"], **added}
        return request.override(tool_call={**request.tool_call, "args": arguments})

    def _done(
        self, request: ToolCallRequest, result: ToolMessage | Command[Any]
    ) -> ToolMessage | Command[Any]:
        """What a tool gave; of a step, its answer alone, for later steps to read."""
        number, tool = request.state["begun"], request.tool_call["name"]
        if not isinstance(result, ToolMessage):
            return result
        if result.status == "error":
            raise StepError(f"step {number}, {tool}: {result.text}")
        if tool != RUN_STEP:
            return result
        found = result.artifact["structured_content"]
        taken = Taken(
            step=number,
            task=self._steps[number - 1].task,
            door=RUN_STEP,
            adapter=found["adapter_digest"],
            tool=None,
            output=found["output"],
            prompt_tokens=found["tokens"]["prefix"] + found["tokens"]["prompt"],
        )
        message = result.model_copy(update={"content": found["output"]})
        return Command(update={"messages": [message], **self._told(request.state, taken)})

    def _told(self, state: Any, taken: Taken) -> dict[str, Any]:
        if self._on_step is not None:
            self._on_step(taken)
        return {"taken": [*state["taken"], taken]}


def line(name: str) -> Callable[[Sequence[AnyMessage]], str]:
    """Reads one line of what a tool gave: the last that begins with `name:`."""

    def read(messages: Sequence[AnyMessage]) -> str:
        texts = [str(each.text) for each in messages if isinstance(each, ToolMessage)]
        for given in reversed("\n".join(texts).splitlines()):
            if given.startswith(f"{name}:"):
                return given
        raise LookupError(f"no tool gave a line {name!r}")

    return read


def _begun(request: ModelRequest[None]) -> int:
    state: Any = request.state
    begun: int = state["begun"]
    return begun


def _name(tool: BaseTool | dict[str, Any]) -> str:
    return str(tool.get("name") if isinstance(tool, dict) else tool.name)


async def new_session(tools: Sequence[BaseTool], task: str) -> str:
    """Begin a session over MCP. `task` is what the job is about; each step names its own."""
    set_task = next((tool for tool in tools if tool.name == "set_task"), None)
    if set_task is None:
        raise StepError("there is no tool set_task: are these the tools of hypernet-mcp?")
    call = ToolCall(name=set_task.name, args={"task": task}, id="session", type="tool_call")
    message: ToolMessage = await set_task.ainvoke(call)
    if message.status == "error":
        raise StepError(f"set_task: {message.text}")
    session_id: str = message.artifact["structured_content"]["session_id"]
    return session_id
