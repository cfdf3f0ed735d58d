"""Thresholds of the detectors: parameters of a configuration over the profile of a symbol."""

from fractions import Fraction
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from actors.footprint.profiles import profile_of
from errors import ParameterError
from indicators.core.exact import exact


UNFINISHED_MODES = ("one_sided", "thin", "two_sided")
ZERO_RULES = ("skip", "one")


class DetectorParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the parameters of the detectors as a configuration gives them.

    Parameters
    ----------
    profile : str or None, default None
        The root whose profile gives the volumes below that are null; null for that of the
        instrument (`actors/footprint/profiles.yaml`).
    imbalance_min_volume : int or None, default None
        The least volume of an imbalance (lots); null for that of the profile.
    absorption_min_volume : int or None, default None
        The least volume at the levels of an absorption (lots); null for that of the profile.
    imbalance_ratio : float, default 3
        The ratio of the volumes of an imbalance, from which on it counts.
    zero_opposing : {'skip', 'one'}, default 'skip'
        What an opposing volume of zero at a neighbour that traded makes: no imbalance, or one as if
        it were one lot.
    stack_min : int, default 3
        The single imbalances at consecutive ticks that make a stack.
    exhaustion_levels : int, default 3
        The least number of levels in a declining run; it is searched among two more.
    exhaustion_decline : float, default 0.3
        The least decline over the run, as a share of its first volume.
    absorption_share : float, default 0.6
        The least share of the aggressor in the volume of an absorption.
    divergence_lookback : int, default 5
        The bars that a divergence is searched in, the present one included.
    unfinished_mode : {'one_sided', 'thin', 'two_sided'}, default 'one_sided'
        What an unfinished extreme is: `one_sided` where the aggressors towards it have at most
        `unfinished_max_volume` there and the others more; `thin` where the whole volume is at most
        that; `two_sided` where both have traded there.
    unfinished_max_volume : int, default 5
        That volume (lots).
    unfinished_memory : int, default 50
        The unfinished extremes that are remembered; beyond it the oldest is forgotten.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    profile: str | None = None
    imbalance_min_volume: int | None = None
    absorption_min_volume: int | None = None
    imbalance_ratio: float = 3.0
    zero_opposing: Literal["skip", "one"] = "skip"
    stack_min: int = 3
    exhaustion_levels: int = 3
    exhaustion_decline: float = 0.3
    absorption_share: float = 0.6
    divergence_lookback: int = 5
    unfinished_mode: Literal["one_sided", "thin", "two_sided"] = "one_sided"
    unfinished_max_volume: int = 5
    unfinished_memory: int = 50

    def __post_init__(self) -> None:
        for name, least in (
            ("imbalance_min_volume", 1),
            ("absorption_min_volume", 1),
            ("stack_min", 2),
            ("exhaustion_levels", 2),
            ("divergence_lookback", 3),
            ("unfinished_max_volume", 0),
            ("unfinished_memory", 1),
        ):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ParameterError(f"detectors.{name}", f"must be at least {least}, was {value}")
        exact("detectors.imbalance_ratio", self.imbalance_ratio)
        for name in ("exhaustion_decline", "absorption_share"):
            if exact(f"detectors.{name}", getattr(self, name)) > 1:
                raise ParameterError(
                    f"detectors.{name}", f"must be at most 1, was {getattr(self, name)}"
                )
        for name, known in (("unfinished_mode", UNFINISHED_MODES), ("zero_opposing", ZERO_RULES)):
            if getattr(self, name) not in known:
                text = f"must be one of {', '.join(known)}, was {getattr(self, name)}"
                raise ParameterError(f"detectors.{name}", text)


class Thresholds(Struct, frozen=True, kw_only=True):
    """
    Represents the thresholds of the detectors of one instrument; ratios are exact.

    Attributes
    ----------
    imbalance_min_volume, absorption_min_volume, imbalance_ratio, zero_opposing, stack_min, \
exhaustion_levels, exhaustion_decline, absorption_share, divergence_lookback, unfinished_mode, \
unfinished_max_volume, unfinished_memory
        As in `DetectorParams`.

    """

    imbalance_min_volume: int
    absorption_min_volume: int
    imbalance_ratio: Fraction
    zero_opposing: str
    stack_min: int
    exhaustion_levels: int
    exhaustion_decline: Fraction
    absorption_share: Fraction
    divergence_lookback: int
    unfinished_mode: str
    unfinished_max_volume: int
    unfinished_memory: int


def thresholds_of(
    symbol: str,
    params: DetectorParams,
    *,
    imbalance_min_volume: int | None = None,
    absorption_min_volume: int | None = None,
) -> Thresholds:
    """
    Return the thresholds of an instrument.

    The profile of its root comes first, the configuration over it, an argument over both. Without a
    need for it the profile may be unknown.

    Parameters
    ----------
    symbol : str
        The symbol of the instrument (`ESZ5`).
    params : DetectorParams
        The configuration.
    imbalance_min_volume, absorption_min_volume : int, optional
        Volumes (lots) instead of those of configuration and profile.

    Raises
    ------
    ParameterError
        If the profile is needed and its root unknown.

    """
    values = asdict(params)
    root = values.pop("profile")
    given = {
        "imbalance_min_volume": imbalance_min_volume,
        "absorption_min_volume": absorption_min_volume,
    }
    values |= {name: value for name, value in given.items() if value is not None}
    missing = [name for name in given if values[name] is None]
    if missing:
        profile = profile_of(symbol if root is None else root)
        values |= {name: getattr(profile, name) for name in missing}
    for name in ("imbalance_ratio", "exhaustion_decline", "absorption_share"):
        values[name] = exact(name, values[name])
    return Thresholds(**values)
