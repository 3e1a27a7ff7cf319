"""The targets that a pipeline can be checked for; a new one is one more entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Deployment, Refusal, Rule

Check: TypeAlias = Callable[[DAG, Plan, Deployment], Iterator[Refusal]]


@dataclass(frozen=True, slots=True)
class Target:
    """What runs pipelines.

    Attributes:
        name: What it is called.
        title: What it is called in texts.
        rules: The module that holds its rows of the capability table, as ``RULES``.
        check: The function, a `Check`, that finds what it cannot do: ``module:name``.
        package: The distribution that it needs; with `release`, what the engine is called.
        engine: What the versions of its rows are versions of.
        extra: The extra that installs it; empty when nothing is to be installed.
        variants: Its ways to run a task; the first is meant when none is named.
        release: The engine's version that is compiled for, when nothing of it is installed here.
    """

    name: str
    title: str
    rules: str
    check: str
    package: str
    engine: str
    extra: str = ""
    variants: tuple[str, ...] = ("",)
    release: str = ""

    @property
    def version(self) -> str:
        """The version of its package here, or its release; empty when it is not installed."""
        try:
            return self.release or version(self.package)
        except PackageNotFoundError:
            return ""

    def table(self) -> tuple[Rule, ...]:
        """Return its rows of the capability table."""
        rows: tuple[Rule, ...] = import_module(self.rules).RULES
        return rows

    def refusals(self, dag: DAG, lowered: Plan, to: Deployment) -> list[Refusal]:
        """Return all that it cannot do with a pipeline.

        Raises:
            MissingExtraError: A part of its extra is not installed.
        """
        module, _, name = self.check.partition(":")
        found: Any = getattr(import_module(module), name)
        return list(found(dag, lowered, to))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "local",
            "this machine",
            "dagger_providers.runtimes.local.capabilities",
            "dagger_providers.runtimes.local.refusals:refusals",
            "dagger-providers",
            "this package",
            variants=("", "processes", "threads", "command"),
        ),
        Target(
            "airflow",
            "Apache Airflow",
            "dagger_providers.airflow.capabilities",
            "dagger_providers.airflow.refusals:check",
            "apache-airflow",
            "Airflow",
            "airflow",
            variants=("process", "container", "kubernetes"),
        ),
        Target(
            "kfp",
            "Kubeflow Pipelines",
            "dagger_providers.kfp.capabilities",
            "dagger_providers.kfp.limits:check",
            "kfp-pipeline-spec",
            "KFP's backend and SDK",
            "kfp",
        ),
        Target(
            "argo",
            "Argo Workflows",
            "dagger_providers.argo.capabilities",
            "dagger_providers.argo.limits:check",
            "argo-workflows",
            "Argo",
            release="4.1",
        ),
    )
}
"""All targets, in the order of tables."""


def target_of(text: str) -> tuple[Target, str]:
    """Return the target and the variant that ``NAME`` or ``NAME:VARIANT`` names.

    Raises:
        UsageError: There is no such target or variant.
    """
    name, colon, variant = text.partition(":")
    target = TARGETS.get(name)
    if target is None:
        raise UsageError(f"no target {name!r}; there are: {', '.join(TARGETS)}")
    if not colon:
        return target, target.variants[0]
    known = [one for one in target.variants if one]
    if variant not in known:
        exists = ", ".join(f"{name}:{one}" for one in known) or f"only {name}"
        raise UsageError(f"target {name!r} has no variant {variant!r}; there are: {exists}")
    return target, variant


def rules() -> tuple[Rule, ...]:
    """Return the whole capability table."""
    return tuple(rule for target in TARGETS.values() for rule in target.table())
