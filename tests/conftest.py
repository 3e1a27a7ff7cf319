"""What all tests need."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _our_logger_is_heard() -> None:
    """Undo what Airflow's logging configuration does to all loggers of a process."""
    logger = logging.getLogger("dagger_providers")
    logger.disabled, logger.propagate = False, True
    logger.setLevel(logging.WARNING)
