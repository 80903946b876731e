"""Engines from other distributions: found by name, loaded, and served as our own are."""

from __future__ import annotations

import re
import sys
import threading
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support import connected

from hypernet.adapters.adapter import Adapter
from hypernet.cli.main import main
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    QueueFullError,
    Request,
)
from hypernet.engine.registry import EngineNotFoundError, engine_names, load_engine
from hypernet.runtime import Runtime, RuntimeOptions, load_runtime
from hypernet.task import Task, Turn
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypernet.engine.torch.engine import TorchEngine

    Install = Callable[..., None]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "engines.md").read_text()
EXAMPLE = (ROOT / "examples" / "peft_engine.py").read_text()
# Answers as echo does, and adds what it was given of the adapter.
LOUD = """
from dataclasses import replace

from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import Capabilities
from hypernet.runtime import load_writer


class LoudEngine(EchoEngine):
    capabilities = Capabilities(prefix_without_adapter=False)

    def submit(self, request):
        text = request.input.upper()
        if request.adapter is not None:
            tensors = request.adapter.peft_tensors()
            size = sum(tensor.numel() for tensor in tensors.values())
            rank = request.adapter.peft_config()["r"]
            text += f" WITH {len(tensors)} TENSORS OF {size} NUMBERS AND RANK {rank}"
        return super().submit(replace(request, input=text))


def load(options, progress):
    return load_writer(options, progress).runtime(LoudEngine(), "loud", volume=11)
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Lay a distribution with one module and one engine on the path."""

    def lay(code: str | None, *, engine: str = "loud", distribution: str = "loud-engine") -> None:
        module = distribution.replace("-", "_")
        site = tmp_path / f"site-{distribution}"
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[hypernet.engines]\n{engine} = {module}:load\n")
        if code is not None:
            (site / f"{module}.py").write_text(code)
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return lay


@pytest.fixture
def models(
    base_folder: Path, encoder_folder: Path, hypernetwork: Path, tmp_path: Path
) -> dict[str, Any]:
    """Settings, and options, for the tiny models."""
    return {
        "base": str(base_folder),
        "encoder": str(encoder_folder),
        "hypernetwork": str(hypernetwork),
        "cache": tmp_path / "cache",
    }


def loudly(adapter: Adapter) -> str:
    """What the loud engine adds under an adapter."""
    numbers = sum(a.numel() + b.numel() for a, b in adapter.factors.values())
    count = 2 * len(adapter.factors)
    return f"WITH {count} TENSORS OF {numbers} NUMBERS AND RANK {adapter.rank}"


# By name


def test_our_own_engines_are_found_as_any_other() -> None:
    assert {"echo", "torch"} <= set(engine_names())


def test_an_unknown_name_is_refused_with_those_that_are_installed(install: Install) -> None:
    install(LOUD)
    with pytest.raises(EngineNotFoundError, match=r"'sglang' is not installed.*echo, loud, torch"):
        load_engine("sglang")


@pytest.mark.parametrize(
    "code", [None, "import nothing_of_this_name", "x = 1", "import sys; sys.exit(3)"]
)
def test_an_engine_that_cannot_be_imported_is_refused_with_its_distribution(
    install: Install, code: str | None
) -> None:
    install(code)
    with pytest.raises(EngineNotFoundError, match="'loud' of loud-engine cannot be imported"):
        load_engine("loud")


def test_a_name_that_two_distributions_have_is_refused(install: Install) -> None:
    install(LOUD)
    install(LOUD, distribution="louder-engine")
    assert engine_names().count("loud") == 1
    with pytest.raises(EngineNotFoundError, match="loud-engine, louder-engine"):
        load_engine("loud")


