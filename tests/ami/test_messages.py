"""Blocks become messages, by their shape or line by line, and nothing a PBX sends raises."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ami.framing import BLOCK_LIMIT_BYTES, Framer
from callcenter.ami.messages import Message, parse

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


def by_the_book(block: bytes) -> Message:
    """Read a block line by line, as the rules in `ami.messages` say it."""
    fields: dict[str, str] = {}
    variables: dict[str, dict[str, str]] = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        key, value = key.lower(), value.removeprefix(" ")
        if not colon or not key:
            continue
        if key.endswith("variable") or key.startswith("chanvariable("):
            name, _, text = value.partition("=")
            variables.setdefault(key.partition("(")[0], {})[name] = text
        elif key == "output" and key in fields:
            fields[key] += "\n" + value
        else:
            fields.setdefault(key, value)
    name = fields["event"] if next(iter(fields), "") == "event" else ""
    stamp = fields.get("timestamp", "")
    try:
        at = float(stamp)
    except ValueError:
        at = None
    return Message(name, fields, variables or None, at)


def same(one: Message, other: Message) -> bool:
    return (one.name, one.fields, one.variables, one.at) == (
        other.name, other.fields, other.variables, other.at,
    )  # fmt: skip


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.ami")), ids=lambda path: path.stem)
def test_every_recorded_block_reads_by_its_shape_as_it_does_line_by_line(path):
    blocks = Framer().feed(path.read_bytes())

    assert len(blocks) > 1
    for block in blocks:
        assert same(parse(block), by_the_book(block)), block


_line = st.sampled_from(
    ["Event: Hangup", "Response: Success", "Uniqueid: 1.1", "uniqueID: 1.2", "Name: a: b", "Name:",
     "Name", ": x", "ChanVariable: DID=1", "ChanVariable: X", "ChanVariable(PJSIP/1-1): DID=2",
     "DestChanVariable: DID=3", "Timestamp: 1.5", "Timestamp: soon", "Output: a", "Output: b", "",
     "Name: Əli", "Name: \udcff"]
)  # fmt: skip


@given(st.lists(_line, max_size=6))
def test_any_block_reads_alike_by_shape_and_line_by_line(lines):
    block = "\r\n".join(lines).encode("utf-8", "surrogateescape")

    # Twice: the first time a shape is learned, the second it is used.
    assert same(parse(block), by_the_book(block))
    assert same(parse(block), by_the_book(block))


def test_a_line_without_a_value_is_not_taken_for_a_shape_that_is_known():
    parse(b"Name: a")

    assert parse(b"Name\r\nName:").fields == {"name": ""}


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd_to_read(data):
    message = parse(data)

    assert all(isinstance(value, str) for value in message.fields.values())


@given(st.lists(st.integers(1, 400), min_size=1))
def test_however_the_stream_is_cut_the_blocks_are_the_same(sizes):
    data = (TRANSCRIPTS / "in_anonymous.ami").read_bytes()[:20_000]
    framer, blocks, start = Framer(), [], 0
    while start < len(data):
        size = sizes[len(blocks) % len(sizes)]
        blocks += framer.feed(data[start : start + size])
        start += size

    assert blocks == Framer().feed(data)


def test_bytes_that_never_end_a_block_are_dropped_and_the_next_block_is_read():
    framer = Framer()

    assert framer.feed(b"x" * (BLOCK_LIMIT_BYTES + 1)) == []
    assert framer.dropped_bytes > BLOCK_LIMIT_BYTES
    assert framer.feed(b"Event: Hangup\r\n\r\n") == [b"Event: Hangup"]


@pytest.mark.parametrize("nothing", ["<unknown>", "(null)", ""])
def test_asterisks_words_for_no_value_are_no_value(nothing):
    message = parse(
        f"Event: Newchannel\r\nCallerIDNum: {nothing}\r\nChanVariable: DID={nothing}".encode()
    )

    assert message.get("calleridnum") == ""
    assert message.variable("DID") == ""


def test_an_event_with_a_response_in_it_is_an_event():
    message = parse(b"Event: OriginateResponse\r\nActionID: 1\r\nResponse: Failure")

    assert message.name == "OriginateResponse"
    assert not message.is_response
    assert parse(b"Response: Success\r\nActionID: 1").is_response
