"""Fetch a file or folder as an artifact; ``python component.py`` compiles it."""

from pathlib import Path

from kfp import compiler

from dagger_providers import kfp
from dagger_providers.kfp import library

IMAGE = "dagger-providers:0.1.0"

download = kfp.as_component(library.download, image=IMAGE)


if __name__ == "__main__":
    file = Path(__file__).with_name("component.yaml")
    compiler.Compiler().compile(download, str(file))
