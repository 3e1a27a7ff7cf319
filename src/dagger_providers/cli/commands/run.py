"""The command that runs a pipeline here."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable, Json, Params, Ref, Store, pairs
from dagger_providers.cli.launch import fix_hash_seed, say, stdout_for_results, telling_interrupts
from dagger_providers.cli.on_runtime import RUNTIMES, run_on
from dagger_providers.cli.results import as_json, print_failure, print_run, status_of
from dagger_providers.cli.usage import at_least_one, one_of
from dagger_providers.dsl.find import build_ref
from dagger_providers.planning.parameters import from_text
from dagger_providers.runtimes.local.run import Kind
from dagger_providers.tracking import Event
from dagger_providers.tracking.display import display

_WORKERS = ("processes", "threads", "command")


def run(
    context: typer.Context,
    ref: Ref,
    param: Params = None,
    store: Store = None,
    run_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The run's name in the store [default: the pipeline's name and the time].",
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            parser=at_least_one("--jobs"),
            help="How many items run at a time.",
        ),
    ] = 1,
    workers: Annotated[
        Kind,
        typer.Option(
            metavar="KIND",
            parser=one_of("--workers", _WORKERS),
            help="What runs them: processes or threads, when there are several jobs; command: "
            "each node by run-node, as containers do.",
        ),
    ] = "processes",
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Use the cache, where tasks ask for it.")
    ] = True,
    runtime: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            parser=one_of("--runtime", RUNTIMES),
            help="What runs the pipeline: local, or kfp-local: KFP's own engine on this machine.",
        ),
    ] = "local",
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="The image of tasks that name none, for kfp-local with a Docker engine; else "
            "containers are processes.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    allow_any_callable: AnyCallable = False,
    json_: Json = False,
) -> None:
    """Run a pipeline here, with live progress.

    With --runtime kfp-local it is compiled, and run by the local engine of KFP's SDK (the extra
    kfp-sdk): the same values, output and exit status, by the orders of KFP.

    Example: dagger-providers run flow.py -p source=flights.csv --jobs 2

    Example: dagger-providers run flow.py -p source=flights.csv --runtime kfp-local

    Example: dagger-providers run flow.yaml -p carriers='["AA", "UA"]'
    """
    if context.obj:
        fix_hash_seed()
    with stdout_for_results():
        dag = build_ref(ref, any_callable=allow_any_callable)
        parameters = from_text(dag, pairs(param))
        failed: list[Event] = []
        with telling_interrupts(), display(quiet=quiet or json_) as show_event:

            def listen(event: Event) -> None:
                show_event(event)
                if event.kind == "failed":
                    failed.append(event)

            result = run_on(
                runtime, dag, parameters, listen, store=store, run_id=run_id, jobs=jobs,
                workers=workers, cache=cache, image=image,
            )  # fmt: skip
        document = as_json(result) if json_ else {}
    if json_:
        say(json.dumps(document, indent=2, ensure_ascii=False))
    elif result.failure:
        print_failure(result, failed, sys.stderr, shown=workers == "command")
    else:
        print_run(result, sys.stdout, sys.stderr)
    if status := status_of(result):
        raise typer.Exit(status)
