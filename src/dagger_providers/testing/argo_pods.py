"""Run the container of an Argo pod as a process of this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_providers.runtimes.local.workers import environment
from dagger_providers.testing.launches import Launch

_PYTHONS = {"python", "python3"}
LARGEST_OUTPUT = 256 * 1024
"""Bytes of an output parameter (argo-workflows v4.1.2, workflow/executor/executor.go:959)."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod that Argo's controller makes.

    Attributes:
        node: The node of the workflow that it is for.
        template: Its template, filled in.
        folder: The root of its own files: an output's path lies below it.
    """

    node: str
    template: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a pod.

    Attributes:
        phase: ``Succeeded``; ``Failed``: its container did; ``Error``: what is around it did.
        message: Why, as Argo says it.
        exit_code: The container's; None when it has none.
        outputs: Its output parameters.
    """

    phase: str
    message: str
    exit_code: int | None
    outputs: Mapping[str, str]


def command_of(template: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the whole command of a container."""
    container = template["container"]
    return (*container.get("command", ()), *container.get("args", ()))


def run(pod: Pod, launch: Launch) -> Ended:
    """Run a pod to its end and note in `launch` how it went.

    Files are seen where they lie on this machine, but for the outputs: those lie in the pod's
    folder, for a command that names them by ``{{outputs.parameters.NAME.path}}``.
    """
    _prepare(pod)
    seconds = pod.template.get("activeDeadlineSeconds")
    try:
        ended = subprocess.run(  # noqa: S603 - the command that the container would run
            _program(command_of(pod.template)),
            env=environment(_env(pod.template["container"])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = "Pod was active on the node longer than the specified deadline"
        launch.error = message
        return Ended("Failed", message, None, {})
    except OSError as error:  # no such program, or an argument that is too long
        launch.error = str(error)
        return Ended("Error", str(error), None, {})
    lines = ended.stdout.decode(errors="replace").split("\n")
    launch.last = next((line for line in reversed(lines) if line.strip()), "")
    launch.status = ended.returncode
    if ended.returncode:
        message = f"Error (exit code {ended.returncode})"
        return Ended("Failed", message, ended.returncode, {})
    return _saved(pod)


def _program(command: tuple[str, ...]) -> list[str]:
    return [sys.executable if command[0] in _PYTHONS else command[0], *command[1:]]


def _env(container: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: str(one.get("value", "")) for one in container.get("env", [])}


def outputs_of(template: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the output parameters that a template declares."""
    return list(template.get("outputs", {}).get("parameters", []))


def place_of(folder: Path, path: str) -> Path:
    """Return where a file of a container lies on this machine."""
    return folder / path.lstrip("/")


def _prepare(pod: Pod) -> None:
    shutil.rmtree(pod.folder, ignore_errors=True)  # another try is another pod
    for output in outputs_of(pod.template):
        place_of(pod.folder, output["valueFrom"]["path"]).parent.mkdir(parents=True, exist_ok=True)


def _saved(pod: Pod) -> Ended:
    """Read the output parameters (executor.go: SaveParameters): texts, less one newline."""
    found: dict[str, str] = {}
    for output in outputs_of(pod.template):
        source = output["valueFrom"]
        place = place_of(pod.folder, source["path"])
        if not place.exists() and "default" not in source:
            return Ended("Error", f"open {source['path']}: no such file or directory", 0, {})
        text = place.read_text(encoding="utf-8") if place.exists() else str(source["default"])
        size = len(text.encode())
        if size > LARGEST_OUTPUT:
            message = f"output {output['name']!r} has {size} bytes, of at most {LARGEST_OUTPUT}"
            return Ended("Error", message, 0, {})
        found[output["name"]] = text.removesuffix("\n")
    return Ended("Succeeded", "", 0, found)
