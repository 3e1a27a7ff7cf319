"""The commands for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dagger_providers import __version__
from dagger_providers.cli.arguments import AnyCallable, Json, Params, Ref, built, pairs
from dagger_providers.cli.cache import cache as cache_commands
from dagger_providers.cli.graph import draw
from dagger_providers.cli.launch import (
    fix_hash_seed,
    printing,
    stdout_for_results,
    telling_interrupts,
)
from dagger_providers.cli.node import INTERRUPTED, refuse, show, told
from dagger_providers.cli.on_runtime import RUNTIMES, run_on
from dagger_providers.cli.results import as_json, no_run, print_failure, print_run, status_of
from dagger_providers.cli.runs import Store, runs, say
from dagger_providers.cli.submit import submit
from dagger_providers.cli.usage import Command, Group, at_least_one, misuse, one_of
from dagger_providers.dsl.find import build_ref, document_folder, find_all
from dagger_providers.errors import DaggerProvidersError, UsageError
from dagger_providers.planning.capabilities import Deployment
from dagger_providers.planning.lowering import plan_for
from dagger_providers.planning.parameters import from_text
from dagger_providers.runtimes.local.run import Kind
from dagger_providers.tracking import Event
from dagger_providers.tracking.display import display

app = typer.Typer(
    name="dagger-providers",
    cls=Group,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_WORKERS = ("processes", "threads", "command")
_FORMATS = ("mermaid", "dot", "svg", "yaml", "json")
_COMPONENT = "kfp-component"
_MANIFESTS = ("airflow", "argo", "kfp", _COMPONENT)
_BUILDERS = ("docker", "podman", "buildah")


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


@app.command(cls=Command)
def run(
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
    _fix_hash_seed()
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


@app.command(
    "run-node",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def run_node(context: typer.Context) -> None:
    """Run one node of a pipeline, as every container does."""
    from dagger_providers.cli.node import main as node_main

    raise typer.Exit(node_main(context.args))


@app.command(cls=Command)
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
    from dagger_providers.cli.manifests import component, write

    options = {"store": store, "image": image, "launcher": launcher, "code_root": code_root}
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
    if to == _COMPONENT:
        with stdout_for_results():
            text = component(ref, {**options, **alone}, any_callable=allow_any_callable)
        _write_component(text, output)
        return
    given = next((one for one, value in alone.items() if value), None)
    if given:
        option = f"--{given.removesuffix('s').replace('_', '-')}"
        raise UsageError(f"{option} is for --to {_COMPONENT}")
    if output is None:
        raise UsageError(f"--to {to} needs -o FILE")
    for written in write(to, built(ref, allow_any_callable), output, options, outputs=outputs):
        say(f"{to}: wrote {written}")


def _write_component(text: str, output: Path | None) -> None:
    from dagger_providers.planning.manifests import write

    if output is None:
        say(text.removesuffix("\n"))
    else:
        write(text, output)
        say(f"{_COMPONENT}: wrote {output}")


@app.command(cls=Command)
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


@app.command(cls=Command)
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


@app.command("plan", cls=Command)
def show_plan(
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


@app.command(cls=Command)
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


@app.command(cls=Command)
def schema() -> None:
    """Print the JSON Schema of pipelines in YAML or JSON.

    Editors complete and check documents by it.

    Example: dagger-providers schema > pipeline.schema.json
    """
    from dagger_providers.dsl.schema import document_schema

    say(json.dumps(document_schema(), indent=2))


@app.command(cls=Command)
def parity(
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

    _fix_hash_seed()
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


app.command(cls=Command)(submit)
app.add_typer(runs, name="runs")
app.add_typer(cache_commands, name="cache")


_is_command = False
"""Whether this process was started as the command, and is not a program that calls `main`."""


def _fix_hash_seed() -> None:
    if _is_command:
        fix_hash_seed()


def main(arguments: Sequence[str], *, is_command: bool = False) -> int:
    """Run a command and return its exit status: 0 done, 130 Ctrl-C, else see `exit_status`."""
    global _is_command  # noqa: PLW0603 - typer's functions take options only
    _is_command = is_command
    given = [argument for argument in arguments if argument != "--debug"]
    debug = len(given) < len(arguments)
    try:
        result: Any = typer.main.get_command(app).main(
            args=given or ["--help"], prog_name="dagger-providers", standalone_mode=False
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
