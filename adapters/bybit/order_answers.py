"""Classifies Bybit's errors for order requests by what they prove about the order."""

import re
from enum import Enum


TOO_MANY_VISITS = 10006
SAME_LINK_ID = 110072
# Rejected before the order was read: request limits of the key, of the address, of the session.
LIMIT_CODES = frozenset({TOO_MANY_VISITS, 10403, 20003})
# Parameters, time stamp, key, signature, permission, account, route, product.
REQUEST_CODES = frozenset(
    {10001, 10002, 10003, 10004, 10005, 10007, 10008, 10009, 10010, 10017, 10024, 10027, 10028}
    | {10029, 10404, 30133, 30134, 30208, 30209, 30228, 33004, 100028}
)
# Rejected by the trading engine, which has checked the order. 110079: still processing it.
ORDER_CODES = frozenset(range(110000, 120000)) - {SAME_LINK_ID, 110079}
# With this prefix Nautilus's client takes a failure for a rejection by the venue.
REJECTED = "Order rejected: "
CODE = re.compile(r"Bybit error (-?\d{1,9}): (.*)", re.DOTALL)
# The trade socket's answer reaches Python without its code, so its text is matched. The texts are
# those of the venue's list of codes and of its engine; any other one is inconclusive.
LIMIT_TEXTS = re.compile(r"too many visits|too frequent requests|exceeds? (the )?ip rate limit")
SAME_LINK_TEXTS = re.compile(r"order ?link(ed)? ?id is duplicate")
TIME_TEXTS = re.compile(r"recv_window|exceeds the time window")
DOUBTFUL_TEXTS = re.compile(
    r"server (error|is|load|busy)|time ?out|timed out|internal|restart|processing|again later"
    r"|system (error|level)|network"
)
REFUSAL_TEXTS = re.compile(
    r"not enough|insufficient|cannot cover|position is zero|truncated to zero|no net position"
    r"|param|qty invalid|price invalid|invalid (price|qty|symbol|side|apikey|api key|sign)"
    r"|expect (rising|falling)|minimum order value|notional value|order price|price exceeds"
    r"|exceeds? the maximum|maximum allowable|max(imum)? (position|order|risk|limit)|risk limit"
    r"|reduce[- ]only|only reduce|position (idx|mode|status)|order is illegal|not live|not allowed"
    r"|permission|api ?key|not authorized|not supported|leverage|op type|symbol whitelist|banned"
    r"|(stoploss|takeprofit):.* should|ec_post"
)


class OrderAnswer(Enum):
    """Represents the conclusion from an error about a new order."""

    REFUSED = "the order does not exist"
    LIMITED = "the request was not read"
    DUPLICATE = "an order with its link id exists or has existed"
    UNKNOWN = "nothing"


def answer_of_code(code: int | None) -> OrderAnswer:
    """
    Return the conclusion from a `retCode` about a new order.

    Bybit documents order requests as asynchronous, 10000 as a timeout and 10016 as an error or a
    restart of its server: the order may have been accepted, or still be accepted later. The same
    holds after a failure without a code (an HTTP status, a broken connection) and after any code
    that the venue has not documented as a rejection of the order: only the listed codes are
    conclusive.

    Parameters
    ----------
    code : int or None
        The code; None if the answer has none.

    """
    if code in LIMIT_CODES:
        return OrderAnswer.LIMITED
    if code == SAME_LINK_ID:
        return OrderAnswer.DUPLICATE
    if code in REQUEST_CODES or code in ORDER_CODES:
        return OrderAnswer.REFUSED
    return OrderAnswer.UNKNOWN


def answer_of_text(text: str) -> OrderAnswer:
    """Return the conclusion from a `retMsg` without its code, like `answer_of_code`."""
    text = text.lower()
    if LIMIT_TEXTS.search(text):
        return OrderAnswer.LIMITED
    if SAME_LINK_TEXTS.search(text):
        return OrderAnswer.DUPLICATE
    if TIME_TEXTS.search(text):
        return OrderAnswer.REFUSED
    if DOUBTFUL_TEXTS.search(text) or not REFUSAL_TEXTS.search(text):
        return OrderAnswer.UNKNOWN
    return OrderAnswer.REFUSED


def answer_of(error: BaseException) -> OrderAnswer:
    """Return the conclusion from a failed REST request about a new order."""
    code, text = code_of(error)
    return OrderAnswer.REFUSED if text.startswith(REJECTED) else answer_of_code(code)


def code_of(error: BaseException) -> tuple[int | None, str]:
    """Return the venue's code and text of a failed request; the code is None without an answer."""
    # Only at the start: a failed query of an accepted order is no rejection.
    found = CODE.match(str(error))
    return (None, str(error)) if found is None else (int(found[1]), found[2])
