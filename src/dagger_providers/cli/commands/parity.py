"""The command that compares runtimes."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable, Json, Params, Store, pairs
from dagger_providers.cli.launch import fix_hash_seed, say, stdout_for_results


def parity(
    context: typer.Context,
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF",
            help="The pipelines: each FILE.py[:NAME] or module[:NAME], with its NAME where there "
            "are several; or FILE.yaml, FILE.json.",
        ),
    ],
    param: Params = None,
    on: Annotated[
        str, typer.Option(metavar="NAMES", help="The runtimes, with commas between them.")
    ] = "plain,local,parallel,process,airflow,kfp,argo",
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="Let kfp run containers of this image, on a Docker engine [default: processes].",
        ),
    ] = None,
    store: Store = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    allow_any_callable: AnyCallable = False,
    json_: Json = False,
) -> None:
    """Run pipelines on several runtimes and compare every output.

    Example: dagger-providers parity flow.py -p n=3 --on plain,local,airflow,kfp
    """
    from dagger_providers.testing import parity as compare
    from dagger_providers.testing.engines import ENGINES, kfp_in_docker
    from dagger_providers.testing.table import is_difference, render, to_json

    if context.obj:
        fix_hash_seed()
    with stdout_for_results():
        report = compare(
            refs, pairs(param), on=tuple(name.strip() for name in on.split(",") if name.strip()),
            store=store, progress=None if quiet or json_ else sys.stderr,
            any_callable=allow_any_callable,
            engines={**ENGINES, "kfp": kfp_in_docker(image)} if image else ENGINES,
        )  # fmt: skip
    say(json.dumps(to_json(report), indent=2, ensure_ascii=False) if json_ else render(report))
    if any(map(is_difference, report)):
        raise typer.Exit(1)
