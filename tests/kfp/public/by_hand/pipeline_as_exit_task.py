from kfp import dsl
from oracle.components import function


@function
def show(message: str) -> str: ...


@function
def fail(message: str, works: bool) -> str: ...


@function
def state(status: dict) -> str: ...


@function
def notify(message: str) -> None: ...


@dsl.pipeline
def told(status: dsl.PipelineTaskFinalStatus):
    with dsl.If(state(status=status).output == "FAILED"):
        notify(message="it failed")


@dsl.pipeline
def pipeline(message: str = "Hello!", works: bool = False):
    with dsl.ExitHandler(told()):
        show(message=message)
        fail(message="it failed", works=works)
