"""What a cold start loads: a container pays for it once per task."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DECORATE = """
from dagger_providers import dag, task

@task
def double(x: int) -> int:
    return 2 * x

@dag
def doubled(x: int):
    return double(x)
"""

MAKE_CARD = """
from dagger_providers.card import dumps
from dagger_providers.planning import plan
from flow import doubled
print(dumps(plan(doubled.build()).steps["double"].card))
"""

DEAR = {
    "asyncio",
    "concurrent.futures",
    "copy",
    "dataclasses",
    "fsspec",
    "hashlib",
    "importlib.metadata",
    "inspect",
    "logging",
    "pathlib",
    "pickle",
    "pydantic",
    "random",
    "rich",
    "shutil",
    "subprocess",
    "tempfile",
    "threading",
    "traceback",
    "typer",
}


def loaded_by(code: str, folder: Path) -> set[str]:
    """What a fresh interpreter loads; -S: an environment's .pth files may import what they like."""
    paths = [str(folder), *sys.path]
    probe = f"import sys; sys.path[:] = {paths!r}\n{code}\nprint('loaded:', *sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-S", "-P", "-c", probe],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(ended.stdout.rpartition("loaded:")[2].split())


def test_running_a_card(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(DECORATE)
    card = subprocess.run(
        [sys.executable, "-c", MAKE_CARD], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.strip()
    arguments = ["run-node", "--card", card, "--store", "s", "--run-id", "r", "--param", "x", "3"]
    code = f"from dagger_providers.cli import main\nassert main({arguments}) == 0"
    assert loaded_by(code, tmp_path) & DEAR == set()
    assert list(tmp_path.glob("s/runs/r/nodes/double/commit.json"))


def test_decorating(tmp_path: Path) -> None:
    loaded = loaded_by(DECORATE, tmp_path)
    assert loaded & {*DEAR, "json"} == set()
    assert {name for name in loaded if name.startswith("dagger_providers.")} == {
        "dagger_providers.dsl",
        "dagger_providers.dsl.decorators",
        "dagger_providers.dsl.references",
        "dagger_providers.errors",
    }
