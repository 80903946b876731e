"""The certificate of a hypernetwork: evaluation reports beside the weights they were made with.

Also which goals these figures reach, by digests whether a certificate still is of the weights it
lies beside, and the page that is rendered from it.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypernet.evaluation import plots
from hypernet.evaluation.arms import STATIC_FOLDER
from hypernet.evaluation.certificate_page import page
from hypernet.files import replacing
from hypernet.hypernetwork.card import CARD_FILE, VERSION_DIGITS, WEIGHTS_FILE, read_card

if TYPE_CHECKING:
    from collections.abc import Mapping

CERTIFICATE_FILE = "certificate.json"
STATIC_FILE = "adapter_model.safetensors"
CARD_ENTRIES = ("name", "weights_sha256", "base", "encoder", "network", "recipe", "data")
NEEDED = ("hypernetwork", "base", "tasks", "per_task_instances", "seeds", "arms", "contrasts",
          "contrasts_exact", "ratios", "per_task")  # fmt: skip
# Named one by one, so that no figures of single instances are ever shipped with the weights.
KEPT = (*NEEDED, "contrasts_label", "trained_on")
MATCHED_AGAINST = ("static", "shuffled", "junk", "prompted")
# Figures that a regime's own report lacks are looked for in this one.
MEASURED_WITH = {"examples": "unseen", "known": "oracle"}
SINGLE_MODES = ("matched", "hybrid", "prompted")
BEST_MODE = "routed-best of matched, hybrid, prompted"


@dataclass(frozen=True)
class Goal:
    """What one figure of one report should reach."""

    regime: str
    """The report's name; "fit" means the card's figures of the fit gate."""
    figure: str
    """A contrast `a-b` of ROUGE-L, or of exact answers as `exact a-b`; an arm's own share of them
    as `exact a`; a ratio `a/b`, `BEST_MODE`, or a share in the card's fit."""
    least: float | None = None
    most: float | None = None
    above: float | None = None
    """The whole interval lies above this."""
    not_below: float | None = None
    """No part of the interval lies below this."""

    @property
    def text(self) -> str:
        """The goal in words."""
        sign = "+" if "-" in self.figure else ""
        parts = []
        if self.least is not None:
            parts.append(f"at least {self.least:{sign}.2f}")
        if self.most is not None:
            parts.append(f"at most {self.most:.2f}")
        if self.above is not None:
            parts.append(f"interval above {self.above:g}")
        if self.not_below is not None:
            parts.append(f"interval not below {self.not_below:g}")
        return ", ".join(parts)

    def reached(self, value: float | None, low: float | None) -> bool:
        """Whether a figure and the low end of its interval reach it; what is undefined not."""
        if value is None:
            return False
        lowest = -math.inf if low is None else low
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or lowest > self.above)
            and (self.not_below is None or lowest >= self.not_below)
        )


EXACT = "exact "
OWN_ADAPTER = f"{EXACT}hybrid-hybrid_shuffled"
GOALS = (
    Goal("known", "exact matched", least=0.85),
    Goal("known", "exact matched-static_prompted", least=0.10, above=0),
    Goal("known", OWN_ADAPTER, least=0.10, above=0),
    Goal("known", "matched-prompted", least=0.30),
    Goal("known", "matched-static", least=0.15, above=0),
    Goal("known", "matched/oracle", least=0.90),
    Goal("known", "prompt_tokens matched/prompted", most=0.5),
    Goal("fields", "exact hybrid", least=0.65),
    Goal("fields", OWN_ADAPTER, least=0.10, above=0),
    Goal("kinds", "exact hybrid", least=0.55),
    Goal("kinds", "exact hybrid-static_prompted", least=0.05, above=0),
    Goal("kinds", "exact examples@8-hybrid", least=0.05, above=0),
    Goal("kinds", OWN_ADAPTER, least=0.10, above=0),
    Goal("unseen", "hybrid-prompted", least=0.12, above=0),
    Goal("unseen", "hybrid-few_shot@2", least=0.10),
    Goal("unseen", "hybrid-hybrid_shuffled", least=0.10, above=0),
    Goal("unseen", "hybrid-static_prompted", above=0),
    Goal("unseen", "matched-shuffled", least=0.05, above=0),
    Goal("examples", "examples@8-hybrid", least=0.05, above=0),
    Goal("examples", "examples@8-few_shot@8", least=0.15),
    Goal("examples", "prompt_tokens examples@8/few_shot@8", most=0.4),
    Goal("examples", "refined@16-examples@16", least=0.05),
    Goal("examples", "refined@16-scratch@16", least=0.02),
    Goal("fit", "nonsense_called_unknown", least=0.95),
    Goal("mixture", BEST_MODE, least=0, not_below=-0.005),
)


