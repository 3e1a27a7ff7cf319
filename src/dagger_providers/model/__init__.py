"""What a pipeline is: immutable, checked when made, and the same as JSON."""

from dagger_providers.model.arguments import check_parameters
from dagger_providers.model.documents import dumps, from_json, json_schema, loads, to_json
from dagger_providers.model.frozen import FrozenMapping
from dagger_providers.model.json_data import freeze, thaw
from dagger_providers.model.nodes import DAG, Case, Repeat, Switch, Task, children, tasks
from dagger_providers.model.options import Options, Resources
from dagger_providers.model.outputs import FromKey, FromProperty, FromReturnValue
from dagger_providers.model.values import (
    ForEach,
    FromArtifact,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromRecord,
    FromValue,
    Loop,
)

__all__ = [
    "DAG",
    "Case",
    "ForEach",
    "FromArtifact",
    "FromItem",
    "FromKey",
    "FromList",
    "FromNodeOutput",
    "FromParam",
    "FromProperty",
    "FromRecord",
    "FromReturnValue",
    "FromValue",
    "FrozenMapping",
    "Loop",
    "Options",
    "Repeat",
    "Resources",
    "Switch",
    "Task",
    "check_parameters",
    "children",
    "dumps",
    "freeze",
    "from_json",
    "json_schema",
    "loads",
    "tasks",
    "thaw",
    "to_json",
]
