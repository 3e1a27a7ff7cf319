"""The command that tells what targets cannot do."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable, Json, Ref, built
from dagger_providers.cli.launch import say


def check(
    ref: Ref,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            metavar="NAME[:VARIANT]",
            help="A target, also several times [default: all that are installed]: local, "
            "local:processes, local:threads, local:command, airflow, airflow:container, "
            "airflow:kubernetes, kfp, argo.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URI", help="The store that it is to use; else it is not checked."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE", help="The image of tasks that name none; else it is not checked."
        ),
    ] = None,
    allow_any_callable: AnyCallable = False,
    json_: Json = False,
) -> None:
    """Tell what targets cannot do with a pipeline, and why.

    It says what to write instead. Nothing runs, and nothing is written. Each line ends with the
    row of the capability table (docs/capabilities.md) that it comes from. Exit status: 0 nothing is
    refused, 1 something is.

    Example: dagger-providers check flow.py

    Example: dagger-providers check flow.py --target kfp --target airflow:kubernetes --image IMAGE

    Example: dagger-providers check flow.py --target local:threads --json
    """
    from dagger_providers.cli.check import lines, to_json, verdicts

    dag = built(ref, allow_any_callable)
    found = verdicts(dag, target or (), store=store, image=image)
    say(
        json.dumps(to_json(found), indent=2, ensure_ascii=False)
        if json_
        else "\n".join(lines(found))
    )
    if any(verdict.refusals for verdict in found):
        raise typer.Exit(1)
