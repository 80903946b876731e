"""Whether the address that the settings name can be listened on, and who has it if not."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp_server.app.settings import Settings

TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))


class AddressError(Exception):
    """The address cannot be listened on; the message says why and what to do."""

    def __init__(self, message: str, *, taken: bool = False) -> None:
        super().__init__(message)
        self.taken = taken


def shown(settings: Settings) -> str:
    """Host and port as they stand in an address."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def check_address(settings: Settings) -> None:
    """Listen there for a moment, on all that the host's name stands for.

    Raises:
        AddressError: names the settings, and the process that has the port where that can be told.
    """
    where = f"address {shown(settings)}"
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, *_, place in dict.fromkeys(found):
            with socket.socket(family, socket.SOCK_STREAM) as tried:
                if os.name == "posix":  # elsewhere it would take the port from its owner
                    tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                tried.bind(place)
                tried.listen()
    except OSError as error:
        if error.errno in TAKEN:
            raise AddressError(
                f"{where}: in use{_by_whom(settings.port)}; stop what has it, or give another "
                "port with --port or HYPERNET_MCP_PORT (0 picks a free one)",
                taken=True,
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            problem = "this user may not listen there; ports under 1024 are the system's"
        elif isinstance(error, socket.gaierror):
            problem = "the host's name is not known here"
        elif error.errno == errno.EADDRNOTAVAIL:
            problem = "that address is not this machine's"
        else:
            problem = error.strerror or type(error).__name__
        raise AddressError(f"{where}: {problem}; check HYPERNET_MCP_HOST and _PORT") from error


def _by_whom(port: int) -> str:
    import psutil  # here: only who is refused waits for it

    try:
        for each in psutil.net_connections("tcp"):
            listens = each.status == psutil.CONN_LISTEN and each.pid
            if listens and tuple(each.laddr)[1:2] == (port,):
                return f" by process {each.pid} ({psutil.Process(each.pid).name()})"
    except (psutil.Error, OSError):
        pass
    return " by another program"
