"""The file of tokens and its commands: hashes only, its owner's alone, and never half-written."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mcp_server.cli.main import main
from mcp_server.http.tokens import TokenFileError, Tokens, add_token, read_tokens, revoke_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made" / "tokens"


def run(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--tokens", str(file), "tokens", *arguments])


def test_only_the_hash_of_a_token_is_kept_and_only_for_its_owner(file: Path):
    token = add_token(file, "alice")
    assert file.read_text() == f"alice:{sha256(token.encode()).hexdigest()}\n"
    assert len(token) >= 43
    if os.name != "nt":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_name_may_have_two_tokens_and_loses_both_at_once(file: Path):
    old, new, other = (add_token(file, name) for name in ("alice", "alice", "bob"))
    tokens = Tokens(file)
    assert [tokens.principal_of(t) for t in (old, new, other, "x")] == [
        "alice",
        "alice",
        "bob",
        None,
    ]
    assert revoke_tokens(file, "alice") == 2
    assert [tokens.principal_of(t) for t in (old, new, other)] == [None, None, "bob"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no token"),
        ("# only a remark\n\n", "holds no token"),
        ("alice:secret\n", "line 1 is not NAME:SHA256"),
        (f"ok:{'0' * 64}\nalice {'0' * 64}\n", "line 2 is not"),
        ("x" * 1_000_001, "is over 1000000 bytes"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, problem: str):
    path = tmp_path / "tokens"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(TokenFileError, match=problem) as refusal:
        Tokens(path)
    assert "secret" not in str(refusal.value)


@pytest.mark.skipif(os.name == "nt", reason="the mode says nothing of who may read there")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_open_to_others_is_refused_with_what_to_do(file: Path, mode: int):
    add_token(file, "alice")
    file.chmod(mode)
    with pytest.raises(TokenFileError, match="chmod 600"):
        Tokens(file)
    with pytest.raises(TokenFileError, match="chmod 600"):
        add_token(file, "bob")


def test_a_missing_file_is_said_to_be_missing(file: Path):
    with pytest.raises(TokenFileError, match="No such file"):
        Tokens(file)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "x" * 65, "a\nb", "../a"])
def test_a_name_that_would_break_the_file_is_refused(file: Path, name: str):
    with pytest.raises(TokenFileError, match="name: 1 to 64"):
        add_token(file, name)
    assert not file.exists()


def test_the_commands_add_list_and_revoke(file: Path):
    added = run(file, "add", "alice")
    token = added.stdout.strip()
    assert Tokens(file).principal_of(token) == "alice"
    run(file, "add", "bob")
    listed = run(file, "list")
    assert listed.stdout == "alice\t1\nbob\t1\n"
    assert token not in listed.output
    assert run(file, "revoke", "alice").stdout == "revoked 1\n"
    repeated = run(file, "revoke", "alice")
    assert (repeated.exit_code, "has no token" in repeated.output) == (1, True)
    assert [name for name, _ in read_tokens(file)] == ["bob"]
    run(file, "revoke", "bob")
    assert run(file, "list").stdout == "no tokens yet\n"


def test_the_commands_need_a_file_to_be_named():
    done = CliRunner().invoke(main, ["tokens", "list"])
    assert (done.exit_code, "--tokens" in done.output) == (1, True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mcp.example.org"])  # noqa: S104  # refused
def test_serving_beyond_this_machine_without_tokens_is_refused(host: str):
    done = CliRunner().invoke(main, ["--transport", "http", "--host", host])
    assert done.exit_code == 1
    assert "tokens add NAME" in done.output


def test_a_server_does_not_start_with_a_file_that_it_cannot_use(file: Path):
    done = CliRunner().invoke(main, ["--transport", "http", "--tokens", str(file)])
    assert (done.exit_code, "cannot be read" in done.output) == (1, True)
