"""What lies in kfp_components compiles to what is committed, is described, and runs."""

import runpy
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from google.protobuf import json_format
from kfp import compiler, components, dsl
from kfp.pipeline_spec import pipeline_spec_pb2

from dagger_providers import __version__
from dagger_providers.dsl.find import find_pipeline
from dagger_providers.errors import UsageError
from dagger_providers.execution import open_run, run_card
from dagger_providers.kfp.library import component_yaml, publish_report
from dagger_providers.kfp.record import begin
from dagger_providers.kfp.validate import problems
from dagger_providers.planning import nested_plan
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


def test_there_are_some():
    names = {folder.relative_to(ROOT).as_posix() for folder in FOLDERS}

    assert names >= {"core/run_node", "core/run_pipeline", "io/download", "io/upload"}


def test_it_compiles_to_what_is_committed(folder, document, tmp_path):
    made = runpy.run_path(str(folder / "component.py"))[folder.name]
    compiler.Compiler().compile(made, str(tmp_path / "again.yaml"))

    again = yaml.safe_load((tmp_path / "again.yaml").read_text())
    assert {**again, "sdkVersion": ""} == {**document, "sdkVersion": ""}


def test_it_is_valid_and_loads(folder, document):
    spec = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())

    assert list(problems(spec)) == []
    assert components.load_component_from_file(str(folder / "component.yaml")).name


def test_the_library_gives_it_by_name(folder):
    found = component_yaml(folder.relative_to(ROOT).as_posix())

    assert found == (folder / "component.yaml").read_text()


def test_the_library_says_which_there_are():
    with pytest.raises(UsageError, match="no component 'core/run'; there are: core/publish_report"):
        component_yaml("core/run")


def test_a_report_of_an_engines_run_shows_its_nodes_as_the_store_has_them(tmp_path):
    pipeline = find_pipeline(f"{FLOWS}:linear").build()
    store = str(tmp_path)
    texts = {"text": '"a"'}
    context = open_run(store, "of-kfp", texts, pipeline.code_root)
    begin(pipeline, context.store.uri, "of-kfp", texts, {"name": "kfp"})
    run_card(nested_plan(pipeline).steps["upper-1"].card, (), context)

    told = publish_report.__wrapped__(store, "of-kfp")

    assert "| upper-1 | succeeded | 1 of 1 |" in told.summary
    assert "| upper-2 |" in told.summary


def test_its_image_is_of_this_release(document):
    (executor,) = document["deploymentSpec"]["executors"].values()

    assert executor["container"]["image"] == f"dagger-providers:{__version__}"


def test_it_is_described(folder, document):
    metadata = yaml.safe_load((folder / "metadata.yaml").read_text())
    readme = (folder / "README.md").read_text()
    definitions = [document["root"].get(f"{side}Definitions", {}) for side in ("input", "output")]
    slots = {n: one for side in definitions for kind in side.values() for n, one in kind.items()}
    inputs = document["root"]["inputDefinitions"]["parameters"]

    assert metadata["name"] == folder.name
    assert metadata["stability"] in {"experimental", "alpha", "beta", "stable"}
    assert isinstance(metadata["lastVerified"], datetime)
    assert f"({folder.relative_to(ROOT)})" in (ROOT / "README.md").read_text()
    assert [name for name in slots if f"| `{name}` |" not in readme] == []
    assert [name for name, slot in inputs.items() if not slot.get("description")] == []


def load(name):
    return components.load_component_from_file(str(ROOT / name / "component.yaml"))


@pytest.mark.slow
def test_files_come_and_go(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.csv").write_text("a\n1\n")
    digest = sha256(b"a\n1\n").hexdigest()

    @dsl.pipeline(name="moving")
    def moving(source: str, checked: str, target: str) -> str:
        folder = load("io/download")(uri=source)
        load("io/upload")(data=folder.output, uri=f"{target}/folder")
        file = load("io/download")(uri=checked, sha256=digest)
        return load("io/upload")(data=file.output, uri=f"{target}/file").outputs["sha256"]

    compiler.Compiler().compile(moving, str(tmp_path / "moving.yaml"))
    here, there = tmp_path / "here", tmp_path / "there"
    given = {"source": str(here), "checked": str(here / "a.csv"), "target": str(there)}
    run = run_spec(tmp_path / "moving.yaml", given, pipeline_root=tmp_path, runner="host")

    assert run.ok, run.reason + run.log
    assert run.outputs == {"Output": digest}
    assert (there / "folder" / "a.csv").read_text() == (there / "file").read_text() == "a\n1\n"


def test_a_download_of_other_content_fails(tmp_path):
    (tmp_path / "a.csv").write_text("other")
    given = {"uri": str(tmp_path / "a.csv"), "sha256": "0" * 64}

    run = run_spec(
        ROOT / "io/download/component.yaml", given, pipeline_root=tmp_path, runner="host"
    )

    assert not run.ok
    assert "sha256" in run.log


@pytest.mark.slow
def test_a_pipeline_runs_by_name_and_its_record_is_shown(tmp_path):
    @dsl.pipeline(name="reported")
    def reported(ref: str, store: str):
        ran = load("core/run_pipeline")(ref=ref, params='{"text": "x"}', store=store, run_id="one")
        load("core/publish_report")(store=store, run_id="one").after(ran)

    compiler.Compiler().compile(reported, str(tmp_path / "reported.yaml"))
    given = {"ref": f"{FLOWS}:linear", "store": str(tmp_path / "store")}
    run = run_spec(tmp_path / "reported.yaml", given, pipeline_root=tmp_path, runner="host")

    assert run.ok, run.reason + run.log
    (result,) = tmp_path.glob("*/run-pipeline/result")
    (page,) = tmp_path.glob("*/publish-report/page")
    (summary,) = tmp_path.glob("*/publish-report/summary")
    assert result.read_text() == '"X"'
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "| upper-1 | succeeded | 1 of 1 |" in summary.read_text()


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
