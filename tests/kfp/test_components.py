"""What lies in kfp_components compiles to what is committed, is described, and runs."""

import runpy
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from google.protobuf import json_format
from kfp import compiler, components
from kfp.pipeline_spec import pipeline_spec_pb2

from dagger_providers import __version__
from dagger_providers.kfp.validate import problems
from dagger_providers.storage import open_store, read_commit
from dagger_providers.testing.kfp_local import run_spec

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

ROOT = Path(__file__).parents[2] / "kfp_components"
FOLDERS = sorted(file.parent for file in ROOT.glob("*/*/component.py"))
FLOWS = Path(__file__).with_name("kfp_flows.py")


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request):
    return request.param


@pytest.fixture
def document(folder):
    return yaml.safe_load((folder / "component.yaml").read_text())


def test_there_is_one():
    assert ROOT / "core" / "run_node" in FOLDERS


def test_it_compiles_to_what_is_committed(folder, document, tmp_path):
    made = runpy.run_path(str(folder / "component.py"))[folder.name]
    compiler.Compiler().compile(made, str(tmp_path / "again.yaml"))

    again = yaml.safe_load((tmp_path / "again.yaml").read_text())
    assert {**again, "sdkVersion": ""} == {**document, "sdkVersion": ""}


def test_it_is_valid_and_loads(folder, document):
    spec = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())

    assert list(problems(spec)) == []
    assert components.load_component_from_file(str(folder / "component.yaml")).name


def test_its_image_is_of_this_release(document):
    (executor,) = document["deploymentSpec"]["executors"].values()

    assert executor["container"]["image"] == f"dagger-providers:{__version__}"


def test_it_is_described(folder, document):
    metadata = yaml.safe_load((folder / "metadata.yaml").read_text())
    readme = (folder / "README.md").read_text()
    inputs = document["root"]["inputDefinitions"]["parameters"]

    assert metadata["name"] == folder.name
    assert metadata["stability"] in {"experimental", "alpha", "beta", "stable"}
    assert isinstance(metadata["lastVerified"], datetime)
    assert f"({folder.relative_to(ROOT)})" in (ROOT / "README.md").read_text()
    assert [name for name in inputs if f"| `{name}` |" not in readme] == []
    assert [name for name, slot in inputs.items() if not slot.get("description")] == []


def test_the_example_of_run_node_runs(tmp_path):
    example = runpy.run_path(str(ROOT / "core" / "run_node" / "example_pipelines.py"))
    compiler.Compiler().compile(example["two_nodes"], str(tmp_path / "example.yaml"))
    store = str(tmp_path / "store")
    arguments = {"store": store, "ref": f"{FLOWS}:linear", "first": "upper-1", "last": "upper-2"}

    run = run_spec(tmp_path / "example.yaml", arguments, pipeline_root=tmp_path, runner="host")

    assert run.ok, run.reason + run.log
    assert [task.node for task in run.tasks] == ["upper-1", "", "upper-2"]
    assert "half way; values are in" in run.log
    folder = open_store(store).join("runs", run.run_id)
    record = read_commit(open_store(folder), "nodes/upper-2")
    assert Path(folder, record.outputs["return_value"].uri).read_text() == '"A"'


def test_run_node_alone_takes_parameters_from_a_file(tmp_path):
    (tmp_path / "parameters.json").write_text('{"text": "hello"}')
    arguments = {
        "ref": f"{FLOWS}:linear",
        "node_name": "upper-1",
        "store": str(tmp_path / "store"),
        "run_id": "by-hand",
        "params_file": str(tmp_path / "parameters.json"),
    }

    run = run_spec(
        ROOT / "core" / "run_node" / "component.yaml",
        arguments,
        pipeline_root=tmp_path,
        runner="host",
    )

    assert run.ok, run.reason + run.log
    (file,) = (tmp_path / "store" / "runs" / "by-hand").glob("nodes/upper-1/*/return_value.json")
    assert file.read_text() == '"HELLO"'


def test_run_node_tells_what_is_wrong(tmp_path):
    arguments = {"ref": f"{FLOWS}:linear", "node_name": "uper", "store": "/s", "run_id": "1"}

    run = run_spec(
        ROOT / "core" / "run_node" / "component.yaml",
        arguments,
        pipeline_root=tmp_path,
        runner="host",
    )

    assert not run.ok
    assert "no node 'uper'" in run.reason
