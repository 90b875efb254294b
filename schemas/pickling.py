"""Quick pickling of small dataclasses: Beam pickles every mention, entity and stance at each shuffle."""

from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)


def pickled_by_position(cls: Class) -> Class:
    """A dataclass of two fields or more, pickled as the values that it is made of.

    What a frozen dataclass with slots does by itself goes through its fields by name, in Python, both ways.
    """
    values = attrgetter(*(field.name for field in fields(cls)))

    def reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
        return cls, values(self)

    cls.__reduce__ = reduce  # type: ignore[assignment, method-assign]
    return cls
