"""Start KFP's local engine on a Docker client of our choice, and clean up behind it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Literal

from dagger_providers.errors import CapabilityError, MissingExtraError, UsageError
from dagger_providers.kfp.parameters import encoded
from dagger_providers.model import DAG, thaw
from dagger_providers.planning import nested_plan
from dagger_providers.planning.plan import Branches, Region
from dagger_providers.testing.host_docker import HostClient, connect, docker_engine

Runner = Literal["auto", "docker", "host"]


def choose_engine(runner: Runner, text: str) -> tuple[str, Any]:
    """Return what runs the containers: how it is called, and what makes its client.

    Args:
        runner: ``docker``: a Docker engine; ``host``: processes; ``auto``: the first if it can.
        text: The compiled pipeline, whose images the engine must have.

    Raises:
        MissingExtraError: The SDK is not installed.
        UsageError: ``docker`` was asked for, and no Docker engine answers.
    """
    try:
        import kfp
    except ImportError as error:
        raise MissingExtraError("running KFP's local engine", "kfp-sdk") from error
    name = f"KFP SDK {kfp.__version__}, local engine"
    if runner != "host":
        docker, why = docker_engine(_images(text) if runner == "auto" else [])
        if docker:
            return f"{name}; {docker}", connect
        if runner == "docker":
            raise UsageError(f"no Docker engine: {why}")
    return f"{name}; containers as processes of this machine", HostClient


def _images(text: str) -> list[str]:
    """Return the images of a compiled pipeline, as an engine lists them."""
    import yaml

    spec = next(iter(yaml.safe_load_all(text)), None) or {}
    executors = spec.get("deploymentSpec", {}).get("executors", {}).values()
    images = [one["container"]["image"] for one in executors if "container" in one]
    return [image if ":" in image else f"{image}:latest" for image in images]


def check_compared(dag: DAG, arguments: Mapping[str, Any]) -> None:
    """Check that the engine can compare the parameters that choose branches.

    It puts a text into its conditions as it is, and takes one that breaks them for a no. KFP's
    servers do not.

    Args:
        dag: The pipeline.
        arguments: Values as KFP takes them; for others the defaults hold.

    Raises:
        CapabilityError: It cannot.
    """
    lowered = nested_plan(dag)
    for name in dict.fromkeys(_compared(lowered.root)):
        source = lowered.parameters[name]
        value = arguments[name] if name in arguments else encoded(source, thaw(source.default))
        if isinstance(value, str) and (not value.isprintable() or set("'\\") & set(value)):
            raise CapabilityError(
                "kfp",
                f"parameter {name!r} chooses a branch and is {value!r:.80}: the local engine of "
                "KFP's SDK does not compare texts with quotes, backslashes and line breaks",
                "run it on a KFP server, or elsewhere",
            )


def _compared(region: Region) -> Iterator[str]:
    for part in region.parts:
        if isinstance(part, Branches) and part.compared is not None:
            yield part.compared.parameter
    for inner in region.inner:
        yield from _compared(inner)


def run_engine(
    text: str, arguments: Mapping[str, Any], root: str, user: str
) -> tuple[Mapping[str, Any], str]:
    """Let the engine run it; return the outputs and, when it failed, what the engine says.

    Args:
        text: The compiled pipeline.
        arguments: Values as KFP takes them.
        root: A folder for the engine's files, which containers share.
        user: Who runs the containers, as Docker takes it.
    """
    from kfp import components, local

    before = local.config.LocalExecutionConfig.instance
    with tempfile.TemporaryDirectory(prefix="kfp-workspace-") as workspace:
        local.init(local.DockerRunner(user=user), pipeline_root=root, workspace_root=workspace)
        try:
            task = components.load_component_from_text(text)(**arguments)
            return dict(task.outputs), ""
        except Exception as error:  # it tells a failure by whatever it raises
            return {}, f"{type(error).__name__}: {error}"
        finally:
            local.config.LocalExecutionConfig.instance = before
            Path(workspace).mkdir(exist_ok=True)  # the engine removes it


@contextmanager
def contained(log: io.StringIO) -> Iterator[None]:
    """Take back what the engine does to this process: prints, logging, warnings."""
    import builtins
    import logging
    import warnings

    root = logging.getLogger()
    level, handlers, printing = root.level, root.handlers[:], builtins.print
    root.handlers[:] = [logging.StreamHandler(log)]
    try:
        with redirect_stdout(log), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
        builtins.print = printing
