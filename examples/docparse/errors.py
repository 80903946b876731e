"""What this agent reports to its user as a single line, beside the server's own refusals."""

from examples.agent.errors import DemoError


class DocparseError(DemoError):
    """The run cannot go on; the message says why."""
