"""Starting and killing the server, which all example agents do alike."""

from examples.agent.server import Launch, Link, connect, kill, last_words, read_launch

__all__ = ["Launch", "Link", "connect", "kill", "last_words", "read_launch"]
