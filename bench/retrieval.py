"""How well and how fast memory is searched: evidence found on LoCoMo, latency by size.

    python -m bench.retrieval --locomo DIR [--json FILE] [--items 1000,10000,100000]

Quality, on conversations with labelled evidence (Maharana et al., 2024; not part of this project):
one session per conversation, one memory item per turn (speaker, text, caption of a shared photo),
the source being the conversation's sitting. A question counts as answered at k when at least one
turn of its evidence is among the first k items: single turns, not windows. "±1" counts the
neighbours of the k items as well and is reported apart. Coverage is the share of a question's
evidence turns inside the excerpts that fit a budget, as a prompt would show them, counted in
tokens of the encoder's vocabulary. Three searches: both, FTS5's bm25 alone, vectors alone.
Questions without evidence are left out.

Speed: one session of many made-up items (word frequencies by Zipf's law), queries of eight words
and a vector; time of `Store.recall` with the query's vector at hand, and with its encoding where
`--locomo` has loaded the encoder. The first query, which reads the session into memory, and the
next 49, which fill the caches, are reported apart. Insertion is through `Store.remember`, with
vectors, full sync.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sqlite3
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints import Hit, ItemDraft, Store, Vector, pack
from checkpoints.text.words import query_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Encode = Callable[[Sequence[str]], Sequence[Vector]]
    Count = Callable[[str], int]

KS = (5, 10, 20)
BUDGETS = (500, 1_000, 2_000)
SEARCHES = ("both", "fts", "vectors")
ENCODER = "bench"
CANDIDATES = 60
TODAY = "2026-01-01T00:00:00.000+00:00"

PER_CALL = 500
WARM_UP = 50
NUMBERS = 384
VOCABULARY = 30_000
SYLLABLES = [f"{c}{v}" for c in "bdfgklmnprstvz" for v in "aeiou"]


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation; `sitting` names the part of it that took place in one go."""

    id: str
    sitting: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question and the turns that hold its answer."""

    kind: str
    text: str
    evidence: frozenset[str]


@dataclass(frozen=True)
class Conversation:
    """Turns in order, and questions about them."""

    turns: tuple[Turn, ...]
    questions: tuple[Question, ...]


def read_locomo(folder: Path) -> list[Conversation]:
    """The conversations in `turns.jsonl.gz` with the questions in `qa.jsonl`."""
    turns: dict[str, list[Turn]] = defaultdict(list)
    with gzip.open(folder / "turns.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            photo = f" [photo: {row['image_caption']}]" if row.get("image_caption") else ""
            sitting = f"sitting {row['session']}, {row['date_time']}"
            text = f"{row['speaker']}: {row['text']}{photo}"
            turns[row["sample_id"]].append(Turn(row["dia_id"], sitting, text))
    questions: dict[str, list[Question]] = defaultdict(list)
    with (folder / "qa.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            known = {turn.id for turn in turns[row["sample_id"]]}
            if evidence := known.intersection(row["evidence"]):
                question = Question(row["category"], row["question"], frozenset(evidence))
                questions[row["sample_id"]].append(question)
    return [Conversation(tuple(turns[name]), tuple(questions[name])) for name in turns]


def quality(conversations: Sequence[Conversation], encode: Encode, count: Count) -> dict[str, Any]:
    """Each search's figures over all questions, and by their kind."""
    rows: dict[str, dict[str, list[dict[str, float]]]] = {
        search: defaultdict(list) for search in SEARCHES
    }
    for conversation in conversations:
        vectors = encode([question.text for question in conversation.questions])
        bm25 = full_text_index(conversation)
        with Store.open(":memory:") as store:
            session = store.create_session().id
            fill(store, session, conversation, encode)
            for question, vector in zip(conversation.questions, vectors, strict=True):
                found = {
                    "both": store.recall(session, question.text, CANDIDATES, vector=vector),
                    "fts": full_text_search(bm25, conversation, question.text),
                    "vectors": store.recall(session, "", CANDIDATES, vector=bare(vector)),
                }
                for search, hits in found.items():
                    rows[search][question.kind].append(figures(hits, conversation, question, count))
    return {
        search: {
            "all": means([row for some in kinds.values() for row in some]),
            **{kind: means(kinds[kind]) for kind in sorted(kinds)},
        }
        for search, kinds in rows.items()
    }


