"""How the oracle's pipelines write a user's function: one container, named after the function.

Three rules of all pipelines here. A result that is read by its keys has an output per key, with an
underscore where an input has that name already. An input that KFP has no edge for is optional, left
out, and waited for by `.after`. Of a switch without a default the last branch is the `Else`:
`dsl.OneOf` and an `.after` from outside need one.
"""

import inspect
from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args

from kfp import dsl

IMAGE = "oracle:1"


def function(written: Callable[..., Any] | None = None, /, **outputs: type) -> Any:
    """Make a container component of a signature: its outputs, or one for what it returns."""
    if written is None:
        return lambda function: _component(function, outputs)
    returned = inspect.signature(written).return_annotation
    return _component(written, {} if returned is None else {"output": returned})


def _component(written: Callable[..., Any], outputs: dict[str, type]) -> Any:
    def container(*_: object) -> dsl.ContainerSpec:
        return dsl.ContainerSpec(image=IMAGE, command=[written.__name__])

    kind = inspect.Parameter.KEYWORD_ONLY
    inputs = [
        found.replace(kind=kind, annotation=_known(found.annotation))
        for found in inspect.signature(written).parameters.values()
    ]
    results = [
        inspect.Parameter(name, kind, annotation=dsl.OutputPath(found))
        for name, found in outputs.items()
    ]
    container.__name__ = written.__name__
    container.__signature__ = inspect.Signature([*inputs, *results])
    return dsl.container_component(container)


def _known(annotation: Any) -> Any:
    # KFP knows Optional[X], and takes X | None for the name of an artifact.
    return Union[get_args(annotation)] if isinstance(annotation, UnionType) else annotation  # noqa: UP007


def is_true(channel: Any) -> Any:
    """Write the condition of a branch for True."""
    return channel == True  # noqa: E712 - KFP records the comparison