@pytest.mark.parametrize("command", [["run", "x"], ["generate"]])
def test_the_command_line_tells_so_without_a_stack(install: Install, command: list[str]) -> None:
    install(LOUD, engine="torch")
    done = CliRunner().invoke(main, [*command, "--task", "Say."])
    assert done.exit_code == 1
    assert "engine: 'torch' is in several distributions" in done.output
    assert isinstance(done.exception, SystemExit)


LACKING = """
from hypernet.engine.echo import EchoEngine
from hypernet.runtime import Runtime

class Less:
    def __init__(self):
        self.whole = EchoEngine()

    def __getattr__(self, name):
        if name in LESS:
            raise AttributeError(name)
        return getattr(self.whole, name)

def load(options, progress): return Runtime(Less(), None, {})
"""


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("def load(options, progress): return object()", "gave a object, expected is a Runtime"),
        ("load = 5", "'loud_engine:load' is no function"),
        ("def load(options, progress): raise SystemExit('no gpu')", "'loud' gave up: no gpu"),
        (f"LESS = {{'submit', 'capabilities'}}{LACKING}", "'loud' lacks capabilities, submit"),
        (
            f"LESS = {{}}{LACKING.replace('EchoEngine()', 'EchoEngine(); self.limits = 3')}",
            "the limits of 'loud' are no Limits",
        ),
    ],
)
def test_what_cannot_serve_is_refused_when_it_is_loaded(
    install: Install, code: str, refusal: str
) -> None:
    install(code)
    with pytest.raises(EngineError, match=refusal):
        load_runtime(RuntimeOptions(engine="loud"))


# In use


def test_an_engine_from_outside_gets_each_adapter_in_pefts_layout(
    install: Install, models: dict[str, Any]
) -> None:
    install(LOUD)
    runtime = load_runtime(RuntimeOptions(engine="loud", **models))
    try:
        assert (runtime.about["engine"], runtime.about["volume"]) == ("loud", 11)
        assert runtime.about["hypernetwork"].startswith("random ")
        assert runtime.embedder is not None
        assert runtime.library is not None
        adapter = runtime.library.get(Task("Say the colour.")).adapter
        assert isinstance(adapter, Adapter)
        ticket = runtime.engine.submit(Request("hello there", adapter=adapter))
        assert ticket.result().text == f"HELLO THERE {loudly(adapter)}"
    finally:
        runtime.close()


@pytest.mark.anyio
async def test_the_server_runs_steps_on_an_engine_from_outside(
    install: Install, models: dict[str, Any], tmp_path: Path
) -> None:
    install(LOUD)
    app = Application(Settings(engine="loud", database=tmp_path / "memory.db", **models))
    try:
        async with connected(app) as call:
            session = await call.begin("Say the colour.", mode="adapter")
            step = await call("run_step", session_id=session, input="hello there")
            assert step["mode"] == "adapter"
            runtime = app.loader.runtime
            assert runtime is not None
            assert runtime.library is not None
            adapter = runtime.library.get(Task("Say the colour.")).adapter
            assert isinstance(adapter, Adapter)
            assert step["output"] == f"HELLO THERE {loudly(adapter)}"
            refusal = await call.refused("set_task", task="Say the colour.", mode="hybrid")
            assert "say adapter or prompted" in refusal
            session = await call.begin("Something quite different.")
            step = await call("run_step", session_id=session, input="hello there")
            assert (step["mode"], step["output"]) == ("prompted", "HELLO THERE")
    finally:
        app.close()


def test_the_page_shows_the_examples_code() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    assert all(block in EXAMPLE for block in blocks)


