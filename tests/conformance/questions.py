"""The conformance suite's tools that ask the client: in the middle of a call, and in rounds.

Up to 2025-11-25 a server asks while the call runs; from 2026-07-28 on it returns what it needs and
the client calls again with the answers. Test-only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK evaluates annotations
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.app.application import Application

TITLED = ("First", "Second", "Third")


def add_questions(mcp: MCPServer[Application]) -> None:
    """Put the asking tools on a server."""
    _while_it_runs(mcp)
    _in_one_round(mcp)
    _with_state(mcp)


def _form(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def _elicit(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = _form({field: {"type": kind}}, [field])
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sample(text: str, max_tokens: int) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens)
    )


def _said(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _answer(ctx: Context, key: str, field: str) -> Any:
    """What the user entered, or None when the client sent no usable answer for the key."""
    answer = (ctx.input_responses or {}).get(key)
    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return None
    return (answer.content or {}).get(field)


def _while_it_runs(mcp: MCPServer[Application]) -> None:
    @mcp.tool(structured_output=False)
    async def test_sampling(ctx: Context, prompt: str) -> str:
        """Ask the client's model."""
        message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
        # The stream of this call is the way back to the client.
        result = await ctx.session.create_message(
            [message], max_tokens=100, related_request_id=ctx.request_id
        )
        content = result.content
        return f"LLM response: {content.text if isinstance(content, TextContent) else ''}"

    async def ask(ctx: Context, message: str, schema: dict[str, Any]) -> str:
        result = await ctx.session.elicit_form(message, schema, ctx.request_id)
        return f"action={result.action}, content={result.content}"

    @mcp.tool(structured_output=False)
    async def test_elicitation(ctx: Context, message: str) -> str:
        """Ask the user for a name and an address."""
        name = {"type": "string", "description": "User's response"}
        email = {"type": "string", "description": "User's email address"}
        fields = _form({"username": name, "email": email}, ["username", "email"])
        return f"User response: {await ask(ctx, message, fields)}"

    @mcp.tool(structured_output=False)
    async def test_elicitation_sep1034_defaults(ctx: Context) -> str:
        """Ask with a default for each kind of field."""
        status = {"enum": ["active", "inactive", "pending"], "default": "active"}
        fields = _form(
            {
                "name": {"type": "string", "default": "John Doe"},
                "age": {"type": "integer", "default": 30},
                "score": {"type": "number", "default": 95.5},
                "status": {"type": "string", **status},
                "verified": {"type": "boolean", "default": True},
            }
        )
        return f"Elicitation completed: {await ask(ctx, 'Check the defaults', fields)}"

    @mcp.tool(structured_output=False)
    async def test_elicitation_sep1330_enums(ctx: Context) -> str:
        """Ask with each kind of choice."""
        plain = [f"option{n}" for n in (1, 2, 3)]
        options, choices = (
            [
                {"const": f"value{n}", "title": f"{title} {kind}"}
                for n, title in enumerate(TITLED, 1)
            ]
            for kind in ("Option", "Choice")
        )
        legacy = {
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        }
        fields = _form(
            {
                "untitledSingle": {"type": "string", "enum": plain},
                "titledSingle": {"type": "string", "oneOf": options},
                "legacyEnum": {"type": "string", **legacy},
                "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
                "titledMulti": {"type": "array", "items": {"anyOf": choices}},
            }
        )
        return f"Elicitation completed: {await ask(ctx, 'Choose', fields)}"


