"""Assets as the options of a pipeline name them: checked here, made by `assets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from dagger_providers.airflow.asset_uris import SCHEME, sanitize_uri

_EXPECTED = "expected an asset: a URI or name, or {'name': ..., 'uri': ..., 'extra': {...}}"
_FIELDS = {"name": str, "uri": str, "group": str, "extra": Mapping}


@dataclass(frozen=True, slots=True)
class Named:
    """An asset: the arguments of `airflow.sdk.Asset`, or the object itself."""

    asset: Any


@dataclass(frozen=True, slots=True)
class Several:
    """Assets of which all, or any one, start a run."""

    of: tuple[Named | Several, ...]
    how: Literal["all", "any"] = "all"


@dataclass(frozen=True, slots=True)
class Outlet:
    """An asset that a task writes.

    Attributes:
        asset: The asset.
        output: The output of the task that it is; empty for what the task does beside.
    """

    asset: Named
    output: str = ""


def assets(value: Any) -> tuple[Named, ...]:
    """Read a list of assets.

    Raises:
        TypeError: It is none.
        ValueError: One has a URI that there cannot be.
    """
    if not isinstance(value, list | tuple):
        raise TypeError(f"expected a list of assets, got {value!r:.60}")
    return tuple(map(asset, value))


def asset(value: Any) -> Named:
    """Read one asset.

    Raises:
        TypeError: It is none.
        ValueError: It has a URI that there cannot be.
    """
    if hasattr(value, "name") and hasattr(value, "group"):  # an object of Airflow's
        return Named(value)
    given = {"uri": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not _is_named(given):
        raise TypeError(f"{_EXPECTED}; got {value!r:.60}")
    named = given.get("uri") or given["name"]
    uri = urlsplit(named)
    if uri.scheme == SCHEME:
        sanitize_uri(uri)
    elif uri.scheme == "airflow":
        raise ValueError(f"{named!r}: the scheme 'airflow' is Airflow's own")
    return Named(dict(given))


def _is_named(given: Mapping[str, Any]) -> bool:
    fit = all(name in _FIELDS and isinstance(one, _FIELDS[name]) for name, one in given.items())
    return fit and bool(given.get("uri") or given.get("name"))


def outlets(value: Any) -> tuple[Outlet, ...]:
    """Read what a task writes: assets by output, or a list of assets.

    Raises:
        TypeError: It is neither.
        ValueError: An asset stands there twice, or has a URI that there cannot be.
    """
    if not isinstance(value, Mapping):
        found = [Outlet(one) for one in assets(value)]
    else:
        found = [
            Outlet(asset(one), str(output))
            for output, several in value.items()
            for one in (several if isinstance(several, list | tuple) else [several])
        ]
    for number, one in enumerate(found):
        if any(one.asset == other.asset for other in found[:number]):
            raise ValueError(f"{one.asset.asset!r:.60} stands there twice; an event tells of one")
    return tuple(found)


def schedule(value: Any) -> Any:
    """Read what starts a DAG: an expression as Airflow takes it, or assets.

    Raises:
        TypeError: It is neither.
        ValueError: An asset has a URI that there cannot be.
    """
    if isinstance(value, list | tuple) or (isinstance(value, str) and "://" in value):
        value = {"all": [value] if isinstance(value, str) else value}
    return _several(value) if isinstance(value, Mapping) else value


def _several(value: Any) -> Named | Several:
    how = next((one for one in ("all", "any") if isinstance(value, Mapping) and one in value), None)
    if how is None:
        return asset(value)
    if len(value) > 1 or not isinstance(value[how], list | tuple) or not value[how]:
        raise TypeError(
            f"expected {{{how!r}: [...]}} with assets, or such mappings, in the list; got "
            f"{value!r:.60}"
        )
    return Several(tuple(map(_several, value[how])), "any" if how == "any" else "all")


def outputs_of(found: tuple[Outlet, ...]) -> Iterator[str]:
    """Yield the outputs that assets are."""
    yield from dict.fromkeys(one.output for one in found if one.output)
