"""Code in a zip of DAG files, which Airflow parses and the process of a task does not find."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from dagger_providers.card.functions import function_here
from dagger_providers.errors import UsageError


def check_unpacked(references: Iterable[str]) -> None:
    """Refuse functions that were imported from an archive.

    Args:
        references: Of the functions.

    Raises:
        UsageError: One was.
    """
    modules = {getattr(function_here(one), "__module__", "") for one in references}
    for module in sorted(modules):
        file = Path(getattr(sys.modules.get(module), "__file__", None) or "")
        archive = next((folder for folder in file.parents if folder.is_file()), None)
        if archive is not None:
            raise UsageError(
                f"{file.name} is in a zip, {archive}, which the process of a task does not read; "
                "unpack it into the dags folder"
            )
