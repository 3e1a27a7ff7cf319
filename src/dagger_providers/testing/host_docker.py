"""A Docker client that starts a container's command as a process of this machine.

`HostClient` stands in for ``docker.from_env()`` where no Docker engine answers, so that an
orchestrator's own engine (`kfp.local`) can run a compiled pipeline for real: that orders the tasks,
resolves their inputs and reads their outputs, and each task is a process of its own. It does not
show that an image exists, holds the code and gets what the task asks for: image, volumes and limits
are ignored, and files are seen where they lie on this machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from dagger_providers.errors import one_line
from dagger_providers.runtimes.local.workers import environment as own_environment

_PYTHONS = {"python", "python3"}


@dataclass(frozen=True, slots=True)
class HostContainer:
    """A process that is taken for a container.

    Attributes:
        process: Both its output streams are one pipe.
    """

    process: subprocess.Popen[bytes]

    def logs(self, *, stream: bool = True) -> Iterator[bytes]:
        """Yield what it writes, line by line, until it ends."""
        del stream
        yield from self.process.stdout or ()

    def wait(self) -> dict[str, int]:
        """Wait for its end and return its exit status, as Docker writes it."""
        with self.process:  # which closes its output
            for _ in self.logs():
                pass
            return {"StatusCode": self.process.wait()}

    def remove(self, *, force: bool = False) -> None:
        """Do nothing: of a process nothing is left when it is over."""


class HostClient:
    """What `kfp.local` takes for a ``docker.DockerClient``.

    A process has this one's environment and import path, as an image would hold the code, and
    ``python`` is this interpreter.

    Args:
        environment: Further variables of every process; those of a container win.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(environment or {})
        self.containers = SimpleNamespace(run=self._run)
        self.images = SimpleNamespace(list=list, pull=lambda image: None)

    def _run(
        self,
        image: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        **ignored: Any,
    ) -> HostContainer:
        del image, ignored
        program = sys.executable if command[0] in _PYTHONS else command[0]
        process = subprocess.Popen(  # noqa: S603 - the command that the container would run
            [program, *command[1:]],
            env=own_environment({**self.environment, **(environment or {})}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return HostContainer(process)

    def info(self) -> dict[str, Any]:
        """Return what an engine says about itself: nothing."""
        return {}

    def close(self) -> None:
        """Do nothing: there is no connection."""


@contextmanager
def docker_client(make: Callable[[], Any]) -> Iterator[None]:
    """Let ``docker.from_env()`` return another client while the body runs.

    Where the ``docker`` package is not installed, a module of that name stands in for it: enough
    for `kfp.local`, if that was not imported before.
    """
    docker = _docker()
    present = sys.modules.get("docker")
    before = docker.from_env
    docker.from_env = make
    sys.modules["docker"] = docker
    try:
        yield
    finally:
        docker.from_env = before
        if present is None:
            del sys.modules["docker"]


def _docker() -> Any:
    try:
        import docker
    except ImportError:
        stand_in: Any = ModuleType("docker")
        stand_in.DockerClient = HostClient
        stand_in.errors = SimpleNamespace(NotFound=type("NotFound", (Exception,), {}))
        stand_in.from_env = HostClient
        return stand_in
    return docker


def connect() -> Any:
    """Return a client of the real engine, also while `docker_client` replaces the usual way to one.

    Raises:
        OSError: Nothing is where an engine would listen.
        AttributeError: What stands in for the ``docker`` package knows no engine.
    """
    import docker

    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    place = host.removeprefix("unix://")
    if place != host and not Path(place).exists():
        raise OSError(f"there is no {place}")
    return docker.DockerClient.from_env()


def docker_engine(images: Sequence[str], connect: Callable[[], Any] = connect) -> tuple[str, str]:
    """Say which Docker engine answers here that has all the images.

    Args:
        images: What it must have, with tags.
        connect: Makes a client of it.

    Returns:
        What it is called; empty when there is none, and then why.
    """
    try:
        with closing(connect()) as client:
            return _examined(client, images)
    except (AttributeError, ImportError):
        return "", "the Python package 'docker' is not installed"
    except Exception as error:  # docker's own, its transports' or the operating system's
        return "", one_line(error)


def own_user(client: Any) -> str:
    """Return the user, as Docker takes it, whose files in a mounted folder are this process's own.

    Args:
        client: The engine's client. In one without root, its root is who started it.
    """
    options = client.info().get("SecurityOptions") or ()
    if any("rootless" in str(option) for option in options):
        return "0:0"
    return f"{os.getuid()}:{os.getgid()}"


def _examined(client: Any, images: Sequence[str]) -> tuple[str, str]:
    version = client.version()
    parts = [str(part.get("Name")) for part in version.get("Components", ())]
    if any("podman" in part.lower() for part in parts):
        # Its API lets kfp.local take every failed container for a success (podman 4.3).
        return "", "Podman answers, and by its API failed containers succeed"
    present = {tag for image in client.images.list() for tag in image.tags}
    missing = [image for image in images if image not in present]
    if missing:
        return "", f"it has no image {missing[0]!r}"
    return f"Docker engine {version.get('Version', '')}".strip(), ""
