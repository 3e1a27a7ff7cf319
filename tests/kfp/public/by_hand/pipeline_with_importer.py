from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output, OutputPath
from oracle.components import IMAGE


@dsl.container_component
def train(dataset: Input[Dataset], scalar: OutputPath(str), model: Output[Model]):
    return dsl.ContainerSpec(image=IMAGE, command=["train"])


@dsl.pipeline
def pipeline(dataset2: str = "s3://bucket/plays/two.csv"):
    first = dsl.importer(
        artifact_uri="s3://bucket/plays/one.csv", artifact_class=Dataset, metadata={"key": "value"}
    )
    trained = train(dataset=first.output)
    with dsl.If(trained.outputs["scalar"] == "123"):
        second = dsl.importer(artifact_uri=dataset2, artifact_class=Dataset, reimport=True)
        train(dataset=second.output)


@dsl.pipeline
def alike():
    first = dsl.importer(artifact_uri="s3://bucket/plays/one.csv", artifact_class=Dataset)
    second = dsl.importer(artifact_uri="s3://bucket/plays/two.csv", artifact_class=Dataset)
    trained = train(dataset=first.output)
    with dsl.If(trained.outputs["scalar"] == "123"):
        train(dataset=second.output)