def _in_one_round(mcp: MCPServer[Application]) -> None:
    @mcp.tool()
    async def test_input_required_result_elicitation(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Greet the user by name."""
        if (name := _answer(ctx, "user_name", "name")) is None:
            return InputRequiredResult(
                input_requests={"user_name": _elicit("What is your name?", "name")}
            )
        return _said(f"Hello, {name}!")

    @mcp.tool()
    async def test_streaming_elicitation(ctx: Context) -> CallToolResult | InputRequiredResult:
        """Ask for a name, with progress before."""
        await ctx.report_progress(1, 2, "about to ask")
        return InputRequiredResult(
            input_requests={"user_name": _elicit("What is your name?", "name")}
        )

    @mcp.tool()
    async def test_input_required_result_sampling(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask the client's model for a capital."""
        answer = (ctx.input_responses or {}).get("capital_question")
        if not isinstance(answer, CreateMessageResult):
            question = _sample("What is the capital of France?", 100)
            return InputRequiredResult(input_requests={"capital_question": question})
        content = answer.content
        return _said(content.text if isinstance(content, TextContent) else "no text")

    @mcp.tool()
    async def test_input_required_result_list_roots(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Name the client's roots."""
        answer = (ctx.input_responses or {}).get("client_roots")
        if not isinstance(answer, ListRootsResult):
            return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})
        return _said(", ".join(str(root.uri) for root in answer.roots))

    @mcp.tool()
    async def test_input_required_result_capabilities(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask only for what the client can do."""
        able = ctx.client_capabilities
        requests: dict[str, Any] = {}
        if able is not None and able.sampling is not None:
            requests["greeting"] = _sample("Generate a greeting", 50)
        if able is not None and able.elicitation is not None:
            requests["user_name"] = _elicit("What is your name?", "name")
        if not requests or ctx.input_responses:
            return _said("nothing more to ask")
        return InputRequiredResult(input_requests=requests)

    @mcp.prompt()
    async def test_input_required_result_prompt(
        ctx: Context,
    ) -> list[UserMessage] | InputRequiredResult:
        """A prompt that first asks for its context."""
        if (context := _answer(ctx, "user_context", "context")) is None:
            question = _elicit("What context should the prompt use?", "context")
            return InputRequiredResult(input_requests={"user_context": question})
        return [UserMessage(f"Use this context: {context}")]


def _with_state(mcp: MCPServer[Application]) -> None:
    # The SDK seals the state on its way out and refuses what comes back changed.
    confirm = {"confirm": _elicit("Please confirm", "ok", "boolean")}

    @mcp.tool()
    async def test_input_required_result_request_state(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask, with a state that has to come back."""
        if ctx.request_state == "asked" and _answer(ctx, "confirm", "ok") is not None:
            return _said("state-ok")
        return InputRequiredResult(input_requests=confirm, request_state="asked")

    @mcp.tool()
    async def test_input_required_result_tampered_state(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask, with a state that must come back unchanged."""
        if ctx.request_state == "asked":
            return _said("accepted")
        return InputRequiredResult(input_requests=confirm, request_state="asked")

    @mcp.tool()
    async def test_input_required_result_multiple_inputs(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask for three things together."""
        wanted = {"user_name", "greeting", "client_roots"}
        if ctx.request_state == "asked" and wanted <= set(ctx.input_responses or {}):
            return _said(f"Hello, {_answer(ctx, 'user_name', 'name')}!")
        return InputRequiredResult(
            input_requests={
                "user_name": _elicit("What is your name?", "name"),
                "greeting": _sample("Generate a greeting", 50),
                "client_roots": ListRootsRequest(),
            },
            request_state="asked",
        )

    @mcp.tool()
    async def test_input_required_result_multi_round(
        ctx: Context,
    ) -> CallToolResult | InputRequiredResult:
        """Ask twice, one thing after the other."""
        name, colour = _answer(ctx, "step1", "name"), _answer(ctx, "step2", "color")
        if ctx.request_state == "round 2" and colour is not None:
            return _said(f"The colour is {colour}.")
        if ctx.request_state == "round 1" and name is not None:
            question = _elicit("Step 2: What is your favorite color?", "color")
            return InputRequiredResult(input_requests={"step2": question}, request_state="round 2")
        question = _elicit("Step 1: What is your name?", "name")
        return InputRequiredResult(input_requests={"step1": question}, request_state="round 1")
