"""Orders, fills, position and wallet in the format of private messages and answers."""

from decimal import Decimal
from typing import Any

from adapters.bybit.loopback.account import Position
from adapters.bybit.loopback.account import Wallet
from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.market import NS_PER_MS
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side


type Row = dict[str, Any]


def ms_text(ns: int) -> str:
    """Return a time in the venue's format (ms UTC as text)."""
    return str(ns // NS_PER_MS)


def number(value: Decimal) -> str:
    """Return a number without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def order_row(contract: LinearContract, order: Order) -> Row:
    """Return an order; the private message has the same fields and a category."""
    request = order.request
    average = order.filled_value / order.filled if order.filled else None
    price = order.price or average or ZERO
    is_conditional = order.trigger_price is not None
    return {
        "symbol": contract.symbol,
        "orderId": order.order_id,
        "orderLinkId": request.link_id,
        "blockTradeId": "",
        "side": order.side.value,
        "orderType": request.type.value,
        "price": contract.price_text(order.price) if order.price else "0",
        "qty": contract.size_text(order.size),
        "orderIv": "",
        "isLeverage": "",
        "positionIdx": 0,
        "orderStatus": order.status.value,
        "cancelType": order.cancel_type,
        "rejectReason": order.reject_reason,
        "avgPrice": number(average) if average else "",
        "leavesQty": contract.size_text(order.leaves),
        "leavesValue": number(order.leaves * price),
        "cumExecQty": contract.size_text(order.filled),
        "cumExecValue": number(order.filled_value),
        "cumExecFee": number(order.fee),
        "feeCurrency": contract.quote,
        "timeInForce": _time_in_force(order),
        "stopOrderType": _stop_type(order.is_position_stop) if is_conditional else "",
        "triggerPrice": contract.price_text(order.trigger_price),
        "triggerDirection": request.trigger_direction,
        "triggerBy": "LastPrice" if is_conditional else "",
        "takeProfit": "",
        "stopLoss": contract.price_text(request.stop_loss),
        "tpTriggerBy": "",
        "slTriggerBy": "LastPrice" if request.stop_loss else "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "tpslMode": "Full" if request.stop_loss or order.is_position_stop else "",
        "lastPriceOnCreated": contract.price_text(order.last_price),
        "reduceOnly": request.reduce_only,
        "closeOnTrigger": request.close_on_trigger,
        "placeType": "",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "createType": _create_type(order),
        "createdTime": ms_text(order.created_ns),
        "updatedTime": ms_text(order.updated_ns),
    }


def execution_row(contract: LinearContract, execution: Execution) -> Row:
    """Return a fill or a payment; the private message has the same fields."""
    return {
        "symbol": contract.symbol,
        "orderId": execution.order_id,
        "orderLinkId": execution.link_id,
        "side": execution.side.value,
        "orderPrice": contract.price_text(execution.order_price) or "0",
        "orderQty": contract.size_text(execution.order_size),
        "leavesQty": contract.size_text(execution.leaves),
        "createType": _create_type(execution),
        "orderType": execution.order_type.value if execution.create_type else "UNKNOWN",
        "stopOrderType": _stop_type(execution.is_position_stop)
        if execution.is_conditional
        else "UNKNOWN",
        "execFee": number(execution.fee),
        "execId": execution.exec_id,
        "execPrice": number(execution.price),
        "execQty": contract.size_text(execution.size),
        "execType": execution.kind,
        "execValue": number(execution.price * execution.size),
        "execTime": ms_text(execution.ts_ns),
        "feeCurrency": contract.quote,
        "isMaker": execution.is_maker,
        "isLeverage": "0",
        "feeRate": number(execution.fee_rate),
        "tradeIv": "",
        "markIv": "",
        "markPrice": number(execution.mark),
        "indexPrice": "",
        "underlyingPrice": "",
        "blockTradeId": "",
        "closedSize": contract.size_text(execution.closed),
        "seq": execution.sequence,
    }


def position_row(contract: LinearContract, position: Position) -> Row:
    """Return a position; in private messages its average price is named `entryPrice`."""
    side = "" if not position.size else (Side.BUY if position.size > 0 else Side.SELL).value
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": contract.symbol,
        "side": side,
        "size": contract.size_text(abs(position.size)),
        "avgPrice": number(position.average),
        "entryPrice": number(position.average),
        "sessionAvgPrice": "",
        "positionValue": number(abs(position.size) * position.average),
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if position.size else 0,
        "leverage": number(position.leverage),
        "positionBalance": number(position.margin),
        "markPrice": number(position.mark),
        "liqPrice": "",
        "bustPrice": "",
        "positionIM": number(position.margin),
        "positionMM": number(position.maintenance),
        "positionIMByMp": number(position.margin),
        "positionMMByMp": number(position.maintenance),
        "tpslMode": "Full",
        "takeProfit": "0",
        "stopLoss": contract.price_text(position.stop_loss) or "0",
        "trailingStop": "0",
        "unrealisedPnl": number(position.unrealised),
        "curRealisedPnl": number(position.realised),
        "cumRealisedPnl": number(position.realised),
        "createdTime": ms_text(position.created_ns),
        "updatedTime": ms_text(position.updated_ns),
        "seq": 1,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
    }


def wallet_row(contract: LinearContract, wallet: Wallet) -> Row:
    """Return the unified account with its one coin."""
    margin = wallet.position_margin + wallet.order_margin
    equity = wallet.equity or Decimal(1)
    return {
        "accountType": "UNIFIED",
        "accountIMRate": f"{margin / equity:.4f}",
        "accountMMRate": f"{wallet.maintenance / equity:.4f}",
        "accountLTV": "0",
        "totalEquity": number(wallet.equity),
        "totalWalletBalance": number(wallet.balance),
        "totalMarginBalance": number(wallet.equity),
        "totalAvailableBalance": number(wallet.available),
        "totalPerpUPL": number(wallet.unrealised),
        "totalInitialMargin": number(margin),
        "totalMaintenanceMargin": number(wallet.maintenance),
        "coin": [
            {
                "coin": contract.quote,
                "equity": number(wallet.equity),
                "usdValue": number(wallet.equity),
                "walletBalance": number(wallet.balance),
                "availableToWithdraw": number(wallet.available),
                "availableToBorrow": "",
                "borrowAmount": "0",
                "spotBorrow": "0",
                "accruedInterest": "0",
                "bonus": "0",
                "locked": "0",
                "totalOrderIM": number(wallet.order_margin),
                "totalPositionIM": number(wallet.position_margin),
                "totalPositionMM": number(wallet.maintenance),
                "unrealisedPnl": number(wallet.unrealised),
                "cumRealisedPnl": number(wallet.realised),
                "collateralSwitch": True,
                "marginCollateral": True,
            },
        ],
    }


def _stop_type(is_position_stop: bool) -> str:
    return "StopLoss" if is_position_stop else "Stop"


def _create_type(made: Order | Execution) -> str:
    return "CreateByStopLoss" if made.is_position_stop else made.create_type


def _time_in_force(order: Order) -> str:
    is_market = order.request.type is OrderType.MARKET
    return "IOC" if is_market else order.request.time_in_force.value
