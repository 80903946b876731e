"""Our engine beside its peers, in one run: speed of decoding, reading, and changing adapters.

    python -m bench.engine [--json FILE] [--plot FILE.png] [--rounds 5] [--only KEY,...] [--quick]

Both sides of a figure take turns, in alternating order from round to round; a first round warms up
and does not count. A figure's value is the ratio of the medians, its spread the smallest and the
largest ratio of a round. All have the same weights, prompts, adapters and number of greedy tokens.
What cannot be measured here is named, with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import torch

from bench.peers import NotMeasuredError
from bench.peers.figures import (
    COUNTS,
    FIGURES,
    QUICK,
    WHO,
    Bench,
    Sizes,
    agreement,
    measure,
    reason_against,
    scaling,
)
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import describe_device, load_base
from hypernet.base_model.sources import base_source, encoder_source
from hypernet.hypernetwork.card import find_weights
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.generator import load_generator
from hypernet.runtime import RuntimeOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = ("torch", "transformers", "peft", "llama-cpp-python", "numpy")
# More work than this waiting for the processor makes figures of no use.
BUSY = 0.5
LABELS = {
    "ours": "ours, one batch",
    "peft": "PEFT, mixed batch",
    "llamacpp": "llama.cpp, one after another",
}
COLOURS = {"ours": "#4c72b0", "peft": "#c44e52", "llamacpp": "#888888"}


def load(device: str, hypernetwork: str | None, sizes: Sizes, scratch: Path) -> Bench:
    """Load the base, the hypernetwork and our engine.

    Raises:
        NotMeasuredError: there is no hypernetwork for the base.
    """
    base = load_base(base_source(None), RuntimeOptions().cache, device=device)
    folder = find_weights(base.name, hypernetwork)
    if folder is None:
        raise NotMeasuredError(f"no hypernetwork for {base.name}")
    encoder = Encoder.load(encoder_source(None))
    generator = load_generator(folder, base, ChatFormat.of(base.tokenizer), encoder)
    return Bench(base, generator, sizes, scratch)


def surroundings(bench: Bench, rounds: int) -> dict[str, Any]:
    """What the figures were measured with and on."""
    versions: dict[str, str | None] = dict.fromkeys(PACKAGES)
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    if not reason_against(bench, "llamacpp"):
        versions["llama-cpp-python"] = bench.llamacpp.version
    generator = bench.generator
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": rounds,
        "sizes": asdict(bench.sizes),
        "versions": versions,
        "cpu": processor(),
        "gpu": torch.cuda.get_device_name() if bench.device != "cpu" else None,
        "device": describe_device(bench.device),
        "threads": torch.get_num_threads(),
        "rows": bench.rows,
        "slots": bench.slots,
        "base": {"name": bench.base.name, "fingerprint": bench.base.fingerprint},
        "hypernetwork": {"name": generator.card["name"], "version": generator.version},
    }


def processor() -> str:
    """The processor's name."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def run(bench: Bench, keys: Sequence[str], rounds: int, file: Path | None) -> dict[str, Any]:
    """Measure figures one by one, printing each; the file is written anew after each."""
    report: dict[str, Any] = surroundings(bench, rounds)
    report |= {"agreement": {}, "figures": {}, "not_measured": {}, "samples": {}}
    try:
        report["agreement"] = agreement(bench)
    except Exception as error:  # a peer that cannot answer still leaves the others' figures
        report["not_measured"]["agreement"] = f"failed: {type(error).__name__}: {error}"
    show_head(report)
    for key in keys:
        try:
            figure, samples = measure(bench, FIGURES[key], rounds)
            report["figures"][key], report["samples"][key] = figure, samples
        except NotMeasuredError as error:
            report["figures"][key], report["not_measured"][key] = None, str(error)
        except Exception as error:  # the figures measured before it must not be lost with it
            reason = f"failed: {type(error).__name__}: {error}"
            report["figures"][key], report["not_measured"][key] = None, reason
        show(report, key)
        save(report, file)
    return report


def save(report: dict[str, Any], file: Path | None) -> None:
    """Write the report where it is wanted."""
    if file is not None:
        file.write_text(json.dumps(report, indent=1) + "\n")


def show_head(report: dict[str, Any]) -> None:
    """What was compared, and the table's heading."""
    print(f"{report['cpu']}, {report['device']}; {report['rounds']} rounds")
    for pair in ("ours_vs_peft", "llamacpp_vs_peft"):
        at = report["agreement"].get(pair)
        if at is not None:
            same = "all the same" if not any(n is not None for n in at) else f"first differ at {at}"
            print(f"first {report['agreement']['tokens']} tokens, {pair.replace('_', ' ')}: {same}")
    if reason := report["not_measured"].get("agreement"):
        print(f"first tokens not compared: {reason}")
    columns = f"{'ratio':>8}{'low':>8}{'high':>8}{'ours':>10}{'peer':>10}"
    print(f"\n{'figure':24}{columns}  {'unit':10}what")


def show(report: dict[str, Any], key: str) -> None:
    """A figure as a line of the table."""
    found = report["figures"][key]
    if found is None:
        print(f"{key:24}not measured: {report['not_measured'][key]}", flush=True)
        return
    ratios = "".join(f"{found[name]:8.2f}" for name in ("value", "low", "high"))
    sides = f"{found['ours']:10.4g}{found['peer']:10.4g}"
    print(f"{key:24}{ratios}{sides}  {found['unit']:10}{FIGURES[key].about}", flush=True)


def draw(samples: dict[str, dict[str, list[float]]], file: Path) -> None:
    """Decoding by number of adapters: medians, with the span of the rounds."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = FigureCanvasAgg(figure).figure.subplots()
    for who in WHO:
        if who not in samples[str(COUNTS[0])]:
            continue
        of = [samples[str(count)][who] for count in COUNTS]
        middle = [median(one) for one in of]
        below = [m - min(one) for m, one in zip(middle, of, strict=True)]
        above = [max(one) - m for m, one in zip(middle, of, strict=True)]
        axes.errorbar(
            COUNTS, middle, (below, above), color=COLOURS[who], marker="o", capsize=3,
            label=LABELS[who],
        )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_xticks(COUNTS, [str(count) for count in COUNTS])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("sessions, each with an adapter of its own")
    axes.set_ylabel("tokens per second in total, decoding")
    axes.legend()
    figure.savefig(str(file), dpi=150)


def main() -> None:
    """Measure, print a table, write JSON and draw if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="PNG of decoding by number of adapters")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help=f"figures by comma: {', '.join(FIGURES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--hypernetwork", help="folder; without it the shipped one")
    arguments = parser.parse_args()
    keys = arguments.only.split(",") if arguments.only else list(FIGURES)
    if unknown := [key for key in keys if key not in FIGURES]:
        parser.error(f"--only: no figure {unknown[0]!r}; there are {', '.join(FIGURES)}")
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load_before > BUSY:
        print(f"other work is running here (load {load_before:.1f}): the figures will be off")
    sizes = QUICK if arguments.quick else Sizes()
    # Closed before the folder goes: some systems remove no file that is mapped.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        try:
            bench = load(arguments.device, arguments.hypernetwork, sizes, Path(scratch))
        except NotMeasuredError as error:
            parser.error(str(error))
        try:
            report = run(bench, keys, arguments.rounds, arguments.json)
            report["load_before"] = load_before
            if arguments.plot:
                report["scaling"] = scaling(bench, arguments.rounds)
                draw(report["scaling"], arguments.plot)
            save(report, arguments.json)
        finally:
            bench.close()
    if any(reason.startswith("failed") for reason in report["not_measured"].values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
