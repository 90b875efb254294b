"""Signatures of texts: what they depend on."""

from transforms.deduplicate import CHUNK_CHARS, signatures_of


def test_a_signature_is_the_texts_own_whatever_its_company() -> None:
    long = " ".join(f"word{number}" for number in range(CHUNK_CHARS // 8))
    texts = ["Photos", *(f"{long[:length]} ends here" for length in (500, 3_000, len(long), 4_000, len(long), 600)), ""]
    assert sum(map(len, texts)) > 2 * CHUNK_CHARS  # so they are not all looked at together
    alone = [signatures_of([text])[0] for text in texts]
    assert signatures_of(texts) == alone
    assert [bool(signature) for signature in alone] == [False, *[True] * 6, False]
    assert len(set(alone)) == 6
    assert signatures_of([]) == []
