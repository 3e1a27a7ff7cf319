"""Compare a compiled pipeline with the limits that KFP's servers have by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.compiler import to_yaml
from dagger_providers.kfp.emit import emitted
from dagger_providers.kfp.parameters import encoded
from dagger_providers.kfp.refusals import refusals
from dagger_providers.model import DAG, thaw
from dagger_providers.planning import Plan, nested_plan
from dagger_providers.planning.capabilities import Deployment, Refusal
from dagger_providers.planning.manifests import ANYWHERE

_PARAMETERS = 10_000
_OBJECT = 3 * 2**19
_PACKAGE = 2**25


def check(dag: DAG, lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield all that KFP cannot do with a pipeline, and what its default limits do not take.

    Raises:
        MissingExtraError: The extra ``kfp`` is not installed.
    """
    found = list(refusals(dag, lowered, to))
    return chain(found, _parameters(lowered), () if found else _sizes(dag))


def _parameters(lowered: Plan) -> Iterator[Refusal]:
    sources = [source for source in lowered.parameters.values() if not source.required]
    values = [encoded(source, thaw(source.default)) for source in sources]
    size = sum(len(value.encode() if isinstance(value, str) else str(value)) for value in values)
    if size > _PARAMETERS:
        yield rules.PARAMETERS_SIZE.at(
            "parameters",
            f"the defaults of the parameters have {size} bytes, and KFP's API server takes "
            f"{_PARAMETERS} in a run unless it is configured otherwise",
        )


def _sizes(dag: DAG) -> Iterator[Refusal]:
    from google.protobuf import json_format

    made = emitted(dag, nested_plan(dag), ANYWHERE)
    place = f"pipeline {dag.name!r}"
    whole = json.dumps([json_format.MessageToDict(made.spec), made.platform])
    workflow, package = len(whole.encode()), len(to_yaml(made).encode())
    if workflow > _OBJECT:
        yield rules.WORKFLOW_SIZE.at(
            place,
            f"pipeline {dag.name!r} compiles to {workflow} bytes of JSON, of which KFP makes one "
            f"Kubernetes object, and etcd takes {_OBJECT} bytes unless it is configured otherwise",
        )
    if package > _PACKAGE:
        yield rules.PACKAGE_SIZE.at(
            place,
            f"pipeline {dag.name!r} compiles to {package} bytes of YAML, and KFP's API server "
            f"takes {_PACKAGE}",
        )
