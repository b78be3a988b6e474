"""JSON is read and written alike, whichever library does it."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import quickjson

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(anything)
def test_what_is_written_reads_the_same(value: Any) -> None:
    assert quickjson.loads(quickjson.dumps(value)) == value


@given(anything)
def test_what_others_wrote_reads_as_the_standard_library_reads_it(value: Any) -> None:
    raw = json.dumps(value).encode()
    assert quickjson.loads(raw) == json.loads(raw)


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2**64, 10**30, -(10**18), -(2**63) - 1])
def test_no_number_is_rounded(number: int) -> None:
    read = quickjson.loads(b'{"id": %d}' % number)
    assert read == {"id": number}
    assert type(read["id"]) is int
    assert quickjson.loads(quickjson.dumps(read)) == read


@pytest.mark.parametrize("raw", [rb'"\ud83d"', rb'{"text": "cut \udc00 off"}', '{"a": "\u3042"}'.encode("utf-16")])
def test_what_the_quick_one_refuses_is_read_all_the_same(raw: bytes) -> None:
    assert quickjson.loads(raw) == json.loads(raw)


def test_half_a_character_is_written_all_the_same() -> None:
    assert json.loads(quickjson.dumps({"text": "half \ud83d"})) == {"text": "half \ud83d"}


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"a": }', b"[1, 2"])
def test_what_is_no_json_is_an_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        quickjson.loads(raw)


def test_what_the_standard_library_alone_takes_is_taken() -> None:
    assert math.isnan(quickjson.loads(b"NaN"))