def fill(store: Store, session: str, conversation: Conversation, encode: Encode) -> None:
    """Remember every turn, with its vector."""
    texts = [turn.text for turn in conversation.turns]
    drafts = [
        ItemDraft(turn.text, turn.sitting, vector=vector)
        for turn, vector in zip(conversation.turns, encode(texts), strict=True)
    ]
    store.remember(session, drafts)


def bare(vector: Vector) -> Vector:
    """Without its tokens."""
    return Vector(vector.encoder, vector.values)


def full_text_index(conversation: Conversation) -> sqlite3.Connection:
    """The yardstick: SQLite's own full-text search over the same turns."""
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE turns USING fts5(text, tokenize = 'porter unicode61')")
    index.executemany(
        "INSERT INTO turns (rowid, text) VALUES (?, ?)",
        [(row, turn.text) for row, turn in enumerate(conversation.turns)],
    )
    return index


def full_text_search(index: sqlite3.Connection, of: Conversation, query: str) -> list[Hit]:
    """Turns with any of the query's words (stopwords left out), by bm25."""
    words = " OR ".join(f'"{word}"' for word in query_words(query))
    if not words:
        return []
    rows = index.execute(
        "SELECT rowid, -rank FROM turns WHERE turns MATCH ? ORDER BY rank, rowid LIMIT ?",
        [words, CANDIDATES],
    )
    return [
        Hit(row, of.turns[row].text, of.turns[row].sitting, "document", None, TODAY, score)
        for row, score in rows
    ]


def figures(
    hits: Sequence[Hit], of: Conversation, question: Question, count: Count
) -> dict[str, float]:
    """What one search found for one question."""
    # By text: of turns with the same words memory keeps one.
    places: dict[str, list[int]] = defaultdict(list)
    for place, turn in enumerate(of.turns):
        places[turn.text].append(place)
    evidence = {place for place, turn in enumerate(of.turns) if turn.id in question.evidence}
    row: dict[str, float] = {}
    for k in KS:
        first = {place for hit in hits[:k] for place in places[hit.text]}
        row[f"any_at_{k}"] = bool(first & evidence)
        row[f"recall_at_{k}"] = len(first & evidence) / len(evidence)
        row[f"any_at_{k}_with_neighbours"] = bool(with_neighbours(first, of) & evidence)
    for budget in BUDGETS:
        excerpts = "\n".join(excerpt.text for excerpt in pack(hits, budget, count).excerpts)
        inside = sum(of.turns[place].text in excerpts for place in evidence)
        row[f"coverage_{budget}"] = inside / len(evidence)
    return row


def with_neighbours(places: set[int], of: Conversation) -> set[int]:
    """Turns and those just before and after them in the same sitting."""
    return {
        place + side
        for place in places
        for side in (-1, 0, 1)
        if 0 <= place + side < len(of.turns)
        and of.turns[place + side].sitting == of.turns[place].sitting
    }


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Column means of some rows, and how many there are."""
    columns = {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}
    return {"questions": len(rows), **columns}


def speed(items: int, encode: Encode | None, rounds: int = 200) -> dict[str, float]:
    """Latency of searches among `items` items, and how fast these are stored."""
    rng = np.random.default_rng(0)
    texts, vectors = made_up(rng, items)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder) / "memory.db") as store,
    ):
        session = store.create_session().id
        stored = 0.0
        for first in range(0, items, PER_CALL):
            last = min(first + PER_CALL, items)
            drafts = [
                ItemDraft(
                    texts[row],
                    f"file {row // 200}",
                    vector=made_up_vector(texts[row], vectors[row]),
                )
                for row in range(first, last)
            ]
            started = time.perf_counter()
            store.remember(session, drafts)
            stored += time.perf_counter() - started
        queries = [asked(rng, texts, vectors) for _ in range(rounds + WARM_UP)]
        times, encoding = [], []
        for query, values in queries:
            started = time.perf_counter()
            store.recall(session, query, vector=made_up_vector(query, values))
            times.append(1e3 * (time.perf_counter() - started))
            if encode is not None:
                started = time.perf_counter()
                encode([query])
                encoding.append(1e3 * (time.perf_counter() - started))
    warm = np.array(times[WARM_UP:])
    report = {
        "items": items,
        "stored_per_s": items / stored,
        "first_ms": times[0],
        "cold_p95_ms": float(np.percentile(times[1:WARM_UP], 95)),
        "p50_ms": float(np.percentile(warm, 50)),
        "p95_ms": float(np.percentile(warm, 95)),
    }
    if encoding:
        whole = warm + np.array(encoding[WARM_UP:])
        report["p95_with_encoding_ms"] = float(np.percentile(whole, 95))
    return {name: round(value, 3) for name, value in report.items()}


def made_up(rng: np.random.Generator, items: int) -> tuple[list[str], NDArray[np.float32]]:
    """Texts of 12 to 60 words out of 30,000 by Zipf's law, and vectors around 500 topics."""
    words = np.array([f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES])
    words = rng.permutation(words)[:VOCABULARY]
    chance = 1 / (np.arange(VOCABULARY) + 10)
    chance /= chance.sum()
    lengths = rng.integers(12, 61, items)
    drawn = words[rng.choice(VOCABULARY, int(lengths.sum()), p=chance)]
    ends = np.cumsum(lengths)
    texts = [
        f"{row} {' '.join(drawn[end - length : end])}"
        for row, (end, length) in enumerate(zip(ends, lengths, strict=True))
    ]
    topics = rng.standard_normal((500, NUMBERS), np.float32)
    vectors = topics[rng.integers(0, 500, items)]
    vectors += rng.standard_normal(vectors.shape, np.float32)
    return texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def made_up_vector(text: str, values: NDArray[np.float32]) -> Vector:
    """A made-up vector with a token per word: its own direction and some of the text's."""
    words = text.split()
    own = [word_vector(word) for word in words]
    return Vector(ENCODER, values, np.array(own) + 0.5 * values, tuple(words))


