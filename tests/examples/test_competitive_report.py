"""What the demo prints."""

from __future__ import annotations

import io

from competitive_fakes import QUALITY, row
from rich.console import Console

from examples.agent.screen import make_console
from examples.competitive_intel.agent import Run
from examples.competitive_intel.report import (
    Screen,
    as_json,
    cells,
    last_line,
    summarise,
    summary_lines,
)


def a_run() -> Run:
    rows = [row(n, adapter_cached=n > 2, saturation=n / 100) for n in range(1, 8)]
    rows.append(row(7, replayed=True, adapter_cached=None))
    rows += [row(n, saturation=0.05, confidence=None, correct=None) for n in range(8, 15)]
    learned = {"intel-area": QUALITY, "intel-licence": None}
    return Run("s", 6, 8, rows, {"c3": 3, "c6": 6, "end": 14}, learned, 40.0)


def test_the_last_line_has_exactly_this_form() -> None:
    """Machines read it."""
    assert last_line(a_run(), 7) == (
        "demo: 14 steps, 7 tasks, 3 checkpoints, killed after 7, resumed at 8, max saturation 0.07"
    )


def test_a_replayed_step_counts_once() -> None:
    """It is shown twice, but it ran once."""
    numbers = summarise(a_run(), 7)
    assert (numbers["steps"], numbers["replayed"]) == (14, 1)
    assert (numbers["adapters_written"], numbers["adapters_reused"]) == (9, 5)
    assert (numbers["labelled"], numbers["mean_confidence"]) == (7, 0.5)
    assert (numbers["confirmed"], numbers["checked"]) == (7, 7)
    assert numbers["prompt_tokens"] == 14 * 20


def test_what_was_learned_is_told_beside_the_prompt_alone() -> None:
    """Tasks that were not learned in time are left out of it."""
    numbers = summarise(a_run(), 7)
    assert numbers["learned"] == {"intel-area": "both"}
    assert (numbers["held_out_right_by_prompt"], numbers["held_out_right"]) == (3, 16)
    (line,) = [line for line in summary_lines(numbers) if line.startswith("learned")]
    assert line == (
        "learned      1 tasks, waited for 40 s; of 17 examples that were held out the prompt "
        "alone got 3 right, what serves now 16"
    )
    unlearned = summarise(Run(rows=[row(1)]), 7)
    assert not any(line.startswith("learned") for line in summary_lines(unlearned))


def test_a_base_without_hypernetwork_is_named_in_the_summary() -> None:
    """Zero adapters need a reason."""
    bare = Run(rows=[row(1, adapter=None, adapter_cached=None, fit=None)])
    assert any("no hypernetwork" in line for line in summary_lines(summarise(bare, 1)))


def test_the_screen_prints_each_row_once_and_no_control_codes_into_a_log() -> None:
    """The summary ends with the line that machines read."""
    file = io.StringIO()
    run = a_run()
    with Screen(Console(file=file, width=120, highlight=False)) as screen:
        for each in run.rows:
            screen.status("run_step: a word\nand another")
            screen.finished(each)
        screen.event("killed the server")
        screen.summary(run, 7)
    text = file.getvalue()
    lines = text.splitlines()
    assert "\x1b" not in text
    assert "\r" not in text
    assert lines[0].split()[:3] == ["step", "task", "by"]
    assert sum(line.strip().startswith(tuple("123456789")) for line in lines) == 15
    assert max(len(line) for line in lines[:16]) <= 120
    assert lines[-1] == last_line(run, 7)


def test_outputs_are_shown_as_text_on_one_line() -> None:
    """Square brackets are no markup here, and lines would break the table."""
    file = io.StringIO()
    with Screen(Console(file=file, width=120)) as screen:
        screen.finished(row(1, output="[bold]a\nb[/bold]"))
    assert "[bold]a b[/bold]" in file.getvalue()


def test_cells_mark_replays_and_shorten_digests() -> None:
    """A star and the word, so that it shows without colour."""
    shown = cells(row(7, replayed=True, checkpoint="abcdefghijkl", saturation=0.123))
    assert shown[0] == "7*"
    assert shown[4:8] == ("01234567", "replay", "23", "12.3")
    assert shown[8:11] == ("yes", "web", "abcdefgh")


def test_the_console_is_never_narrower_than_the_table() -> None:
    """Logs have 80 columns by default."""
    assert make_console().width >= 120


def test_json_holds_rows_and_summary() -> None:
    """The same data as on the screen."""
    data = as_json(a_run(), 7)
    assert len(data["steps"]) == 15
    assert data["summary"]["resumed_at"] == 8
    assert data["checkpoints"]["c6"] == 6
    assert data["measured"]["intel-area"] == QUALITY
