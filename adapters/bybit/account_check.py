"""Checks that a Bybit account and its key are configured for live trading."""

import math
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.bybit.answer_rows import AccountInfo
from adapters.bybit.answer_rows import KeyInfo
from adapters.bybit.answer_rows import PositionSettings
from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.queries import VenueRefusal
from adapters.bybit.queries import private_http
from adapters.bybit.queries import query


CROSS = "REGULAR_MARGIN"
CLASSIC = 1
# Demo accounts do not support the query; no real money is at risk there.
NOT_ON_DEMO = 10032
EXPIRES_SOON_DAYS = 14
# The year that the venue reports for a key that does not expire.
NO_END = 1970


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    Represents the result of the check, in lines that state the remedy.

    Attributes
    ----------
    refusals : list[str]
        Problems that must be fixed before real orders are sent.
    warnings : list[str]
        Problems that should be fixed.

    """

    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contract:
    """
    Represents a contract that a strategy trades.

    Attributes
    ----------
    category, symbol : str
        Category and symbol, like `linear` and `BTCUSDT`.
    max_leverage : Decimal
        The largest notional value by equity that the strategy may hold.
    taker_fee : Decimal
        The taker fee as a share of the value.

    """

    category: str
    symbol: str
    max_leverage: Decimal
    taker_fee: Decimal


class AccountReader:
    """
    Requests the settings of an account and its key. It blocks: call it in a thread.

    Parameters
    ----------
    base_url : str
        The address of the HTTP interface.
    api_key, api_secret : str
        The keys.
    proxy_url : str, optional
        The URL of an HTTP proxy.
    is_demo : bool, default False
        If it is a demo account, for whose key the venue does not report permissions.

    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        proxy_url: str | None = None,
        *,
        is_demo: bool = False,
    ) -> None:
        self._http = private_http(base_url, api_key, api_secret, proxy_url)
        self._is_demo = is_demo

    def close(self) -> None:
        """Close the connections."""
        self._http.client.close()

    def verdict(self, contracts: Sequence[Contract]) -> Verdict:
        """
        Compare key, account and leverage with the needs of the contracts.

        Raises
        ------
        AuctionError
            If the venue does not answer, or the answer is malformed: nothing is known then.

        """
        found = Verdict()
        self._check_key(found)
        account = decode(
            "account/info", AccountInfo, query("account/info", self._http.get_account_info).result
        )
        found.refusals.extend(account_refusals(account))
        # In other margin modes the leverage has another meaning.
        if not found.refusals or account.margin_mode == CROSS:
            for contract in contracts:
                found.refusals.extend(position_refusals(contract, self._positions(contract)))
        return found

    def _check_key(self, found: Verdict) -> None:
        try:
            answer = query("user/query-api", self._http.get_api_key_information)
        except VenueRefusal as refusal:
            if not (self._is_demo and refusal.code == NOT_ON_DEMO):
                raise
            found.warnings.append("the permissions of a key of a demo account are not known")
            return
        key = decode("user/query-api", KeyInfo, answer.result)
        found.refusals.extend(key_refusals(key))
        found.warnings.extend(key_warnings(key, datetime.now(UTC)))

    def _positions(self, contract: Contract) -> list[PositionSettings]:
        answer = query(
            "position/list",
            self._http.get_positions,
            category=contract.category,
            symbol=contract.symbol,
        )
        rows: Sequence[Mapping[str, Any]] = decode("position/list", Rows, answer.result).rows
        positions = decode("position/list", list[PositionSettings], rows)
        if not positions or any(found.symbol != contract.symbol for found in positions):
            raise BadAnswer(
                f"Bybit position/list: not the position of {contract.symbol}: the answer is refused"
            )
        return positions


def key_refusals(key: KeyInfo) -> list[str]:
    """Return missing and excessive permissions of a key."""
    found = []
    permissions = {name for names in key.permissions.values() for name in names}
    if key.read_only:
        found.append("the key is read-only: make one with read and write permission")
    if not ({"Order", "Position"} <= permissions or "DerivativesTrade" in permissions):
        found.append(
            "the key may not trade derivatives: give it `Contract - Orders & Positions` "
            "(unified trading)"
        )
    if any("withdraw" in name.lower() for name in permissions):
        found.append("the key may withdraw money: take `Wallet - Withdraw` from it")
    return found


def key_warnings(key: KeyInfo, now: datetime) -> list[str]:
    """
    Return warnings about the address and the expiry of a key.

    Raises
    ------
    BadAnswer
        If its expiry is not a valid time.

    """
    found = []
    if not key.ips or "*" in key.ips:
        found.append("the key is bound to no address: bind it to that of this machine")
    end = _end_of(key.expired_at)
    if end is not None and (end - now).days < EXPIRES_SOON_DAYS:
        found.append(
            f"the key ends on {end:%Y-%m-%d}: renew it before, or bind it to the address of this "
            "machine, which lets it last"
        )
    return found


def account_refusals(account: AccountInfo) -> list[str]:
    """Return unsuitable settings of an account."""
    if account.unified_margin_status == CLASSIC:
        return ["the account is a classic one: upgrade it to a unified trading account"]
    if account.margin_mode != CROSS:
        return [
            f"the margin mode of the account is {account.margin_mode}: set it to cross margin "
            f"({CROSS})"
        ]
    return []


def position_refusals(contract: Contract, positions: Sequence[PositionSettings]) -> list[str]:
    """Return unsuitable settings of positions of a contract."""
    if any(found.position_idx for found in positions):
        return [f"{contract.symbol} at Bybit is in hedge mode: set it to one-way mode"]
    needed = needed_leverage(contract)
    leverage = min(found.leverage for found in positions)
    if needed is None:
        return [
            f"max_leverage {_text(contract.max_leverage)} leaves no room for fees at any leverage: "
            "set it lower"
        ]
    if leverage < needed:
        return [
            f"leverage of {contract.symbol} at Bybit is {_text(leverage)}, max_leverage of the "
            f"strategy needs {_text(contract.max_leverage)}: set it to at least {needed}, or "
            "max_leverage lower"
        ]
    return []


def needed_leverage(contract: Contract) -> int | None:
    """Return the smallest leverage that covers margin and both taker fees; None if none does."""
    # An entry at leverage L ties up 1/L of its value and the fees of entry and exit.
    share = 1 / contract.max_leverage - 2 * contract.taker_fee
    return math.ceil(1 / share) if share > 0 else None


def _end_of(text: str) -> datetime | None:
    if not text:
        return None
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        raise BadAnswer(
            f"Bybit user/query-api: expiredAt {text!r} is no time: the answer is refused"
        ) from None
    if end.tzinfo is None:
        end = end.replace(tzinfo=UTC)
    return None if end.year <= NO_END else end


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
