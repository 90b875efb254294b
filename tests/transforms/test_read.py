import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from schemas.article import DeadLetter, Document
from schemas.errors import UsageError
from transforms.limits import Limits
from transforms.read import list_inputs, read_documents
from transforms.write import stage_dead_letters

BODY = "The council voted on Tuesday to close the old bridge to cars. Residents had asked for years. " * 4


def article(number: int, **more: str) -> bytes:
    return json.dumps({"title": f"Council closes bridge {number}", "text": BODY} | more).encode()


def write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def read(folder: Path, name: str, content: bytes, *, limits: Limits | None = None) -> list[Document | DeadLetter]:
    return list(read_documents(write(folder, name, content), limits=limits or Limits()))


def reasons(documents: list[Document | DeadLetter]) -> list[str]:
    return [document.reason if isinstance(document, DeadLetter) else "document" for document in documents]


def titles(documents: list[Document | DeadLetter]) -> list[str]:
    return [json.loads(document.payload)["title"] for document in documents if isinstance(document, Document)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "empty_input"),
        ("spaces.jsonl", b" \n\n ", "empty_input"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary_content"),
        ("noise.txt", bytes(range(32)) * 40, "binary_content"),
        ("page.pdf", b"%PDF-1.7 ...", "binary_content"),
        ("packed.zip", b"PK\x03\x04rest", "binary_content"),
        ("line.txt", b"word " * 4_000_000, "too_large"),
        ("header.csv", b"title,text\n", "empty_input"),
        ("unclosed.csv", b'title,text\na,"' + b"x,\n" * 4_000_000, "invalid_table"),
        ("broken.parquet", b"PAR1" + b"x" * 400, "corrupt_parquet"),
        ("other.xml", b'<?xml version="1.0"?><nitf><body>x</body></nitf>', "unsupported_format"),
        ("cut.txt.gz", gzip.compress(BODY.encode())[:60], "truncated_gzip"),
        ("damaged.txt.gz", b"\x1f\x8b\x08\0" + b"damage" * 20, "corrupt_gzip"),
        ("header.tsv", b"ti\rtle\ttext\nA\tB\n", "invalid_table"),
        ("declared.rss", b'<?xml version="1.0" encoding="UT\x87-8"?><rss version="2.0"></rss>', "invalid_feed"),
        ("deep.json", b"[" * 200_000, "nested_too_deep"),
        ("bomb.txt.gz", gzip.compress(b"a" * 60_000_000), "too_large"),
        ("nothing.json", b"[]", "empty_input"),
    ],
)
def test_one_dead_letter_says_why(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    found = read(tmp_path, name, content)
    assert reasons(found) == [reason]
    letter = found[0]
    assert isinstance(letter, DeadLetter)
    assert letter.step == "read"
    assert letter.source_uri.endswith(name)
    assert letter.error
    assert len(letter.payload) <= DeadLetter.PAYLOAD_LIMIT


def test_limit_is_named(tmp_path: Path) -> None:
    [letter] = read(tmp_path, "long.txt", b"word " * 300, limits=Limits(document_bytes=1000))
    assert isinstance(letter, DeadLetter)
    assert "document_bytes" in letter.error


def test_a_missing_file_is_a_dead_letter(tmp_path: Path) -> None:
    assert reasons(list(read_documents(str(tmp_path / "gone.txt")))) == ["unreadable"]


def test_long_line_does_not_cost_its_neighbours(tmp_path: Path) -> None:
    content = b"\n".join([article(1), b'{"text": "' + b"x" * 5000 + b'"}', article(3)])
    found = read(tmp_path, "wire.jsonl", content, limits=Limits(document_bytes=1000))
    assert reasons(found) == ["document", "too_large", "document"]
    assert [document.source_uri.rpartition("#")[2] for document in found] == ["line=1", "line=2", "line=3"]


def test_a_broken_line_is_left_to_parse(tmp_path: Path) -> None:
    found = read(tmp_path, "wire.jsonl", b"\n".join([article(1), b'{"title": "cut', article(3)]))
    assert reasons(found) == ["document"] * 3


@pytest.mark.parametrize(("pack", "suffix", "reason"), [
    (lambda data: gzip.compress(data), "gz", "truncated_gzip"),
    (zstandard.compress, "zst", "truncated_zstd"),
])  # fmt: skip
def test_a_truncated_archive_gives_what_was_before(tmp_path: Path, pack, suffix: str, reason: str) -> None:
    lines = [article(number, salt=os.urandom(400).hex()) for number in range(300)]
    packed = pack(b"\n".join(lines))
    found = read(tmp_path, f"wire.jsonl.{suffix}", packed[: len(packed) // 2])
    assert reasons(found)[-1] == reason
    assert len(found) > 50
    assert [document.payload for document in found[:-1]] == lines[: len(found) - 1]


def test_gzip_of_several_members(tmp_path: Path) -> None:
    packed = gzip.compress(article(1) + b"\n") + gzip.compress(article(2) + b"\n") + b"\0" * 40
    assert titles(read(tmp_path, "wire.jsonl.gz", packed)) == ["Council closes bridge 1", "Council closes bridge 2"]


def test_a_bomb_stops_at_the_ratio(tmp_path: Path) -> None:
    found = read(tmp_path, "wire.jsonl.gz", gzip.compress(b"a" * 80_000_000))
    assert reasons(found) == ["too_large", "decompression_bomb"]
    assert isinstance(found[1], DeadLetter)
    assert "compression_ratio" in found[1].error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["wire.jsonl", "wire.json"])
def test_split_in_any_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    articles = [json.loads(article(number)) for number in (1, 2)]
    content = "\n".join(map(json.dumps, articles)) if name.endswith("l") else json.dumps(articles, indent=1)
    assert len(titles(read(tmp_path, name, content.encode(encoding)))) == 2


@pytest.mark.parametrize("wrap", [
    lambda articles: articles,
    lambda articles: {"status": "ok", "articles": articles},
    lambda articles: {"response": {"docs": articles}},
    lambda articles: {"hits": {"total": 2, "hits": articles}},
])  # fmt: skip
def test_lists_of_articles_in_json(tmp_path: Path, wrap) -> None:
    content = json.dumps(wrap([json.loads(article(1)), json.loads(article(2))]), indent=2).encode()
    found = read(tmp_path, "news.json", content)
    assert titles(found) == ["Council closes bridge 1", "Council closes bridge 2"]
    assert [document.source_uri.rpartition("#")[2] for document in found] == ["record=1", "record=2"]


def test_a_long_array_is_streamed(tmp_path: Path) -> None:
    content = json.dumps([json.loads(article(number)) for number in range(2000)]).encode()
    assert len(titles(read(tmp_path, "news.json", content, limits=Limits(document_bytes=100_000)))) == 2000


def test_a_broken_array_gives_what_was_before(tmp_path: Path) -> None:
    found = read(tmp_path, "news.json", b"[" + article(1) + b', {"title": oops}, ' + article(3) + b"]")
    assert reasons(found) == ["document", "invalid_json"]


def test_an_article_with_a_list_is_one_article(tmp_path: Path) -> None:
    content = json.dumps({"title": "One", "text": BODY, "items": [{"title": "related"}]}).encode()
    assert titles(read(tmp_path, "one.json", content)) == ["One"]


def test_rows_of_a_table(tmp_path: Path) -> None:
    content = f'title;text;date\nEl niño;"{BODY}\nMálaga; añade";2019-01-02\n\nb;c;d;e\n'.encode("cp1252")
    found = read(tmp_path, "table.csv", content)
    assert reasons(found) == ["document", "malformed_row"]
    row = json.loads(found[0].payload)
    assert (row["title"], row["date"]) == ("El niño", "2019-01-02")
    assert row["text"].endswith("Málaga; añade")


def test_entities_of_a_feed_are_refused(tmp_path: Path) -> None:
    feed = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>
    <rss version="2.0"><channel><item><title>x</title><description>&b;</description></item></channel></rss>"""
    assert reasons(read(tmp_path, "feed.xml", feed)) == ["xml_entities"]


def warc_record(number: int, *, status: str = "200 OK") -> bytes:
    page = f"<html><body><article><h1>Bridge {number}</h1><p>{BODY}</p></article></body></html>".encode()
    http = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + page
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{number}\r\n"
        f"WARC-Date: 2021-03-02T10:11:12Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def test_pages_of_a_warc(tmp_path: Path) -> None:
    content = warc_record(1) + warc_record(2, status="404 Not Found") + warc_record(3)
    found = read(tmp_path, "crawl.warc", content)
    assert [document.source_uri.rpartition("#")[2] for document in found] == ["record=1", "record=3"]
    assert isinstance(found[0], Document)
    assert dict(found[0].metadata) == {
        "charset": "utf-8", "url": "https://a.example/1", "warc_date": "2021-03-02T10:11:12Z"
    }  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_a_warc_that_ends_too_early(tmp_path: Path, packed: bool) -> None:
    records = b"".join(warc_record(number) for number in range(400))
    content = gzip.compress(records) if packed else records
    found = read(tmp_path, "crawl.warc" + ".gz" * packed, content[:-200])
    assert reasons(found)[-1] == ("truncated_gzip" if packed else "truncated_warc")
    assert reasons(found).count("document") == len(found) - 1


def test_inputs_are_sorted_once_each_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden.txt", "_SUCCESS", "deep/er/c.jsonl", "_temporary/d.txt", ".git/e.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    files = list_inputs([str(tmp_path), str(tmp_path / "*.txt"), str(tmp_path / "a.txt")])
    assert [os.path.relpath(file.uri, tmp_path) for file in files] == ["a.txt", "b.txt", "deep/er/c.jsonl"]
    assert [file.size for file in files] == [1, 1, 1]
    before = files[0].fingerprint
    (tmp_path / "a.txt").write_text("longer")
    assert list_inputs([str(tmp_path / "a.txt")])[0].fingerprint != before


def test_a_pattern_without_files_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no input"):
        list_inputs([str(tmp_path / "*.jsonl")])


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "lost+found").mkdir()
    write(tmp_path, "a.txt", b"x")
    real = os.scandir

    def scan(path: str) -> Any:  # root may list everything
        if Path(path).name in ("closed", "lost+found"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    with pytest.raises(UsageError, match=r"cannot list .*closed.*Permission denied; give the right to read it"):
        list_inputs([str(tmp_path)])
    (tmp_path / "closed").rmdir()
    assert len(list_inputs([str(tmp_path)])) == 1


@pytest.mark.parametrize("column", [pa.array([253402300800000], pa.timestamp("ms")),
                                    pa.array([0], pa.timestamp("ms", tz="Mars/Base"))])  # fmt: skip
def test_a_time_that_python_has_not_is_a_dead_letter(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"text": [BODY], "date": column}), tmp_path / "table.parquet")
    assert reasons(list(read_documents(str(tmp_path / "table.parquet")))) == ["corrupt_parquet"]


def test_a_dead_letter_of_a_name_that_is_no_text_is_written() -> None:
    letter = DeadLetter("parse", "empty_text", "no field \ud800", "caf\udce9.txt")
    assert stage_dead_letters([letter]).to_pylist()[0]["source_uri"] == "caf\ufffd.txt"
