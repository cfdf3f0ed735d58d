"""The time at which a command reaches the simulated venue."""


def arrives_at(sent_at: int, latency_ns: int) -> int:
    """
    Return the time from which a command can meet the market (ns UTC).

    It meets the first event stamped then or later, after that event has filled resting orders.

    Parameters
    ----------
    sent_at : int
        The time of sending (ns UTC).
    latency_ns : int
        The latency (ns).

    """
    return sent_at + latency_ns
