"""The command that draws a pipeline."""

from __future__ import annotations

from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable, Ref, built
from dagger_providers.cli.graph import draw
from dagger_providers.cli.launch import say
from dagger_providers.cli.usage import one_of
from dagger_providers.dsl.find import document_folder

_FORMATS = ("mermaid", "dot", "svg", "yaml", "json")


def graph(
    ref: Ref,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            parser=one_of("--format", _FORMATS),
            help="How it is written: mermaid, dot, svg (needs Graphviz), yaml or json.",
        ),
    ] = "mermaid",
    allow_any_callable: AnyCallable = False,
) -> None:
    """Draw a pipeline, or write it as YAML or JSON.

    The picture has nodes, loops, switches, repetitions, and what shares one container. As yaml or
    json it is the pipeline itself, which every command takes for a REF, in the current folder.

    Example: dagger-providers graph flow.py --format svg > flow.svg

    Example: dagger-providers graph flow.py --format yaml > flow.yaml
    """
    dag = built(ref, allow_any_callable)
    say(draw(dag, format_, root=dag.code_root or document_folder(ref)))
