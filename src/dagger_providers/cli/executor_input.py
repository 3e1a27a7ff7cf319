"""KFP's executor input, which says what a container gets, and the output file that KFP reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from dagger_providers.cli.node_options import Request, json_of
from dagger_providers.errors import UsageError, one_line

_MOUNTED = {"gs": "/gcs", "s3": "/s3", "minio": "/minio"}
"""Where KFP's launcher puts what lies at a URI (kubeflow/pipelines:
backend/src/v2/component/launcher_v2.go, LocalPathForURI)."""

_METRICS = "system.Metrics"


def take(request: Request) -> frozenset[str]:
    """Fill in the arguments that a request takes from its executor input.

    Returns:
        The names of those that are not set there.

    Raises:
        UsageError: The executor input is none, or holds a value of another kind.
    """
    inputs = _read(request).get("inputs") or {}
    values, artifacts = inputs.get("parameterValues") or {}, inputs.get("artifacts") or {}
    unset = set()
    for name, kind in request.take.items():
        if kind in {"artifact", "artifacts"}:
            if name not in artifacts:
                unset.add(name)
                continue
            places = tuple(local_path(one) for one in artifacts[name].get("artifacts") or ())
            request.input[name] = places if kind == "artifacts" else places[0]
        elif values.get(name) is None:
            unset.add(name)
        else:
            value = values[name]
            text = value if isinstance(value, str) else json.dumps(value)
            request.param[name] = json_of(kind, name, text)
    return frozenset(unset)


def local_path(artifact: Mapping[str, Any]) -> str:
    """Return where KFP's launcher has put an artifact; the local engine gives a path already."""
    place: str = artifact.get("customPath") or artifact["uri"]
    scheme, found, rest = place.partition("://")
    if not found:
        return place
    if scheme == "oci":
        return f"/oci/{rest.replace('/', '_')}/models"
    return f"{_MOUNTED[scheme]}/{rest}" if scheme in _MOUNTED else place


def report(request: Request, located: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the file in which KFP reads what became of the output artifacts.

    Args:
        request: The request, whose executor input names that file.
        located: Sha256, serializer and size of what was written, by output; they become metadata
            of the artifact. Those of metrics are the numbers and texts in it instead: KFP shows
            them.
    """
    outputs = _read(request).get("outputs") or {}
    target = outputs.get("outputFile")
    if not target:
        return
    written = {request.output[name]: what for name, what in located.items()}
    told = {
        name: {"artifacts": [_told(artifact, written) for artifact in slot["artifacts"]]}
        for name, slot in (outputs.get("artifacts") or {}).items()
    }
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - pathlib costs more
    with open(target, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump({"artifacts": told}, stream)


def _told(artifact: Mapping[str, Any], written: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    location = local_path(artifact)
    known = artifact.get("metadata") or {}
    found = {**known, **_metadata(artifact, location, written.get(location, {}))}
    return {"name": artifact.get("name", ""), "uri": artifact["uri"], "metadata": found}


def _metadata(
    artifact: Mapping[str, Any], location: str, written: Mapping[str, Any]
) -> Mapping[str, Any]:
    if artifact.get("type", {}).get("schemaTitle") != _METRICS:
        return written
    with open(location, encoding="utf-8") as stream:  # noqa: PTH123
        values = json.load(stream)
    plain = values.items() if isinstance(values, dict) else ()
    return {name: value for name, value in plain if isinstance(value, bool | int | float | str)}


def _read(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.executor_input)
    except ValueError as error:
        raise UsageError(f"--executor-input is no JSON: {one_line(error)}") from error
    if not isinstance(found, dict):
        raise UsageError("--executor-input must be a JSON object")
    return found
