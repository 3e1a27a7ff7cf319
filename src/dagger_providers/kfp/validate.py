"""Find what is wrong in a ``PipelineSpec`` before an engine does, in the middle of a run or never.

KFP's own parsers accept a reference to nowhere, a cycle and a key that no cluster takes; its local
engine notices some of them when it comes to the task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from dagger_providers.errors import ModelError
from dagger_providers.kfp.protobuf import messages

_KEY = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PLACEHOLDER = re.compile(r"\{\{\$\.(inputs|outputs)\.(parameters|artifacts)\['([^']*)'\]")
_KINDS = ("parameters", "artifacts")


def validate(spec: Any) -> None:
    """Check a pipeline as a whole.

    Args:
        spec: A ``PipelineSpec`` message, of ours or of the SDK's.

    Raises:
        ModelError: It is not valid; in one line, with the first problem.
    """
    problem = next(problems(spec), None)
    if problem is not None:
        raise ModelError(f"the KFP pipeline {spec.pipeline_info.name!r} is not valid: {problem}")


def problems(spec: Any) -> Iterator[str]:
    """Yield all that is wrong, a line each."""
    if spec.schema_version != "2.1.0":
        yield f"its schema version is {spec.schema_version!r}, expected '2.1.0'"
    yield from _key(spec.pipeline_info.name, "its name")
    executors = _fields(spec.deployment_spec.fields, "executors")
    yield from _unused(spec, executors)
    for name, component in spec.components.items():
        place = f"component {name!r}"
        yield from _key(name, "the component key")
        match component.WhichOneof("implementation"):
            case "dag":
                yield from _Dag(spec, component, place).problems()
            case "executor_label":
                yield from _container(component, place, executors)
            case _:
                yield f"{place} is neither a container nor a pipeline"
    yield from _Dag(spec, spec.root, "the root").problems()


def _key(name: str, what: str) -> Iterator[str]:
    if not _KEY.fullmatch(name):
        yield f"{what} {name!r} is not made of lower-case letters, digits and inner dashes"


def _fields(fields: Any, name: str) -> Mapping[str, Any]:
    """Return the fields of a struct in a struct; asking the map itself would add a missing one."""
    return fields[name].struct_value.fields if name in fields else {}


def _unused(spec: Any, executors: Mapping[str, Any]) -> Iterator[str]:
    dags = [spec.root.dag, *(component.dag for component in spec.components.values())]
    used = {task.component_ref.name for dag in dags for task in dag.tasks.values()}
    for name in spec.components:
        if name not in used:
            yield f"no task runs component {name!r}"
    labels = {component.executor_label for component in spec.components.values()}
    for name in executors:
        if name not in labels:
            yield f"no component uses executor {name!r}"


def _container(component: Any, place: str, executors: Mapping[str, Any]) -> Iterator[str]:
    label = component.executor_label
    if label not in executors:
        yield f"{place} uses executor {label!r}, which does not exist"
        return
    executor = executors[label].struct_value.fields
    if "importer" in executor:
        yield from _importer(component, place, _fields(executor, "importer"))
    container = _fields(executor, "container")
    sides = {"inputs": component.input_definitions, "outputs": component.output_definitions}
    for part in ("command", "args"):
        for word in container[part].list_value.values if part in container else ():
            for side, kind, name in _PLACEHOLDER.findall(word.string_value):
                if name not in getattr(sides[side], kind):
                    yield f"{place} names {side}.{kind}[{name!r}], which it has not"


def _importer(component: Any, place: str, importer: Mapping[str, Any]) -> Iterator[str]:
    uri = _fields(importer, "artifactUri")
    name = uri["runtimeParameter"].string_value if "runtimeParameter" in uri else ""
    if not name and not ("constant" in uri and uri["constant"].string_value):
        yield f"{place} imports an artifact without a URI"
    if name and name not in component.input_definitions.parameters:
        yield f"{place} imports from its input {name!r}, which it has not"
    outputs = component.output_definitions.artifacts
    if list(outputs) != ["artifact"]:
        yield f"{place} imports an artifact, and does not have the one output 'artifact'"
        return
    schema = _fields(importer, "typeSchema")
    given = schema["schemaTitle"].string_value if "schemaTitle" in schema else ""
    wanted = outputs["artifact"].artifact_type.schema_title
    if given != wanted:
        yield f"{place} imports an artifact of type {given}, and gives one of {wanted}"


class _Dag:
    """The tasks of one component, and what they may refer to."""

    def __init__(self, spec: Any, component: Any, place: str) -> None:
        self.components = spec.components
        self.tasks = component.dag.tasks
        self.inputs = component.input_definitions
        self.place = place

    def problems(self) -> Iterator[str]:
        if not self.tasks:
            yield f"{self.place} has no tasks"
        for key, task in self.tasks.items():
            place = f"{self.place}, task {key!r}"
            yield from _key(key, f"{self.place}: the task key")
            for other in task.dependent_tasks:
                if other not in self.tasks:
                    yield f"{place} waits for task {other!r}, which does not exist"
            component = task.component_ref.name
            if component not in self.components:
                yield f"{place} runs component {component!r}, which does not exist"
                continue
            yield from self._inputs_of(task, self.components[component].input_definitions, place)
        graph = {key: list(task.dependent_tasks) for key, task in self.tasks.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            yield f"{self.place}: tasks wait for each other: {' -> '.join(error.args[1])}"

    def _inputs_of(self, task: Any, definitions: Any, place: str) -> Iterator[str]:
        loop = task.WhichOneof("iterator")
        iterator: Any = getattr(task, loop) if loop else None
        for kind in _KINDS:
            given, declared = getattr(task.inputs, kind), getattr(definitions, kind)
            for name, source in given.items():
                here = f"{place}, input {name!r}"
                if name not in declared:
                    yield f"{here}: its component has no such input"
                yield from self._source(task, kind, source, declared.get(name), here)
            for name, slot in declared.items():
                item = iterator is not None and name == iterator.item_input
                if name not in given and not slot.is_optional and not item:
                    yield f"{place} lacks the input {name!r} of its component"
        if loop == "parameter_iterator" and iterator.items.WhichOneof("kind") == "input_parameter":
            name = iterator.items.input_parameter
            if name not in task.inputs.parameters:
                yield f"{place} loops over its input {name!r}, which it has not"

    def _source(self, task: Any, kind: str, source: Any, slot: Any, place: str) -> Iterator[str]:
        """Check where an input comes from: it exists, it comes before, it has the type."""
        found = None
        of = source.WhichOneof("kind")
        if of is None:
            yield f"{place} comes from nowhere"
        elif of.startswith("component_input"):
            name = getattr(source, of)
            found = getattr(self.inputs, kind).get(name)
            if found is None:
                yield f"{place} reads input {name!r}, which {self.place} has not"
        elif of.startswith("task_output"):
            output = getattr(source, of)
            producer = output.producer_task
            key = getattr(output, f"output_{kind.removesuffix('s')}_key")
            found = self._output(producer, kind, key)
            if found is None:
                yield f"{place} reads output {key!r} of task {producer!r}, which does not exist"
            elif producer not in task.dependent_tasks:
                yield f"{place} reads task {producer!r}, for which the task does not wait"
        if found is not None and slot is not None and not _selects(source, kind):
            yield from _types(found, slot, kind, place)

    def _output(self, producer: str, kind: str, key: str) -> Any:
        name = self.tasks[producer].component_ref.name if producer in self.tasks else ""
        if name not in self.components:
            return None
        return getattr(self.components[name].output_definitions, kind).get(key)


def _selects(source: Any, kind: str) -> bool:
    """Say whether an input takes a part of a value, whose type is not told."""
    return kind == "parameters" and bool(source.parameter_expression_selector)


def _types(found: Any, slot: Any, kind: str, place: str) -> Iterator[str]:
    if kind == "parameters":
        name = messages().ParameterType.ParameterTypeEnum.Name
        given, wanted = name(found.parameter_type), name(slot.parameter_type)
        # A STRING takes any value, as JSON text; numbers are all doubles.
        fits = wanted == "STRING" or given.partition("_")[0] == wanted.partition("_")[0]
    else:
        given, wanted = found.artifact_type.schema_title, slot.artifact_type.schema_title
        fits = given == wanted or "system.Artifact" in {given, wanted}
    if not fits:
        yield f"{place} is {wanted}, and what it reads is {given}"
