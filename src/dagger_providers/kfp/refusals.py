"""Find what KFP cannot do with a pipeline, before it is compiled; imports nothing of KFP."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.containers import CHANNEL, INDEX, RUN_ID
from dagger_providers.kfp.definitions import CARD
from dagger_providers.kfp.options import option_refusals
from dagger_providers.kfp.parameters import declaration_refusals
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import (
    ArtifactRules,
    ContainerRules,
    Deployment,
    Refusal,
    airflow_only,
    artifact_refusals,
    container_refusals,
    hook_refusals,
)

_ARTIFACTS = ArtifactRules(rules.RELATIVE_ARTIFACT, rules.LOCAL_ARTIFACT)
_IN_CONTAINERS = ContainerRules(rules.NO_IMAGE, rules.RELATIVE_STORE, rules.LIVE_FUNCTION)


def refusals(dag: DAG, lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield what makes it impossible to compile a pipeline, or to run what was compiled."""
    return chain(
        container_refusals(lowered, to, _IN_CONTAINERS),
        artifact_refusals(lowered, to, _ARTIFACTS),
        hook_refusals(lowered, rules.NESTED_HOOK),
        airflow_only(dag, rules.AIRFLOW_ONLY),
        option_refusals(dag, lowered),
        _names(lowered),
        declaration_refusals(lowered),
    )


def _names(lowered: Plan) -> Iterator[Refusal]:
    for name in lowered.parameters:
        if name in {CARD, RUN_ID} or name.startswith((CHANNEL, INDEX)):
            place = f"parameter {name!r}"
            yield rules.TAKEN_NAME.at(place, f"the parameter name {name!r} is taken")
