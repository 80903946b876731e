"""The gate that says how well a task is known."""

from __future__ import annotations

import pytest
import torch

from hypernet.hypernetwork.fit import FitGate


@pytest.mark.parametrize(
    ("cosine", "level"),
    [(1.0, "known"), (0.91, "known"), (0.89, "near"), (0.51, "near"), (0.49, "unknown")],
)
def test_the_fit_follows_the_nearest_training_task(cosine: float, level: str) -> None:
    anchors = torch.eye(4)[:, None]
    gate = FitGate(known=0.9, near=0.5, names=list("abcd"), anchors_NWC=anchors)
    vector_C = torch.tensor([0.0, cosine, 0.01, 0.0])
    fit = gate.judge(vector_C)
    assert fit.level == level
    assert fit.similarity == pytest.approx(cosine)
    assert fit.nearest[:2] == ("b", "c")
    assert len(fit.nearest) == 3


def test_a_gate_with_fewer_tasks_than_it_would_name_names_those_it_has() -> None:
    gate = FitGate(0.9, 0.5, ["only"], torch.ones(1, 1, 1))
    assert gate.judge(torch.ones(1)).nearest == ("only",)


def test_a_training_task_is_as_near_as_its_nearest_wording() -> None:
    anchors_NWC = torch.stack([torch.eye(4)[:2], torch.eye(4)[2:]])
    gate = FitGate(0.9, 0.5, ["first", "second"], anchors_NWC)
    fit = gate.judge(torch.tensor([0.0, 0.6, 0.0, 0.8]))
    assert (fit.similarity, fit.nearest) == (pytest.approx(0.8), ("second", "first"))
    torch.testing.assert_close(
        gate.similarity(torch.tensor([0.0, 0.6, 0.0, 0.8])), torch.tensor([0.6, 0.8])
    )
