"""The commands that look at run records."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dagger_providers.cli.arguments import Store, store_of
from dagger_providers.cli.launch import say
from dagger_providers.cli.results import read_run, run_table
from dagger_providers.cli.usage import Command, Group

runs = typer.Typer(help="Look at run records.\n\nExample: dagger-providers runs list", cls=Group)


@runs.command("list", cls=Command)
def list_runs(store: Store = None) -> None:
    """List the runs in a store, newest first.

    Example: dagger-providers runs list --store s3://bucket/runs
    """
    say(run_table(store_of(store)))


@runs.command("show", cls=Command)
def show_run(
    run_id: Annotated[
        str, typer.Argument(metavar="ID", help="The run's name, as runs list shows it.")
    ],
    store: Store = None,
) -> None:
    """Print one run's record.

    Example: dagger-providers runs show flow-20260131-120000-1f2e
    """
    say(json.dumps(read_run(store_of(store), run_id), indent=2, ensure_ascii=False))
