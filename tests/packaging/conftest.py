"""The wheel and the source distribution, built once; fresh environments to install them in."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.version import Version
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
UV = find_uv_bin()

PIPELINE = """
from dagger_providers import dag, task


@task
def double(x: int) -> int:
    return 2 * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def doubles(xs: list[int] = [1, 2, 3]):
    doubled = []
    for x in xs:
        doubled.append(double(x))
    return total(doubled)
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command away from the project and from this process's own settings; its output."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "AIRFLOW", "PYTEST"))
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**inherited, "AIRFLOW_HOME": str(cwd / "airflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def declared(extras: Sequence[str]) -> list[str]:
    """The project's own requirements, to be asked for directly."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in extras for line in optional[extra])]


@dataclass(frozen=True)
class Environment:
    """A fresh virtual environment with the wheel in it."""

    folder: Path

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run a program of the environment, in its folder."""
        return run(self.folder / "venv" / "bin" / program, *arguments, cwd=self.folder)

    def command(self, *arguments: str) -> str:
        return self.run("dagger-providers", *arguments)

    def compile_for_kfp(self) -> str:
        target = ["--to", "kfp", "--image", "doubles:1", "--store", "s3://bucket/runs"]
        self.command("compile", "doubles.py", *target, "--output", "doubles.yaml")
        return (self.folder / "doubles.yaml").read_text()

    def execute(self, code: str) -> str:
        return self.run("python", "-c", code)

    def pip(self, action: str, *arguments: str | Path) -> str:
        python = self.folder / "venv" / "bin" / "python"
        return run(UV, "pip", action, "--python", python, *arguments, cwd=self.folder)

    def versions(self) -> dict[str, tuple[int, ...]]:
        rows = (line.split("==") for line in self.pip("freeze").splitlines() if "==" in line)
        return {name: Version(version).release[:2] for name, version in rows}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (file,) = built.glob("*.whl")
    return file


@pytest.fixture(scope="session")
def sdist(built: Path) -> Path:
    (file,) = built.glob("*.tar.gz")
    return file


@pytest.fixture
def install(wheel: Path, tmp_path: Path) -> Callable[..., Environment]:
    """Make an environment that holds the wheel with these extras and a small pipeline file."""

    def make(*extras: str, also: Sequence[str] = (), lowest: bool = False) -> Environment:
        here = Environment(tmp_path)
        run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
        wanted = [f"{wheel}[{','.join(extras)}]" if extras else str(wheel), *also]
        if lowest:
            wanted += ["--resolution", "lowest-direct", *declared(extras)]
        here.pip("install", "--quiet", *wanted)
        (tmp_path / "doubles.py").write_text(PIPELINE)
        return here

    return make
