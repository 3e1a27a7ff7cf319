"""What all tests need."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagger_providers.testing.host_docker import docker_engine


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what needs a Docker engine only where ``-m`` names its mark."""
    if "docker" not in config.option.markexpr:
        ours = [item for item in items if item.get_closest_marker("docker")]
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session")
def build_image() -> Iterator[Callable[..., str]]:
    """Builds an image by the command, with Docker, and returns its name; they go in the end."""
    engine, why = docker_engine([])
    if not engine:
        pytest.skip(f"no Docker engine ({why}); make docker starts one")
    base = os.environ.get("DAGGER_DOCKER_BASE")
    # Ours reaches no registry, and its containers have no network of their own.
    options = [f"--base={base}", "--build-option=--network=host"] if base else []
    built: list[str] = []

    def build(*words: str, cwd: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dagger_providers", "image", *words, "--build-with", "docker",
             *options],
            cwd=cwd, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        name = done.stdout.strip()
        built.append(name)
        return name

    yield build
    for name in built:
        subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True, check=False)


@pytest.fixture(autouse=True)
def _our_logger_is_heard() -> None:
    """Undo what Airflow's logging configuration does to all loggers of a process."""
    logger = logging.getLogger("dagger_providers")
    logger.disabled, logger.propagate = False, True
    logger.setLevel(logging.WARNING)
