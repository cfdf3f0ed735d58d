"""The message about capital tiers."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Money
from actors.messages.schema import Table
from actors.messages.schema import Text


@register
class TierChanged(Message):
    """
    Represents a change of the capital tier; the strategy of the new contract publishes it.

    Attributes
    ----------
    strategy_id : str
        The strategy that trades the contract from then on.
    from_tier, to_tier : int
        The numbers of the tiers, from 1.
    from_name, to_name : str
        Their names.
    from_root, to_root : str
        The roots of their contracts.
    balance : float
        The balance that decided it.
    max_contracts : int
        The largest size from then on.
    daily_loss_limit : float
        The loss of a day from then on at which no more is entered.

    """

    TABLE = Table("tier_changes")

    strategy_id: Text
    from_tier: Count
    to_tier: Count
    from_name: Text
    to_name: Text
    from_root: Text
    to_root: Text
    balance: Money
    max_contracts: Count
    daily_loss_limit: Money
