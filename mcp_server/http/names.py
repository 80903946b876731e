"""By which names the server is called and from which pages: hosts, origins, paths in one spelling.

Browsers and proxies spell them as they like: case, a slash or a dot at the end, and the zeros of an
address make no difference here.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

    from mcp_server.app.settings import Settings

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound here
# The older transport's messages are below this path, which the protocol library ends with a slash.
MESSAGES = "/messages"
UNNAMED = (
    "requests to other names than localhost will be refused: name the server's own in "
    "HYPERNET_MCP_ALLOWED_HOSTS"
)
ANY_PORT = ":*"
HOST = re.compile(rb"(?:\[[^\[\]\s]+\]|[^\[\]:@/,?#\s]+)(?::\d{1,5})?")
NO_HOST = b"no host name: "
SLASHES = re.compile("//+")
ROOT_DOT = re.compile(rb"\.(?=(?::\d+)?$)")
"""The dot that may end a whole domain name."""
LONG_ADDRESS = re.compile(rb"(?<=\[)[0-9a-f:.]+(?=\](?::\d+)?$)")
"""An IPv6 address, which may be spelled in many ways."""


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """The Host and Origin headers that are answered: this machine's, and those of the settings."""
    hosts = [*LOCAL_NAMES, *settings.allowed_hosts]
    if not settings.local and settings.host not in EVERY_ADDRESS:
        own = settings.host.lower()
        hosts.append(f"[{own}]" if ":" in own else own)
    pages = [f"{scheme}://{host}" for scheme in ("http", "https") for host in LOCAL_NAMES]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[each for host in hosts for each in (host, f"{host}{ANY_PORT}")],
        allowed_origins=[
            *(each for page in pages for each in (page, f"{page}{ANY_PORT}")),
            *settings.allowed_origins,
        ],
    )


def open_to_pages(inner: ASGIApp, security: TransportSecuritySettings) -> ASGIApp:
    """`inner`, so that browsers let the pages of the allowed origins call it and read the answers.

    No cookies are meant: what identifies a caller is a header that the page sends itself.
    """
    allowed = (re.escape(origin) for origin in security.allowed_origins)
    any_port = re.escape(ANY_PORT)
    pattern = "|".join(re.sub(f"{re.escape(any_port)}$", r":\\d+", each) for each in allowed)
    return CORSMiddleware(
        inner,
        allow_origin_regex=f"(?i:{pattern})",
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=(
            "Mcp-Session-Id", "Mcp-Protocol-Version", "Retry-After", "WWW-Authenticate",
            "X-Session-Id", "X-Request-Id",
        ),
        allow_private_network=True,
    )  # fmt: skip


def one_spelling(scope: Scope) -> Scope:
    """A request's scope with its path, names and media type as routes and settings have them."""
    # No redirect, which would name another host where a path begins with two slashes.
    path = SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
    if path == MESSAGES:
        path += "/"
    headers = [(name, _spelled(name, value)) for name, value in scope["headers"]]
    return {**scope, "path": path, "raw_path": path.encode(), "headers": headers}


def without_own_origin(scope: Scope) -> Scope:
    """A request's scope without its Origin where that is this very server's, as Host names it.

    Which hosts are this server's is checked all the same: a page of another one that a name was
    turned to has that one's Host. Browsers say the same by themselves where a proxy changes ports.
    """
    headers = scope["headers"]
    hosts, origins, sites = (
        [value for name, value in headers if name == each]
        for each in (b"host", b"origin", b"sec-fetch-site")
    )
    named = [origin.partition(b"://")[2] for origin in origins]
    if named != hosts and sites != [b"same-origin"]:
        return scope
    return {**scope, "headers": [each for each in headers if each[0] != b"origin"]}


def _spelled(name: bytes, value: bytes) -> bytes:
    if name == b"content-type":
        # RFC 9110, 8.3.1: the type's case says nothing, its parameters' may.
        kind, semicolon, parameters = value.partition(b";")
        return kind.lower() + semicolon + parameters
    if name not in (b"host", b"origin"):
        return value
    value = LONG_ADDRESS.sub(_shortest, ROOT_DOT.sub(b"", value.lower()))
    # What is allowed on any port would be allowed with anything behind its colon.
    return NO_HOST + value if name == b"host" and not HOST.fullmatch(value) else value


def _shortest(address: re.Match[bytes]) -> bytes:
    try:
        return str(IPv6Address(address[0].decode())).encode()
    except ValueError:  # not one; no name that is allowed is like it
        return address[0]
