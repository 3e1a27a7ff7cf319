"""Each seeded fault in a compiled pipeline is found, and named."""

import re

import pytest

from dagger_providers import kfp
from dagger_providers.errors import ModelError
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.validate import problems, validate

LOOP = "comp-for-each-names"


@pytest.fixture
def spec(flow):
    return kfp.pipeline_spec(flow("mapped"), image="i", store="/s")


def task(spec, key):
    return spec.root.dag.tasks[key]


def inputs(spec, component):
    return spec.components[component].input_definitions.parameters


def container(spec, label):
    fields = spec.deployment_spec.fields["executors"].struct_value.fields
    return fields[label].struct_value.fields["container"].struct_value.fields


def source(spec):
    return task(spec, "for-each-names").inputs.parameters["pipelinechannel--names-Output"]


FAULTS = {
    "schema version": (
        lambda s: setattr(s, "schema_version", "2.0.0"), "its schema version is '2.0.0'"),
    "pipeline name": (
        lambda s: setattr(s.pipeline_info, "name", "My Pipeline"), "its name 'My Pipeline' is not"),
    "component reference": (
        lambda s: setattr(task(s, "best").component_ref, "name", "comp-bets"),
        "task 'best' runs component 'comp-bets', which does not exist"),
    "executor reference": (
        lambda s: setattr(s.components["comp-best"], "executor_label", "exec-bets"),
        "component 'comp-best' uses executor 'exec-bets', which does not exist"),
    "unused component": (
        lambda s: s.components["comp-more"].CopyFrom(s.components["comp-best"]),
        "no task runs component 'comp-more'"),
    "unused executor": (
        lambda s: s.deployment_spec.fields["executors"].struct_value.update({"exec-more": {}}),
        "no component uses executor 'exec-more'"),
    "no implementation": (
        lambda s: s.components["comp-best"].ClearField("executor_label"),
        "component 'comp-best' is neither a container nor a pipeline"),
    "dependent task": (
        lambda s: task(s, "best").dependent_tasks.append("bets"),
        "task 'best' waits for task 'bets', which does not exist"),
    "cycle": (
        lambda s: task(s, "names").dependent_tasks.append("best"),
        "the root: tasks wait for each other: "),
    "cycle in a loop": (
        lambda s: s.components[LOOP].dag.tasks["clean"].dependent_tasks.append("fit"),
        "component 'comp-for-each-names': tasks wait for each other: "),
    "missing dependency": (
        lambda s: task(s, "for-each-names").ClearField("dependent_tasks"),
        "reads task 'names', for which the task does not wait"),
    "producer": (
        lambda s: setattr(source(s).task_output_parameter, "producer_task", "nams"),
        "reads output 'Output' of task 'nams', which does not exist"),
    "output key": (
        lambda s: setattr(source(s).task_output_parameter, "output_parameter_key", "output"),
        "reads output 'output' of task 'names', which does not exist"),
    "component input": (
        lambda s: setattr(
            task(s, "names").inputs.parameters["source"], "component_input_parameter", "src"),
        "reads input 'src', which the root has not"),
    "missing input": (
        lambda s: task(s, "names").inputs.parameters.pop("source"),
        "task 'names' lacks the input 'source' of its component"),
    "input that is not declared": (
        lambda s: inputs(s, "comp-names").pop("source"),
        "component 'comp-names' names inputs.parameters['source'], which it has not"),
    "extra input": (
        lambda s: task(s, "best").inputs.parameters["x"].runtime_value.constant.SetInParent(),
        "task 'best', input 'x': its component has no such input"),
    "input from nowhere": (
        lambda s: task(s, "names").inputs.parameters["source"].Clear(),
        "task 'names', input 'source' comes from nowhere"),
    "type": (
        lambda s: setattr(inputs(s, "comp-names")["n"], "parameter_type", 4),
        "task 'names', input 'n' is BOOLEAN, and what it reads is NUMBER_INTEGER"),
    "type of the list of a loop": (
        lambda s: setattr(inputs(s, LOOP)["pipelinechannel--names-Output"], "parameter_type", 6),
        "is STRUCT, and what it reads is LIST"),
    "items of a loop": (
        lambda s: setattr(
            task(s, "for-each-names").parameter_iterator.items, "input_parameter", "items"),
        "loops over its input 'items', which it has not"),
    "output placeholder": (
        lambda s: container(s, "exec-names")["args"].list_value.append(
            "{{$.outputs.parameters['out'].output_file}}"),
        "component 'comp-names' names outputs.parameters['out'], which it has not"),
    "no tasks": (
        lambda s: [s.components[LOOP].dag.tasks.pop(key) for key in ("clean", "fit")],
        "component 'comp-for-each-names' has no tasks"),
}  # fmt: skip


@pytest.mark.parametrize(("seed", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(seed, expected, spec):
    seed(spec)

    found = list(problems(spec))

    assert any(expected in one for one in found), found
    with pytest.raises(ModelError, match=re.escape(found[0])):
        validate(spec)


def renamed(spec, key, new):
    spec.root.dag.tasks[new].CopyFrom(spec.root.dag.tasks[key])
    del spec.root.dag.tasks[key]


@pytest.mark.parametrize("key", ["Cat_X", "-a", "a-", "a.b", "", "é"])
def test_a_key_that_no_cluster_takes_is_found(key, spec):
    renamed(spec, "best", key)

    assert list(problems(spec)) == [
        f"the root: the task key {key!r} is not made of lower-case letters, digits and inner dashes"
    ]


def test_artifacts_of_other_types_are_found():
    pb = messages()
    spec = pb.PipelineSpec(schema_version="2.1.0")
    spec.pipeline_info.name = "a"
    for name, side, title in (
        ("make", "output_definitions", "system.Dataset"),
        ("use", "input_definitions", "system.Model"),
    ):
        component = spec.components[f"comp-{name}"]
        component.executor_label = f"exec-{name}"
        getattr(component, side).artifacts["data"].artifact_type.schema_title = title
        spec.root.dag.tasks[name].component_ref.name = f"comp-{name}"
    spec.deployment_spec.update({"executors": {"exec-make": {}, "exec-use": {}}})
    use = spec.root.dag.tasks["use"]
    use.dependent_tasks.append("make")
    output = use.inputs.artifacts["data"].task_output_artifact
    output.producer_task, output.output_artifact_key = "make", "data"

    assert list(problems(spec)) == [
        "the root, task 'use', input 'data' is system.Model, and what it reads is system.Dataset"
    ]
    spec.components["comp-use"].input_definitions.artifacts[
        "data"
    ].artifact_type.schema_title = "system.Artifact"
    assert list(problems(spec)) == []


def test_looking_changes_nothing(spec):
    before = spec.SerializeToString(deterministic=True)

    assert list(problems(spec)) == []
    assert spec.SerializeToString(deterministic=True) == before
