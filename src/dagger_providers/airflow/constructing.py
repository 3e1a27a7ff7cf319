"""What Airflow says of arguments that its classes do not take, as one line that names the place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.providers.common.compat.sdk import AirflowException

from dagger_providers.errors import UsageError, one_line


@contextmanager
def constructing(where: str) -> Iterator[None]:
    """Tell where arguments were given that Airflow refuses.

    Args:
        where: The pipeline, or the task and the class of its operator.

    Raises:
        UsageError: Airflow refuses them.
    """
    try:
        yield
    except (AirflowException, TypeError, ValueError) as error:
        raise UsageError(f"{where}: {one_line(error)}") from error
