"""How the process ends: soon, and with everything that was acknowledged on disk.

A model that loads, refines or generates has nothing to save, so nothing waits for it.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

LOG = logging.getLogger(__name__)
# A write that takes longer is left to SQLite, which takes it back at the next start.
CLOSE_SECONDS = 0.7
# Windows has SIGBREAK and no SIGHUP; being killed there runs no handler and loses nothing either.
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")


def serve_to_the_end(app: Application, serve: Callable[[], None]) -> NoReturn:
    """Serve until the client hangs up or a signal comes, then end the process."""
    for number in (getattr(signal, name) for name in SIGNALS if hasattr(signal, name)):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, lambda *_: leave(app, 0))
    code = 1
    try:
        serve()
        code = 0
    except SystemExit as error:  # uvicorn's way of saying that the port is taken
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        if _hung_up(error):
            code = 0
        else:
            LOG.critical("the server ended by an error", exc_info=True)
    leave(app, code)


def leave(app: Application, code: int) -> NoReturn:
    """Close the store, after the write in progress if there is one, and end the process."""
    # On a thread: a signal may have come while this one holds a lock that closing needs.
    if app.opened is not None:
        closing = threading.Thread(target=app.opened.close, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
    with suppress(OSError, ValueError):  # its reader may be gone
        sys.stdout.flush()
    os._exit(code)


def _hung_up(error: BaseException) -> bool:
    """Whether it only says that nobody reads the answers any more; EINVAL is Windows' word."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_hung_up, error.exceptions))
    return isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.EINVAL)
