"""A task that ends its process: the run fails, and says how."""

import sys

from dagger_providers import dag, task

DRAWING = "leave (exits) -> use"


@task
def leave(status: int) -> int:
    sys.exit(status)


@task
def use(value: int) -> int:
    return value


@dag
def exits(status: int):
    return use(leave(status))


PIPELINE = exits
PARAMETERS = {"status": 0}
NODE = "leave"
TYPE = "SystemExit"
MESSAGE = "0"
TRACEBACK = "sys.exit(status)"
NEVER = ("leave", "use")
PLAIN = "SystemExit: 0"
