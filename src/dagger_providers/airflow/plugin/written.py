"""What a run's record tells of it, where it is that run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_CLOCKS = timedelta(seconds=10)
"""How far two machines' clocks may be apart: Airflow refuses tokens beyond it (`jwt_leeway`)."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is taken from a run's record.

    Attributes:
        parameters: The values of parameters, as the run's tasks read them.
        code_root: The folder that files of code were relative to; empty where there are none.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    code_root: str = ""


def written_in(record: Mapping[str, Any], began: datetime | None) -> Written:
    """Return what a record tells that anybody may have written.

    Args:
        record: The record. No run writes over that of an earlier one of the same id, which was
            deleted in Airflow: from one that is older than the run nothing is taken.
        began: When the run first began, if it has.
    """
    if not _is_of(record.get("started"), began):
        return Written()
    parameters, root = record.get("parameters"), record.get("code_root")
    return Written(
        parameters if isinstance(parameters, dict) else {}, root if isinstance(root, str) else ""
    )


def _is_of(started: object, began: datetime | None) -> bool:
    try:
        time = datetime.fromisoformat(str(started))
    except ValueError:
        return False
    return time.tzinfo is not None and (began is None or time >= began - _CLOCKS)