@cache
def word_vector(word: str) -> NDArray[np.float32]:
    """A direction of the word's own."""
    rng = np.random.default_rng(list(word.encode()))
    return rng.standard_normal(NUMBERS, np.float32) / np.float32(np.sqrt(NUMBERS))


def asked(
    rng: np.random.Generator, texts: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[str, NDArray[np.float32]]:
    """Eight words of one item, in their order, and a vector near that item's."""
    row = int(rng.integers(len(texts)))
    words = texts[row].split()[1:]
    chosen = sorted(rng.choice(len(words), 8, replace=False))
    vector = vectors[row] + 0.5 / np.sqrt(NUMBERS) * rng.standard_normal(NUMBERS, np.float32)
    return " ".join(words[place] for place in chosen), vector / np.linalg.norm(vector)


def load_encoder() -> tuple[Encode, Count]:
    """The sentence encoder of the server, and its token counter."""
    from hypernet.base_model.sources import encoder_source
    from hypernet.hypernetwork.encoder import Encoder

    encoder = Encoder.load(encoder_source(None))

    def encode(texts: Sequence[str]) -> list[Vector]:
        return [
            Vector(ENCODER, read.values_C, read.tokens_TC, read.words)
            for read in encoder.embed(texts)
        ]

    @cache
    def count(text: str) -> int:
        return len(encoder.tokenizer(text, add_special_tokens=False)["input_ids"])

    return encode, count


def main() -> None:
    """Measure, print a table, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locomo", type=Path, help="folder with turns.jsonl.gz and qa.jsonl")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--items", default="1000,10000,100000", help="sizes, by commas")
    arguments = parser.parse_args()
    report: dict[str, Any] = {}
    encode: Encode | None = None
    if arguments.locomo is not None:
        encode, count = load_encoder()
        report["quality"] = found = quality(read_locomo(arguments.locomo), encode, count)
        report["any_at_10"] = found["both"]["all"]["any_at_10"]
        ours, theirs = (found[name]["all"]["coverage_1000"] for name in ("both", "fts"))
        report["coverage_1000_vs_fts"] = round(ours / theirs, 4)
        for search in SEARCHES:
            for kind, row in found[search].items():
                shown = "  ".join(f"{name} {value}" for name, value in row.items())
                print(f"{search:8} {kind:12} {shown}")
    sizes = sorted(int(size) for size in arguments.items.split(",") if size)
    report["speed"] = [speed(size, encode) for size in sizes]
    for row in report["speed"]:
        print("  ".join(f"{name} {value:g}" for name, value in row.items()))
    by_size = {row["items"]: row["p95_ms"] for row in report["speed"]}
    if 100_000 in by_size:
        report["p95_100k_ms"] = by_size[100_000]
        if 1_000 in by_size:
            report["p95_growth"] = round(by_size[100_000] / by_size[1_000], 3)
    for name in ("any_at_10", "coverage_1000_vs_fts", "p95_100k_ms", "p95_growth"):
        print(f"{name:22} {report.get(name, 'not measured')}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
