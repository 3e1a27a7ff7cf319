"""The command that builds container images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagger_providers.cli.arguments import AnyCallable
from dagger_providers.cli.launch import stdout_for_results
from dagger_providers.cli.usage import one_of
from dagger_providers.dsl.find import find_all

_BUILDERS = ("docker", "podman", "buildah")


def image(
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF",
            help="The pipelines: each FILE.py[:NAME] or module[:NAME], without a NAME all that "
            "are there; or FILE.yaml, FILE.json, or a folder of such files.",
        ),
    ],
    tag: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:TAG]",
            help="The image's name [default: the pipeline's], and its tag [default: made from "
            "what is in it].",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "-f", "--file", metavar="FILE", help="Write the Dockerfile to a file; build nothing."
        ),
    ] = None,
    print_: Annotated[
        bool, typer.Option("--print", help="Print the Dockerfile; build nothing.")
    ] = False,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="The image to start from, with python and pip [default: python:3.X-slim, with "
            "the Python that runs here].",
        ),
    ] = None,
    requirements: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Requirements for pip, or a pyproject.toml [default: requirements.txt or "
            "pyproject.toml with the code; else what it imports, as installed here].",
        ),
    ] = None,
    extra: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An extra of dagger-providers, as for the store: s3, gcs, azure. One --extra for "
            "each; those of data frames are found.",
        ),
    ] = None,
    include: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Another file or folder that the code reads or imports, beside or below it. One "
            "--include for each.",
        ),
    ] = None,
    push: Annotated[bool, typer.Option("--push", help="Push it when it is built.")] = False,
    build_with: Annotated[
        str | None,
        typer.Option(
            metavar="BUILDER",
            parser=one_of("--build-with", _BUILDERS),
            help="docker, podman or buildah [default: the first that answers].",
        ),
    ] = None,
    build_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OPTION",
            help="An option of the builder's own: --build-option=--network=host. One for each.",
        ),
    ] = None,
    allow_any_callable: AnyCallable = False,
) -> None:
    """Build the container image of pipelines.

    It holds Python, dagger-providers, what the code needs and the code: the pipelines' files, and
    the modules and packages of the project that they import. It runs as nobody in particular, and
    serves KFP, Argo and Airflow. The name is printed; all else goes to the standard error. A
    Dockerfile that is written has the folder of the code as its context.

    Example: dagger-providers image flow.py --tag registry.example/flow --extra s3 --push

    Example: dagger-providers image pipelines/ -f Dockerfile
    """
    from dagger_providers.cli.images import Wanted, make
    from dagger_providers.images.recipes import BASE, recipe

    with stdout_for_results():
        found = [p for ref in refs for p in find_all(ref, any_callable=allow_any_callable)]
        made = recipe(
            *found, base=base or BASE, requirements=requirements, extras=extra or (),
            include=include or (),
        )  # fmt: skip
    make(made, Wanted(refs, tag, file, print_, push, build_with, build_option or ()))
