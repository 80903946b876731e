"""Templates to responses: escaping, what templates can say of values, and the headers.

Nothing that a template shows is trusted: everything is escaped, and the policy of the content
forbids scripts and styles that are not files of this page.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from checkpoints.text.graphemes import beginning
from mcp_server.jobs.past import recorded
from mcp_server.page.parts import controls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_server.page.visit import Shown, Visit

# Not its own: a frame of another page's, a script or a style in the text, anything from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATIC = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
WHOLE, BARE = "base.html", "bare.html"
"""A view's layout: with the page around it, or without."""
UNCHANGED_SECONDS = 31_536_000
SHORT_ID = 8
HUES = 360


def page(shown: Shown, visit: Visit, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """What a view shows, as a response."""
    return html(shown.template, _values(shown, visit, WHOLE), shown.status, headers)


def fragment(shown: Shown, visit: Visit) -> str:
    """What a view shows without the page around it."""
    return _environment().get_template(shown.template).render(_values(shown, visit, BARE))


def app_document() -> str:
    """A document that shows such fragments in a client's frame, with its style and script in it."""
    style, script = (_file(name).decode() for name in ("page.css", "app.js"))
    values = {"style": Markup(style), "script": Markup(script)}  # noqa: S704  # files of this page
    return _environment().get_template("app.html").render(values)


def html(
    template: str,
    values: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A template filled in, as a response."""
    text = _environment().get_template(template).render(values)
    body = text.encode(errors="replace")  # an imported session may hold lone surrogates
    return HTMLResponse(body, status, {**HEADERS, **(headers or {})})


def _values(shown: Shown, visit: Visit, layout: str) -> dict[str, Any]:
    return {"visit": visit, "title": shown.title, "layout": layout, **shown.values}


def static(name: str) -> Response:
    """A file of the page: style, script or icon. A changed one has another address."""
    if name not in STATIC:
        return Response("there is no such file", 404, HEADERS)
    kept = {"Cache-Control": f"public, max-age={UNCHANGED_SECONDS}, immutable"}
    return Response(_file(name), headers={**HEADERS, **kept}, media_type=STATIC[name])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mcp_server.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "beginning": beginning,
        "bytes": in_bytes,
        "end": controls.end_of,
        "hue": hue,
        "percent": percent,
        "lasting": lasting,
        "short": lambda digest: digest[:SHORT_ID],
        "time": time,
    }
    # Of what steps recorded: such as can be shown as one.
    environment.tests["number"] = lambda value: recorded.number_of(value) is not None
    environment.globals |= {
        "static": _address,
        "job_controls": controls.of_job,
        "running": controls.running,
        "step_controls": controls.of_step,
    }
    return environment


@cache
def _file(name: str) -> bytes:
    return (resources.files("mcp_server.page") / "static" / name).read_bytes()


@cache
def _address(name: str) -> str:
    return f"/static/{name}?{sha256(_file(name)).hexdigest()[:SHORT_ID]}"


def time(moment: str) -> Markup:
    """A moment in UTC, ISO 8601, to the minute; the script puts it into the reader's zone."""
    shown = f"{moment[:10]} {moment[11:16]} UTC"
    return Markup('<time datetime="{}">{}</time>').format(moment, shown)


def percent(share: float | None) -> str:
    """A share of 1 in whole percent; a dash for none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def lasting(seconds: float) -> str:
    """A length of time in seconds, minutes or hours, the first of which there are few."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 100 else f"{round(minutes / 60)} hours"


def hue(digest: str) -> int:
    """The hue of a digest's colour, 0 to 359 degrees: the same digest, the same colour."""
    return int(sha256(digest.encode()).hexdigest()[:8], 16) % HUES


def in_bytes(count: float) -> str:
    """A number of bytes in the largest unit that it fills."""
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"
