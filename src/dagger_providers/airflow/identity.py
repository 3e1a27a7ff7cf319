"""Names in the store for what Airflow names: one run of one DAG has one folder."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

_LONGEST = 200


def run_name(dag_id: str, run_id: str) -> str:
    """Return a run's name in the store: ``airflow/<dag id>/<run id>``.

    Different runs have different names: what is neither a letter, a digit nor one of ``_-.`` is
    written ``~`` and two hex digits a byte, and a text too long for a file name ends with ``~~``
    and a digest.
    """
    return f"airflow/{_segment(dag_id)}/{_segment(run_id)}"


def _segment(text: str) -> str:
    written = quote(text, safe="").replace("~", "%7E").replace("%", "~")
    if not written.strip("."):
        written = written.replace(".", "~2E")
    if len(written) > _LONGEST:
        written = f"{written[: _LONGEST - 34]}~~{sha256(text.encode()).hexdigest()[:32]}"
    return written
