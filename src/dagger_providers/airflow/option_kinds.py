"""What the value of an option must be: each kind reads one, or says what was expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from dagger_providers.airflow import asset_options
from dagger_providers.model.options import seconds

Read: TypeAlias = Callable[[Any], Any]
"""Returns a value as Airflow takes it; it raises a TypeError, ValueError or ModelError for none."""

_LIST = (list, tuple)
_DATA = (str, int, float, Mapping, list, tuple, set, frozenset, type(None))


def kind(expected: str, fits: Callable[[Any], bool]) -> Read:
    """Return what takes the values that fit."""

    def read(value: Any) -> Any:
        if not fits(value):
            raise TypeError(f"expected {expected}, got {value!r:.60}")
        return value

    return read


def or_none(read: Read) -> Read:
    """Return what takes None too, as Airflow does where it is the default."""
    return lambda value: value if value is None else read(value)


def one_of(*names: str) -> Read:
    """Return what takes one of some texts."""
    return kind(f"one of {', '.join(names)}", lambda value: value in names)


def whole(least: int) -> Read:
    """Return what takes a whole number."""
    return kind(f"a whole number from {least}", lambda n: type(n) is int and n >= least)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_object(value: Any) -> bool:
    """Say whether a value is no data, such as a model of the Kubernetes client."""
    return not isinstance(value, _DATA)


def _is_size(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, _LIST) and all(map(_is_text, value))


def _are_named_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, (*value, *value.values())))


def _are_parts(value: Any) -> bool:
    return isinstance(value, _LIST) and all(
        isinstance(one, Mapping) or _is_object(one) for one in value
    )


def _are_variables(value: Any) -> bool:
    if not isinstance(value, Mapping) and _are_parts(value):
        return all(_is_object(one) or isinstance(one.get("name"), str) for one in value)
    return _are_named_texts(value)


def _are_statuses(value: Any) -> bool:
    several = value if isinstance(value, list | tuple | set | frozenset | range) else [value]
    return all(type(one) is int for one in several)


TRUTH = kind("true or false", lambda value: isinstance(value, bool))
TEXT = or_none(kind("a text", _is_text))
TEXTS = or_none(kind("a list of texts", _are_texts))
TEXT_OR_TEXTS = or_none(kind("a text, or a list of texts", lambda v: _is_text(v) or _are_texts(v)))
NAMED_TEXTS = or_none(kind("a mapping of texts", _are_named_texts))
LABELS = or_none(
    kind("a mapping of texts, or a list of texts", lambda v: _are_named_texts(v) or _are_texts(v))
)
NUMBER = kind("a number from 0", _is_number)
MAPPING = or_none(kind("a mapping", lambda v: isinstance(v, Mapping) or _is_object(v)))
PARTS = or_none(kind("a list of mappings, as in a manifest", _are_parts))
PART = or_none(
    kind("a mapping, as in a manifest", lambda v: isinstance(v, Mapping) or _is_object(v))
)
VARIABLES = or_none(
    kind(
        "a mapping of texts, or a list of mappings as in a manifest: [{'name': 'A', 'value': '1'}]",
        _are_variables,
    )
)
PULL_SECRETS = or_none(
    kind(
        "a list of mappings, as in a manifest: [{'name': 'registry'}]",
        lambda v: _is_text(v) or _are_parts(v),
    )
)
CONTAINERS = or_none(
    kind(
        "true, the name of a container, or a list of names",
        lambda v: v is True or _is_text(v) or _are_texts(v),
    )
)
STATUSES = or_none(kind("an exit status, or a list of them", _are_statuses))
SIZE = or_none(kind("a number of bytes, or a text such as '64m'", _is_size))
TRUTH_OR_NUMBER = kind("true, false or a number", lambda v: isinstance(v, bool) or _is_number(v))
TRUTH_OR_TEXT = or_none(kind("a text, or false", lambda v: isinstance(v, bool | str)))
USER = or_none(kind("a user, such as '1000:1000'", lambda v: _is_text(v) or type(v) is int))

_RULES = ("absolute", "downstream", "upstream")
WEIGHT_RULE = or_none(
    kind(
        f"one of {', '.join(_RULES)}, or the import path of a PriorityWeightStrategy",
        lambda v: v in _RULES or (_is_text(v) and "." in v) or _is_object(v),
    )
)


_SECRET = {"deploy_type", "deploy_target", "secret", "key"}


def secrets(value: Any) -> Any:
    """Read secrets of Kubernetes as `airflow.providers.cncf.kubernetes.secret.Secret` has them.

    Raises:
        TypeError: They are none.
    """
    if not isinstance(value, _LIST) or not all(_is_object(v) or _is_secret(v) for v in value):
        raise TypeError(
            "expected a list of {'deploy_type': 'env' or 'volume', 'deploy_target': ..., "
            f"'secret': ..., 'key': ...}}, got {value!r:.60}"
        )
    return value


def _is_secret(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and {"deploy_type", "deploy_target", "secret"} <= value.keys() <= _SECRET
        and value["deploy_type"] in {"env", "volume"}
    )


_TAG = 100

TAGS = or_none(
    kind(
        f"a list of texts of up to {_TAG} characters",
        lambda v: (_are_texts(v) or isinstance(v, set)) and all(len(tag) <= _TAG for tag in v),
    )
)


def _are_links(value: Any) -> bool:
    return _are_named_texts(value) and all(map(_is_link, value.values()))


def _is_link(text: str) -> bool:
    url = urlsplit(text)
    return bool(url.path) if url.scheme == "mailto" else bool(url.scheme and url.netloc)


LINKS = kind("a mapping of owners to links, https://... or mailto:...", _are_links)

ACCESS = or_none(
    kind(
        "a mapping of roles to lists of permissions, or to such by resource",
        lambda v: isinstance(v, Mapping) and all(map(_are_permissions, v.values())),
    )
)


def _are_permissions(value: Any) -> bool:
    several = value.values() if isinstance(value, Mapping) else [value]
    return all(isinstance(one, list | tuple | set | frozenset) for one in several)


def duration(value: Any) -> timedelta:
    """Read a duration.

    Raises:
        ModelError: It is none.
        TypeError: It is none.
    """
    found = seconds(value)
    if not isinstance(found, int | float):
        raise TypeError(f"{value!r:.60} is no duration")
    return timedelta(seconds=float(found))


def date(value: Any) -> datetime:
    """Read a date.

    Raises:
        TypeError: It is none.
        ValueError: There is no such date.
    """
    from pendulum import parse

    found = parse(value) if isinstance(value, str) else value
    if not isinstance(found, datetime):
        raise TypeError(f"{value!r:.60} is no date")
    return found


DURATION, DATE = or_none(duration), or_none(date)

_NAMED = (
    "@once", "@continuous", "@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly",
)  # fmt: skip


def schedule(value: Any) -> Any:
    """Read what starts a DAG: an expression of cron, a name of Airflow's for one, or assets.

    Raises:
        TypeError: It is neither.
        ValueError: There is no such expression, or an asset has a URI that there cannot be.
    """
    read = asset_options.schedule(value)
    if isinstance(read, str) and read not in _NAMED:
        _check_cron(read)
    elif isinstance(read, int | float):
        raise TypeError(f"{_SCHEDULES}, got {read!r}")
    return read


_SCHEDULES = "expected an expression of cron such as '0 6 * * *', '@daily' or assets"


def _check_cron(text: str) -> None:
    """Ask the parser that Airflow asks, where it is installed.

    Raises:
        ValueError: It does not understand it.
    """
    try:
        from croniter import croniter  # type: ignore[import-untyped]
    except ImportError:
        return
    try:
        croniter(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{_SCHEDULES}, got {text!r:.60}: {error}") from None
