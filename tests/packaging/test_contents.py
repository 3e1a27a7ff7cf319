"""What the wheel and the source distribution hold."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from email import message_from_string
from pathlib import Path, PurePosixPath

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
METADATA = f"dagger_providers-{PROJECT['version']}.dist-info"


def sources() -> set[str]:
    return {
        file.relative_to(ROOT / "src").as_posix()
        for file in (ROOT / "src" / "dagger_providers").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def components() -> set[str]:
    return {
        f"dagger_providers/kfp/{file.relative_to(ROOT).as_posix()}"
        for file in (ROOT / "kfp_components").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{METADATA}/{name}").decode()


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = set(archive.namelist())
    extra = {file for file in files if not file.startswith(METADATA)}

    assert extra == sources() | components()
    assert "dagger_providers/py.typed" in files
    assert f"{METADATA}/licenses/LICENSE" in files


def test_the_sdist_builds_the_wheel_and_holds_no_tests(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        files = [PurePosixPath(name).parts[1:] for name in archive.getnames()]
    top = {parts[0] for parts in files if parts}

    assert top == {
        ".gitignore", "LICENSE", "PKG-INFO", "README.md", "kfp_components", "pyproject.toml", "src"
    }  # fmt: skip


def test_the_wheel_has_the_components_for_kfp_as_data(wheel: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(wheel, tmp_path, "zip")
    code = "from dagger_providers.kfp import library as l; print(l.component_yaml('{}'), end='')"

    found = subprocess.run(
        [sys.executable, "-c", code.format("io/download")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout == (ROOT / "kfp_components/io/download/component.yaml").read_text()


def test_the_wheel_declares_its_entry_points(wheel: Path) -> None:
    declared = ConfigParser()
    declared.read_string(metadata(wheel, "entry_points.txt"))

    assert {name: dict(declared[name]) for name in declared.sections()} == {
        "console_scripts": {"dagger-providers": "dagger_providers.cli:main"},
        "apache_airflow_provider": {
            "provider_info": "dagger_providers.airflow.provider:get_provider_info"
        },
        "airflow.plugins": {"dagger": "dagger_providers.airflow.plugin:DaggerPlugin"},
    }


def test_the_metadata_names_every_extra(wheel: Path) -> None:
    head = message_from_string(metadata(wheel, "METADATA"))

    assert set(head.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    assert head["License-Expression"] == "Apache-2.0"
    assert "Framework :: Apache Airflow :: Provider" in head.get_all("Classifier", [])
    assert head["Description-Content-Type"] == "text/markdown"