def build(
    folder: Path, reports: Mapping[str, dict[str, Any]], forgetting: dict[str, Any] | None
) -> None:
    """Write `certificate.json` beside the weights.

    Args:
        folder: a hypernetwork's folder.
        reports: what `hypernet evaluate --json` wrote, by regime ("known", "unseen", ...).
        forgetting: what `bench.forgetting --json` wrote.

    Raises:
        ValueError: the folder is no hypernetwork's, or a report is damaged or of other weights.
    """
    card, digest = _card(folder)
    for name, report in reports.items():
        if missing := [key for key in NEEDED if key not in report]:
            raise ValueError(f"report {name!r}: not one of `hypernet evaluate`: no {missing[0]!r}")
    _check_versions(folder, digest, reports, forgetting)
    regimes = {
        name: {key: report[key] for key in KEPT if key in report}
        for name, report in reports.items()
    }
    certificate = {
        "weights_sha256": digest,
        "static_sha256": _static_digest(folder),
        "made": datetime.now(UTC).date().isoformat(),
        "base": card["base"],
        "goals": goal_rows(regimes, card),
        "conditioning": {name: _conditioning(report) for name, report in regimes.items()},
        "regimes": regimes,
        "forgetting": forgetting,
    }
    written = json.dumps(certificate, indent=1, ensure_ascii=False) + "\n"
    with replacing(folder / CERTIFICATE_FILE) as stream:
        stream.write(written.encode())


def render(folder: Path) -> str:
    """The certificate in a folder as an HTML page.

    Raises:
        ValueError: it is missing, damaged or of other weights; says which.
        click.ClickException: matplotlib, which draws the plots, is not installed.
    """
    card, certificate = _checked(folder)
    pictures = {name: _picture(report) for name, report in certificate["regimes"].items()}
    return page(certificate, card, (folder / WEIGHTS_FILE).stat().st_size, pictures)


def check(folder: Path) -> None:
    """Whether the certificate in a folder is of the weights in it.

    Raises:
        ValueError: it is missing, damaged or of other weights; says which.
    """
    _checked(folder)


