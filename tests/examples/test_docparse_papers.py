"""The documents of the docparse example: known, different, and read by the server's readers."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from support import connected

from examples.docparse.papers.files import write_papers
from examples.docparse.papers.layouts import LAYOUTS
from examples.docparse.papers.making import make_papers
from examples.docparse.values import amount_of, date_of
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from tasks.specification import read_kinds

if TYPE_CHECKING:
    from pathlib import Path

PAPERS = make_papers(60, seed=3)


def test_the_same_seed_makes_the_same_documents_and_another_seed_others() -> None:
    assert make_papers(20, seed=3) == PAPERS[:20]
    assert {paper.text for paper in make_papers(20, seed=4)}.isdisjoint(p.text for p in PAPERS)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        write_papers(PAPERS[: len(LAYOUTS)], folder)
    one, two = ({f.name: f.read_bytes() for f in folder.iterdir()} for folder in folders)
    assert one == two
    assert {name[-4:] for name in one} == {".pdf", ".txt", "html", ".eml"}


def test_each_layout_comes_before_any_comes_again() -> None:
    for start in range(0, 60, len(LAYOUTS)):
        part = PAPERS[start : start + len(LAYOUTS)]
        assert Counter(paper.layout.name for paper in part).most_common(1)[0][1] == 1


def test_there_are_both_kinds_in_each_of_the_four_forms() -> None:
    kinds = Counter((layout.form, layout.kind) for layout in LAYOUTS)
    assert set(kinds.values()) == {2, 3}
    assert len(kinds) == 8


def test_no_layout_says_a_line_as_the_training_documents_do() -> None:
    """What surrounds the facts of training's invoices and receipts stands in none of these."""
    training = {
        line.split("{")[0].strip(" :*").casefold()
        for kind in read_kinds()
        if kind.kind.split("/")[-1] in ("invoice", "receipt")
        for layout in kind.all_layouts
        for line in layout.text.split("\n")
    }
    ours = {
        line.split("{")[0].strip(" :*").casefold()
        for layout in LAYOUTS
        for line in layout.text.split("\n")
    }
    shared = {line for line in training & ours if line}
    assert not shared


@pytest.mark.parametrize("form", ["pdf", "scan", "html", "mail"])
def test_what_a_document_says_adds_up_unless_it_is_known_not_to(form: str) -> None:
    checked = 0
    for paper in (p for p in PAPERS if p.layout.form == form and "net" in p.facts):
        net, tax, total = (Decimal(paper.facts[name].value) for name in ("net", "tax", "total"))
        lines = sum(Decimal(amount.value) for _, amount in paper.rows)
        assert (net + tax == total) is paper.sound
        if paper.sound:
            assert lines == (total if paper.layout.kind == "receipt" else net)
        checked += 1
    assert checked


def test_values_mean_what_is_shown() -> None:
    for paper in PAPERS:
        for name, fact in paper.facts.items():
            if name in ("net", "tax", "total"):
                assert f"{amount_of(fact.shown):.2f}" == fact.value
            elif name in ("date", "due"):
                assert date_of(fact.shown) == fact.value


@pytest.mark.anyio
async def test_the_server_s_readers_give_back_every_fact(tmp_path: Path) -> None:
    """Else no agent could be held to them."""
    folder = tmp_path / "post"
    folder.mkdir()
    papers = PAPERS[: len(LAYOUTS)]
    write_papers(papers, folder)
    app = Application(
        Settings(
            engine="echo",
            database=tmp_path / "m.db",
            cache=tmp_path / "cache",
            documents=(folder,),
        )
    )
    async with connected(app) as call:
        session = await call.begin()
        read = await call("remember", session_id=session, paths=[str(folder)], max_seconds=300)
        texts = {
            paper.name: await call(
                "recall",
                session_id=session,
                query="EUR GBP USD CHF SEK total tax",
                sources=[f"post/{paper.name}"],
                budget_tokens=2000,
            )
            for paper in papers
        }
    app.close()
    assert (read["files"], read["failed"], read["partly"]) == (len(papers), [], [])
    for paper in papers:
        (excerpt,) = texts[paper.name]["excerpts"]
        shown = [fact.shown for fact in paper.facts.values()]
        shown += [fact.shown for row in paper.rows for fact in row]
        assert [each for each in shown if each not in excerpt["text"]] == []
