"""Tasks as values, and the digest of their adapters."""

from __future__ import annotations

from itertools import permutations

from hypernet.task import Example, Task, adapter_digest

EXAMPLES = tuple(Example(f"input {n}", f"output {n}") for n in range(4))


def test_the_digest_depends_on_base_version_and_every_part_of_the_task() -> None:
    task = Task("Pick one.", ("a", "b"), EXAMPLES[:2])
    digest = adapter_digest(task, "base", "v1")
    same = [
        Task("  Pick\n one. ", ("a ", " b"), EXAMPLES[:2]),
        Task("Pick one.", ("b", "a"), EXAMPLES[:2]),
        Task.from_dict(task.to_dict()),
    ]
    other = [
        adapter_digest(task, "another base", "v1"),
        adapter_digest(task, "base", "v2"),
        *(
            adapter_digest(t, "base", "v1")
            for t in (
                Task("Pick two.", ("a", "b"), EXAMPLES[:2]),
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


def test_a_tasks_texts_list_its_labels_in_one_order_and_the_task_keeps_the_given_one() -> None:
    orders = list(permutations(("Écru", "beige", "Beige", "10", "9")))
    tasks = [Task("Pick one.", order) for order in orders]
    assert len({task.prefix_text() for task in tasks}) == 1
    assert len({task.conditioning_text() for task in tasks}) == 1
    assert len({task.normalised() for task in tasks}) == 1
    assert [task.tidied().labels for task in tasks] == orders
    assert [Task.from_dict(task.to_dict()).labels for task in tasks] == orders
    text = tasks[0].prefix_text()
    assert text == "Pick one.\nAnswer with one of: 10, 9, Beige, beige, Écru\n\n"
