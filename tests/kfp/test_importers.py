"""Artifacts are made known to KFP by its importers, and read by the tasks themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import artifact_flows
import pytest
import yaml
from kfp import compiler, dsl

from dagger_providers import kfp
from dagger_providers.errors import ModelError
from dagger_providers.kfp.validate import problems, validate
from dagger_providers.testing.kfp_local import run_spec

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture
def made() -> Any:
    return yaml.safe_load(kfp.compile(artifact_flows.in_a_bucket, image="i", store="s3://bucket"))


@pytest.fixture
def spec() -> Any:
    return kfp.pipeline_spec(artifact_flows.in_a_bucket, image="i", store="s3://bucket")


def test_an_importer_is_what_the_sdk_writes(made: Any, tmp_path: Path) -> None:
    @dsl.pipeline
    def by_sdk():  # type: ignore[no-untyped-def]  # the SDK reads annotations
        dsl.importer(
            artifact_uri="s3://bucket/in/rows.csv",
            artifact_class=dsl.Dataset,
            metadata={"serializer": "csv", "sha256": artifact_flows.DIGEST},
        )

    compiler.Compiler().compile(by_sdk, str(tmp_path / "sdk.yaml"))
    theirs = yaml.safe_load((tmp_path / "sdk.yaml").read_text())

    ours = made["deploymentSpec"]["executors"]["exec-import-rows"]
    assert ours == theirs["deploymentSpec"]["executors"]["exec-importer"]
    named = {"executorLabel": "exec-import-rows"}
    assert made["components"]["comp-import-rows"] == theirs["components"]["comp-importer"] | named
    task = made["root"]["dag"]["tasks"]["import-rows"]
    assert task["inputs"] == theirs["root"]["dag"]["tasks"]["importer"]["inputs"]


def test_what_reads_an_artifact_waits_for_its_importer(made: Any) -> None:
    tasks = made["root"]["dag"]["tasks"]
    waits = {key: set(task.get("dependentTasks", ())) for key, task in tasks.items()}

    assert "import-rows" in waits["total"]
    assert "import-rows" in waits["switch-switch"]
    assert "import-words" in waits["for-each-words"]
    assert "import-words" in waits["items-of-words"]
    assert "import-words" in waits["total"]  # how many there are to gather
    assert "import-words" not in waits["switch-switch"]


def test_no_task_has_it_for_an_input(made: Any) -> None:
    """KFP's launcher would download it into each pod, beside what the task reads itself."""
    definitions = [one.get("inputDefinitions", {}) for one in made["components"].values()]

    assert not any("artifacts" in one for one in definitions)


def test_what_kfp_cannot_import_is_read_all_the_same() -> None:
    made = yaml.safe_load(kfp.compile(artifact_flows.elsewhere, image="i", store="s3://bucket"))

    assert list(made["root"]["dag"]["tasks"]) == ["total"]
    assert '"uri":"https://host/rows.csv"' in "".join(_words(made, "exec-total"))


def _words(made: Any, executor: str) -> list[str]:
    words: list[str] = made["deploymentSpec"]["executors"][executor]["container"]["args"]
    return words


def test_kfp_s_local_engine_runs_it(tmp_path: Path, bucket: dict[str, bytes]) -> None:
    store = str(tmp_path / "store")
    text = kfp.compile(artifact_flows.in_a_bucket, image="none", store=store)
    bucket |= {"in/rows.csv": artifact_flows.ROWS, "words.json": artifact_flows.WORDS}
    ran = run_spec(text, {}, pipeline_root=tmp_path, runner="host")

    assert ran.ok, ran.reason + ran.log
    assert ran.log.index("uri='s3://bucket/in/rows.csv'") < ran.log.index("'total'")
    found = Path(store).rglob("nodes/total/attempt-*/return_value.json")
    assert [file.read_text() for file in found] == ["46"]


FAULTS = {
    "no URI": (
        lambda s: _importer(s).update({"artifactUri": {}}),
        "component 'comp-import-rows' imports an artifact without a URI",
    ),
    "a parameter that is none": (
        lambda s: _importer(s).update({"artifactUri": {"runtimeParameter": "place"}}),
        "component 'comp-import-rows' imports from its input 'place', which it has not",
    ),
    "another type": (
        lambda s: _importer(s).update({"typeSchema": {"schemaTitle": "system.Model"}}),
        "imports an artifact of type system.Model, and gives one of system.Dataset",
    ),
    "another output": (
        lambda s: s.components["comp-import-rows"].output_definitions.artifacts.pop("artifact"),
        "imports an artifact, and does not have the one output 'artifact'",
    ),
}


@pytest.mark.parametrize(("seed", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(seed: Any, expected: str, spec: Any) -> None:
    seed(spec)

    found = list(problems(spec))

    assert any(expected in one for one in found), found
    with pytest.raises(ModelError, match=re.escape(found[0])):
        validate(spec)


def _importer(spec: Any) -> Any:
    executors = spec.deployment_spec["executors"]
    return executors["exec-import-rows"]["importer"]
