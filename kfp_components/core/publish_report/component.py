"""Show a run's record on KFP's pages; ``python component.py`` compiles it."""

from pathlib import Path

from kfp import compiler

from dagger_providers import kfp
from dagger_providers.kfp import library

IMAGE = "dagger-providers:0.1.0"

publish_report = kfp.as_component(
    library.publish_report, image=IMAGE, artifacts={"page": "HTML", "summary": "Markdown"}
)


if __name__ == "__main__":
    file = Path(__file__).with_name("component.yaml")
    compiler.Compiler().compile(publish_report, str(file))
