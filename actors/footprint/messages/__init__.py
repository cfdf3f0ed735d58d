"""The messages of the footprint actor."""

from actors.footprint.messages.bars import FootprintBar
from actors.footprint.messages.patterns import FootprintPattern
from actors.footprint.messages.zones import FootprintZone


__all__ = ("FootprintBar", "FootprintPattern", "FootprintZone")
