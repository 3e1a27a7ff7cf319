"""The asset scheme ``dagger``: ``dagger://DAG_ID/NODE/OUTPUT``, an output of a node of a pipeline.

Such an asset is what the node gives in whichever run was the last: where that lies, the asset's
event says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult

if TYPE_CHECKING:
    from airflow.sdk import Asset

SCHEME = "dagger"

_DAG_ID = re.compile(r"[\w.-]+")
_PATH = re.compile(r"/(?P<node>[\w.-]+)(/(?P<output>[\w-]+))?/?")


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Return a URI of the scheme in its full form; Airflow asks for it.

    Raises:
        ValueError: It names no output of a node.
    """
    path = _PATH.fullmatch(uri.path)
    if path is None or not _DAG_ID.fullmatch(uri.netloc) or uri.query:
        raise ValueError(
            f"{uri.geturl()!r} names no output of a node: write dagger://DAG_ID/NODE, or "
            "dagger://DAG_ID/NODE/OUTPUT"
        )
    return uri._replace(path=f"/{path['node']}/{path['output'] or 'return_value'}", fragment="")


def create_asset(
    *, dag_id: str, node: str, output: str = "return_value", extra: dict[str, Any] | None = None
) -> Asset:
    """Return the asset that an output of a node is.

    Args:
        dag_id: The DAG of the pipeline.
        node: The node's address, which is its task's id.
        output: The name of the output.
        extra: What the asset carries beside its URI.

    Raises:
        ValueError: There can be no such output.
    """
    from airflow.sdk import Asset

    return Asset(uri=f"{SCHEME}://{dag_id}/{node}/{output}", extra=extra)
