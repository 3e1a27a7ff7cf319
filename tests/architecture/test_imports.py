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
from importlib.metadata import entry_points

(found,) = entry_points(group="apache_airflow_provider", name="provider_info")
assert found.load()()["package-name"] == "dagger-providers"
"""


def loaded_by(code: str, cwd: Path) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running the code."""
    probe = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import dagger_providers", id="importing the package"),
        pytest.param(DECORATE, id="decorating and calling"),
        pytest.param(DISCOVER, id="discovering the Airflow provider"),
        pytest.param("import dagger_providers.execution", id="what runs a card"),
    ],
)
def test_is_light(code: str, tmp_path: Path) -> None:
    assert loaded_by(code, tmp_path) & HEAVY == set()


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    # Its config is the folder's pyproject.toml; the folder's own sources come first on the path.
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("errors", "import dagger_providers.storage", "cli > testing > targets"),
        ("storage", "import dagger_providers.serializers", "cli > testing > targets"),
        ("planning", "import dagger_providers.airflow", "cli > testing > targets"),
        ("kfp", "import dagger_providers.execution", "Compiling never runs user code"),
        ("serializers", "import pydantic", "What runs in a container is light"),
        ("card", "def late():\n    import rich", "What runs in a container is light"),
        ("airflow", "import airflow.sdk", "Airflow can discover the provider"),
        ("runtimes", "import airflow.sdk", "Only the Airflow target knows Airflow"),
        ("airflow", "import kfp", "Only the KFP target knows KFP"),
    ],
)
def test_a_planted_import_breaks_its_contract(
    module: str, line: str, contract: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "dagger_providers" / module
    file = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    with file.open("a") as text:
        text.write(f"\n\n{line}\n")

    done = lint_imports(tmp_path)

    broken = [row for row in done.stdout.splitlines() if row.endswith(" BROKEN")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(row.startswith(contract) for row in broken), done.stdout


def test_a_new_top_level_module_needs_a_layer(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "dagger_providers" / "utils.py").write_text('"""Anything at all."""\n')

    done = lint_imports(tmp_path)

    assert done.returncode == 1
    assert "utils" in done.stdout
