"""The one error that the demo reports to its user, as a single line."""


class DemoError(Exception):
    """The demo cannot go on; the message says why and, where it can, what to do."""
