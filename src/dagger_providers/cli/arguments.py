"""What several commands take: a pipeline, its parameters, how the result is printed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from dagger_providers.cli.launch import stdout_for_results
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG

Ref = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="The pipeline: FILE.py[:NAME] or module[:NAME], with its NAME where there are "
        "several; or FILE.yaml, FILE.json.",
        show_default=False,
    ),
]
AnyCallable = Annotated[
    bool,
    typer.Option(
        "--allow-any-callable",
        help="Let a YAML or JSON file name functions and serializers that nothing decorated names.",
    ),
]
Params = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="NAME=VALUE",
        help="A parameter; VALUE is JSON or text. One -p for each.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]

Store = Annotated[
    str | None,
    typer.Option(
        metavar="URI",
        help="The folder or URI that holds all runs [default: DAGGER_STORE, else .dagger].",
    ),
]


def built(ref: str, any_callable: bool) -> DAG:
    """Return the model of what a REF names; what its code prints goes to the standard error."""
    with stdout_for_results():
        return build_ref(ref, any_callable=any_callable)


def pairs(given: Sequence[str] | None, option: str = "-p") -> dict[str, str]:
    """Return what a command line gives by name: as a rule, parameters.

    Raises:
        UsageError: One is not written as ``NAME=VALUE``, or given twice.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} takes NAME=VALUE, got {text!r}")
        if name in found:
            raise UsageError(f"{option} {name} is given twice")
        found[name] = value
    return found


def store_of(store: str | None) -> str:
    """Return which store is meant."""
    return store or os.environ.get("DAGGER_STORE") or ".dagger"