def _checked(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card and the certificate of a folder, both of its weights."""
    file = folder / CERTIFICATE_FILE
    if not file.is_file():
        raise ValueError(f"{folder}: {CERTIFICATE_FILE} is missing; `hypernet card` makes it")
    card, digest = _card(folder)
    try:
        certificate: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        of, static = certificate["weights_sha256"], certificate["static_sha256"]
        regimes, forgetting = dict(certificate["regimes"]), certificate["forgetting"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder}: {CERTIFICATE_FILE} is damaged ({error!r})") from error
    if of != digest:
        raise ValueError(
            f"{folder}: {CERTIFICATE_FILE} was made for weights {str(of)[:VERSION_DIGITS]}, but "
            f"{WEIGHTS_FILE} is {digest[:VERSION_DIGITS]}: evaluate again"
        )
    # The static adapter is a control: weights are served, and may be given away, without it.
    if _static_digest(folder) not in (None, static):
        raise ValueError(
            f"{folder}: {CERTIFICATE_FILE} was made for another static adapter than that in "
            f"{STATIC_FOLDER}/: evaluate again"
        )
    _check_versions(folder, digest, regimes, forgetting)
    return card, certificate


def goal_rows(
    regimes: Mapping[str, dict[str, Any]], card: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each goal with the figure that it is about.

    Returns:
        Rows of `regime`, `figure`, `goal`, `value`, `interval` ([low, high] or None) and
        `reached`: "yes", "no" or "not run".
    """
    rows = []
    for goal in GOALS:
        found = _figure(goal, regimes, card)
        value, interval = found if found is not None else (None, None)
        reached = "not run"
        if found is not None:
            reached = "yes" if goal.reached(value, interval[0] if interval else None) else "no"
        rows.append(
            {"regime": goal.regime, "figure": goal.figure, "goal": goal.text, "value": value,
             "interval": interval, "reached": reached}
        )  # fmt: skip
    return rows


def _figure(
    goal: Goal, regimes: Mapping[str, dict[str, Any]], card: Mapping[str, Any]
) -> tuple[float | None, list[float] | None] | None:
    """A goal's figure and its interval; None when it was not measured."""
    if goal.regime == "fit":
        share = card.get("fit", {}).get(goal.figure)
        return None if share is None else (float(share), None)
    for regime in (goal.regime, MEASURED_WITH.get(goal.regime, "")):
        if regime in regimes and (found := _in_report(goal, regimes[regime])) is not None:
            return found
    return None


def _in_report(
    goal: Goal, report: Mapping[str, Any]
) -> tuple[float | None, list[float] | None] | None:
    if "/" in goal.figure:
        if goal.figure not in report["ratios"]:
            return None
        ratio = report["ratios"][goal.figure]
        # The arms ran, and what they are divided by is 0.
        return (None, None) if ratio is None else (ratio["ratio"], [ratio["low"], ratio["high"]])
    if goal.figure.startswith(EXACT):
        return _exact(goal.figure.removeprefix(EXACT), report)
    name = _against_best(report) if goal.figure == BEST_MODE else goal.figure
    return _contrast(report["contrasts"].get(name))


def _exact(name: str, report: Mapping[str, Any]) -> tuple[float | None, list[float] | None] | None:
    """An arm's share of exact answers, or the difference of two arms'."""
    if (arm := report["arms"].get(name)) is not None:
        return arm["exact"], [arm["exact_low"], arm["exact_high"]]
    return _contrast(report["contrasts_exact"].get(name))


def _contrast(found: Mapping[str, Any] | None) -> tuple[float | None, list[float] | None] | None:
    return None if found is None else (found["mean"], [found["low"], found["high"]])


def _against_best(report: Mapping[str, Any]) -> str | None:
    """The contrast with the best single mode; which that is, is known when all of them ran."""
    arms = report["arms"]
    if not set(SINGLE_MODES) <= set(arms):
        return None
    return f"routed-{max(SINGLE_MODES, key=lambda mode: arms[mode]['rouge_l'])}"


def _conditioning(report: Mapping[str, Any]) -> dict[str, Any]:
    """The contrasts that tell whether the task's own adapter matters."""
    wanted = {f"matched-{other}" for other in MATCHED_AGAINST}
    return {
        name: value
        for name, value in report["contrasts"].items()
        if name in wanted or name.startswith("hybrid-")
    }


def _picture(report: dict[str, Any]) -> str:
    """The report's plot as SVG; equal figures give equal bytes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plot.svg"
        plots.check(file)
        from matplotlib import rc_context

        with rc_context({"svg.hashsalt": "certificate", "svg.fonttype": "none"}):
            plots.draw(report, file)
        return file.read_text(encoding="utf-8")


def _card(folder: Path) -> tuple[dict[str, Any], str]:
    """The card, and the digest of the weights that both are of.

    Raises:
        ValueError: a file is missing or damaged, or the card is of other weights.
    """
    card = read_card(folder, *CARD_ENTRIES)
    digest = _digest(folder / WEIGHTS_FILE)
    # The certificate takes rank, steps and data from the card: it must be these weights' own.
    if card["weights_sha256"] != digest:
        raise ValueError(
            f"{folder}: {CARD_FILE} is of weights {str(card['weights_sha256'])[:VERSION_DIGITS]}, "
            f"but {WEIGHTS_FILE} is {digest[:VERSION_DIGITS]}"
        )
    return card, digest


def _check_versions(
    folder: Path,
    digest: str,
    reports: Mapping[str, dict[str, Any]],
    forgetting: dict[str, Any] | None,
) -> None:
    """Refuse figures of other weights than these.

    Raises:
        ValueError: names the report and both versions.
    """
    made = {f"report {name!r}": report for name, report in reports.items()}
    if forgetting is not None:
        made["the forgetting figures"] = forgetting
    for name, report in made.items():
        try:
            version = report["hypernetwork"]["version"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{name}: does not say which weights it is of") from error
        if version != digest[:VERSION_DIGITS]:
            raise ValueError(
                f"{name}: made with weights {version}, but those in {folder} are "
                f"{digest[:VERSION_DIGITS]}: evaluate again"
            )


def _static_digest(folder: Path) -> str | None:
    file = folder / STATIC_FOLDER / STATIC_FILE
    return _digest(file) if file.is_file() else None


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
