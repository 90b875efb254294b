"""News that keeps coming: made-up articles of one sentence in several formats, and a process that drops them.

    python -m benchmarks.follow_news FOLDER ARTICLES SECONDS [ARTICLES_A_DAY]

Half of the files are written in place in two strokes, as a careless program would; the others are written beside under
an unfinished name and renamed. Every tenth article is a copy of an earlier one, every fifteenth cannot be read, and
dates go back and forth over a week.
"""

import json
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

PEOPLE = ("Ana Silva", "Erik Hansen", "Maria Lopez", "Peter Novak", "Lucy Brown", "Hage Geingob")
PLACES = (("Caracas", "Venezuela"), ("Windhoek", "Namibia"), ("Oslo", "Norway"), ("Lima", "Peru"), ("Paris", "France"))
ACTS = ("criticized", "praised", "rejected", "supported", "condemned", "welcomed", "denounced", "defended")
THINGS = ("the port", "the new budget", "the ferry line", "the reform", "the election date", "the water law")
GOODS = (
    "apples barley bricks butter cables carpets cement cheese coal cocoa coffee copper cotton cream drugs engines fish "
    "flour furs gas glass grain honey hops iron lace lamps lead leather maize malt milk oats oil olives onions paper "
    "pears pepper pipes plums rice ropes rubber rye salt sand silk soap steel sugar tar tea timber tin toys wheat wine"
).split()
FIRST_DAY = date(2019, 1, 7)
PAUSE_SECONDS = 0.3  # between the two strokes of a careless writer; less than a file takes to be held for whole


def make_message(number: int, articles_a_day: int | None = None) -> tuple[str, bytes]:
    """The name and the content of one file: always the same for the same number.

    The days are those of one week, or of a week that moves on by a day every `articles_a_day`.
    """
    if number % 15 == 14:
        broken = (b'{"title": broken', b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        return f"{number:06}.json", broken[number // 15 % 3]
    original = number - 3 if number % 10 == 9 and number >= 3 and (number - 3) % 15 != 14 else number
    headline, text, day = make_story(original, articles_a_day)
    url = f"https://example.org/{day}/{number}"
    match number % 4:
        case 0:
            head = f"<title>{headline}</title><meta property='article:published_time' content='{day}'>"
            body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
            page = f"<html><head>{head}</head><body><article><h1>{headline}</h1>{body}</article></body></html>"
            return f"{number:06}.html", page.encode()
        case 1:
            return f"{number:06}.txt", f"{headline}\n\n{text}\n\nNumber {number}, {day}.".encode()
        case _:
            fields = {"title": headline, "text": text, "url": url, "date": day}
            return f"{number:06}.json", json.dumps(fields).encode()


def make_story(number: int, articles_a_day: int | None) -> tuple[str, str, str]:
    """Headline, text and day of a story."""
    chance = random.Random(number)
    place, country = chance.choice(PLACES)
    who, act, thing = chance.choice(PEOPLE), chance.choice(ACTS), chance.choice(THINGS)
    text = (
        f"{who} {act} {thing} in {place}, {country}, in round {number} of talks over "
        f"{', '.join(chance.sample(GOODS, 8))} and {chance.randrange(10_000)} other goods, aides said."
    )
    day = FIRST_DAY + timedelta(days=chance.randrange(7) + (number // articles_a_day if articles_a_day else 0))
    return f"Talks in {place} enter round {number}", text, day.isoformat()


def drop(folder: Path, articles: int, seconds: float, articles_a_day: int | None = None) -> None:
    """Write so many files over so much time."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for number in range(articles):
        name, content = make_message(number, articles_a_day)
        time.sleep(max(0.0, began + number * seconds / articles - time.monotonic()))
        if number % 2:
            with open(folder / name, "wb") as target:
                target.write(content[: len(content) // 2])
                target.flush()
                time.sleep(min(PAUSE_SECONDS, seconds / articles / 2))
                target.write(content[len(content) // 2 :])
        else:
            beside = folder / f"{name}.tmp"
            beside.write_bytes(content)
            beside.rename(folder / name)


if __name__ == "__main__":
    drop(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))
