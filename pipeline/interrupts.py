"""Ctrl-C and SIGTERM, remembered: a library on the way up may turn the KeyboardInterrupt into an error of its own."""

import signal
from types import FrameType


class Interrupts:
    """Raises KeyboardInterrupt on SIGINT and SIGTERM once `install` was called, and knows that it did."""

    def __init__(self) -> None:
        self.seen = False

    def install(self) -> None:
        """Take the signals, but for a SIGINT that whoever started this process wants ignored."""
        signal.signal(signal.SIGTERM, self._interrupt)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._interrupt)

    def check(self) -> None:
        """Raise KeyboardInterrupt where a signal came that nothing has answered."""
        if self.seen:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.seen = True
        raise KeyboardInterrupt
