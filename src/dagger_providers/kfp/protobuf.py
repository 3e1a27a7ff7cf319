"""The message classes of KFP's pipeline format, without the cost of importing KFP's SDK."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from dagger_providers.errors import MissingExtraError

_FILE = "kfp/pipeline_spec/pipeline_spec_pb2.py"


@cache
def messages() -> Any:
    """Return the module ``kfp.pipeline_spec.pipeline_spec_pb2``.

    Where the SDK is installed, importing it by that name first runs ``kfp/__init__.py``, which
    imports KFP's client and with it Kubernetes' (half a second; seconds without bytecode). The
    file stands alone, so it is loaded as a file. Protobuf keeps one set of classes for one
    definition: these are the SDK's own classes, whoever comes first.

    Raises:
        MissingExtraError: The package kfp-pipeline-spec is not installed.
    """
    loaded = sys.modules.get("kfp.pipeline_spec.pipeline_spec_pb2")
    if loaded is not None:
        return loaded
    file = next((f for folder in sys.path if (f := Path(folder or ".", _FILE)).is_file()), None)
    if file is None:
        raise MissingExtraError("compiling to Kubeflow Pipelines", "kfp")
    spec = spec_from_file_location("dagger_providers.kfp.pipeline_spec_pb2", file)
    assert spec is not None  # noqa: S101 - the name ends in .py
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise MissingExtraError("compiling to Kubeflow Pipelines", "kfp") from error
    return module
