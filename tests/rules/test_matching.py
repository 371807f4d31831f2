"""Which changes let which rules run, and that no set of rules runs for ever."""

from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.rules.matching import MOST_DEEP, Line, Origin, Rule, concerns, origin_of


def line(action: str = "create", *fields: str, **facts: object) -> Line:
    known = {"actor_kind": "user", "request_id": None} | facts
    return Line(7, "lead", 1, action, fields, **known)  # type: ignore[arg-type]


def test_a_rule_runs_of_its_own_kind_of_change() -> None:
    born, moved = Rule(1, "lead", "created"), Rule(2, "lead", "changed", ("stage_id",))

    assert concerns(line(), born)
    assert not concerns(line("edit", "stage_id"), born)
    assert concerns(line("edit", "stage_id", "version"), moved)
    assert not concerns(line("edit", "subject"), moved)
    assert concerns(line("edit", "subject"), Rule(3, "lead", "changed"))
    assert not concerns(line("edit", "version"), Rule(3, "lead", "changed"))
    assert not concerns(line(), Rule(4, "contact", "created"))


def test_what_an_import_brings_counts_only_if_one_says_so() -> None:
    brought = line(actor_kind="import")

    assert not concerns(brought, Rule(1, "lead", "created"))
    assert concerns(brought, Rule(1, "lead", "created", on_import=True))


def test_a_change_by_a_rule_says_out_of_what_it_came() -> None:
    first = origin_of(line())
    assert first == Origin("a7", 0)

    by_rule = line(actor_kind="automation", request_id=str(first.deeper()))
    assert origin_of(by_rule) == Origin("a7", 1)
    assert origin_of(line(actor_kind="user", request_id=str(first.deeper()))) == first
    dated = Origin("d5.1700000000000", 2)
    assert origin_of(line(actor_kind="automation", request_id=str(dated))) == dated


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(("created", "changed")), st.sampled_from(("create", "edit"))),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_no_set_of_rules_runs_for_ever(rules: list[tuple[str, str]]) -> None:
    """Each rule answers every change it may with one more, on a row of its own."""
    known = [(Rule(place, "lead", trigger), does) for place, (trigger, does) in enumerate(rules)]
    waiting, ran = [line()], 0
    while waiting:
        now = waiting.pop()
        for rule, does in known:
            if concerns(now, rule):
                ran += 1
                origin = origin_of(now).deeper()
                waiting.append(
                    line(does, "subject", actor_kind="automation", request_id=str(origin))
                )
        assert ran <= sum(len(known) ** depth for depth in range(1, MOST_DEEP + 1))
