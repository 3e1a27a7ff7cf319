"""Check a schedule as KFP reads it, before KFP does: six fields, the seconds first.

KFP's backend takes five fields as well, and understands them otherwise than everybody: it takes the
first for the seconds (robfig/cron, version 1).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dagger_providers.errors import UsageError, counted

_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every\s+(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CLASSIC = 5


class _Field(NamedTuple):
    name: str
    first: int
    last: int
    words: tuple[str, ...] = ()


_FIELDS = (
    _Field("seconds", 0, 59),
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


def check_cron(text: str) -> str:
    """Return a schedule that KFP takes.

    Raises:
        UsageError: KFP would refuse it, or read something else than is meant.
    """
    if text.startswith("@"):
        if text not in _WORDS and not _EVERY.fullmatch(text):
            known = ", ".join((*_WORDS, "@every 1h30m"))
            raise UsageError(f"no schedule is called {text!r:.60}; there are: {known}")
        return text
    fields = text.split()
    if len(fields) == _CLASSIC:
        raise UsageError(
            f"KFP's schedules have six fields, the seconds first: write '0 {text}' for {text!r}"
        )
    if len(fields) != len(_FIELDS):
        raise UsageError(
            f"the schedule {text!r:.60} has {counted(len(fields), 'field')}, and KFP's have six: "
            "seconds, minutes, hours, day of the month, month, day of the week, as '0 30 6 * * 1-5'"
        )
    for field, given in zip(_FIELDS, fields, strict=True):
        if not all(_is_fine(field, one) for one in given.split(",")):
            words = f" or {field.words[0]}-{field.words[-1]}" if field.words else ""
            raise UsageError(
                f"the schedule {text!r:.60} has {given!r:.30} for the {field.name}: it takes "
                f"{field.first}-{field.last}{words}, *, ranges, lists, and steps as */5"
            )
    return text


def _is_fine(field: _Field, given: str) -> bool:
    span, slash, step = given.partition("/")
    if slash and not (step.isdecimal() and int(step)):
        return False
    if span in {"*", "?"}:
        return True
    start, dash, end = span.partition("-")
    first = _number(field, start)
    last = _number(field, end) if dash else first
    return first is not None and last is not None and first <= last


def _number(field: _Field, given: str) -> int | None:
    if given.upper() in field.words:
        return field.words.index(given.upper()) + field.first
    number = int(given) if given.isascii() and given.isdecimal() else -1
    return number if field.first <= number <= field.last else None
