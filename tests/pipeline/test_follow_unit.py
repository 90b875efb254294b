"""Micro-batches: when a unit closes, and that no more than one is ever held."""

import math
from collections.abc import Callable, Iterator

from pipeline.follow_unit import Arrival, FollowUnit, Gatherer
from schemas.article import Document
from tests.pipeline.following import Endless


def arrival(number: int, *, documents: int = 1, size: int = 10, unit_id: str | None = None) -> Arrival:
    found = tuple(Document(f"{number}#{part}", "text/plain", b"x" * size) for part in range(documents))
    return Arrival(found, float(number), ((f"mark-{number}", f"uri-{number}"),), unit_id)


def never() -> bool:
    return False


def gather(
    *sources: Endless, articles: int = 5, size: int = 10_000, every: float = math.inf, stop: Callable[[], bool] = never
) -> Gatherer:
    def idle(open_articles: int, came_at: float | None) -> None:
        raise AssertionError("there was always something to take")

    return Gatherer(sources, every_seconds=every, max_articles=articles, max_bytes=size, stopping=stop, idle=idle)


def numbers(unit: FollowUnit) -> list[int]:
    return [int(document.source_uri.partition("#")[0]) for document in unit.documents]


def test_back_pressure_no_source_is_asked_while_a_unit_is_worked_on() -> None:
    source = Endless(arrival)
    for done, unit in enumerate(gather(source).units()):
        assert numbers(unit) == list(range(5 * done + 1, 5 * done + 6))
        assert source.given == 5 * done + 5  # nothing was taken but what is worked on
        if done == 20:
            break


def test_what_does_not_fit_is_held_and_comes_first_in_the_next_unit() -> None:
    source = Endless(lambda number: arrival(number, documents=2))
    units = gather(source).units()
    assert [numbers(next(units)) for _ in range(3)] == [[1, 1, 2, 2], [3, 3, 4, 4], [5, 5, 6, 6]]
    assert source.given == 7  # one arrival more than the units, and never two


def test_bytes_close_a_unit_and_a_huge_arrival_goes_alone() -> None:
    source = Endless(lambda number: arrival(number, size=5000 if number == 3 else 10))
    units = gather(source, size=100).units()
    assert [numbers(next(units)) for _ in range(3)] == [[1, 2], [3], [4, 5, 6, 7, 8]]


def test_a_piece_of_a_file_is_a_unit_of_its_own() -> None:
    source = Endless(lambda number: arrival(number, unit_id="piece" if number == 3 else None))
    units = gather(source).units()
    first, piece, rest = (next(units) for _ in range(3))
    assert (numbers(first), numbers(piece), numbers(rest)) == ([1, 2], [3], [4, 5, 6, 7, 8])
    assert piece.unit_id == "piece"


def test_time_closes_a_unit() -> None:
    units = gather(Endless(arrival), every=0.0).units()
    assert [numbers(next(units)) for _ in range(3)] == [[1], [2], [3]]


def test_sources_take_turns() -> None:
    many, few = Endless(arrival), Endless(lambda number: arrival(1000 + number))
    unit = gather(many, few, articles=6).next_unit()
    assert unit
    assert numbers(unit) == [1, 1001, 2, 1002, 3, 1003]


def test_told_to_stop_the_open_unit_is_the_last_one() -> None:
    source = Endless(arrival)
    units = list(gather(source, stop=lambda: source.given >= 3).units())
    assert [numbers(unit) for unit in units] == [[1, 2, 3]]


def test_a_unit_has_one_name_for_the_same_articles_and_the_last_position_of_a_source() -> None:
    def at(offset: int) -> Arrival:
        return Arrival((Document(f"m{offset}", "text/plain", b"x"),), 0.0, (("partition", f"offset={offset}"),))

    unit = FollowUnit((at(1), at(2), at(3)))
    assert unit.marks == {"partition": "offset=3"}
    assert unit.unit_id == FollowUnit((at(1), at(2), at(3))).unit_id
    assert unit.unit_id != FollowUnit((at(1), at(2))).unit_id


def test_nothing_to_take_is_told_with_what_is_open() -> None:
    given: Iterator[Arrival] = iter([arrival(1), arrival(2)])

    class Short(Endless):
        def arrivals(self) -> Iterator[Arrival]:
            yield from given

    said: list[tuple[int, float | None]] = []
    gatherer = Gatherer(
        [Short(arrival)],
        every_seconds=math.inf,
        max_articles=5,
        max_bytes=1000,
        stopping=lambda: bool(said),
        idle=lambda articles, came_at: said.append((articles, came_at)),
    )
    assert [numbers(unit) for unit in gatherer.units()] == [[1, 2]]
    assert said == [(2, 1.0)]
