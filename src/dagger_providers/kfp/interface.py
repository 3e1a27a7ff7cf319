"""What a compiled pipeline takes and gives beside what lies in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dagger_providers.kfp.parameters import Native, native
from dagger_providers.kfp.ports import Port
from dagger_providers.model import FromParam

BEGIN, EXPORT = "dagger-run[]", "dagger-outputs[]"
"""Steps that are inserted into a component: the one that makes its run, and the one that hands its
results to KFP."""


class Interface(NamedTuple):
    """What a compiled pipeline takes and gives.

    Attributes:
        inputs: Its parameters, where they are not those of a pipeline that stands alone.
        outputs: What the step `EXPORT` writes as KFP's own outputs.
        name: What it is called; empty: as the pipeline.
        begins: Whether the step `BEGIN` makes a run of its own in KFP's.
    """

    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    name: str = ""
    begins: bool = False

    def how(self, name: str, declared: Mapping[str, FromParam]) -> Native | None:
        """Return how a parameter of a pipeline travels; None as JSON text."""
        given = {port.name: Native(port.kind, port.type) for port in self.inputs}
        return given[name] if name in given else native(declared[name])


NOTHING_ELSE = Interface()
