"""The commands for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from dagger_providers import __version__
from dagger_providers.cli.graph import draw
from dagger_providers.cli.results import as_json, print_run
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import DaggerProvidersError, UsageError, exit_status, one_line
from dagger_providers.planning.parameters import from_text
from dagger_providers.runtimes.local import run_dag
from dagger_providers.tracking.display import display

app = typer.Typer(
    name="dagger-providers",
    help="Write a pipeline once in plain Python; run it here, on Airflow, on Kubeflow Pipelines.\n\n"
    "A REF is FILE.py[:NAME] or module[:NAME]; NAME may be left out when there is one pipeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Ref = Annotated[str, typer.Argument(help="FILE.py[:NAME] or module[:NAME]", show_default=False)]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter; VALUE is JSON or text."),
]
Store = Annotated[
    str | None,
    typer.Option(help="Folder or URI that holds all runs [default: DAGGER_STORE, else .dagger]"),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]


class WorkerKind(str, Enum):
    """What runs items when there are several jobs."""

    processes = "processes"
    threads = "threads"
    command = "command"


class GraphFormat(str, Enum):
    """How a picture is written."""

    mermaid = "mermaid"
    dot = "dot"
    json = "json"


class Manifest(str, Enum):
    """What a pipeline can be compiled to."""

    kfp = "kfp"


@app.command()
def run(  # noqa: PLR0913 - each is an option of the command line
    ref: Ref,
    param: Params = None,
    store: Store = None,
    run_id: Annotated[str | None, typer.Option(help="The run's name in the store.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Items run at a time.")] = 1,
    workers: Annotated[WorkerKind, typer.Option(help="What runs them.")] = WorkerKind.processes,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    json_: Json = False,
) -> None:
    """Run a pipeline here, with live progress.

    Example: dagger-providers run flow.py -p source=flights.csv --jobs 2
    """
    _fix_hash_seed()
    dag = build_ref(ref)
    parameters = from_text(dag, _pairs(param))
    with display(quiet=quiet or json_) as listen:
        result = run_dag(
            dag, parameters, store=store, run_id=run_id, jobs=jobs, workers=workers.value,
            check=False, listen=listen,
        )  # fmt: skip
    if json_:
        _say(json.dumps(as_json(result), indent=2, ensure_ascii=False))
    else:
        print_run(result, sys.stdout, sys.stderr)
    if result.status != "succeeded":
        raise typer.Exit(1)


@app.command(
    "run-node",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def run_node(context: typer.Context) -> None:
    """Run one node, as every container does: the machine interface (see run-node --help)."""
    from dagger_providers.cli.node import main as node_main

    raise typer.Exit(node_main(context.args))


@app.command()
def compile(  # noqa: A001 - the command's name
    ref: Ref,
    to: Annotated[Manifest, typer.Option(help="The target.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    image: Annotated[str, typer.Option(help="The container image of the tasks.")],
    store: Annotated[str, typer.Option(help="URI of the store that the containers reach.")],
) -> None:
    """Write a manifest, atomically.

    Example: dagger-providers compile flow.py --to kfp -o flow.yaml --image IMAGE --store s3://b/runs
    """
    from dagger_providers import kfp

    kfp.compile(build_ref(ref), output, image=image, store=store)
    _say(f"{to.value}: wrote {output}")


@app.command()
def graph(
    ref: Ref,
    format_: Annotated[GraphFormat, typer.Option("--format", "-f", help="How.")] = GraphFormat.mermaid,
) -> None:
    """Draw a pipeline: its nodes, loops and nested pipelines.

    Example: dagger-providers graph flow.py --format dot | dot -Tsvg > flow.svg
    """
    _say(draw(build_ref(ref), format_.value))


@app.command()
def schema() -> None:
    """Print the JSON Schema of pipeline documents."""
    from dagger_providers.model import json_schema

    _say(json.dumps(json_schema(), indent=2))


@app.command()
def parity(
    refs: Annotated[list[str], typer.Argument(metavar="REF...", help="The pipelines.")],
    param: Params = None,
    on: Annotated[
        str, typer.Option(help="Runtimes: plain,local,parallel,process,airflow,kfp")
    ] = "plain,local,parallel,process,airflow,kfp",
    store: Store = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    json_: Json = False,
) -> None:
    """Run pipelines on each runtime that can run here and compare every output.

    Example: dagger-providers parity flow.py -p n=3 --on plain,local,airflow,kfp
    """
    from dagger_providers.testing import parity as compare
    from dagger_providers.testing.table import render, to_json

    _fix_hash_seed()
    report = compare(
        refs, _pairs(param), on=tuple(name.strip() for name in on.split(",") if name.strip()),
        store=store, progress=None if quiet or json_ else sys.stderr,
    )  # fmt: skip
    _say(json.dumps(to_json(report), indent=2, ensure_ascii=False) if json_ else render(report))
    if any(cell.status not in {"equal", "equal_value"} for cell in report):
        raise typer.Exit(1)


runs = typer.Typer(help="Look at run records.", no_args_is_help=True)
app.add_typer(runs, name="runs")


@runs.command("list")
def list_runs(store: Store = None) -> None:
    """List the runs in a store, newest first."""
    from dagger_providers.cli.results import run_table

    _say(run_table(_store(store)))


@runs.command("show")
def show_run(run_id: str, store: Store = None) -> None:
    """Print one run's record."""
    from dagger_providers.cli.results import read_run

    _say(json.dumps(read_run(_store(store), run_id), indent=2, ensure_ascii=False))


def _store(store: str | None) -> str:
    return store or os.environ.get("DAGGER_STORE") or ".dagger"


def _say(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


def _pairs(given: Sequence[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"-p takes NAME=VALUE, got {text!r}")
        pairs[name] = value
    return pairs


def _fix_hash_seed() -> None:
    """Start again with the hash seed that every launcher sets, if this process has another."""
    if os.environ.get("PYTHONHASHSEED") != "0" and not sys.flags.interactive:
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-m", "dagger_providers", *_given]
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own command again


_given: list[str] = []


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status: 0 done, 1 a failed run, 2 misuse."""
    _given[:] = arguments
    debug = "--debug" in _given
    if debug:
        _given.remove("--debug")
    if _given in (["--version"], ["-V"]):
        _say(f"dagger-providers {__version__}")
        return 0
    try:
        result: Any = typer.main.get_command(app).main(
            args=list(_given), prog_name="dagger-providers", standalone_mode=False
        )
    except typer.Abort:
        return 130
    except DaggerProvidersError as error:
        return _fail(error, debug)
    except Exception as error:
        if debug or not hasattr(error, "format_message"):
            raise
        sys.stderr.write(f"dagger-providers: error: {error.format_message()}; see --help\n")
        return 2
    return result if isinstance(result, int) else 0


def _fail(error: DaggerProvidersError, debug: bool) -> int:
    if debug:
        raise error
    sys.stderr.write(f"dagger-providers: error: {one_line(error, 2000)}\n")
    return exit_status(error)
