from typing import Optional

from kfp import dsl
from kfp.dsl import Dataset, Input
from oracle.components import IMAGE

Some = Optional[Input[Dataset]]  # noqa: UP045 - KFP takes X | None for the name of an artifact


@dsl.container_component
def show(dataset: Some = None):
    return dsl.ContainerSpec(image=IMAGE, command=["show"])


@dsl.container_component
def show_in_python(dataset: Some = None):
    return dsl.ContainerSpec(image=IMAGE, command=["show_in_python"])


@dsl.pipeline
def inner(dataset: Some = None):
    show_in_python(dataset=dataset)


@dsl.pipeline
def pipeline(dataset1: Some = None):
    show(dataset=dataset1)
    show()
    imported = dsl.importer(artifact_uri="s3://bucket/plays/one.csv", artifact_class=Dataset)
    inner(dataset=imported.output)
    inner()
