"""Hosts, origins and networks in the form that they have over the wire."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\s/:*?#@]+)(:(?P<port>\d+|\*))?")
ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{HOST.pattern}/?")
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# Those that browsers leave out.
USUAL_PORTS = {"http": "80", "https": "443"}


def host_header(text: str) -> str:
    """A Host header, or one for all ports, as clients send it.

    Raises:
        ValueError: it is none.
    """
    found = HOST.fullmatch(text.lower())
    if found is None:
        raise ValueError(f"{text} is not a host name such as mcp.example.org")
    name = _name(text, found["host"])
    return name if found["port"] is None else f"{name}:{found['port']}"


def origin(text: str) -> str:
    """An origin as browsers send it.

    Raises:
        ValueError: it is none.
    """
    found = ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(f"{text} is not an origin such as https://app.example.org")
    scheme, host, port = found["scheme"], _name(text, found["host"]), found["port"]
    usual = port is None or USUAL_PORTS.get(scheme) == port
    return f"{scheme}://{host}" if usual else f"{scheme}://{host}:{port}"


def interface(text: str) -> str:
    """An address or a name of this machine to listen on, IPv6 without brackets.

    Raises:
        ValueError: it is none, or has a scheme or a port.
    """
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    if (found := HOST.fullmatch(text.lower())) is None or found["port"] or bare != text:
        raise ValueError(
            f"{text} is not an address or a name alone, such as 127.0.0.1; the port is a setting "
            "of its own"
        )
    return _name(text, found["host"])


def network(text: str) -> str:
    """An address or a network of addresses.

    Raises:
        ValueError: it is neither.
    """
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(f"{text} is neither an address nor a network such as 10.0.0.0/8") from None
    return text


def _name(text: str, host: str) -> str:
    """A host as it is called over the wire: without a dot at its end, and in ASCII."""
    try:
        if host.startswith("["):
            return f"[{ip_address(host[1:-1])}]"
        name = host.removesuffix(".").encode("idna").decode()
    except ValueError as error:
        raise ValueError(f"{text} holds no host name that there can be") from error
    if not NAME.fullmatch(name):
        raise ValueError(f"{text} holds no host name that there can be")
    return name
