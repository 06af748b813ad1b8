"""How much one socket may send, in messages and bytes: a little at once, and then evenly."""

MESSAGES, PER_SECOND = 60.0, 60.0
BYTES, BYTES_PER_SECOND = 1_000_000.0, 1_000_000 / 60
LONGEST = 10.0


class Allowance:
    """Two buckets that fill with time. A debt must be waited for; `over` tells how long somebody has lived on debts."""

    __slots__ = ("_at", "_bytes", "_messages", "_since")

    def __init__(self, now: float) -> None:
        self._messages, self._bytes, self._at = MESSAGES, BYTES, now
        self._since: float | None = None

    def take(self, messages: int, size: int, now: float) -> float:
        """Takes what was sent; how many seconds the sender is not to be read, 0 mostly."""
        passed, self._at = now - self._at, now
        self._messages = min(MESSAGES, self._messages + passed * PER_SECOND) - messages
        self._bytes = min(BYTES, self._bytes + passed * BYTES_PER_SECOND) - size
        wait = max(-self._messages / PER_SECOND, -self._bytes / BYTES_PER_SECOND, 0.0)
        if wait > 0:
            self._since = now if self._since is None else self._since
        elif self._messages > MESSAGES / 2 and self._bytes > BYTES / 20:
            self._since = None
        return wait

    def over(self, now: float) -> bool:
        """Whether it has been going on for longer than a slip."""
        return self._since is not None and now - self._since > LONGEST
