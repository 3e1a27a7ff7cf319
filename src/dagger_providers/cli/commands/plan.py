"""The command that shows the steps that a target will see."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable, Json, Ref, built
from dagger_providers.cli.launch import printing, say
from dagger_providers.planning.capabilities import Deployment
from dagger_providers.planning.lowering import plan_for


def plan(
    ref: Ref,
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", metavar="NAME", help="The target: local, airflow, kfp, argo."
        ),
    ],
    allow_any_callable: AnyCallable = False,
    json_: Json = False,
) -> None:
    """Show the steps that a target will see.

    It tells how often each runs, as what, after which others. Steps that are in no code of yours
    were inserted, and the table says why. What the target refuses is told below it, as `check`
    does. Nothing runs.

    Example: dagger-providers plan flow.py --target airflow
    """
    from dagger_providers.cli.steps import print_steps, steps_as_json
    from dagger_providers.cli.targets import target_of

    chosen, variant = target_of(target)
    dag = built(ref, allow_any_callable)
    lowered = plan_for(dag, chosen.name)
    refused = chosen.refusals(dag, lowered, Deployment(variant)) if chosen.version else []
    if json_:
        document = steps_as_json(lowered, chosen.name, refused)
        say(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        with printing(sys.stdout):
            print_steps(lowered, chosen.name, refused, sys.stdout)
