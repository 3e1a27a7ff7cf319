"""A Docker engine for tests of images: the one that answers here, else one of our own."""

import shutil
import subprocess
from pathlib import Path

import debian
import system
from archive import digest
from processes import alive, start, stop, unmount_below
from steps import HOME, STATE, fail, step, text_of, wait_for

FOLDER = HOME / "docker"
SOCKET = STATE / "docker.sock"
# What images of tests start from, where no registry is reached.
EXTRAS = ("pandas",)
ALSO = ("pip",)


def answers(**environment: str) -> bool:
    """Whether a Docker engine answers, by default where the environment says."""
    words = [f"{name}={value}" for name, value in environment.items()]
    return bool(text_of("env", *words, "docker", "version", "--format", "{{.Server.Version}}"))


def up() -> dict[str, str]:
    """Start an engine if none answers; returns the environment of those who use it."""
    if answers():
        return {}
    environment = {"DOCKER_HOST": f"unix://{SOCKET}"}
    debian.require(("busybox-static", "docker.io"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not alive("dockerd"):
        # It would look for the networks of all containers that ever were: a minute for hundreds.
        shutil.rmtree(FOLDER / "network", ignore_errors=True)
    # Nothing of the machine's network is touched: containers have none, or the machine's.
    start(
        "dockerd",
        *("dockerd", "--host", environment["DOCKER_HOST"]),
        *("--data-root", FOLDER, "--exec-root", STATE / "docker"),
        *("--pidfile", STATE / "docker.pid", "--storage-driver", "overlay2"),
        *("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"),
        inside=False,
    )
    wait_for("dockerd", 60, lambda: answers(**environment))
    return {**environment, "DAGGER_DOCKER_BASE": _base(environment)}


def down() -> None:
    """End the engine if it is our own; its images stay in the cache."""
    stop("dockerd", patience=60)
    unmount_below(STATE / "docker")


def _base(environment: dict[str, str]) -> str:
    """The image that images of tests start from; made where it is missing."""
    packages = system.packages(EXTRAS, ALSO)
    version = digest(f"{package.name} {package.version}" for package in packages)
    name = f"localhost/dagger-base:{system.PYTHON}-{version}"
    docker = ("env", *(f"{key}={value}" for key, value in environment.items()), "docker")
    if text_of(*docker, "image", "inspect", name) is None:
        with step(f"make {name}, once for these versions"):
            archive = STATE / "docker-base.tar"
            system.write(archive, packages)
            change = f"ENV PATH={system.PATH}"
            words = [*docker, "import", "--change", change, str(archive), name]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            Path(archive).unlink()
            if done.returncode:
                fail(f"docker import: {done.stderr.strip()}")
    return name
