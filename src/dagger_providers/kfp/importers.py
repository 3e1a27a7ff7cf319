"""KFP's importers, which make an artifact known to its lineage; tasks read it by themselves.

An importer's artifact is no input of a task of ours: KFP's launcher downloads each input of a task
into its pod before it begins, whether or not its command names it (kubeflow/pipelines:
backend/src/v2/component/launcher_v2.go, downloadArtifacts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dagger_providers.card import Stored
from dagger_providers.kfp.parameters import set_type, set_value
from dagger_providers.kfp.ports import artifact_type
from dagger_providers.planning import NestedPlan, Step
from dagger_providers.planning.reading import artifacts_of

OUTPUT = "artifact"
"""What an importer's one output is called: `kfp.local` knows no other name."""

_URI = "uri"
_SCHEMES = ("gs://", "s3://")
"""What the importer of KFP's backend takes for a bucket, of what tasks can read."""


def importers(plan: NestedPlan) -> dict[str, Stored]:
    """Return the artifacts that KFP can import, each once, by the names of their importers."""
    found: dict[str, Stored] = {}
    for uri, stored in {one.uri: one for s in plan.steps.values() for one in _of(s)}.items():
        base = uri.rpartition("/")[2].partition(".")[0] or "artifact"
        number, name = 1, f"import-{base}[]"  # brackets leave the key, and no address has them
        while name in found:
            number += 1
            name = f"import-{base}-{number}[]"
        found[name] = stored
    return found


def read_by(steps: Iterable[Step], known: Mapping[str, Stored]) -> Iterator[str]:
    """Yield the importers of what steps read."""
    names = {stored.uri: name for name, stored in known.items()}
    for step in steps:
        for stored in _of(step):
            yield names[stored.uri]


def _of(step: Step) -> Iterator[Stored]:
    for stored in artifacts_of(step.card):
        if stored.uri.startswith(_SCHEMES) and "{{" not in stored.uri:
            yield stored


def executor(stored: Stored) -> dict[str, Any]:
    """Return KFP's ``ImporterSpec`` of an artifact, in JSON form."""
    metadata = {"serializer": stored.serializer.name}
    if stored.sha256:
        metadata["sha256"] = stored.sha256
    return {
        "artifactUri": {"constant": stored.uri},
        "typeSchema": {"schemaTitle": artifact_type(stored.serializer), "schemaVersion": "0.0.1"},
        "metadata": metadata,
    }


def declare(component: Any, stored: Stored) -> None:
    """Say what an importer takes and gives, as the SDK's has it."""
    set_type(component.input_definitions.parameters[_URI], "STRING")
    slot = component.output_definitions.artifacts[OUTPUT].artifact_type
    slot.schema_title, slot.schema_version = artifact_type(stored.serializer), "0.0.1"


def hand_in(task: Any, stored: Stored) -> None:
    """Hand its URI to an importer's task."""
    set_value(task.inputs.parameters[_URI].runtime_value.constant, stored.uri)
