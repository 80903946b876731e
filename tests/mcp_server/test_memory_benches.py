"""The measurements of memory in their small form: what they report, and that they can fail."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.context import cases_of, measure
from bench.context import report_of as context_report
from bench.field.languages import cjk_first, first, missed, read_notes
from bench.indexing import index, write_folder
from bench.long_job import plan_job, report_of, run_job
from bench.reading import growth, shapes
from checkpoints.documents.parsing import (
    CODE,
    HTML,
    MAIL,
    MARKDOWN,
    NOTEBOOK,
    PDF,
    PLAIN,
    SHEETS,
    SLIDES,
    WORD,
)
from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource
from hypernet.runtime import Runtime, RuntimeOptions, load_runtime
from hypernet.task import Task
from hypernet.training.data import Instance, TaskData

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.engine.interface import Request, Ticket


@pytest.fixture
def echo() -> Iterator[Runtime]:
    runtime = load_runtime(RuntimeOptions(engine="echo"))
    yield runtime
    runtime.close()


@pytest.mark.anyio
async def test_a_long_job_keeps_every_prompt_in_its_budget_and_finds_what_was_planted(
    echo: Runtime, tmp_path: Path
):
    seen = await run_job(echo, tmp_path / "memory.db", steps=12, seed=0, probed=(5, 12))
    report = report_of([seen], echo.engine.limits.window)
    assert report["overflows"] == 0
    assert report["fact_recall_5"] >= 0.75
    assert report["fact_recall_12"] >= 0.75
    assert report["facts_asked"] == {5: 8, 12: 8}
    assert report["material_tokens"] > 12 * 2_400
    assert report["tokens_per_step"]["most"] <= 0.1 * 8192
    assert report["everything_in_the_prompt"]["overflows_from_step"] == 4


@pytest.mark.anyio
async def test_a_long_job_without_retrieval_is_known_by_its_figures(echo: Runtime, tmp_path: Path):
    narrow = EchoEngine(window=60)  # room for the question, none for an excerpt
    runtime = replace(echo, engine=narrow)
    seen = await run_job(runtime, tmp_path / "memory.db", steps=5, seed=0, probed=(5,))
    narrow.close()
    report = report_of([seen], 60)
    assert report["fact_recall_5"] == 0
    assert report["everything_in_the_prompt"]["steps_that_do_not_fit"] == 5


def test_the_planted_facts_stand_in_the_material_of_their_step_alone():
    materials, planted = plan_job(steps=8, seed=3)
    for number, facts in enumerate(planted):
        for fact in facts:
            assert [fact.sentence in text for text in materials] == [n == number for n in range(8)]
            assert sum(fact.answer in text for text in materials) == 1


@pytest.mark.anyio
async def test_the_rate_of_indexing_is_measured_with_steps_beside(echo: Runtime, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    size = write_folder(folder, 50_000)
    report = await index(echo, folder, tmp_path / "memory.db")
    assert size >= 50_000
    assert (report["files"], report["failed"]) == (len(list(folder.iterdir())), 0)
    assert report["pieces"] > size / 600
    assert report["steps_meanwhile"] >= 1


class Distracted(EchoEngine):
    """Answers its input's last word, unless over 200 words are before it."""

    def submit(self, request: Request) -> Ticket:
        words = request.input.split()
        said = words[-1] if len(words) < 200 else words[0]
        return super().submit(replace(request, input=said))


def test_the_cost_of_other_text_in_the_prompt_shows_in_the_scores():
    pytest.importorskip("rouge_score")
    engine = Distracted()
    runtime = Runtime(engine, AdapterCache(EchoSource()), {})
    rng = random.Random(0)  # noqa: S311  # sampling, not secrets
    tasks = [
        TaskData(
            f"task{n}",
            Task(f"Repeat {n}."),
            tuple(
                Instance(
                    " ".join(f"w{rng.randrange(999)}" for _ in range(12)) + f" a{i}", (f"a{i}",)
                )
                for i in range(60)
            ),
        )
        for n in range(3)
    ]
    cases = cases_of(runtime, tasks, count=3, instances=4, seed=0)
    report = context_report([c.data.name for c in cases], list(measure(runtime, cases, 0)))
    engine.close()
    assert report["mean"]["none"] == 1
    assert report["difference"]["excerpts_128"]["mean"] == 0
    assert report["difference"]["excerpts_512"]["mean"] == -1
    assert report["harmless_tokens"] == {"excerpts": 128, "recent": 128}


def test_the_measurement_of_readers_notices_one_that_is_quadratic(monkeypatch: pytest.MonkeyPatch):
    spent = iter([1.0, 1.0, 16.0])  # the trial, then one size and four times it
    monkeypatch.setattr("bench.reading._seconds", lambda *_: next(spent))
    assert growth(".txt", lambda size: b"x" * size)[0] == 4.0


def test_every_kind_of_document_that_is_read_is_measured():
    for kinds in (MARKDOWN, HTML, PDF, MAIL, NOTEBOOK, WORD, SHEETS, SLIDES, CODE, PLAIN):
        assert kinds & set(shapes())


@pytest.mark.anyio
async def test_phrases_are_found_in_languages_without_spaces_where_no_encoder_helps(echo: Runtime):
    notes = read_notes()
    misses = await missed(notes, replace(echo, embedder=None))
    assert {note.language for note in notes} >= {"Chinese", "Japanese", "Korean", "Thai", "mixed"}
    assert first(misses, notes) == 1
    wrong = [replace(note, phrase=notes[0].phrase) for note in notes if note.language == "Chinese"]
    assert len(await missed(wrong, echo)) == 39


@pytest.mark.model
@pytest.mark.anyio
async def test_the_real_encoder_does_not_stand_in_the_way_of_chinese_and_japanese():
    assert await cjk_first() >= 0.9
