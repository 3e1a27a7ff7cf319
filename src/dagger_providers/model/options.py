"""What every orchestrator can be asked to do with a task."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from dagger_providers.errors import ModelError
from dagger_providers.model.frozen import EMPTY, Frozen, FrozenMapping
from dagger_providers.model.json_data import freeze
from dagger_providers.model.names import check_name, listed

RUNTIMES = ("airflow", "argo", "kfp", "kubernetes", "local")
"""The names under which a task may carry options of one runtime only."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_Quantity = Annotated[
    str, BeforeValidator(str), Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|Ki|[MGTPE]i?)?$")
]


def seconds(value: Any) -> Any:
    """Return a duration in seconds: a number, ``"90s"``, ``"10m"``, ``"1h30m"`` or a timedelta."""
    if isinstance(value, bool):
        raise ModelError(f"{value!r} is no duration: write seconds, or like '90s', '10m', '1h'")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        rest = _DURATION.sub("", value).strip()
        if rest or not value.strip():
            raise ModelError(f"{value!r} is no duration: write seconds, or like '90s', '10m', '1h'")
        return sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(value))
    return value


Seconds = Annotated[float, BeforeValidator(seconds), Field(ge=0, allow_inf_nan=False)]


class Resources(Frozen):
    """What one run of a task needs.

    Attributes:
        cpu: Cores, as Kubernetes writes them: ``"500m"``, ``"2"``.
        memory: Bytes, as Kubernetes writes them: ``"512Mi"``, ``"2Gi"``.
    """

    cpu: _Quantity | None = None
    memory: _Quantity | None = None


_MULTIPLES = {
    "m": 0.001, "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "E": 10**18, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}  # fmt: skip


def amount(quantity: str) -> float:
    """Return a quantity of Kubernetes as a number: of ``"500m"`` cores, or of ``"2Gi"`` bytes."""
    number = quantity.rstrip("kmMGTPEi")
    return float(number) * _MULTIPLES[quantity[len(number) :]]


def largest(several: Iterable[Resources | None]) -> Resources | None:
    """Return the most of each resource that anyone needs; None when nobody says."""
    given = [one for one in several if one is not None]
    cpu = max((one.cpu for one in given if one.cpu), key=amount, default=None)
    memory = max((one.memory for one in given if one.memory), key=amount, default=None)
    return Resources(cpu=cpu, memory=memory) if given else None


def _check_env(env: FrozenMapping[str]) -> FrozenMapping[str]:
    if "PYTHONHASHSEED" in env:
        raise ModelError("env may not set PYTHONHASHSEED: it is 0 on every runtime")
    return env


def _check_group(name: str) -> str:
    check_name(name, "group")
    return name


def _check_cache(value: Any) -> Any:
    if type(value) is not bool and (not isinstance(value, str) or not value):
        raise ModelError(f"cache takes True, False or a text as part of the key, not {value!r:.60}")
    return value


class Options(Frozen):
    """Options of a task that mean the same on every runtime.

    Attributes:
        retries: Tries after the first, made by the node command itself.
        retry_delay: Seconds before the second try.
        retry_backoff: The factor by which each later delay grows.
        timeout: Seconds that one try may take.
        resources: What one run needs; runtimes without containers only note it.
        env: Environment variables of the process; no secrets.
        image: The container image, instead of the pipeline's.
        concurrency: How many items of a loop run at a time.
        group: A name; nodes of one group run in one container, one after the other.
        allow_failure: In a loop: whether an item that fails is only noted. What depends on its
            result does not run, and lists of results leave it out.
        cache: Whether a result is taken from an earlier run in the same store, where the same code
            made it from the same inputs. A text counts as one more input.
    """

    retries: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    retry_delay: Seconds = 0.0
    retry_backoff: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    timeout: Annotated[Seconds, Field(gt=0)] | None = None
    resources: Resources | None = None
    env: Annotated[FrozenMapping[str], AfterValidator(_check_env)] = EMPTY
    image: str | None = None
    concurrency: Annotated[int, Field(strict=True, ge=1)] | None = None
    group: Annotated[str, AfterValidator(_check_group)] | None = None
    allow_failure: Annotated[bool, Field(strict=True)] = False
    cache: Annotated[bool | str, BeforeValidator(_check_cache)] = False


DEFAULT_OPTIONS = Options()


def check_runtime_options(value: Any) -> Any:
    """Freeze runtime options, and refuse a runtime that does not exist.

    Raises:
        ModelError: A key is none of `RUNTIMES`, or its value is no mapping.
    """
    if not isinstance(value, Mapping):
        raise ModelError(f"runtime_options must be a mapping by runtime, not {value!r:.60}")
    for name, options in value.items():
        if name not in RUNTIMES:
            raise ModelError(
                f"runtime_options: unknown runtime {name!r}; known: {listed(RUNTIMES)}"
            )
        if not isinstance(options, Mapping):
            raise ModelError(f"runtime_options[{name!r}] must be a mapping, not {options!r:.60}")
    return freeze(value, "runtime_options")
