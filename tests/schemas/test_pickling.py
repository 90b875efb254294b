"""What Beam pickles comes back as it was."""

import pickle

import pytest

from schemas.article import Attitude, Entity, Label, Mention, Stance, Via

WHO = Entity("Ann Lee", Label.PERSON, "US", ("Lee",), 2, 0.5)
PRAISE = Stance(0, "Ann Lee", 1, "Bob", Attitude.FAVOR, 0.9, 0.9, 0.05, 0.05, 0, 20, Via.NAMED)
MENTION = Mention("Ann Lee", 3, 10, Label.PERSON, 0.98, 0)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("thing", [WHO, PRAISE, MENTION])
def test_a_dataclass_comes_back_equal_and_of_its_class(thing: object, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(thing, protocol))
    assert again == thing
    assert type(again) is type(thing)
