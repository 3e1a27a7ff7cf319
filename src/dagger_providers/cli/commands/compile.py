"""The command that writes manifests and DAG files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dagger_providers.cli.arguments import AnyCallable, Ref, built, pairs
from dagger_providers.cli.launch import say, stdout_for_results
from dagger_providers.cli.usage import one_of
from dagger_providers.errors import UsageError

_COMPONENT = "kfp-component"
_MANIFESTS = ("airflow", "argo", "kfp", _COMPONENT)


def compile(
    ref: Ref,
    to: Annotated[
        str,
        typer.Option(
            metavar="TARGET",
            parser=one_of("--to", _MANIFESTS),
            help="The target: airflow, argo or kfp; or kfp-component, for a pipeline that somebody "
            "writes by hand.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; a component is printed without one.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="The store that tasks reach; airflow has one that is configured.",
        ),
    ] = None,
    store_conn_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Of airflow: the connection with the store's credentials, and its URI when "
            "--store does not give it [default: the configured one].",
        ),
    ] = None,
    dag_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Of airflow: the DAG's id [default: the pipeline's name]."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="The container image of tasks that name none."),
    ] = None,
    launcher: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What runs tasks of airflow: process (meant when none is named), container or "
            "kubernetes.",
        ),
    ] = None,
    code_root: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The folder in the image of file.py functions."),
    ] = None,
    node_name: Annotated[
        str | None,
        typer.Option(metavar="A.B", help="Of a component: the node of the pipeline that it runs."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What a component is called.")
    ] = None,
    artifact: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=TYPE",
            help="An argument or output of a component that is an artifact: Dataset, Model, "
            "Metrics, HTML, Markdown, Artifact, or list[TYPE].",
            show_default=False,
        ),
    ] = None,
    serializer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SERIALIZER",
            help="What an artifact was written by that a component reads.",
            show_default=False,
        ),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An argument of a component that is a pickle, which runs the code in it.",
            show_default=False,
        ),
    ] = None,
    one_container: Annotated[
        bool,
        typer.Option(
            "--one-container", help="A component that runs the whole pipeline in one container."
        ),
    ] = False,
    outputs: Annotated[
        bool,
        typer.Option(
            "--outputs",
            help="Let kfp show the pipeline's outputs as its own, copied from the store.",
        ),
    ] = False,
    allow_any_callable: AnyCallable = False,
) -> None:
    """Write a DAG file for Airflow, or a manifest for KFP or Argo.

    Each file is written in one piece, or not at all. A DAG file FILE.py has the model beside it, as
    FILE.json: Airflow parses it without importing the pipeline's code. A component is a task
    (FILE.py:NAME), a node of a pipeline, or a pipeline: a graph with --store, or one container.

    Example: dagger-providers compile flow.py --to kfp -o flow.yaml --image IMAGE --store s3://b/runs

    Example: dagger-providers compile flow.py --to airflow -o dags/flow.py

    Example: dagger-providers compile flow.py:fit --to kfp-component -o fit.yaml --image IMAGE
    """
    from dagger_providers.cli.manifests import component, write, written_by
    from dagger_providers.planning.source import check_output

    options = {
        "store": store,
        "store_conn_id": store_conn_id,
        "dag_id": dag_id,
        "image": image,
        "launcher": launcher,
        "code_root": code_root,
    }
    alone: dict[str, Any] = {
        "node_name": node_name,
        "name": name,
        "artifacts": pairs(artifact, "--artifact"),
        "serializers": pairs(serializer, "--serializer"),
        "trust": trust,
        "one_container": one_container,
    }
    if outputs and to != "kfp":
        raise UsageError("--outputs is for --to kfp: a component has its outputs anyway")
    for file in written_by(to, output):
        check_output(file, [Path(ref)])
    if to == _COMPONENT:
        with stdout_for_results():
            text = component(ref, output, {**options, **alone}, any_callable=allow_any_callable)
        say(f"{to}: wrote {output}" if output else text.removesuffix("\n"))
        return
    given = next((one for one, value in alone.items() if value), None)
    if given:
        option = f"--{given.removesuffix('s').replace('_', '-')}"
        raise UsageError(f"{option} is for --to {_COMPONENT}")
    if output is None:
        raise UsageError(f"--to {to} needs -o FILE")
    write(to, built(ref, allow_any_callable), output, options, outputs=outputs)
    for file in written_by(to, output):
        say(f"{to}: wrote {file}")
