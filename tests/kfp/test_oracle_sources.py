import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.kfp

HERE = Path(__file__).parent
PROGRAMS = HERE.parent / "conformance" / "programs"
ORACLE = sorted(file.stem for file in (HERE / "oracle").glob("*.py") if file.stem != "components")


def test_the_oracle_is_of_real_programs():
    assert len(ORACLE) >= 30
    assert set(ORACLE) <= {file.stem for file in PROGRAMS.glob("*.py")}


@pytest.mark.parametrize("name", ORACLE)
def test_the_sdk_compiles_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from kfp import compiler

    monkeypatch.syspath_prepend(HERE)
    module = importlib.import_module(f"oracle.{name}")
    assert name == module.PROGRAM
    compiler.Compiler().compile(module.pipeline, str(tmp_path / "pipeline.yaml"))
