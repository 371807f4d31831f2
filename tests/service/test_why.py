"""Why a call's record says what it says, as its page and the API tell it."""

import html
import re
from typing import Any

from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen


async def told(screen: Screen, call_id: int) -> dict[str, Any]:
    answer = await screen.ask("GET", f"/calls/{call_id}/why")
    assert answer.status == 200
    return answer.json


async def test_a_call_is_told_in_sentences_with_the_names_of_who_took_part(office: Office):
    await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role="supervisor")
    call = await office.pbx.queue_call("0501234567", "support")
    await call.answer("1001")
    await call.hangup()
    call_id = await office.stored_call()

    async with office.browser(boss) as screen:
        why = await told(screen, call_id)
        page = await screen.open(f"/calls/{call_id}")

    sentences = [row["text"] for row in why["rows"]]
    assert sentences[1:] == [
        "The customer waits in the queue support.",
        "The phone rings: Anna.",
        "Anna picks up. Anna and the customer hear each other.",
        "The customer hangs up.",
    ]
    assert [column["name"] for column in why["columns"][1:]] == ["support", "Anna"]
    shown = html.unescape(re.sub(r"<[^>]+>", "", page.text))
    for sentence in sentences:
        assert sentence in shown
    assert "<dt>How it ended</dt><dd>The customer hung up</dd>" in page.text
    [talk] = [bar for bar in why["columns"][2]["bars"] if bar["state"] == "talk"]
    [leg] = [leg for leg in why["legs"] if leg["talk"]]
    assert leg["talk"] == [{"from_at": talk["from_at"], "to_at": talk["to_at"]}]


async def test_a_call_that_goes_on_has_no_result_and_no_sums_yet(office: Office):
    anna = await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role="supervisor")
    call = await office.pbx.queue_call("0501234567", "support")
    async with office.browser(anna) as hers:
        await call.answer("1001")
        await hers.next(
            "calls", lambda told: [one["phase"] for one in told["calls"]] == ["talking"]
        )
    await office.written()

    async with office.browser(boss) as screen:
        [line] = (await screen.ask("GET", "/calls")).json["calls"]
        call_id = line["id"]
        page, listed = await screen.open(f"/calls/{call_id}"), await screen.open("/calls")

    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    facts = shown[shown.index(" Facts ") :]
    assert "Facts In progress" in facts
    assert "Talk – Hold –" in facts
    assert "Customer +994 50 123 45 67 In progress" in shown
    [row] = re.findall(r"<tr>\s*<td class=.table__icon.*?</tr>", listed.text, re.DOTALL)
    wait, talk = re.findall(r'<td class="end[^"]*">(.*?)</td>', row, re.DOTALL)[:2]
    assert ("data-since" in wait, talk) == (False, "–")


async def test_who_may_not_read_the_call_may_not_ask_why(office: Office):
    await office.agent("Anna", "1001")
    other = await office.agent("Boris", "1002")
    call = await office.pbx.call(from_="0501234567", to="1001")
    await call.answer("1001")
    await call.hangup()
    call_id = await office.stored_call()

    async with office.browser(other) as screen:
        answer = await screen.ask("GET", f"/calls/{call_id}/why")

    assert answer.status == 404


async def test_a_time_in_which_the_pbx_was_not_heard_is_shown_wherever_it_matters(office: Office):
    await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role="admin")
    call = await office.pbx.queue_call("0501234567", "support")
    await call.answer("1001")
    office.wire.cut()
    await office.unlinked()
    await office.linked()
    await call.hangup()
    call_id = await office.stored_call()
    await office.written()

    async with office.browser(boss) as screen:
        listed = (await screen.ask("GET", "/gaps")).json["gaps"]
        detail = (await screen.ask("GET", f"/calls/{call_id}")).json
        board = (await screen.ask("GET", "/board")).json
        pages = {
            path: (await screen.open(path)).text
            for path in ("/calls", f"/calls/{call_id}", "/board", f"/admin/pbx/{office.pbx_id}")
        }

    [gap] = listed
    assert [each["from_at"] for each in detail["gaps"]] == [gap["from_at"]]
    assert len(board["gaps"]) == 1
    for path in ("/calls", "/board"):
        assert "Not heard:" in pages[path], path
    assert "The phone system was not heard from" in pages[f"/calls/{call_id}"]
    assert "Times it was not heard" in pages[f"/admin/pbx/{office.pbx_id}"]
