"""What is required against what is proved: `make coverage-of-requirements` prints it."""

import pytest

from tests.requirements import docstrings, ids, lines, proofs, refusals, required


def test_what_is_required_is_proved_or_told_of_as_missing() -> None:
    """An id is named by a test that proves it, stands in docs/not-supported.md with its reason, or is still open."""
    wanted = required()
    assert len(wanted.asked) > 150
    assert not set(wanted.asked) - set(proofs()) - set(refusals()) - wanted.open


@pytest.mark.parametrize("family", ["I", "ZI", "CT", "M", "ZM", "F"])
def test_the_numbers_of_a_family_have_no_hole(family: str) -> None:
    numbers = [int(each.lstrip("IZCTMF-")) for each in required().asked if each.rstrip("0123456789-") == family]
    assert numbers == list(range(1, len(numbers) + 1))


def test_no_docstring_names_what_is_not_required() -> None:
    wanted = required().asked
    assert not {(place, each) for place, said in docstrings().items() for each in ids(said) if each not in wanted}


def test_nothing_is_refused_or_open_that_is_not_required() -> None:
    """What is refused for good is not open any more."""
    wanted = required()
    assert not (set(refusals()) | wanted.open) - set(wanted.asked)
    assert not set(refusals()) & wanted.open


def test_a_row_of_ids_is_read_to_its_end() -> None:
    assert list(ids("ZI-17…20 and CT-03; not F1…F3")) == ["ZI-17", "ZI-18", "ZI-19", "ZI-20", "CT-03", "F1", "F2", "F3"]
    assert list(ids("ZI-28 to ZI-30, ZI-26 to 24 hours")) == ["ZI-28", "ZI-29", "ZI-30", "ZI-26"]
    assert list(ids("ZM-09…ZM-13, UTF-16, M-1, AM-05")) == [f"ZM-{number:02}" for number in range(9, 14)]
    with pytest.raises(ValueError, match="ZI"):
        list(ids("ZI-01…CT-03"))


def test_the_table_tells_of_each_and_counts() -> None:
    told = list(lines())
    assert all(any(line.startswith(f"{each} ") for line in told) for each in required().asked)
    assert told[-1].startswith(f"{len(required().asked)} required: ")
