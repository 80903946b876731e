"""The shell: settings, models that are broken, inputs and terminals of other encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from bench.field.faults.doors import check, environment, opened, shell

if TYPE_CHECKING:
    from pathlib import Path

TASK = ("--task", "Say the mood of the text.", "--label", "good", "--label", "bad")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 269060552\n"


def settings_are_expanded_or_refused(folder: Path) -> None:
    """14: empty is unset, a home folder is found, a placeholder is refused by name."""
    home = folder / "home"
    home.mkdir()
    env = environment(folder, "echo", HYPERNET_MCP_PORT="", HOME=str(home))
    env["HYPERNET_MCP_DATABASE"] = "~/m.db"
    shown = shell("hypernet-mcp", "settings", env=env)
    check(shown.returncode == 0, shown.stderr.decode())
    check(f"{home}/m.db".encode() in shown.stdout, "~ was not expanded")
    check(b"HYPERNET_MCP_PORT=8000" in shown.stdout, "an empty port is not the default one")
    for form in ("${workspaceFolder}", "{folder}", "<path>", "$(pwd)", "%APPDATA%", '"/x"'):
        env["HYPERNET_MCP_DATABASE"] = f"{form}/m.db"
        shown = shell("hypernet-mcp", "sessions", "list", env=env)
        said = (shown.stdout + shown.stderr).decode()
        check(shown.returncode != 0, f"{form} was taken for a path")
        named = form.strip('"/x') in said and "DATABASE" in said.upper()
        check(named, f"{form} was told as {said!r}")


def broken_models_are_named(folder: Path) -> None:
    """16: by `doctor` and by `hypernet run`."""
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text(
        '{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}'
    )
    (model / "model.safetensors").write_bytes(POINTER)
    env = environment(folder, "torch", HYPERNET_MCP_BASE=str(model))
    looked = shell("hypernet-mcp", "doctor", env=env)
    check(looked.returncode != 0, "doctor says ok of a Git LFS pointer")
    check(b"model.safetensors" in looked.stdout + looked.stderr, "doctor does not name the file")
    ran = shell("hypernet", "run", *TASK, "--base", str(model), "fine")
    check(ran.returncode != 0 and b"model.safetensors" in ran.stderr, ran.stderr.decode())
    check(b"Traceback" not in ran.stderr, "hypernet run shows a stack")


def a_hypernetwork_that_is_not_there_is_told(folder: Path) -> None:
    """21: `doctor` does not say ok."""
    env = environment(folder, "torch", HYPERNET_MCP_HYPERNETWORK=str(folder / "nowhere"))
    looked = shell("hypernet-mcp", "doctor", env=env)
    check(looked.returncode != 0, "doctor says ok")
    check(b"nowhere" in looked.stdout + looked.stderr, "doctor does not name the folder")


def one_bad_line_does_not_cost_the_others(folder: Path) -> None:
    """17: lines too long, and inputs in other encodings."""
    lines = b"lovely day\n" + b"word " * 9_000 + b"\nawful day\n"
    ran = shell("hypernet", "run", *TASK, "--file", "-", given=lines)
    check(len(ran.stdout.splitlines()) == 2, f"{ran.stdout!r} {ran.stderr[-500:]!r}")
    check(b"2" in ran.stderr and ran.returncode == 1, f"told as {ran.stderr!r}")
    for encoding in ("latin-1", "utf-16"):
        ran = shell("hypernet", "run", *TASK, given="schöner Tag\n".encode(encoding))
        check(b"Traceback" not in ran.stderr, f"{encoding} shows a stack")
        check(len(ran.stdout.splitlines()) == 1 or ran.returncode == 1, f"{encoding}: no word")


def a_terminal_of_few_letters_is_no_error(folder: Path) -> None:
    """17 and 24: `sessions list` on a cp1252 terminal, within 80 columns."""
    anyio.run(_with_a_session, folder, "Übersetze 日本語 ins Deutsche 🎉 " * 10)
    env = environment(folder, "echo", PYTHONIOENCODING="cp1252", COLUMNS="80")
    shown = shell("hypernet-mcp", "sessions", "list", env=env)
    check(shown.returncode == 0, shown.stderr.decode(errors="replace"))
    widest = max(map(len, shown.stdout.decode("cp1252").splitlines()))
    check(widest <= 80, f"a line of {widest} columns")


async def _with_a_session(folder: Path, task: str) -> None:
    async with opened("stdio", folder) as door:
        session = await door.session(task=task)
        await door.call("run_step", session_id=session, input=task)


CASES = (
    settings_are_expanded_or_refused,
    broken_models_are_named,
    a_hypernetwork_that_is_not_there_is_told,
    one_bad_line_does_not_cost_the_others,
    a_terminal_of_few_letters_is_no_error,
)
