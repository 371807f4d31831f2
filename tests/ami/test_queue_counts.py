"""How many queue calls were missed, by the queues' own counts."""

from callcenter.ami.messages import Message
from callcenter.ami.queue_counts import QueueCounts


def params(queue: str, completed: object, abandoned: object) -> Message:
    fields = {"queue": queue, "completed": str(completed), "abandoned": str(abandoned)}
    return Message("QueueParams", fields, None, None)


def event(name: str, queue: str) -> Message:
    return Message(name, {"queue": queue}, None, None)


def test_what_a_queue_counted_and_nobody_saw_was_missed():
    counts = QueueCounts()
    assert (
        counts.missed([params("support", 10, 2), params("sales", 5, 0)], [], restarted=False) == {}
    )
    counts.saw(event("AgentComplete", "support"))
    counts.saw(event("QueueCallerAbandon", "support"))

    missed = counts.missed(
        [params("support", 13, 4), params("sales", 5, 0)], [], restarted=False
    )  # fmt: skip

    assert missed == {"support": 3}
    assert counts.now() == {"support": 17, "sales": 5}
    assert counts.missed([params("support", 13, 4)], [], restarted=False) == {}


def test_it_goes_on_counting_over_a_restart_of_the_service():
    before = QueueCounts()
    before.missed([params("support", 10, 2)], [], restarted=False)
    before.saw(event("AgentComplete", "support"))

    after = QueueCounts(before.now())

    assert after.missed([params("support", 12, 3)], [], restarted=False) == {"support": 2}


def test_what_is_on_the_way_may_be_counted_already():
    counts = QueueCounts({"support": 10})
    coming = [event("AgentComplete", "support")]

    assert counts.missed([params("support", 11, 0)], coming, restarted=False) == {}


def test_a_count_that_was_begun_anew_tells_nothing():
    assert QueueCounts({"a": 10}).missed([params("a", 3, 0)], [], restarted=False) == {}
    assert QueueCounts({"a": 10}).missed([params("a", 30, 0)], [], restarted=True) == {}


def test_a_pbx_that_refuses_the_list_or_writes_nonsense_tells_nothing():
    counts = QueueCounts({"support": 10})
    assert counts.missed([], [], restarted=False) == {}
    assert counts.missed([params("support", "many", "")], [], restarted=False) == {}
