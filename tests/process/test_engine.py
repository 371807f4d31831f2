"""Which moves a process allows."""

from hypothesis import given
from hypothesis import strategies as st

from callcenter.process import engine
from callcenter.process.engine import Facts, Pipeline, Rules, Stage

FIELDS = ("amount", "product", "region")
NONE = Rules()


def process(mode: engine.Mode = "strict", *rules: Rules, ends: Rules = NONE) -> Pipeline:
    """Return a process with a stage for each of these rules, then one that is won, one lost."""
    stages = [
        Stage(id=place, pipeline_id=1, rules=each) for place, each in enumerate(rules, start=1)
    ]
    won = Stage(id=90, pipeline_id=1, kind="won", rules=ends)
    lost = Stage(id=91, pipeline_id=1, kind="lost", rules=Rules(fields=("reason",)))
    return Pipeline(id=1, entity="lead", mode=mode, stages=(*stages, won, lost))


SALES = process(
    "strict", NONE, Rules(done=("call",)), Rules(fields=("amount",), documents=1),
    ends=Rules(approval=True),
)  # fmt: skip


def missing(from_id: int | None, to_id: int, **facts: object) -> list[tuple[str, str]]:
    found = engine.refusals(SALES, from_id, to_id, Facts(**{"values": {}, **facts}))  # type: ignore[arg-type]
    return [(each.what, each.which) for each in found]


def test_a_stage_is_entered_when_its_rules_hold() -> None:
    assert missing(1, 2) == [("done", "call")]
    assert missing(1, 2, done=frozenset({"call"})) == []


def test_no_stage_is_skipped_without_its_work() -> None:
    assert missing(1, 3) == [("done", "call"), ("field", "amount"), ("document", "1")]
    assert missing(2, 3, values={"amount": 5}) == [("document", "1")]


def test_what_is_won_has_done_it_all() -> None:
    all_done = {"values": {"amount": 1}, "documents": 1, "done": frozenset({"call"})}

    assert missing(1, 90, **all_done) == [("approval", "")]
    assert missing(1, 90, **all_done, approved=frozenset({90})) == []


def test_what_is_lost_needs_only_a_reason() -> None:
    assert missing(1, 91) == [("field", "reason")]
    assert missing(None, 91, values={"reason": 7}) == []


def test_one_may_always_go_back() -> None:
    assert missing(3, 1) == []
    assert missing(3, 2) == []


def test_what_was_lost_and_is_taken_up_again_needs_all_that_a_new_one_would() -> None:
    assert missing(91, 2) == [("done", "call")]
    assert missing(91, 1) == []


def test_a_row_does_not_lose_what_its_stage_asked_for() -> None:
    (lost,) = engine.kept(SALES, 3, Facts({"amount": None}))

    assert (lost.what, lost.which, lost.stage_id) == ("field", "amount", 3)
    assert engine.kept(SALES, 2, Facts({"amount": None})) == []


def test_a_manual_process_refuses_nothing() -> None:
    manual = process("manual", NONE, Rules(fields=("amount",)))

    assert engine.refusals(manual, 1, 90, Facts({})) == []
    assert engine.kept(manual, 2, Facts({})) == []


rules = st.builds(
    Rules,
    fields=st.lists(st.sampled_from(FIELDS), max_size=2, unique=True).map(tuple),
    documents=st.integers(0, 2),
    done=st.lists(st.sampled_from(("call", "meeting")), max_size=1).map(tuple),
    approval=st.booleans(),
)
facts = st.builds(
    Facts,
    values=st.dictionaries(st.sampled_from((*FIELDS, "reason")), st.integers(1, 9) | st.none()),
    documents=st.integers(0, 2),
    done=st.frozensets(st.sampled_from(("call", "meeting"))),
    approved=st.frozensets(st.sampled_from((1, 2, 3, 4, 90))),
)


def holds(rule: Rules, stage_id: int, now: Facts) -> bool:
    """Say it the plain way, without the engine."""
    return (
        all(now.values.get(name) is not None for name in rule.fields)
        and now.documents >= rule.documents
        and now.done.issuperset(rule.done)
        and (not rule.approval or stage_id in now.approved)
    )


@given(
    st.lists(rules, min_size=1, max_size=4),
    rules,
    st.lists(st.tuples(st.sampled_from((1, 2, 3, 4, 90, 91)), facts), max_size=12),
)
def test_no_sequence_of_moves_breaks_a_strict_rule(
    each: list[Rules], ends: Rules, moves: list[tuple[int, Facts]]
) -> None:
    pipeline = process("strict", *each, ends=ends)
    stage: int | None = None
    fulfilled: set[int] = set()
    for wanted, now in moves:
        if pipeline.stage(wanted) is None or wanted == stage:
            continue
        if engine.refusals(pipeline, stage, wanted, now):
            continue
        held = {one.id for one in pipeline.stages if holds(one.rules, one.id, now)}
        if wanted in (90, 91):
            assert wanted in held
        # What it passed on its way, this time or when it last came that far, was fulfilled then.
        before = [one.id for one in pipeline.stages if one.kind == "open"]
        ahead = before if wanted == 90 else before[:wanted] if wanted != 91 else []
        forward = stage is None or stage in (90, 91) or wanted > stage
        if wanted != 91:
            fulfilled |= held if forward else set()
            assert set(ahead) <= fulfilled
        stage = wanted
