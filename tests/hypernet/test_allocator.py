"""What the C library is told about memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PROGRAM = """
import ctypes, sys
from hypernet.base_model.allocator import give_back_freed_memory, keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1])
block = libc.malloc(ctypes.c_size_t(64 * 2**20))
ctypes.memset(block, 1, 64 * 2**20)
before = resident()
libc.free(block)
if len(sys.argv) > 2:
    assert give_back_freed_memory()
print((before - resident()) * 4096 > 32 * 2**20)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, asks glibc")
@pytest.mark.parametrize(
    ("how", "given_back"), [("keep", "False"), ("leave", "True"), ("keep give", "True")]
)
def test_a_freed_block_stays_with_the_process_once_that_is_asked_for_until_it_is_given_back(
    how: str, given_back: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *how.split()], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == given_back


ZEROS = """
import re
import torch
from hypernet.base_model.allocator import forget_code, lazy_zeros
def resident(kind):
    status = open("/proc/self/status").read()
    return int(re.search(rf"{kind}:\\s*(\\d+) kB", status)[1]) * 1024
before = resident("RssAnon")
zeros = lazy_zeros((64, 2**20), torch.bfloat16, "cpu")
zeros[3] = 1
few = resident("RssAnon") - before < 2**25  # of 2**27 bytes
print(few, zeros.sum(1, dtype=torch.float32)[2:5].tolist())
before = resident("RssFile")
forget_code("libtorch")
print(before - resident("RssFile") > 2**24, torch.arange(10.0).sum().item())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, asks glibc")
def test_zeros_take_memory_when_they_are_written_and_code_that_was_let_go_still_runs() -> None:
    done = subprocess.run([sys.executable, "-c", ZEROS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True [0.0, 1048576.0, 0.0]", "True 45.0"]


MAPPED = """
import re, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from hypernet.base_model.allocator import page_out
from hypernet.mapped import mapped_tensors
def resident():
    status = open("/proc/self/status").read()
    return int(re.search(r"RssFile:\\s*(\\d+) kB", status)[1]) * 1024
file = Path(sys.argv[1])
save_file({name: torch.full((64, 2**14), 2.0) for name in "abcd"}, file)
tensors = mapped_tensors(file)
own = torch.full((2**20,), 3.0)
print([tensor.sum().item() for tensor in tensors.values()])
before = resident()
page_out([*(row for tensor in tensors.values() for row in tensor), own, own[::2], own[:0]])
print(before - resident() > 2**23, [t.sum().item() for t in tensors.values()], own.sum().item())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_was_read_of_a_mapped_file_can_be_let_go_and_is_there_when_it_is_read_again(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", MAPPED, str(tmp_path / "tensors.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sums = [2.0**21] * 4
    assert done.stdout.splitlines() == [str(sums), f"True {sums} {3 * 2.0**20}"]
