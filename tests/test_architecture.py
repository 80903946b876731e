"""The rules that the layout promises: who imports whom, and what the wheel holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mcp_server", "hypernet", "checkpoints")
MODULES = 12


def test_the_import_contracts_hold():
    command = [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_two_files_import_each_other_in_a_circle():
    graph = grimp.build_graph(*PACKAGES, "tasks", cache_dir=None)
    circles = {
        (one, other)
        for one in graph.modules
        for other in graph.find_modules_directly_imported_by(one)
        if graph.find_shortest_chain(other, one) is not None
    }
    assert not circles


def test_no_folder_holds_more_modules_than_one_sees_at_a_glance():
    counts = Counter(file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    assert {str(folder): count for folder, count in counts.items() if count > MODULES} == {}


def test_each_folder_says_in_a_sentence_what_lives_there():
    for package in PACKAGES:
        for file in (ROOT / package).rglob("__init__.py"):
            assert (ast.get_docstring(ast.parse(file.read_text())) or "").endswith("."), file


@pytest.mark.parametrize(
    "module", ["mcp_server.cli.main", "mcp_server.protocol.server", "hypernet.cli.main"]
)
def test_importing_a_front_door_does_not_import_torch(module: str):
    heavy = ("torch", "transformers", "peft")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_needs_no_mcp_either():
    code = "import sys, mcp_server.cli.main; print('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_server_is_built_without_what_its_handshake_does_not_need():
    code = (
        "import sys\n"
        "from mcp_server.app.application import Application\n"
        "from mcp_server.protocol.server import build_server\n"
        "from mcp_server.app.settings import Settings\n"
        "build_server(Application(Settings()))\n"
        "print([m for m in ('numpy', 'sqlite_utils', 'rich.console') if m in sys.modules])\n"
        "from rich.console import Console"  # still to be had by who asks
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_exactly_the_three_packages_with_their_weights(wheel: Path):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES],  # noqa: S607  # git of the developer's PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert held == set(tracked.stdout.split())
    assert "checkpoints/store/store.py" in held
    assert any(name.endswith("/hypernetwork.safetensors") for name in held)
    assert any(name.endswith("/card.json") for name in held)
    assert not any(name.endswith((".pt", ".bin", ".pkl", ".gguf")) for name in held)


def test_the_wheel_names_both_commands(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        text = archive.read(entry).decode()
    assert "hypernet-mcp = mcp_server.cli.main:main" in text
    assert "hypernet = hypernet.cli.main:main" in text


def test_no_source_file_reads_a_pickle_unchecked():
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text()
            assert "import pickle" not in text, file
            for line in text.splitlines():
                assert "torch.load(" not in line or "weights_only=True" in line, file
