"""What runs a task: a launcher turns a step into an operator class and its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from os import PathLike, fspath
from typing import Any, TypeAlias

from dagger_providers.airflow.assets import made
from dagger_providers.airflow.callbacks import with_functions
from dagger_providers.airflow.node import node_of
from dagger_providers.airflow.options import native_of, native_options, task_options
from dagger_providers.airflow.refusals import check_launcher
from dagger_providers.airflow.settings import option
from dagger_providers.card import Card
from dagger_providers.planning import Step
from dagger_providers.planning.held import Declared

Launcher: TypeAlias = Callable[[Step], tuple[type[Any], dict[str, Any]]]
"""Gives a step's operator class, and the arguments that do not depend on its place."""


def launcher_of(
    name: str, image: str | None, store: Mapping[str, Any], code_root: str | None
) -> Launcher:
    """Return a launcher.

    Args:
        name: ``process``, ``container`` or ``kubernetes``.
        image: The container image of steps that name none.
        store: The arguments of operators that name the store: ``store``, ``store_conn_id``.
        code_root: The folder that ``file.py:name`` functions are relative to where tasks run.
    """

    def process(step: Step) -> tuple[type[Any], dict[str, Any]]:
        from dagger_providers.airflow.operators.process import DaggerProcessOperator

        return DaggerProcessOperator, arguments_of(step, task_options(step, name))

    def container(step: Step) -> tuple[type[Any], dict[str, Any]]:
        from dagger_providers.airflow.operators.container import DaggerContainerOperator

        return DaggerContainerOperator, in_image(step)

    def kubernetes(step: Step) -> tuple[type[Any], dict[str, Any]]:
        # Costs a second of imports, which DAGs without pods do not pay.
        from dagger_providers.airflow.operators.pod import DaggerPodOperator

        return DaggerPodOperator, in_image(step)

    def in_image(step: Step) -> dict[str, Any]:
        chosen = step.options.image or image
        return {"image": chosen, **arguments_of(step, task_options(step, name), chosen or "")}

    def arguments_of(step: Step, options: dict[str, Any], image: str = "") -> dict[str, Any]:
        return _arguments(step, options, store, code_root, image)

    launched = {"process": process, "container": container, "kubernetes": kubernetes}[name]

    def launch(step: Step) -> tuple[type[Any], dict[str, Any]]:
        return launched(step) if native_of(step) is None else _native(step, store, code_root)

    return launch


def telling(launcher: Launcher, whole: Card, declared: Declared) -> Launcher:
    """Return a launcher whose nodes know what tells of a whole run, and its parameters."""

    def launch(step: Step) -> tuple[type[Any], dict[str, Any]]:
        operator, arguments = launcher(step)
        node = replace(arguments["node"], whole=whole, declared=declared)
        return operator, {**arguments, "node": node}

    return launch


def _native(
    step: Step, store: Mapping[str, Any], code_root: str | None
) -> tuple[type[Any], dict[str, Any]]:
    """Return the operator of Airflow's own that a step asks for."""
    from dagger_providers.airflow.operators.native import native

    path, options = native_options(step)
    return native(path), _arguments(step, options, store, code_root)


def _arguments(
    step: Step,
    options: dict[str, Any],
    store: Mapping[str, Any],
    code_root: str | None,
    image: str = "",
) -> dict[str, Any]:
    """Return an operator's arguments, with the objects that options name."""
    written = options.get("outlets", ())
    named: dict[str, Any] = {}
    if written:
        named["outlets"] = [made(one.asset) for one in written]
    if "inlets" in options:
        named["inlets"] = [made(one) for one in options["inlets"]]
    node = node_of(step, code_root, image, tuple(one.output for one in written))
    return {"node": node, **store, **with_functions(options, code_root), **named}


def store_text(store: str | PathLike[str] | None) -> str | None:
    """Return a store as text; a path of `pathlib` is one too."""
    return None if store is None else fspath(store)


def store_arguments(store: str | None, store_conn_id: str | None) -> dict[str, Any]:
    """Return the arguments of operators that name the store."""
    given: dict[str, Any] = {"store": store}
    return given | ({"store_conn_id": store_conn_id} if store_conn_id else {})


def launcher_name(name: str | None) -> str:
    """Return which launcher is meant: the given one, else ``[dagger_providers] launcher``.

    Raises:
        UsageError: There is no such launcher.
    """
    return check_launcher(name or option("launcher") or "process")
