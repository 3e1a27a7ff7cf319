from kfp import dsl
from oracle.components import function


@function
def show() -> list: ...


@function
def show_more() -> list: ...


@dsl.pipeline
def pipeline():
    show().set_env_variable("ENV1", "val1")
    more = show_more().set_env_variable("ENV1", "val0")
    more.set_env_variable("ENV2", "val2").set_env_variable("ENV3", "val3")
