"""What an import may cost, and that the layer contracts catch what they are there to catch."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"airflow", "fsspec", "kfp", "kubernetes", "pandas", "pyarrow", "pydantic", "rich", "typer"}

DECORATE = """
from dagger_providers import dag, task

@task(retries=2, timeout="10m")
def double(x: int) -> int:
    return 2 * x

@dag
def doubled(x: int):
    return double(x)

assert doubled(3) == 6
"""

DISCOVER = """
from importlib.metadata import distribution

(found,) = distribution("dagger-providers").entry_points.select(group="apache_airflow_provider")
assert found.load()()["package-name"] == "dagger-providers"
"""


def python(code: str, cwd: Path) -> str:
    """What a fresh interpreter prints for the code."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(code: str, cwd: Path) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running the code."""
    probe = f"{code}\nimport sys\nprint('loaded:', *sys.modules)"
    _, _, names = python(probe, cwd).rpartition("loaded:")
    return {name.partition(".")[0] for name in names.split()}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import dagger_providers", id="importing the package"),
        pytest.param(DECORATE, id="decorating and calling"),
        pytest.param(DISCOVER, id="discovering the Airflow provider"),
    ],
)
def test_is_light(code: str, tmp_path: Path) -> None:
    assert loaded_by(code, tmp_path) & HEAVY == set()


MAKE_CARD = """
from dagger_providers.card import dumps
from dagger_providers.planning import plan
from flow import doubled

print(dumps(plan(doubled.build()).steps["double"].card))
"""


def test_running_a_card_is_light(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(DECORATE)
    card = python(MAKE_CARD, tmp_path)
    arguments = ["run-node", "--card", card, "--store", "s", "--run-id", "r", "--param", "x", "3"]
    code = f"from dagger_providers.cli import main\nassert main({arguments}) == 0"

    assert loaded_by(code, tmp_path) & HEAVY == set()
    assert [file.read_text() for file in tmp_path.glob("s/**/return_value.json")] == ["6"]


def copy_of_the_sources(folder: Path) -> Path:
    """A copy of the package and its contracts, to plant something in."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "src" / "dagger_providers"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    # Its config is the folder's pyproject.toml; the folder's own sources come first on the path.
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


LAYERS = "cli > testing > targets"
LIGHT = "What runs in a container is light"


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("errors", "dagger_providers.storage", LAYERS),
        ("serializers", "dagger_providers.execution", LAYERS),
        ("planning", "dagger_providers.airflow", LAYERS),
        ("kfp.compiler", "dagger_providers.execution", "Compiling never runs user code"),
        ("argo", "dagger_providers.execution", "Compiling never runs user code"),
        ("argo", "dagger_providers.kfp", LAYERS),
        ("images", "dagger_providers.kfp", LAYERS),
        ("argo", "kfp", "Only the KFP target knows KFP"),
        ("serializers", "pydantic", LIGHT),
        ("card", "rich", LIGHT),
        ("airflow", "airflow", "Airflow can discover the provider"),
        ("runtimes", "airflow", "Only the Airflow target knows Airflow"),
        ("airflow", "kfp", "Only the KFP target knows KFP"),
    ],
)
def test_a_planted_import_breaks_its_contract(
    importer: str, imported: str, contract: str, tmp_path: Path
) -> None:
    package = copy_of_the_sources(tmp_path)
    place = package.joinpath(*importer.split("."))
    module = place / "__init__.py"
    file = module if module.exists() else place.with_suffix(".py")
    with file.open("a") as text:
        text.write(f"\n\ndef late():\n    import {imported}\n")

    done = lint_imports(tmp_path)

    broken = [row for row in done.stdout.splitlines() if row.endswith(" BROKEN")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(row.startswith(contract) for row in broken), done.stdout
    assert f"dagger_providers.{importer} -> {imported}" in done.stdout


def test_a_new_top_level_module_needs_a_layer(tmp_path: Path) -> None:
    package = copy_of_the_sources(tmp_path)
    (package / "utils.py").write_text('"""Anything at all."""\n')

    done = lint_imports(tmp_path)

    assert done.returncode == 1
    assert "utils" in done.stdout
