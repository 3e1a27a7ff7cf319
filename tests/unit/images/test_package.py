"""The wheel that an image gets where this package is on no index."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from dagger_providers import __version__
from dagger_providers.images.package import package_here, wheel


def test_a_tree_of_sources_is_no_release() -> None:
    assert package_here([]).source.startswith("file://")


def test_the_same_files_give_the_same_bytes() -> None:
    assert wheel() == wheel()


def test_it_can_be_installed(tmp_path: Path) -> None:
    file = tmp_path / package_here([]).wheel
    file.write_bytes(wheel())
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*words, "--target", tmp_path / "here", file], check=True)

    code = (
        "import dagger_providers, importlib.metadata as m; "
        "d = m.distribution('dagger-providers'); "
        "print(dagger_providers.__file__, d.version, len(d.requires) > 5, "
        "*sorted(e.name for e in d.entry_points))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path / "here")},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.split() == [
        str(tmp_path / "here/dagger_providers/__init__.py"),
        *(__version__, "True", "dagger", "dagger-providers", "provider_info"),
    ]


def test_it_holds_the_files_that_code_reads() -> None:
    names = ZipFile(BytesIO(wheel())).namelist()

    assert "dagger_providers/py.typed" in names
    assert any(name.startswith("dagger_providers/airflow/plugin/static/") for name in names)
    assert not any("__pycache__" in name for name in names)