@pytest.fixture
def paged(install: Install, models: dict[str, Any]) -> Iterator[Runtime]:
    """The runtime of the page's own engine, installed as the page says."""
    (toml,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    project = tomllib.loads(toml)["project"]
    assert {"name", "version", "dependencies"} <= project.keys()
    ((name, place),) = project["entry-points"]["hypernet.engines"].items()
    assert place == "peft_engine:load"
    install(EXAMPLE, engine=name, distribution="peft-engine")
    runtime = load_runtime(RuntimeOptions(engine=name, **models))
    yield runtime
    runtime.close()


class Held:
    """An adapter that holds the engine in the moment it is put in place."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    def peft_config(self) -> dict[str, Any]:
        self.reached.set()
        assert self.go_on.wait(60)
        return self._adapter.peft_config()


@pytest.fixture
def held(paged: Runtime) -> Iterator[Held]:
    assert paged.library is not None
    held = Held(paged.library.get(Task("Say the colour.")).adapter)
    yield held
    held.go_on.set()


# PEFT's warnings of its own names, and of adapting a model a second time.
PEFT_WARNS = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")


@PEFT_WARNS
def test_the_pages_own_engine_answers_under_an_adapter_and_without(
    paged: Runtime, engine: TorchEngine
) -> None:
    assert paged.library is not None
    adapter = paged.library.get(Task("Say the colour.")).adapter
    plain = Request("hello there", max_tokens=12)
    adapted = replace(plain, adapter=adapter)
    texts = [paged.engine.submit(r).result().text for r in (plain, adapted, plain)]
    assert texts[0] == texts[2] == engine.submit(plain).result().text
    assert texts[1] != texts[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("labels", ("a", "b")),
        ("stop", ("\n",)),
        ("temperature", 0.5),
        ("output_schema", {"type": "object"}),
        ("history", (Turn("a", "b"),)),
    ],
)
def test_the_pages_own_engine_refuses_by_name_what_it_does_not_heed(
    paged: Runtime, field: str, value: Any
) -> None:
    with pytest.raises(EngineError, match=f"^{field}: "):
        paged.engine.submit(Request("x", **{field: value}))


@PEFT_WARNS
def test_the_pages_own_engine_stops_a_cancelled_request_between_two_tokens(
    paged: Runtime, held: Held
) -> None:
    ticket = paged.engine.submit(Request("hello", adapter=held, max_tokens=200))
    assert held.reached.wait(60)
    waiting = paged.engine.submit(Request("hello"))
    for each in (ticket, waiting):
        each.cancel()
    held.go_on.set()
    done = ticket.result()
    assert (done.stop_reason, done.tokens.generated) == ("cancelled", 1)
    with pytest.raises(EngineError, match="cancelled before it began"):
        waiting.result()


def test_the_pages_own_engine_stops_a_late_request_between_two_tokens(paged: Runtime) -> None:
    done = paged.engine.submit(Request("hello", max_tokens=200, max_seconds=0)).result()
    assert (done.stop_reason, done.tokens.generated) == ("time", 1)


@PEFT_WARNS
def test_the_pages_own_engine_refuses_more_than_may_wait(paged: Runtime, held: Held) -> None:
    engine: Any = paged.engine
    engine.limits = replace(engine.limits, queue=1)
    engine.submit(Request("hello", adapter=held))
    assert held.reached.wait(60)
    engine.submit(Request("hello", max_tokens=1))
    assert engine.busy == (1, 1)
    with pytest.raises(QueueFullError, match="1 requests wait already"):
        engine.submit(Request("hello"))


@PEFT_WARNS
def test_the_pages_own_engine_ends_every_ticket_when_it_closes(paged: Runtime, held: Held) -> None:
    running = paged.engine.submit(Request("hello", adapter=held, max_tokens=200))
    assert held.reached.wait(60)
    waiting = [paged.engine.submit(Request("hello")) for _ in range(3)]
    closing = threading.Thread(target=paged.engine.close)
    closing.start()
    assert running.cancelled.wait(60)
    held.go_on.set()
    closing.join(60)
    assert running.result().stop_reason == "cancelled"
    for ticket in waiting:
        with pytest.raises(EngineClosedError):
            ticket.result()
    with pytest.raises(EngineClosedError):
        paged.engine.submit(Request("hello"))
    assert paged.engine.busy == (0, 0)
