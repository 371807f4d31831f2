"""Other legal orders of a stream, drawn by hypothesis so that a failure shrinks to few moves."""

from hypothesis import strategies as st

from callcenter.ami.recording import JITTER_S, Recorded, subjects_of

#: Which message overtakes those before it, and how many at most.
moves = st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 40)), min_size=1, max_size=60)


def moved(messages: list[Recorded], overtakings: list[tuple[int, int]]) -> list[Recorded]:
    """Let single messages overtake those before them, as far as Asterisk might have sent them so."""
    order = list(messages)
    for place, steps in overtakings:
        place %= len(order)
        for at in range(place, max(0, place - steps), -1):
            if not _may_swap(order[at - 1], order[at]):
                break
            order[at - 1], order[at] = order[at], order[at - 1]
    return order


def _may_swap(one: Recorded, other: Recorded) -> bool:
    """Whether Asterisk might have sent `one` after `other`."""
    near = one.at is None or other.at is None or other.at <= one.at + JITTER_S
    return near and subjects_of(one.message).isdisjoint(subjects_of(other.message))
