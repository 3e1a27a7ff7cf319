from kfp import dsl
from oracle.components import function


@function
def echo(message: str) -> str: ...


@dsl.pipeline
def pipeline(message: str = "hello"):
    said = echo(message=message).set_cpu_limit("1000m").set_memory_limit("256Mi")
    said.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
