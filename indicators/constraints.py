"""Bounded numbers for configurations; `msgspec` refuses values out of bounds when decoding."""

from typing import Annotated

from msgspec import Meta


PositiveInt = Annotated[int, Meta(gt=0)]
NonNegativeInt = Annotated[int, Meta(ge=0)]
PositiveFloat = Annotated[float, Meta(gt=0.0)]
NonNegativeFloat = Annotated[float, Meta(ge=0.0)]
