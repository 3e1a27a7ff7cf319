from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Model, Output
from oracle.components import IMAGE, function


@function
def split(text: str) -> list: ...


@dsl.container_component
def create_file(content: str, file: Output[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["create_file"])


@dsl.container_component
def read_file(file: Input[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["read_file"])


@dsl.container_component
def create_dataset(content: str, data: Output[Dataset]):
    return dsl.ContainerSpec(image=IMAGE, command=["create_dataset"])


@dsl.container_component
def read_datasets(files: Input[list[Dataset]]):
    return dsl.ContainerSpec(image=IMAGE, command=["read_datasets"])


@dsl.container_component
def make_model(data: Input[Dataset], name: str, model: Output[Model]):
    return dsl.ContainerSpec(image=IMAGE, command=["make_model"])


@dsl.container_component
def read_models(models: Input[list[Model]]):
    return dsl.ContainerSpec(image=IMAGE, command=["read_models"])


@dsl.container_component
def read_all_models(models: Input[list[Model]]):
    return dsl.ContainerSpec(image=IMAGE, command=["read_all_models"])


@dsl.pipeline
def dataset(char: str) -> Dataset:
    return create_dataset(content=char).outputs["data"]


@dsl.pipeline
def collecting(ids: str, chars: str) -> list[Model]:
    letters = split(text=chars)
    with dsl.ParallelFor(split(text=ids).output) as name:
        read_file(file=create_file(content=name).outputs["file"])
        with dsl.ParallelFor(letters.output) as letter:
            data = dataset(char=letter)
            made = make_model(data=data.output, name=name)
        read_models(models=dsl.Collected(made.outputs["model"]))
        read_datasets(files=dsl.Collected(data.output))
    return dsl.Collected(made.outputs["model"])


@dsl.pipeline
def pipeline(ids: str = "s1,s2", chars: str = "x,y"):
    read_all_models(models=collecting(ids=ids, chars=chars).output)
