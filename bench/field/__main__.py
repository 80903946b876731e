"""The faults that people of this field report, tried by every door, and the figures beside them.

    python -m bench.field [--before CHECKOUT] [--only PART …] [--json FILE]

| part | keys of the report |
|---|---|
| `cases` | `failed`, of the kinds of faults tried through stdio, HTTP and the shell |
| `reading` | `reader_growth` |
| `opening` | `open_4gib_s`; needs some 10 GB in the folder for temporary files |
| `languages` | `cjk_first` |
| `first_answer` | `first_answer_vs_before`, `first_answer_mb`; needs an earlier checkout |
| `refinement` | `beside_refinement` |
| `tools_list` | `tools_list_tokens` |
| `fuzz` | `fuzzed`, `unanswered` |

All of them take two hours and more, most of it the fuzzer's, on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Part = Callable[[argparse.Namespace], Mapping[str, Any]]


def main() -> None:
    """Run the parts, print each one's figures as they come, write JSON if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--case", nargs="+", default=[], help="only these cases, by name")
    parser.add_argument(
        "--before", type=Path, help="the checkout that `first_answer` compares with"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="how many the fuzzer sends")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    report: dict[str, Any] = {}
    for name in given.only:
        found = PARTS[name](given)
        print(json.dumps({name: found}, ensure_ascii=False), flush=True)
        report |= found
        if given.json:
            given.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    sys.exit(1 if report.get("failed") or report.get("unanswered") else 0)


def cases(given: argparse.Namespace) -> Mapping[str, Any]:
    """Each kind of fault, through every door that it has."""
    from bench.field.faults.trying import tried

    failures = tried(given.case)
    return {"failed": len(failures), "failures": failures}


def reading(given: argparse.Namespace) -> Mapping[str, Any]:
    """How reading time grows when a document doubles."""
    from bench.reading import measure

    del given
    return measure()


def opening(given: argparse.Namespace) -> Mapping[str, Any]:
    """The first answer over a large database."""
    from bench.field.opening import measure

    del given
    return measure()


def languages(given: argparse.Namespace) -> Mapping[str, Any]:
    """Phrases of languages without spaces, found in notes."""
    from bench.field.languages import cjk_first

    del given
    return {"cjk_first": anyio.run(cjk_first)}


def first_answer(given: argparse.Namespace) -> Mapping[str, Any]:
    """From process start to the first answer, beside an earlier checkout."""
    from bench.field.first_answer import measure

    return measure(given.before) if given.before else {}


def refinement(given: argparse.Namespace) -> Mapping[str, Any]:
    """Steps beside another client's refinement."""
    from bench.field.beside_refinement import measure

    del given
    return measure()


def tools_list(given: argparse.Namespace) -> Mapping[str, Any]:
    """What the list of tools costs each conversation."""
    from bench.field.tools_list import tools_list_tokens

    del given
    return {"tools_list_tokens": tools_list_tokens()}


def fuzz(given: argparse.Namespace) -> Mapping[str, Any]:
    """Messages that no honest client sends, and whether each was answered."""
    from bench.fuzz.batches import Tally, fuzz

    tally = Tally()
    fuzz(given.messages, 1, tally)
    found = {"fuzzed": tally.fuzzed, "unanswered": tally.unanswered}
    return found | {"fuzz_failures": [each["what"] for each in tally.failures]}


PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (
        cases, reading, opening, languages, first_answer, refinement, tools_list, fuzz,
    )
}  # fmt: skip

if __name__ == "__main__":
    main()
