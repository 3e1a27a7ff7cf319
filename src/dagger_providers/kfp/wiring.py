"""Arguments and results of components in KFP's messages, and in the node command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dagger_providers.kfp.parameters import set_type
from dagger_providers.kfp.ports import Port


def declare_inputs(component: Any, inputs: Iterable[Port]) -> None:
    """Say what a component takes."""
    from google.protobuf import json_format

    for port in inputs:
        slot = _slot(component.input_definitions, port)
        slot.description = port.description
        slot.is_optional = port.optional
        if port.default is not None:
            json_format.ParseDict(port.default, slot.default_value)


def declare_outputs(component: Any, outputs: Iterable[Port]) -> None:
    """Say what a component gives."""
    for port in outputs:
        _slot(component.output_definitions, port)


def _slot(definitions: Any, port: Port) -> Any:
    if not port.is_artifact:
        slot = definitions.parameters[port.name]
        set_type(slot, port.type)
        return slot
    slot = definitions.artifacts[port.name]
    slot.artifact_type.schema_title = port.type
    slot.artifact_type.schema_version = "0.0.1"
    slot.is_artifact_list = port.kind == "artifacts"
    return slot


def hand_in(task: Any, inputs: Iterable[Port]) -> None:
    """Hand the inputs of a DAG to a task in it."""
    for port in inputs:
        if port.is_artifact:
            task.inputs.artifacts[port.name].component_input_artifact = port.name
        else:
            task.inputs.parameters[port.name].component_input_parameter = port.name


def hand_out(dag: Any, key: str, outputs: Iterable[Port]) -> None:
    """Make the outputs of a task those of the DAG that it is in."""
    for port in outputs:
        if port.is_artifact:
            selector = dag.outputs.artifacts[port.name].artifact_selectors.add()
            selector.producer_subtask, selector.output_artifact_key = key, port.name
        else:
            source = dag.outputs.parameters[port.name].value_from_parameter
            source.producer_subtask, source.output_parameter_key = key, port.name


def input_words(inputs: Iterable[Port]) -> list[str]:
    """Return the options of the node command that give it KFP's values.

    What may be unset, and lists, are taken from the executor input: there KFP leaves a placeholder
    as it is, leaves out its word, or names the first artifact only.
    """
    words: list[str] = []
    for port in inputs:
        if port.kind == "artifacts" or (port.optional and port.default is None):
            words += ["--take", port.kind, port.of]
        elif port.is_artifact:
            words += ["--input", port.of, f"{{{{$.inputs.artifacts['{port.name}'].path}}}}"]
        else:
            place = f"{{{{$.inputs.parameters['{port.name}']}}}}"
            words += ["--param-as", port.kind, port.of, place]
        if port.trusted:
            words += ["--trust", port.of]
    return words


def output_words(outputs: Iterable[Port]) -> list[str]:
    """Return the options of the node command that write what KFP takes."""
    words: list[str] = []
    for port in outputs:
        if port.is_artifact:
            option = ["--output-as", "str"] if port.bare else ["--output"]
            words += [*option, port.of, f"{{{{$.outputs.artifacts['{port.name}'].path}}}}"]
        else:
            place = f"{{{{$.outputs.parameters['{port.name}'].output_file}}}}"
            words += ["--output-as", port.kind, port.of, place]
    return [*words, "--executor-input", "{{$}}"]
