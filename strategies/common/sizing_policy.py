"""The size of a trade: by its risk, or a fixed number of contracts."""

from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from strategies.common.intents import Intent
from strategies.common.sizing import PositionSize
from strategies.common.trade_params import TradeParams


class Wallet(Protocol):
    """The account as seen by a sizing policy: sizes within its money and its limits."""

    def size(
        self,
        intent: Intent,
        params: TradeParams,
        risk_pct: Decimal,
        *,
        includes_costs: bool = False,
        of_equity: bool = False,
    ) -> PositionSize: ...

    def size_contracts(
        self, intent: Intent, params: TradeParams, contracts: int
    ) -> PositionSize: ...


class Sizing(Protocol):
    """A policy that sizes the entries of a strategy."""

    def size(self, intent: Intent, wallet: Wallet, params: TradeParams) -> PositionSize:
        """Return the size of an entry by the present account, or the reason why there is none."""


class RiskSizing(Struct, frozen=True, kw_only=True):
    """
    Risks a share of the available margin, or of the equity, at the stop.

    Parameters
    ----------
    risk_pct : Decimal
        The share (0.02 for 2%).
    includes_costs : bool, default True
        If the fees and the slippage to expect are a part of the loss.
    of_equity : bool, default False
        If it is a share of the balance without unrealised profit and loss, whatever other trades
        bind of it; else of what they leave free.

    """

    risk_pct: Decimal
    includes_costs: bool = True
    of_equity: bool = False

    def size(self, intent: Intent, wallet: Wallet, params: TradeParams) -> PositionSize:
        """Return the size by risk, cut to what leverage and margin allow."""
        return wallet.size(
            intent,
            params,
            self.risk_pct,
            includes_costs=self.includes_costs,
            of_equity=self.of_equity,
        )


class ContractSizing(Struct, frozen=True, kw_only=True):
    """
    Uses a fixed number of contracts, and refuses if the account cannot pay for them.

    Parameters
    ----------
    contracts : int
        The contracts.

    """

    contracts: int

    def size(self, intent: Intent, wallet: Wallet, params: TradeParams) -> PositionSize:
        """Return the contracts as a size."""
        return wallet.size_contracts(intent, params, self.contracts)
