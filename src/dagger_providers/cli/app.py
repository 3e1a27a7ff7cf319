"""The command line for people: its commands, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dagger_providers import __version__
from dagger_providers.cli.commands.cache import cache
from dagger_providers.cli.commands.check import check
from dagger_providers.cli.commands.compile import compile
from dagger_providers.cli.commands.graph import graph
from dagger_providers.cli.commands.image import image
from dagger_providers.cli.commands.parity import parity
from dagger_providers.cli.commands.plan import plan
from dagger_providers.cli.commands.run import run
from dagger_providers.cli.commands.runs import runs
from dagger_providers.cli.commands.schema import schema
from dagger_providers.cli.commands.submit import submit
from dagger_providers.cli.launch import say
from dagger_providers.cli.node import INTERRUPTED, refuse, show, told
from dagger_providers.cli.results import no_run
from dagger_providers.cli.usage import Command, Group, misuse
from dagger_providers.errors import DaggerProvidersError

app = typer.Typer(
    name="dagger-providers",
    cls=Group,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"dagger-providers {__version__}")
        raise typer.Exit


@app.callback()
def command_line(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", is_eager=True, callback=_show_version, help="Show the version."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="With any command: show our own traceback on errors.")
    ] = False,
) -> None:
    """Write a pipeline once in plain Python; run it here, on Airflow, KFP and Argo.

    A REF names a pipeline: FILE.py[:NAME] or module[:NAME], where NAME may be left out when there
    is one pipeline; or FILE.yaml, FILE.json: a pipeline written as a document.

    Example: dagger-providers run flow.py -p source=flights.csv

    Example: dagger-providers run --help
    """


app.command(cls=Command)(run)


@app.command(
    "run-node",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def run_node(context: typer.Context) -> None:
    """Run one node of a pipeline, as every container does."""
    from dagger_providers.cli.node import main as node_main

    raise typer.Exit(node_main(context.args))


for _command in (compile, image, check, plan, graph, schema, parity, submit):
    app.command(cls=Command)(_command)
app.add_typer(runs, name="runs")
app.add_typer(cache, name="cache")


def main(arguments: Sequence[str], *, is_command: bool = False) -> int:
    """Run a command and return its exit status: 0 done, 130 Ctrl-C, else see `exit_status`.

    Args:
        arguments: The command line.
        is_command: Whether this process was started as the command, and is not a program that
            calls this; commands have it as the object of their context.
    """
    given = [argument for argument in arguments if argument != "--debug"]
    debug = len(given) < len(arguments)
    try:
        result: Any = typer.main.get_command(app).main(
            args=given or ["--help"],
            prog_name="dagger-providers",
            standalone_mode=False,
            obj=is_command,
        )
    except (typer.Abort, KeyboardInterrupt):
        result = INTERRUPTED
    except DaggerProvidersError as error:
        if given[:1] in (["run"], ["submit"]) and "--json" in given:
            say(json.dumps(no_run(told(error)), indent=2, ensure_ascii=False))
        return refuse(error, debug=debug)
    except Exception as error:
        if hasattr(error, "format_message"):  # what click says of a wrong command line
            sys.stderr.write(f"dagger-providers: error: {misuse(error)}\n")
            return 2
        show(error, debug=debug)
        return 1
    if result == INTERRUPTED:
        sys.stderr.write("dagger-providers: interrupted\n")
    if not given:
        return 2
    return result if isinstance(result, int) else 0
