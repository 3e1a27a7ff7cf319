"""KFP's SDK as the judge: it loads what we compile, and writes the same from the same graph."""

import re
from copy import deepcopy

import kfp_by_sdk
import pytest
import yaml
from google.protobuf import json_format
from kfp import compiler, components
from kfp.pipeline_spec import pipeline_spec_pb2

from dagger_providers import kfp
from dagger_providers.kfp.validate import problems

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
FLOWS = [
    "linear",
    "row",
    "fan_in",
    "mapped",
    "over_parameter",
    "in_each_other",
    "again",
    "failing",
    "typed",
]


@pytest.mark.parametrize("name", FLOWS)
def test_the_sdk_loads_it_and_compiles_it_to_the_same(name, flow, tmp_path):
    ours, again = tmp_path / "ours.yaml", tmp_path / "again.yaml"
    text = kfp.compile(flow(name), ours, **PLACE)

    compiler.Compiler().compile(components.load_component_from_file(str(ours)), str(again))

    read = yaml.safe_load(again.read_text())
    read["sdkVersion"] = yaml.safe_load(text)["sdkVersion"]
    assert read == yaml.safe_load(text)


@pytest.mark.parametrize("name", FLOWS)
def test_the_sdk_writes_the_same_from_the_same_graph(name, flow, tmp_path):
    model = flow(name).build()
    kfp_by_sdk.compile_by_sdk(model, tmp_path / "sdk.yaml", **PLACE)
    by_sdk = yaml.safe_load((tmp_path / "sdk.yaml").read_text())

    ours = unshared(yaml.safe_load(kfp.compile(model, **PLACE)))
    assert normal(ours, model) == normal(by_sdk, model)


def unshared(document):
    """The same with a component for each task, as the SDK has it, and its card in its arguments."""
    found, executors = document["components"], document["deploymentSpec"]["executors"]
    dags = [document["root"], *(c for c in found.values() if "dag" in c)]
    shared = set()
    for key, task in (item for dag in dags for item in dag["dag"]["tasks"].items()):
        name = task["componentRef"]["name"]
        card = task.get("inputs", {}).get("parameters", {}).pop("dagger-card", None)
        if card is None:
            continue
        shared.add(name)
        own, made = deepcopy(found[name]), deepcopy(executors[found[name]["executorLabel"]])
        del own["inputDefinitions"]["parameters"]["dagger-card"]
        made["container"]["args"][1] = card["runtimeValue"]["constant"]
        task["componentRef"]["name"], own["executorLabel"] = f"comp-{key}", f"exec-{key}"
        found[f"own-{key}"], executors[f"own-{key}"] = own, made
    for name in shared:
        del executors[found.pop(name)["executorLabel"]]
    for names, kind in ((found, "comp"), (executors, "exec")):
        for name in [name for name in names if name.startswith("own-")]:
            names[f"{kind}-{name.removeprefix('own-')}"] = names.pop(name)
    return document


def normal(document, model):
    """What is the same for KFP: names are ours or the SDK's, the order of dependencies is free."""
    text = yaml.safe_dump(document, width=10**6)
    for ours, theirs in {
        "dagger-run-id": "dagger_run_id",
        "dagger-index-2": "dagger_index_2",
        "dagger-index": "dagger_index",
        "Output": "indices",
    }.items():
        text = re.sub(rf"(?<![\w$.]){ours}\b", theirs, text)
    text = re.sub(r"indices-item\b", "indices-loop-item", text)
    for name in model.inputs:
        text = text.replace(f"pipelinechannel--{name}\n", f"{name}\n")
        text = text.replace(f"pipelinechannel--{name}:", f"{name}:")
    loops = loop_names(document)
    for name, new in loops.items():
        text = re.sub(rf"(?<![\w-])(comp-)?{name}(?![\w-])", rf"\g<1>{new}", text)
    document = yaml.safe_load(text)
    del document["sdkVersion"]
    for slot in document["root"].get("inputDefinitions", {}).get("parameters", {}).values():
        slot.pop("description", None)
    document["pipelineInfo"].pop("description", None)
    dags = [document["root"], *(c for c in document["components"].values() if "dag" in c)]
    for dag in dags:
        for task in dag["dag"]["tasks"].values():
            task.get("dependentTasks", []).sort()
    return document


def loop_names(document):
    """A name for each loop that says what is in it, which no task is called."""
    components = document["components"]
    dags = [document["root"], *(c for c in components.values() if "dag" in c)]
    tasks = {key: task for dag in dags for key, task in dag["dag"]["tasks"].items()}
    inside = {
        key: components[task["componentRef"]["name"]]["dag"]["tasks"]
        for key, task in tasks.items()
        if "parameterIterator" in task
    }
    return {key: f"LOOP-{min(set(own) - set(inside))}" for key, own in inside.items()}


@pytest.mark.parametrize("name", FLOWS)
def test_our_validator_finds_nothing_in_what_the_sdk_writes(name, flow, tmp_path):
    kfp_by_sdk.compile_by_sdk(flow(name).build(), tmp_path / "sdk.yaml", **PLACE)
    document = yaml.safe_load((tmp_path / "sdk.yaml").read_text())

    spec = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())

    assert list(problems(spec)) == []


def test_nothing_in_it_is_unknown_to_the_format(flow):
    """Strict parsing: a field or an enum's value that the format has not is an error."""
    document = yaml.safe_load(kfp.compile(flow("mapped"), **PLACE))

    spec = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())

    executors = json_format.MessageToDict(spec.deployment_spec)["executors"]
    config = pipeline_spec_pb2.PipelineDeploymentConfig()
    json_format.ParseDict({"executors": executors}, config)
    assert set(config.executors) == set(executors)
