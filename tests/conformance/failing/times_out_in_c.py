"""A try is in C code that no signal interrupts when its time is over."""

import hashlib

from dagger_providers import dag, task

DRAWING = "derive (timeout, retried) -> use"


@task(timeout=0.2, retries=1)
def derive(rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", b"password", b"salt", rounds).hex()


@task
def use(key: str) -> str:
    return key


@dag
def times_out_in_c(rounds: int):
    return use(derive(rounds))


PIPELINE = times_out_in_c
PARAMETERS = {"rounds": 12_000_000}
"""Some seconds of work, since the plain call is to end."""

NODE = "derive"
TYPE = "TimeoutError"
MESSAGE = "derive took longer than its timeout of 0.2 s"
TRACEBACK = "TimeoutError: derive took longer"
NEVER = ("derive", "use")
PLAIN = ""
