"""Every try fails: the last exception is told, and each try was made once."""

import os
from pathlib import Path

from dagger_providers import dag, task

DRAWING = "flaky (2 retries, all fail) -> use"


@task(retries=2)
def flaky(folder: str) -> int:
    counter = Path(folder) / f"{os.getpid()}.txt"
    tries = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text("0" if tries == 3 else str(tries))
    raise OSError(f"try {tries}")


@task
def use(value: int) -> int:
    return value


@dag
def retries_in_vain(folder: str):
    return use(flaky(folder))


PIPELINE = retries_in_vain
PARAMETERS = {"folder": "SCRATCH"}
NODE = "flaky"
TYPE = "OSError"
MESSAGE = "try 3"
TRACEBACK = 'raise OSError(f"try {tries}")'
NEVER = ("use",)
PLAIN = "OSError: try 1"
