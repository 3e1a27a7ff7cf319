"""What options are read by: nothing is turned into another type, nothing is unknown."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Options that are exactly what they are said to be."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
