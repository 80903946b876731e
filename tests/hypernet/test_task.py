"""Tasks as values, and the digest of their adapters."""

from __future__ import annotations

from hypernet.task import Example, Task, adapter_digest

EXAMPLES = tuple(Example(f"input {n}", f"output {n}") for n in range(4))


def test_the_digest_depends_on_base_version_and_every_part_of_the_task() -> None:
    task = Task("Pick one.", ("a", "b"), EXAMPLES[:2])
    digest = adapter_digest(task, "base", "v1")
    same = [
        Task("  Pick\n one. ", ("a ", " b"), EXAMPLES[:2]),
        Task.from_dict(task.to_dict()),
    ]
    other = [
        adapter_digest(task, "another base", "v1"),
        adapter_digest(task, "base", "v2"),
        *(
            adapter_digest(t, "base", "v1")
            for t in (
                Task("Pick two.", ("a", "b"), EXAMPLES[:2]),
                Task("Pick one.", ("b", "a"), EXAMPLES[:2]),
                Task("Pick one.", (), EXAMPLES[:2]),
                Task("Pick one.", ("a, b",), EXAMPLES[:2]),
                Task("Pick one.", ("a", "b")),
                Task("Pick one.", ("a", "b"), EXAMPLES[:3]),
            )
        ),
    ]
    assert {adapter_digest(t, "base", "v1") for t in same} == {digest}
    assert len({digest, *other}) == 1 + len(other)
    assert len(digest) == 24
    assert set(digest) <= set("0123456789abcdef")
