"""The certificate: made of reports, tied to the weights by digests, readable as a page."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from hypernet.cli.main import main
from hypernet.evaluation.arms import parse_arms
from hypernet.evaluation.certificate import BEST_MODE, GOALS, build, check, goal_rows, render
from hypernet.evaluation.scores import report_of
from hypernet.hypernetwork.card import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('task')</script>&"
WEIGHTS = b"pretend these are weights"
VERSION = hashlib.sha256(WEIGHTS).hexdigest()[:16]
SCORES = {"prompted": 0.2, "static": 0.4, "shuffled": 0.3, "junk": 0.1, "matched": 0.6,
          "hybrid": 0.7, "hybrid_shuffled": 0.5}  # fmt: skip
SHIPPED_FOLDERS = sorted(folder for folder in SHIPPED.iterdir() if folder.is_dir())


def made_report(version: str = VERSION, tasks: tuple[str, ...] = ("one", HOSTILE)) -> Any:
    """A report in the evaluation's own form; arms with figures made up."""
    arms = parse_arms(SCORES)
    cells = {
        "0": {
            task: {
                arm: {
                    "rouge_l": score + number / 100,
                    "exact": score,
                    "label_accuracy": None,
                    "prefix_tokens": 10.0 if arm in ("prompted", "hybrid") else 0.0,
                    "new_tokens": 10.0,
                    "examples_used": 0,
                    "seconds": 1.0,
                }
                for arm, score in SCORES.items()
            }
            for number, task in enumerate(tasks)
        }
    }
    about = {
        "hypernetwork": {"name": "tiny", "version": version},
        "base": {"name": "tiny-base", "fingerprint": "f"},
        "trained_on": ["one"],
    }
    report = about | report_of(cells, arms, 5, dict.fromkeys(SCORES, 1.0))
    return json.loads(json.dumps(report))


