from indicators.core.aggressive_flow import AggressiveFlow
from indicators.core.feature_closer import FeatureCloser
from indicators.core.level_alert import LevelAlert
from indicators.core.true_range import SessionTrueRange
from indicators.core.value_area import ValueArea
from indicators.core.volume_profile import RollingProfile
from indicators.core.volume_profile import VolumeProfile
from indicators.core.volume_zones import VolumeZones

class ContextClock(FeatureCloser):
    """Sessions and minutes of `MarketContext`, for other cores: its parts, and when they reset."""

    profile: RollingProfile
    """The window of the state. Only to be read, like the parts below."""
    session: VolumeProfile
    """The closed minutes of the session."""
    area: ValueArea
    """The rules of value areas."""
    zones: VolumeZones
    """The rules of nodes."""
    alert: LevelAlert
    """The alert."""
    flow: AggressiveFlow
    """The flow."""
    true_range: SessionTrueRange
    """The true range of the session."""
