"""The one error that the demo reports to its user, under the name that it had before."""

from examples.agent.errors import DemoError

__all__ = ["DemoError"]
