"""The group of commands `hypernet-mcp tasks`."""

from __future__ import annotations

import click

from hypernet.terminal import Group
from mcp_server.cli.tasks.adding import add
from mcp_server.cli.tasks.changing import delete, go_back, import_task, share
from mcp_server.cli.tasks.learning import learn, test
from mcp_server.cli.tasks.looking import export, list_tasks, show


@click.group(cls=Group)
def tasks() -> None:
    """Look after the tasks that last: what they are, what they learned, how good they are.

    list, show, test, export and dry runs only read and work beside a running server. The others
    need the database to themselves: stop the server first, or use its tools save_task and
    correct_step. NAME may be OWNER/NAME where several principals have a task of that name.
    """


for command in (list_tasks, show, add, learn, test, export, import_task, go_back, share, delete):
    tasks.add_command(command)
