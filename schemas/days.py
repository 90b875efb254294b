"""A range of days."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Days:
    """From `since` to `until`, both in it; None is no end."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"{self.until} is before {self.since}")

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def overlap(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last` is in the range."""
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)
