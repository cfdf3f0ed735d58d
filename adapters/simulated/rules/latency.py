"""When a command reaches the simulated venue."""


def arrives_at(sent_at: int, latency_ns: int) -> int:
    """
    Return the time from which a command can meet the market (ns UTC).

    It meets the first event stamped then or later, after that event has filled the orders that
    already rest.

    Parameters
    ----------
    sent_at : int
        When it was sent (ns UTC).
    latency_ns : int
        How long it is on its way.

    """
    return sent_at + latency_ns
