"""Images that the command built, in a real Docker engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker

FLOW = """
from pathlib import Path

import pandas as pd
from dagger_providers import dag, task
from shop.names import NAMES


@task
def size(x: int) -> int:
    query = Path(__file__).with_name("query.sql").read_text()
    return len(pd.DataFrame({query: NAMES * x}))


@dag
def sizes(x: int = 2):
    return size(x)
"""
FILES = {
    "sized_flow.py": FLOW,
    "query.sql": "names",
    "shop/__init__.py": "",
    "shop/names.py": "from pathlib import Path\n"
    "NAMES = Path(__file__).with_name('names.txt').read_text().split()\n",
    "shop/names.txt": "a b c",
    "requirements.txt": "pandas>=2\n",
}
LOOK = """
import getpass, os
from sized_flow import sizes
try:
    open("/app/sized_flow.py", "a")
except PermissionError:
    print(os.getuid(), getpass.getuser(), os.environ["PYTHONHASHSEED"], os.getcwd(), sizes(2))
"""


def docker(*words: str | Path) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dagger_providers", "image", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def layers(image: str) -> list[str]:
    found: list[str] = json.loads(docker("image", "inspect", image))[0]["RootFS"]["Layers"]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)  # for nobody but us: in the image everyone may read it
    return folder


@pytest.fixture(scope="module")
def image(build_image: Callable[..., str], folder: Path) -> str:
    return build_image("sized_flow.py", "--include", "query.sql", cwd=folder)


def test_it_runs_as_nobody_who_cannot_change_the_code(image: str) -> None:
    said = docker("run", "--rm", "--network=none", image, "python", "-c", LOOK)

    assert said.split() == ["65532", "pipeline", "0", "/app", "6"]


def test_any_other_user_can_run_it(image: str) -> None:
    words = ["run", "--rm", "--network=none", "--user=1234567:0", "--read-only", image]

    assert "run-node" in docker(*words)
    assert docker(*words, "python", "-c", LOOK.replace("getpass.getuser()", "'who'")).split() == [
        *("1234567", "who", "0", "/app", "6"),
    ]


def test_a_change_of_the_code_makes_one_layer(
    image: str, build_image: Callable[..., str], folder: Path
) -> None:
    (folder / "sized_flow.py").write_text(f"{FLOW}\n# another line\n")

    changed = build_image("sized_flow.py", "--include", "query.sql", cwd=folder)

    assert changed != image
    before, after = layers(image), layers(changed)
    assert len(before) == len(after)
    assert [one != other for one, other in zip(before, after, strict=True)].count(True) == 1


def test_a_written_dockerfile_builds_what_the_command_builds(
    image: str, folder: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(folder, project)
    for file in project.rglob("*.*"):
        file.chmod(0o644)
    base = os.environ.get("DAGGER_DOCKER_BASE")
    words = ["--include", "query.sql", "-f", "Dockerfile", *([f"--base={base}"] if base else [])]
    command([*words, "sized_flow.py"], project)

    name = f"{image}-written"
    docker("build", *(["--network=host"] if base else []), "--tag", name, project)

    try:
        said = docker("run", "--rm", "--network=none", name, "python", "-c", LOOK)
    finally:
        docker("image", "rm", "--force", name)
    assert said.split() == ["65532", "pipeline", "0", "/app", "6"]


def test_a_build_that_fails_is_told_in_one_line(image: str, folder: Path) -> None:
    words = ["sized_flow.py", "--base", f"{image}-none", "--build-with", "docker"]
    done = command(words, folder)

    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("dagger-providers: error: docker build ended with ")
    assert f"{image}-none" in last
