"""The commands ``airflow dagger ...``; read whenever an `airflow` command starts."""

from __future__ import annotations

from typing import Any

from airflow.cli.cli_config import (
    ARG_DAG_ID,
    ARG_OUTPUT,
    ActionCommand,
    Arg,
    CLICommand,
    GroupCommand,
    lazy_load_command,
)

_COMMANDS = "dagger_providers.airflow.commands"

_argument: Any = Arg  # it has no types

_ARG_RUN_ID = _argument(("run_id",), help="The id of the DAG run, as in the URL of its page")
_ARG_TASK_ID = _argument(("task_id",), nargs="?", help="One task; all of the run without it")
_ARG_INDEX = _argument(
    ("--index",),
    default="",
    help="One item of a mapped task: its position in each loop, outermost first, such as 3 or 0.2; "
    "all without it",
)
_ARG_STORE = _argument(
    ("--store",),
    help="The path or URI of the store, where the DAG names one: to_airflow(store=...); else that "
    "of the connection, or the option store_uri",
    default=None,
)
_ARG_STORE_CONN_ID = _argument(
    ("--store-conn-id",),
    help="The connection to the store, where the DAG names one: to_airflow(store_conn_id=...); "
    "else the option store_conn_id",
    default=None,
)
_STORE = (_ARG_STORE, _ARG_STORE_CONN_ID)
_OF_A_RUN = (ARG_DAG_ID, _ARG_RUN_ID, _ARG_TASK_ID, _ARG_INDEX, *_STORE, ARG_OUTPUT)


def get_commands() -> list[CLICommand]:
    """Return the commands that the provider adds to `airflow`."""
    return [
        GroupCommand(
            name="dagger",
            help="Look at what pipelines of dagger-providers left in their store",
            description="A DAG run has a folder in the store, with a record and results of each "
            "task. When something is wrong, start with `airflow dagger settings`.",
            subcommands=[
                ActionCommand(
                    name="settings",
                    help="Show how pipelines run here, and try it: stores, connections, launcher",
                    func=lazy_load_command(f"{_COMMANDS}.settings"),
                    args=(ARG_OUTPUT,),
                ),
                ActionCommand(
                    name="record",
                    help="Show a run's record, as JSON: states of its nodes, parameters, folder",
                    func=lazy_load_command(f"{_COMMANDS}.record"),
                    args=(ARG_DAG_ID, _ARG_RUN_ID, *_STORE),
                ),
                ActionCommand(
                    name="results",
                    help="Show what a run, or one of its tasks, wrote, and where; and what failed",
                    func=lazy_load_command(f"{_COMMANDS}.results"),
                    args=_OF_A_RUN,
                ),
            ],
        )
    ]
