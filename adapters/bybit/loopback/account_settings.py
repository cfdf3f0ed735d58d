"""Settings of the loopback account and permissions of its key."""

from dataclasses import dataclass
from dataclasses import field

from adapters.bybit.loopback.payloads import Row


CROSS = "REGULAR_MARGIN"
MARGIN_MODES = (CROSS, "ISOLATED_MARGIN", "PORTFOLIO_MARGIN")
NO_END = "1970-01-01T00:00:00Z"


def _trading() -> dict[str, list[str]]:
    return {
        "ContractTrade": ["Order", "Position"],
        "Spot": [],
        "Wallet": [],
        "Options": [],
        "Derivatives": ["DerivativesTrade"],
        "Exchange": [],
    }


@dataclass(slots=True)
class AccountSettings:
    """
    Represents the settings of the account; the owner of the server may change them.

    Attributes
    ----------
    margin_mode : str
        One of `MARGIN_MODES`.
    unified_status : int
        1 is a classic account, 3 to 6 are unified ones.
    is_hedged : bool
        If the account is in hedge mode, with a long and a short position at once.
    is_read_only : bool
        If the key may not trade at all.
    permissions : dict[str, list[str]]
        The permissions of the key, by group.
    ips : list[str]
        The addresses that the key is bound to; `*` is any.
    expired_at : str
        The expiry of the key; a year of 1970 means never.

    """

    margin_mode: str = CROSS
    unified_status: int = 6
    is_hedged: bool = False
    is_read_only: bool = False
    permissions: dict[str, list[str]] = field(default_factory=_trading)
    ips: list[str] = field(default_factory=lambda: ["127.0.0.1"])
    expired_at: str = NO_END

    def account_row(self, now_ms: int) -> Row:
        """Return the result of `account/info`."""
        return {
            "marginMode": self.margin_mode,
            "updatedTime": str(now_ms),
            "unifiedMarginStatus": self.unified_status,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    def position_rows(self, position: Row) -> list[Row]:
        """Return the rows of `position/list`: in hedge mode one for each side."""
        if not self.is_hedged:
            return [position]
        flat = {"side": "", "size": "0", "avgPrice": "0", "positionValue": "0"}
        sides = {"Buy": 1, "Sell": 2}
        return [
            {**position, **({} if position["side"] == side else flat), "positionIdx": index}
            for side, index in sides.items()
        ]

    def key_row(self) -> Row:
        """Return the result of `user/query-api`."""
        return {
            "id": "1",
            "note": "loopback",
            "apiKey": "",
            "readOnly": int(self.is_read_only),
            "secret": "",
            "permissions": self.permissions,
            "ips": self.ips,
            "type": 1,
            "deadlineDay": -2,
            "expiredAt": self.expired_at,
            "createdAt": "2020-01-01T00:00:00Z",
            "unified": 0,
            "uta": 1,
            "userID": 1,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
            "kycLevel": "LEVEL_1",
            "kycRegion": "",
        }
