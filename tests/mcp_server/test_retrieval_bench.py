"""The measurement of retrieval in its small form: what it counts, and that it can fail."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.retrieval import quality, read_locomo, speed
from checkpoints import Vector

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPOKEN = (
    "My sister moved to Lisbon in spring.",
    "The kiln cracked on its first firing.",
    "I bought a cello from a retired teacher.",
    "We planted eleven pear trees behind the shed.",
)
ASKED = (
    ("single-hop", "Which city did the sister move to: Lisbon?", ["D1:1"]),
    ("multi-hop", "What cracked, and what was planted?", ["D1:2", "D2:2"]),
    ("adversarial", "Who bought the zeppelin?", []),
    ("open-domain", "Who bought a cello?", ["D9:9"]),  # evidence that is no turn
)


@pytest.fixture
def locomo(tmp_path: Path) -> Path:
    turns = [
        {
            "sample_id": "a",
            "session": 1 + number // 2,
            "date_time": "1 May",
            "dia_id": f"D{1 + number // 2}:{1 + number % 2}",
            "speaker": "Ann",
            "text": text,
            "image_caption": "a pear tree" if number == 3 else None,
        }
        for number, text in enumerate(SPOKEN)
    ]
    with gzip.open(tmp_path / "turns.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(turn) + "\n" for turn in turns)
    questions = [
        {"sample_id": "a", "category": kind, "question": text, "evidence": evidence}
        for kind, text, evidence in ASKED
    ]
    (tmp_path / "qa.jsonl").write_text("".join(json.dumps(q) + "\n" for q in questions))
    return tmp_path


def by_words(texts: Sequence[str]) -> list[Vector]:
    """A vector per text with a place for each word; nearly nothing for words that nobody said."""
    known = sorted({word for text in SPOKEN for word in text.lower().strip(".").split()})
    rows = [[0.01 + (word in text.lower()) for word in known] for text in texts]
    matrix = np.array(rows, np.float32)
    matrix = np.pad(matrix, ((0, 0), (0, -len(known) % 64)))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return [Vector("words", row, row[None], ("?",)) for row in matrix]


def words(text: str) -> int:
    return len(text.split())


def test_conversations_are_read_with_questions_that_have_evidence_alone(locomo: Path):
    (conversation,) = read_locomo(locomo)
    assert [turn.id for turn in conversation.turns] == ["D1:1", "D1:2", "D2:1", "D2:2"]
    assert conversation.turns[3].text.endswith("[photo: a pear tree]")
    assert [sorted(q.evidence) for q in conversation.questions] == [["D1:1"], ["D1:2", "D2:2"]]


def test_found_evidence_counts_for_each_search_and_kind_of_question(locomo: Path):
    found = quality(read_locomo(locomo), by_words, words)
    assert set(found) == {"both", "fts", "vectors"}
    for search in found.values():
        assert search["all"]["questions"] == 2
        assert search["all"]["any_at_10"] == 1
        assert search["multi-hop"]["recall_at_10"] == 1
        assert search["all"]["coverage_1000"] == 1


def test_evidence_that_no_search_brings_counts_as_missed(locomo: Path):
    strange = {"sample_id": "a", "category": "single-hop", "question": "Zeppelin?"}
    (locomo / "qa.jsonl").write_text(json.dumps({**strange, "evidence": ["D1:2"]}) + "\n")
    found = quality(read_locomo(locomo), by_words, words)
    assert found["fts"]["all"]["any_at_20"] == 0
    assert found["fts"]["all"]["coverage_2000"] == 0


def test_a_budget_too_small_for_the_evidence_lowers_its_coverage(locomo: Path):
    found = quality(read_locomo(locomo), by_words, lambda text: 600 * words(text))
    assert found["both"]["all"]["any_at_10"] == 1
    assert found["both"]["all"]["coverage_500"] == 0


def test_speed_tells_the_first_query_apart_from_the_rest():
    report = speed(600, None, rounds=20)
    assert report["items"] == 600
    assert 0 < report["p50_ms"] <= report["p95_ms"]
    assert {"first_ms", "cold_p95_ms", "stored_per_s"} <= set(report)
