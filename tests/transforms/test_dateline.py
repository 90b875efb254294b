import pytest

from transforms.dateline import find_dateline

REPORT = "Ministers of six countries met and agreed on a plan for the canal, they said."


@pytest.mark.parametrize(
    ("opening", "dateline"),
    [
        ("CARACAS, Jan. 11 (Reuters) — ", "CARACAS, Jan. 11 (Reuters)"),
        ("THE HAGUE, July 15 (Xinhua) -- ", "THE HAGUE, July 15 (Xinhua)"),
        ("CAIRO - 26 July 2022: ", "CAIRO - 26 July 2022"),
        ("RIYADH — ", "RIYADH"),
        ("On Thursday, the European Court of Justice (ECJ) – ", None),
        ("In Geneva, the Human Rights Council (HRC) – ", None),
    ],
)
def test_where_and_when_a_report_was_filed(opening: str, dateline: str | None) -> None:
    assert find_dateline(opening + REPORT) == dateline
