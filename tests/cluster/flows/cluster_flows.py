"""Pipelines for the tests of the cluster: a folder that test and pods share tells what went on."""

import socket
import time
from pathlib import Path

from dagger_providers import dag, task


@task
def begin(folder: str) -> str:
    """Be a step that is done before anything happens."""
    note(folder, "begin")
    return folder


@task
def wait(folder: str) -> int:
    """Wait until the test says that it may end, unless that has failed."""
    note(folder, "wait")
    end = time.monotonic() + 900
    while not Path(folder, "go").exists():
        if time.monotonic() > end:
            raise TimeoutError("no test says that it may end")
        time.sleep(0.1)
    return 1


@task
def end(folder: str, waited: int) -> str:
    """Be a step that follows."""
    note(folder, "end")
    return f"waited {waited} time"


def note(folder: str, name: str) -> None:
    """Write down which pod runs a node: one line for each time."""
    with Path(folder, name).open("a") as log:
        log.write(f"{socket.gethostname()}\n")


@dag
def patient(folder: str):
    """Draw: begin -> wait -> end."""
    return end(folder, wait(begin(folder)))


@dag
def hurried(folder: str):
    """Draw: begin -> wait, for 15 seconds -> end."""
    limited = wait.options(runtime_options={"airflow": {"execution_timeout": 15}})
    return end(folder, limited(begin(folder)))


@task(resources={"memory": "200Mi"})
def eat(megabytes: int) -> int:
    """Use that much memory."""
    return len(bytearray(b"x") * (megabytes << 20))


@dag
def hungry(megabytes: int = 500):
    """Draw: eat."""
    return eat(megabytes)
