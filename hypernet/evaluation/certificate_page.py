"""A certificate as one readable page: no script, nothing fetched, light and dark.

Everything that comes from files is escaped.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STYLE = """
:root { color-scheme: light dark; --text: #1d2329; --quiet: #5b6670; --line: #d8dee4;
  --back: #ffffff; --good: #1a7f37; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e8ed; --quiet: #9aa5b0; --line: #363e47;
  --back: #14181c; --good: #56c271; --bad: #ff8b7b; } }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--back);
  color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; } h3 { margin-top: 2rem; }
p, li { max-width: 46rem; } .quiet, figcaption { color: var(--quiet); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .9rem .35rem 0; text-align: left;
  vertical-align: top; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--bad); font-weight: 600; }
figure { margin: 1.5rem 0; } figure svg { max-width: 100%; height: auto; }
.plot svg { background: #ffffff; border-radius: 4px; } summary { cursor: pointer; }
.curve text { fill: var(--quiet); font: 11px system-ui, sans-serif; }
.curve line { stroke: var(--line); } .curve polyline { fill: none; stroke-width: 2; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  margin-right: .4rem; }
"""
COLOURS = ("#3b82c4", "#d9661f", "#21a179", "#c76bb0", "#c99a06", "#6f6bd1", "#8a8f94", "#b2413b",
           "#4fa8b8")  # fmt: skip
WIDTH, HEIGHT, LEFT, BELOW = 720, 300, 48, 36
LIMITS = (
    "Intervals are 95 % bootstrap intervals over tasks. They say nothing of other training seeds, "
    "and no correction was made for the number of contrasts.",
    "ROUGE-L counts shared words: a right answer in other words scores low, a wrong one in the "
    "same words high. Exact answers are the stricter figure.",
    "Whether a task was trained on is told by its name. A task under another name that asks the "
    "same is not noticed here.",
    "Answers were written greedily by one base model; other bases, sampling and longer inputs "
    "than the evaluation admits were not measured.",
    "The best single mode is picked on the very instances that routing is compared on, which "
    "works against routing.",
    "The digests tie these figures to the weights. The scales and thresholds in card.json, which "
    "also matter, are not covered by them.",
)


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def page(
    certificate: Mapping[str, Any], card: Mapping[str, Any], size: int, plots: Mapping[str, str]
) -> str:
    """The whole page.

    Args:
        certificate: what `certificate.json` holds.
        card: what `card.json` holds.
        size: bytes of the weights' file.
        plots: each regime's plot as an SVG file's text.
    """
    title = f"{card['name']}: certificate"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=quiet>Made {escape(certificate['made'])} for weights "
        f"<code>{escape(certificate['weights_sha256'])}</code></p>",
        "<h2>The weights</h2>",
        _weights(card, size),
        "<h2>Goals</h2>",
        _goals(certificate["goals"]),
        "<h2>Does the task's own adapter matter?</h2>",
        _conditioning(certificate["conditioning"]),
        *(
            _regime(name, report, plots[name], number)
            for number, (name, report) in enumerate(certificate["regimes"].items())
        ),
        "<h2>Fit</h2><p>A task is <em>known</em>, <em>near</em> or <em>unknown</em> by the cosine "
        "between its text and the nearest training task's; the shares say what came out where.</p>",
        table(("figure", "value"), [(k, number_of(v)) for k, v in card.get("fit", {}).items()]),
        "<h2>Development loss over training</h2>",
        _curve(card.get("development", {}).get("history") or []),
        "<h2>No forgetting</h2>",
        _forgetting(certificate["forgetting"]),
        "<h2>Data and licences</h2>",
        _data(card["data"]),
        "<h2>Limits of the evaluation</h2>",
        "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in LIMITS) + "</ul>",
    ]
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
    )
    return f"{head}<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table; cells are escaped unless they are markup already."""
    if not rows:
        return Html("<p class=quiet>None.</p>")
    top = "".join(f"<th>{_safe(cell)}</th>" for cell in head)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return Html(f"<div class=wide><table><tr>{top}</tr>\n{body}</table></div>")


def number_of(value: Any, form: str = ".3f") -> str:
    """A figure for people; what was not measured is a dash."""
    return "-" if value is None else format(float(value), form)


def _safe(text: str) -> str:
    return text if isinstance(text, Html) else escape(str(text))


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def _weights(card: Mapping[str, Any], size: int) -> str:
    network, recipe = card["network"], card["recipe"]
    first, layers = network["first_layer"], network["layers"]
    wheres = {
        "base": f"{card['base']['name']} ({card['base']['fingerprint']})",
        "encoder": f"{card['encoder']['name']} ({card['encoder']['fingerprint']})",
        "adapters": f"rank {network['rank']}, layers {first} to {first + layers - 1}",
        "size": f"{size / 1e6:.1f} MB",
        "training": f"{recipe['steps']} steps of {recipe['batch']} samples, seed {recipe['seed']}",
    }
    return table(("", ""), list(wheres.items()))


def _goals(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(
        ("regime", "figure", "goal", "value", "95 % interval", "reached"),
        [
            (row["regime"], row["figure"], row["goal"], number_of(row["value"]),
             _interval(row["interval"], ".3f"),
             Html(f'<span class="{row["reached"].split()[0]}">{escape(row["reached"])}</span>'))
            for row in rows
        ],
    )  # fmt: skip


def _conditioning(by_regime: Mapping[str, Mapping[str, Any]]) -> str:
    words = (
        "<p>Each row compares with one thing less: an adapter trained without seeing tasks "
        "(static), another task's adapter (shuffled), that of random words (junk), no adapter but "
        "the text in the prompt (prompted). ROUGE-L, first minus second.</p>"
    )
    rows = [
        (regime, name, number_of(value["mean"], "+.3f"), _interval((value["low"], value["high"])))
        for regime, contrasts in by_regime.items()
        for name, value in contrasts.items()
    ]
    return words + table(("regime", "contrast", "difference", "95 % interval"), rows)


def _regime(name: str, report: Mapping[str, Any], plot: str, number: int) -> str:
    asked, seeds = report["per_task_instances"], report["seeds"]
    trained = report.get("trained_on") or []
    made_on = (
        f"{report['tasks']} tasks, {asked} instances of each under each of {len(seeds)} seeds; "
        f"{len(trained)} of the tasks were trained on."
    )
    arms = [
        (arm, number_of(f["rouge_l"]), _interval((f["rouge_l_low"], f["rouge_l_high"]), ".3f"),
         number_of(f["exact"]), _interval((f["exact_low"], f["exact_high"]), ".3f"),
         number_of(f["label_accuracy"]),
         number_of(f["prompt_tokens"], ".0f"), number_of(f.get("scale"), "g"))
        for arm, f in report["arms"].items()
    ]  # fmt: skip
    ratios = [
        (what, number_of(r and r["ratio"]), _interval(r and (r["low"], r["high"]), ".3f"))
        for what, r in report["ratios"].items()
    ]
    names = list(report["arms"])
    tasks = [
        (task, *(number_of(figures.get(arm, {}).get("rouge_l")) for arm in names))
        for task, figures in report["per_task"].items()
    ]
    head = ("arm", "ROUGE-L", "95 % interval", "exact", "95 % interval", "labels", "prompt tokens",
            "scale")  # fmt: skip
    return "\n".join(
        [
            f"<h2>Regime: {escape(name)}</h2><p>{escape(made_on)}</p>",
            table(head, arms),
            f'<figure class=plot role="img" aria-label="Arms and contrasts of {escape(name)}">'
            f"{_inline(plot, number)}</figure>",
            "<h3>Contrasts</h3>",
            _contrasts(report),
            "<h3>Ratios</h3>",
            table(("ratio", "value", "95 % interval"), ratios),
            _folded("ROUGE-L of every task", table(("task", *names), tasks)),
        ]
    )


def _contrasts(report: Mapping[str, Any]) -> str:
    scores = {"ROUGE-L": "contrasts", "exact": "contrasts_exact", "labels": "contrasts_label"}
    rows = []
    for name in report["contrasts"]:
        row = [name]
        for title in scores.values():
            value = report.get(title, {}).get(name)
            row += (
                [number_of(value["mean"], "+.3f"), _interval((value["low"], value["high"]))]
                if value
                else ["-", "-"]
            )
        rows.append(row)
    head = [cell for score in scores for cell in (score, "95 % interval")]
    return table(("contrast", *head), rows)


def _interval(ends: Sequence[float] | None, form: str = "+.3f") -> str:
    return "-" if ends is None else " to ".join(number_of(end, form) for end in ends)


def _inline(svg: str, number: int) -> str:
    """A plot's file as an element of the page: its ids made its own, nothing outside named."""
    start, end = svg.find("<svg"), svg.rfind("</svg>")
    body = svg[start : end + len("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    # Plots of several regimes stand in one page, where an id may stand only once.
    body = re.sub(r'\bid="', f'id="r{number}-', body)
    return re.sub(r'(href="|url\()#', rf"\g<1>#r{number}-", body)


def _curve(history: Sequence[Mapping[str, Any]]) -> str:
    """Losses over steps as lines, with their lowest and last values as the key."""
    names = [
        k
        for k in (history[-1] if history else {})
        if k not in ("step", "sources") and not k.endswith("_exact")
    ]
    if not names:
        return "<p class=quiet>The card holds no history.</p>"
    series = {n: [(row["step"], row[n]) for row in history if n in row] for n in names}
    values = [value for points in series.values() for _, value in points]
    low, high, last = min(values), max(values), max(row["step"] for row in history)
    span = (high - low) or 1.0

    def place(step: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT - 12) * step / (last or 1)
        return f"{x:.1f},{12 + (HEIGHT - BELOW - 12) * (high - value) / span:.1f}"

    drawn, rows = [], []
    for quarter in range(5):
        value, step = low + span * quarter / 4, last * quarter / 4
        _, y = place(0, value).split(",")
        x, _ = place(step, low).split(",")
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{y}" y2="{y}"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{value:.2f}</text>')
        drawn.append(f'<text x="{x}" y="{HEIGHT - 12}" text-anchor="middle">{step:.0f}</text>')
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(place(*point) for point in points)
        drawn.append(f'<polyline points="{line}" style="stroke: {colour}"/>')
        key = Html(f'<span class=key style="background: {colour}"></span>{escape(name)}')
        step, lowest = min(points, key=lambda point: point[1])
        rows.append((key, f"{lowest:.3f} at step {step:.0f}", f"{points[-1][1]:.3f}"))
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">{"".join(drawn)}</svg>'
    return (
        f'<figure class=curve role="img" aria-label="Loss over training steps">{picture}'
        "<figcaption>Mean answer loss over the development tasks; train is the training loss."
        f"</figcaption></figure>{table(('loss', 'lowest', 'last'), rows)}"
    )


def _forgetting(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return "<p class=quiet>Not run.</p>"
    arms = figures["arms"]
    kept = "bit for bit what they were" if figures["base_unchanged"] else "not what they were"
    words = (
        f"<p>Answer losses, lower is better. Fine-tuned: {escape(figures['about'])} After adapters "
        f"and refinement had run, the base's logits were {kept}.</p>"
    )
    rows = [
        (name, *(number_of(of.get(arm)) for arm in arms)) for name, of in figures["tasks"].items()
    ]
    rows.append(("mean of the rest", *(number_of(figures["rest"].get(arm)) for arm in arms)))
    return words + table(("task", *(arm.replace("_", " ") for arm in arms)), rows)


def _data(data: Mapping[str, Any]) -> str:
    tasks = data["tasks"]
    counts = Counter(task.get("license", "Unknown") for task in tasks)
    remarks = [(key, str(value)) for key, value in data.items() if key != "tasks"]
    listed = table(
        ("task", "licence"), [(task["name"], task.get("license", "Unknown")) for task in tasks]
    )
    return "\n".join(
        [
            table(("", ""), remarks),
            table(("licence", "tasks"), [(name, str(n)) for name, n in counts.most_common()]),
            _folded(f"All {len(tasks)} training tasks", listed),
        ]
    )
