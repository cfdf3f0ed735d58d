"""Names of setups, phases, targets, and of what happens to an attempt."""

from enum import StrEnum


class Setup(StrEnum):
    """Represents one of the two setups."""

    TREND_MODEL = "TREND_MODEL"
    MEAN_REVERSION = "MEAN_REVERSION"


class Phase(StrEnum):
    """Represents what an attempt waits for."""

    LEG = "LEG"
    READY = "READY"
    RECLAIM_LEG = "RLEG"
    RECLAIM_READY = "RREADY"


class TargetBasis(StrEnum):
    """Represents where a target comes from."""

    PRIOR_POC = "PRIOR_POC"
    FALLBACK_RR = "FALLBACK_RR"
    BALANCE_POC = "BALANCE_POC"


class Event(StrEnum):
    """Represents what happened to an attempt within one minute, in the order of the tests."""

    ATTEMPT_UP = "ATTEMPT_UP"
    ATTEMPT_DOWN = "ATTEMPT_DOWN"
    LEG_READY = "LEG_READY"
    LEG_EXTENDS = "LEG_EXTENDS"
    RETURN = "RETURN"
    RECLAIM = "RECLAIM"
    RLEG_READY = "RLEG_READY"
    RLEG_EXTENDS = "RLEG_EXTENDS"
    OUTSIDE_AGAIN = "OUTSIDE_AGAIN"
    POC_REACHED = "POC_REACHED"
    NO_NODE = "NO_NODE"
    EXPIRED = "EXPIRED"
    NODE_BROKEN = "NODE_BROKEN"
    TOUCH = "TOUCH"
    NOT_IMBALANCE = "NOT_IMBALANCE"
    NO_AGGRESSION = "NO_AGGRESSION"
    RR_TOO_LOW = "RR_TOO_LOW"
    SIGNAL = "SIGNAL"