def made_forgetting(version: str = VERSION) -> dict[str, Any]:
    return {
        "hypernetwork": {"name": "tiny", "version": version},
        "about": "all weights <b>of</b> some layers.",
        "arms": ["base", "fine_tuned", "adapter"],
        "tasks": {"invoices": {"base": 2.5, "fine_tuned": 0.25, "adapter": 1.125}},
        "rest": {"base": 1.5, "fine_tuned": 3.75, "adapter": 1.25},
        "base_unchanged": True,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hypernetwork's folder as training leaves it, with weights that nobody reads."""
    folder = tmp_path / "tiny"
    (folder / "static").mkdir(parents=True)
    (folder / "hypernetwork.safetensors").write_bytes(WEIGHTS)
    (folder / "static" / "adapter_model.safetensors").write_bytes(b"static")
    card = {
        "name": "tiny",
        "weights_sha256": hashlib.sha256(WEIGHTS).hexdigest(),
        "base": {"name": "tiny-base", "fingerprint": "f"},
        "encoder": {"name": "tiny-encoder", "fingerprint": "e"},
        "network": {"rank": 4, "first_layer": 2, "layers": 2},
        "recipe": {"steps": 7, "batch": 3, "seed": 11},
        "data": {
            "collection": "made up",
            "tasks": [
                {"name": "one", "license": "MIT"},
                {"name": "two", "license": "MIT"},
                {"name": HOSTILE, "license": "<i>"},
            ],
        },
        "fit": {"known": 0.8, "near": 0.4, "nonsense_called_unknown": 0.96},
        "development": {
            "history": [
                {"step": 10, "train": 3.0, "matched": 2.5, "matched_exact": 0.1},
                {"step": 20, "train": 2.0, "matched": 1.5, "matched_exact": 0.2},
            ]
        },
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def read(folder: Path) -> Any:
    return json.loads((folder / "certificate.json").read_text())


# The shipped weights


@pytest.mark.parametrize("shipped", SHIPPED_FOLDERS, ids=lambda folder: folder.name)
def test_the_certificate_that_is_shipped_is_of_the_weights_that_are_shipped(shipped: Path):
    check(shipped)


def test_some_weights_are_shipped():
    assert SHIPPED_FOLDERS


# Making and checking


def test_the_certificate_holds_the_reports_and_fits_its_weights(folder: Path):
    report = made_report()
    build(folder, {"unseen": report | {"answers": ["in bulk"]}}, made_forgetting())
    check(folder)
    made = read(folder)
    assert made["weights_sha256"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert made["regimes"] == {"unseen": report}  # every figure, but nothing of single instances
    assert made["forgetting"] == made_forgetting()
    assert made["base"]["name"] == "tiny-base"
    assert set(made["conditioning"]["unseen"]) == {
        "matched-prompted", "matched-static", "matched-shuffled", "matched-junk",
        "hybrid-prompted", "hybrid-hybrid_shuffled",
    }  # fmt: skip
    contrast = made["conditioning"]["unseen"]["matched-shuffled"]
    assert contrast == report["contrasts"]["matched-shuffled"]
    assert contrast["mean"] == pytest.approx(0.3)


def test_a_missing_certificate_is_told(folder: Path):
    with pytest.raises(ValueError, match=r"certificate\.json is missing"):
        check(folder)


def test_a_damaged_certificate_is_told(folder: Path):
    build(folder, {"known": made_report()}, None)
    (folder / "certificate.json").write_text("{}")
    with pytest.raises(ValueError, match=r"certificate\.json is damaged .*weights_sha256"):
        check(folder)


def test_tampered_weights_are_noticed(folder: Path):
    build(folder, {"known": made_report()}, None)
    (folder / "hypernetwork.safetensors").write_bytes(WEIGHTS + b"!")
    with pytest.raises(ValueError, match=r"card\.json is of weights"):
        check(folder)


def test_weights_that_came_with_a_new_card_are_noticed_too(folder: Path):
    build(folder, {"known": made_report()}, None)
    (folder / "hypernetwork.safetensors").write_bytes(b"new")
    card = json.loads((folder / "card.json").read_text())
    card["weights_sha256"] = hashlib.sha256(b"new").hexdigest()
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(ValueError, match=rf"made for weights {VERSION}, but .* evaluate again"):
        check(folder)


def test_another_static_adapter_is_noticed(folder: Path):
    build(folder, {"known": made_report()}, None)
    (folder / "static" / "adapter_model.safetensors").write_bytes(b"other")
    with pytest.raises(ValueError, match="another static adapter"):
        check(folder)


def test_a_static_adapter_that_came_after_the_certificate_is_noticed(folder: Path):
    static = folder / "static" / "adapter_model.safetensors"
    static.unlink()
    build(folder, {"known": made_report()}, None)
    static.write_bytes(b"new")
    with pytest.raises(ValueError, match="another static adapter"):
        check(folder)


def test_weights_given_away_without_their_static_adapter_keep_their_certificate(folder: Path):
    build(folder, {"known": made_report()}, None)
    digest = read(folder)["static_sha256"]
    (folder / "static" / "adapter_model.safetensors").unlink()
    check(folder)
    assert digest == hashlib.sha256(b"static").hexdigest()
    assert "certificate" in render(folder)


@pytest.mark.parametrize("which", ["known", "forgetting"])
def test_a_certificate_with_figures_of_other_weights_is_noticed(which: str, folder: Path):
    build(folder, {"known": made_report()}, made_forgetting())
    made = read(folder)
    part = made["forgetting"] if which == "forgetting" else made["regimes"]["known"]
    part["hypernetwork"]["version"] = "0" * 16
    (folder / "certificate.json").write_text(json.dumps(made))
    with pytest.raises(ValueError, match=rf"{which}.* made with weights 0{{16}}"):
        check(folder)


def test_a_report_of_other_weights_is_refused_and_nothing_is_written(folder: Path):
    with pytest.raises(ValueError, match=rf"'known': made with weights beef.* are {VERSION}"):
        build(folder, {"known": made_report("beef")}, None)
    with pytest.raises(ValueError, match="forgetting figures: made with weights beef"):
        build(folder, {"known": made_report()}, made_forgetting("beef"))
    assert not list(folder.glob("certificate.*"))


def test_what_is_no_report_is_refused(folder: Path):
    broken = made_report()
    del broken["contrasts"]
    with pytest.raises(ValueError, match=r"'known': not one of .* no 'contrasts'"):
        build(folder, {"known": broken}, None)


# The page


class Strict(HTMLParser):
    """Notes every tag and address of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "href", "xlink:href", "data", "action"):
                self.links.append(str(value))


@pytest.fixture
def written(folder: Path) -> str:
    reports = {"known": made_report(), f"<b>{HOSTILE}": made_report()}
    build(folder, reports, made_forgetting())
    assert not list(folder.glob("*.html"))
    return render(folder)


def test_the_page_escapes_what_comes_from_files(written: str):
    parsed = Strict()
    parsed.feed(written)
    assert not {"script", "b", "i", "link", "img", "iframe", "object"} & set(parsed.tags)
    assert "<script" not in written
    assert "&lt;script&gt;alert(&#x27;task&#x27;)&lt;/script&gt;&amp;" in written


def test_the_page_fetches_nothing_and_names_each_part_once(written: str):
    parsed = Strict()
    parsed.feed(written)
    assert all(link.startswith("#") for link in parsed.links)
    assert not re.search(r"@import|url\((?!#)", written)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links} <= set(parsed.ids)


def test_the_page_says_what_the_weights_are_and_how_they_do(written: str):
    for words in (
        "rank 4, layers 2 to 3",
        "7 steps of 3 samples, seed 11",
        "<td>matched-shuffled</td><td>+0.300</td>",
        "1 of the tasks were trained on",
        "<td>MIT</td><td>2</td>",
        "<td>nonsense_called_unknown</td><td>0.960</td>",
        "<td>invoices</td><td>2.500</td><td>0.250</td><td>1.125</td>",
        "bit for bit what they were",
        "1.500 at step 20",
        "Limits of the evaluation",
    ):
        assert words in written, words
    assert "matched_exact" not in written  # shares of exact answers are no losses
    assert written.count("<svg") == 3  # a plot a regime, and the loss curve


def test_equal_figures_give_an_equal_page(folder: Path, written: str):
    build(folder, {"known": made_report(), f"<b>{HOSTILE}": made_report()}, made_forgetting())
    assert render(folder) == written


def test_a_page_is_rendered_of_these_weights_alone(folder: Path):
    build(folder, {"known": made_report()}, None)
    (folder / "hypernetwork.safetensors").write_bytes(b"other")
    with pytest.raises(ValueError, match=r"card\.json is of weights"):
        render(folder)


# The goals


def figures(contrasts: dict[str, Any], **more: Any) -> dict[str, Any]:
    values = {
        name: dict(zip(("mean", "low", "high"), value, strict=True))
        for name, value in contrasts.items()
    }
    return {"arms": {}, "ratios": {}, "contrasts": values, "contrasts_exact": {}} | more


def reached(
    regimes: dict[str, Any], card: dict[str, Any] | None = None
) -> dict[tuple[str, str], str]:
    rows = goal_rows(regimes, card or {})
    assert len(rows) == len(GOALS) == 25
    return {(row["regime"], row["figure"]): row["reached"] for row in rows}


def test_what_was_not_measured_is_neither_reached_nor_missed():
    assert set(reached({}).values()) == {"not run"}


@pytest.mark.parametrize(
    ("regime", "contrast", "value", "verdict"),
    [
        ("known", "matched-prompted", (0.30, -1, 1), "yes"),
        ("known", "matched-prompted", (0.29, 0.2, 1), "no"),
        ("known", "matched-static", (0.2, 0.01, 0.4), "yes"),
        ("known", "matched-static", (0.2, 0.0, 0.4), "no"),
        ("known", "matched-static", (0.1, 0.05, 0.4), "no"),
        ("unseen", "hybrid-few_shot@2", (0.1, -0.1, 0.2), "yes"),
        ("unseen", "hybrid-static_prompted", (0.001, 0.0005, 0.2), "yes"),
        ("unseen", "hybrid-static_prompted", (0.5, -0.01, 0.7), "no"),
        ("examples", "refined@16-scratch@16", (0.02, -1, 1), "yes"),
    ],
)
def test_a_contrast_is_held_against_its_goal_and_its_interval(
    regime: str, contrast: str, value: tuple[float, ...], verdict: str
):
    assert reached({regime: figures({contrast: value})})[regime, contrast] == verdict


@pytest.mark.parametrize(
    ("regime", "figure", "value", "verdict"),
    [
        ("kinds", "exact hybrid-static_prompted", (0.06, 0.01, 0.1), "yes"),
        ("kinds", "exact hybrid-static_prompted", (0.06, 0.0, 0.1), "no"),
        ("kinds", "exact examples@8-hybrid", (0.04, 0.01, 0.1), "no"),
        ("known", "exact hybrid-hybrid_shuffled", (0.1, 0.01, 0.2), "yes"),
    ],
)
def test_a_goal_of_exact_answers_is_held_against_these_and_not_against_shared_words(
    regime: str, figure: str, value: tuple[float, ...], verdict: str
):
    name = figure.removeprefix("exact ")
    report = figures({name: (-1, -1, -1)})
    report["contrasts_exact"] = figures({name: value})["contrasts"]
    assert reached({regime: report})[regime, figure] == verdict


def test_an_arm_s_own_exact_answers_are_a_figure_too():
    def verdict(share: float) -> str:
        arm = {"rouge_l": 1.0, "exact": share, "exact_low": share - 0.1, "exact_high": 1.0}
        return reached({"known": figures({}, arms={"matched": arm})})["known", "exact matched"]

    assert verdict(0.85) == "yes"
    assert verdict(0.84) == "no"
    (row,) = (r for r in goal_rows({}, {}) if r["figure"] == "exact matched")
    assert row["goal"] == "at least 0.85"  # a share has no sign, a difference has


def test_what_a_regime_s_own_report_lacks_is_taken_from_the_one_it_was_measured_with():
    reports = {
        "examples": figures({"refined@16-scratch@16": (0.03, 0, 1)}),
        "unseen": figures(
            {"examples@8-few_shot@8": (0.2, 0, 1), "refined@16-scratch@16": (0, 0, 0)}
        ),
    }
    verdicts = reached(reports)
    assert verdicts["examples", "examples@8-few_shot@8"] == "yes"
    assert verdicts["examples", "refined@16-scratch@16"] == "yes"
    assert verdicts["examples", "examples@8-hybrid"] == "not run"


def test_ratios_are_held_against_theirs():
    tokens, oracle = "prompt_tokens matched/prompted", "matched/oracle"

    def verdicts(tokens_ratio: float, oracle_ratio: float | None) -> list[str]:
        def ratio(of: float | None) -> dict[str, float] | None:
            return of and {"ratio": of, "low": of, "high": of}  # type: ignore[return-value]  # 0 is not asked

        ratios = {tokens: ratio(tokens_ratio), oracle: ratio(oracle_ratio)}
        got = reached({"known": figures({}, ratios=ratios)})
        return [got["known", tokens], got["known", oracle]]

    assert verdicts(0.5, 0.9) == ["yes", "yes"]
    assert verdicts(0.51, 0.89) == ["no", "no"]
    assert verdicts(0.5, None) == ["yes", "no"]  # undefined: the oracle scored nothing


def test_the_fit_goal_is_read_from_the_card():
    key = ("fit", "nonsense_called_unknown")
    assert reached({}, {"fit": {key[1]: 0.95}})[key] == "yes"
    assert reached({}, {"fit": {key[1]: 0.94}})[key] == "no"


def test_routing_is_compared_with_the_best_single_mode():
    arms = {"matched": {"rouge_l": 0.5}, "hybrid": {"rouge_l": 0.6}, "prompted": {"rouge_l": 0.4}}
    contrasts = {"routed-matched": (0.1, 0.05, 0.2), "routed-hybrid": (0.0, -0.004, 0.01),
                 "routed-prompted": (0.2, 0.1, 0.3)}  # fmt: skip
    report = figures(contrasts, arms=arms)
    (row,) = (r for r in goal_rows({"mixture": report}, {}) if r["figure"] == BEST_MODE)
    assert (row["value"], row["interval"], row["reached"]) == (0.0, [-0.004, 0.01], "yes")
    assert row["goal"] == "at least +0.00, interval not below -0.005"
    report["contrasts"]["routed-hybrid"]["low"] = -0.006
    assert reached({"mixture": report})["mixture", BEST_MODE] == "no"
    del arms["prompted"]  # which mode is best is not known when one of them did not run
    assert reached({"mixture": report})["mixture", BEST_MODE] == "not run"


# The command


def call(*args: object) -> Result:
    return CliRunner().invoke(main, ["card", *(str(arg) for arg in args)])


def test_the_shell_makes_a_certificate_and_checks_it(folder: Path, tmp_path: Path):
    report, forgetting = tmp_path / "report.json", tmp_path / "forgetting.json"
    report.write_text(json.dumps(made_report()))
    forgetting.write_text(json.dumps(made_forgetting()))
    before = call(folder, "--check")
    assert before.exit_code == 1
    assert "certificate.json is missing" in before.output
    done = call(folder, "--evaluation", f"known={report}", "--forgetting", forgetting)
    assert done.exit_code == 0, done.output
    assert done.stdout.strip().endswith("certificate.json")
    assert call(folder, "--check").exit_code == 0
    rendered = call(folder, "--html", tmp_path / "out.html")
    assert rendered.exit_code == 0, rendered.output
    assert (tmp_path / "out.html").read_text() == render(folder)
    (folder / "hypernetwork.safetensors").write_bytes(b"tampered")
    after = call(folder, "--check")
    assert after.exit_code == 1
    assert "is of weights" in after.output


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "name a report with --evaluation"),
        (["--evaluation", "known"], "is not NAME=FILE"),
        (["--evaluation", "known=none.json"], "is not NAME=FILE"),
        (["--evaluation", "a=REPORT", "--evaluation", "a=REPORT"], "named twice"),
        (["--evaluation", "a=REPORT", "--check"], "--check takes neither"),
        (["--forgetting", "REPORT", "--html", "x.html"], "--forgetting goes with --evaluation"),
        (["--html", "x.html"], "certificate.json is missing"),
        (["--html", "/nowhere/x.html"], "'--html': /nowhere/x.html cannot be written"),
        (["--evaluation", "a=REPORT"], "not JSON"),
    ],
)
def test_the_shell_tells_what_is_wrong_without_a_stack(
    given: list[str], message: str, folder: Path, tmp_path: Path
):
    report = tmp_path / "report.json"
    report.write_text("{")
    done = call(folder, *(arg.replace("REPORT", str(report)) for arg in given))
    assert done.exit_code != 0
    assert message in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("command", [["--help"], ["card", "--help"], ["evaluate", "--help"]])
def test_help_does_not_import_torch(command: list[str]):
    code = (
        "import sys, contextlib\nfrom hypernet.cli.main import main\n"
        f"with contextlib.suppress(SystemExit): main({command!r})\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
