"""Find what Argo cannot do with a pipeline, before it is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from dagger_providers.argo import capabilities as rules
from dagger_providers.argo.options import option_refusals
from dagger_providers.argo.parameters import declaration_refusals
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
        _texts(lowered, to),
        option_refusals(dag, lowered),
        declaration_refusals(lowered),
    )


def _texts(lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield the texts that are handed on as they are, and that Argo would fill in."""
    for place, text in _handed_on(lowered, to):
        if "{{" in text:
            yield rules.TEMPLATE_TEXT.at(place, rules.takes_for_a_template(place))


def _handed_on(lowered: Plan, to: Deployment) -> Iterator[tuple[str, str]]:
    yield "store", to.store or ""
    yield "image", to.image or ""
    yield "code_root", to.code_root or ""
    for address, step in lowered.all_steps.items():
        yield f"task {address!r}: image", step.options.image or ""
        for name, value in step.options.env.items():
            yield f"task {address!r}: env {name!r}", value
