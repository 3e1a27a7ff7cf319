from kfp import dsl
from oracle.components import function


@function
def add_one(x: int) -> int: ...


@dsl.pipeline
def pipeline(x: int = 1):
    add_one(x=x).set_caching_options(enable_caching=True)
