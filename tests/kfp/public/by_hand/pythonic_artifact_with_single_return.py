from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output
from oracle.components import IMAGE


@dsl.container_component
def make_language_model(dataset: Input[Dataset], model: Output[Model]):
    return dsl.ContainerSpec(image=IMAGE, command=["make_language_model"])


@dsl.pipeline
def pipeline() -> Model:
    dataset = dsl.importer(
        artifact_uri="s3://bucket/plays/one.csv", artifact_class=Dataset, metadata={"key": "value"}
    )
    return make_language_model(dataset=dataset.output).outputs["model"]
