"""Say what targets cannot do with a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dagger_providers.cli.targets import TARGETS, Target, target_of
from dagger_providers.errors import MissingExtraError
from dagger_providers.model import DAG
from dagger_providers.planning.capabilities import Deployment, Refusal
from dagger_providers.planning.lowering import plan_for


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target's word on one pipeline.

    Attributes:
        name: The target, as it was named.
        target: The target.
        refusals: What it cannot do; None when it is not installed, so that it was not asked.
    """

    name: str
    target: Target
    refusals: tuple[Refusal, ...] | None


def verdicts(
    dag: DAG, names: Sequence[str], *, store: str | None, image: str | None
) -> list[Verdict]:
    """Ask targets what they cannot do with a pipeline.

    Args:
        dag: The pipeline.
        names: The targets, each as ``NAME`` or ``NAME:VARIANT``; none: all that are installed.
        store: The store that they are to use; None: nothing is said of it.
        image: The image of tasks that name none; None: nothing is said of it.

    Raises:
        UsageError: There is no such target.
        MissingExtraError: One that is named is not installed.
    """
    chosen = [(name, *target_of(name)) for name in names or TARGETS]
    for _, target, _ in chosen:
        if names and not target.version:
            raise MissingExtraError(f"checking for {target.title}", target.extra)
    return [
        Verdict(
            name,
            target,
            tuple(
                target.refusals(dag, plan_for(dag, target.name), Deployment(variant, store, image))
            )
            if target.version
            else None,
        )
        for name, target, variant in chosen
    ]


def lines(found: Sequence[Verdict]) -> list[str]:
    """Return the verdicts as text, a line for each refusal."""
    told: list[str] = []
    for verdict in found:
        if verdict.refusals is None:
            missing = MissingExtraError(verdict.target.title, verdict.target.extra)
            told.append(f"{verdict.name}: not checked; {missing}")
        elif not verdict.refusals:
            told.append(f"{verdict.name}: fine ({_engine(verdict.target)})")
        else:
            told += [f"{refusal} [{refusal.rule.id}]" for refusal in verdict.refusals]
    return told


def _engine(target: Target) -> str:
    return f"{target.package} {target.version}"


def to_json(found: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts as JSON data, an object for each target."""
    return [
        {
            "target": verdict.name,
            "engine": verdict.target.package,
            "version": verdict.target.version or None,
            "extra": verdict.target.extra or None,
            "status": _status(verdict.refusals),
            "refusals": [_as_json(refusal) for refusal in verdict.refusals or ()],
        }
        for verdict in found
    ]


def _status(refusals: Sequence[Refusal] | None) -> str:
    if refusals is None:
        return "not installed"
    return "refused" if refusals else "fine"


def _as_json(refusal: Refusal) -> dict[str, Any]:
    rule = refusal.rule
    return {
        "rule": rule.id,
        "place": refusal.place,
        "what": refusal.what,
        "reason": rule.reason,
        "source": rule.source,
        "versions": rule.versions,
        "certain": rule.certain,
        "instead": refusal.instead,
    }
