from kfp import dsl
from oracle.components import function


@function
def fail(message: str, works: bool) -> str: ...


@function
def show(message: str = "default") -> str: ...


@dsl.pipeline
def pipeline(message: str = "message", works: bool = False):
    show(message=fail(message=message, works=works).output).ignore_upstream_failure()
