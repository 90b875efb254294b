"""Ctrl-C and SIGTERM, remembered: a library on the way up may turn the KeyboardInterrupt into an error of its own."""

import os
import signal
from types import FrameType

from pipeline.complaints import line

STDERR = 2


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


class StopSignals(Interrupts):
    """For work that goes on until it is told to stop: the first signal asks for the end, the next one is an interrupt.

    Before `wait_for_units` there is nothing to finish, and the first one is an interrupt as well.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stopping = False
        self._has_units = False

    def wait_for_units(self) -> None:
        """From now on there may be a unit to finish."""
        self._has_units = True

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.stopping or not self._has_units:
            super()._interrupt(number, frame)
        self.stopping = True
        # Not print: the signal may have come in the middle of one.
        message = line("finishing the open unit; once more leaves at once", event="stopping")
        os.write(STDERR, f"{message}\n".encode())
