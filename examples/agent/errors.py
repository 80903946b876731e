"""The one error that an example reports to its user, as a single line."""


class ExampleError(Exception):
    """The example cannot go on; the message says why and, where it can, what to do."""
