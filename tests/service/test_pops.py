"""The right card on the right screen, from the ringing of the phone to its end."""

from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen, Told


async def test_a_known_caller_pops_on_the_phone_owners_screen(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67", company="Müller & Co")

    async with office.browser(anna) as screen, office.browser(boris) as other:
        call = await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]
        await call.hangup()
        await screen.next("pop.withdrawn")

        assert await other.has_been_told("pop") == []
        assert await other.has_been_told("calls") == []

    (candidate,) = pop["candidates"]
    assert (pop["match"], candidate["contact_id"], candidate["certainty"]) == ("one", zoe, "known")
    assert (candidate["name"], candidate["company"]) == ("Zoë Müller", "Müller & Co")
    assert (pop["phase"], pop["direction"], pop["e164"]) == ("ringing", "inbound", "+994501234567")


async def test_when_all_phones_ring_the_others_learn_who_answered(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")

    async with office.browser(anna) as screen, office.browser(boris) as other:
        call = await office.pbx.queue_call("0501234567", "all")
        popped = (await screen.next("pop"))["pop"]
        await other.next("pop")
        await call.answer("1002")
        withdrawn = await screen.next("pop.withdrawn")
        talking = await other.next("pop", lambda told: told["pop"]["phase"] == "talking")

    assert (withdrawn["id"], withdrawn["reason"]) == (popped["id"], "answered-by")
    assert withdrawn["by"] == "Boris"
    assert (talking["pop"]["queue"], popped["queue"]) == ("all", "all")


async def test_a_caller_who_gives_up_takes_the_pop_with_him(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        popped = (await screen.next("pop"))["pop"]
        await call.hangup(by="customer")
        withdrawn = await screen.next("pop.withdrawn")

    assert (withdrawn["id"], withdrawn["reason"]) == (popped["id"], "caller-gone")


async def test_an_agent_who_does_not_answer_loses_the_pop_to_the_next(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")

    async with office.browser(anna) as screen, office.browser(boris) as other:
        call = await office.pbx.queue_call("0501234567", "support")
        await screen.next("pop")
        await call.no_answer()
        withdrawn = await screen.next("pop.withdrawn")
        popped = (await other.next("pop"))["pop"]

    assert withdrawn["reason"] == "no-answer"
    assert popped["queue"] == "support"


async def test_a_declined_call_goes_from_the_screen_at_once(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await screen.next("pop")
        await call.decline()

        assert (await screen.next("pop.withdrawn"))["reason"] == "declined"


async def test_an_unknown_number_pops_as_nobody(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        await office.pbx.call(from_="0559998877", to="1001")
        pop = (await screen.next("pop"))["pop"]

    assert (pop["match"], pop.get("candidates", [])) == ("none", [])
    assert pop["e164"] == "+994559998877"


async def test_a_withheld_number_matches_nobody(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    await office.contact("Anonymous", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        await office.pbx.call(from_=None, to="1001")
        pop = (await screen.next("pop"))["pop"]

    assert (pop["match"], pop["withheld"]) == ("withheld", True)
    assert pop.get("candidates", []) == []
    assert pop.get("number") is None


async def test_of_several_who_share_a_number_none_is_chosen_but_by_a_person(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    leyla = await office.contact("Leyla Quliyeva", "+994 12 498 00 11")
    tural = await office.contact("Tural Quliyev", "012 498 00 11")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0124980011", to="1001")
        pop = (await screen.next("pop"))["pop"]
        assert pop["match"] == "many"
        assert {one["contact_id"] for one in pop["candidates"]} == {leyla, tural}
        await office.written()
        assert await customer_of(screen, pop) is None

        where = f"/interactions/{pop['interaction_id']}/contact"
        chosen = await screen.ask("POST", where, {"contact_id": tural})
        assert chosen.status == 200, chosen.text
        popped = await screen.next("pop", lambda told: told["pop"]["match"] == "one")
        await call.hangup()
        await office.stored_call()

        assert await customer_of(screen, pop) == tural

    (candidate,) = popped["pop"]["candidates"]
    assert (popped["pop"]["id"], candidate["contact_id"]) == (pop["id"], tural)
    assert candidate["certainty"] == "chosen"


async def test_two_tabs_show_the_same_pop(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen, screen.another_tab() as tab:
        await tab.next("snapshot")
        call = await office.pbx.call(from_="0501234567", to="1001")
        here, there = await screen.next("pop"), await tab.next("pop")
        await call.answer()
        await screen.next("pop", talking)
        await tab.next("pop", talking)
        await call.hangup()
        gone, gone_there = await screen.next("pop.withdrawn"), await tab.next("pop.withdrawn")

        assert here == there
        assert gone == gone_there
        assert len({told["pop"]["id"] for told in await tab.has_been_told("pop")}) == 1


async def test_a_reload_while_it_rings_shows_the_pop_again(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]
        await screen.tab.cut()
        async with screen.another_tab() as reloaded:
            picture = await reloaded.next("snapshot")

    assert picture["pops"] == [pop]
    (call,) = picture["calls"]
    assert (call["call_id"], call["phase"]) == (pop["call_id"], "ringing")


async def test_a_line_lost_while_it_rings_is_made_good(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        popped = await screen.next("pop")
        seen = screen.tab.seq
        await screen.tab.cut()
        async with screen.another_tab() as elsewhere:
            await elsewhere.next("snapshot")
            await call.answer()
            await elsewhere.next("pop", talking)
        await call.hangup()
        await office.stored_call()
        async with screen.another_tab(seen) as back:
            talked = await back.next("pop", talking)
            withdrawn = await back.next("pop.withdrawn")
            told = await back.caught_up()

    assert talked["pop"]["id"] == withdrawn["id"] == popped["pop"]["id"]
    assert "snapshot" not in {each["type"] for each in told}
    numbered = [each["seq"] for each in told if "seq" in each]
    assert numbered == sorted(set(numbered)), "each once, in order"
    assert numbered[0] > seen


async def test_a_line_lost_while_they_talk_is_made_good(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        await screen.next("pop", talking)
        await screen.tab.cut()
        async with screen.another_tab() as reloaded:
            picture = await reloaded.next("snapshot")
            (pop,), (bar,) = picture["pops"], picture["calls"]
            assert (pop["phase"], bar["phase"]) == ("talking", "talking")
            assert bar["talking_since"] == pop["talking_since"]
            await call.hangup()
            assert (await reloaded.next("pop.withdrawn"))["id"] == pop["id"]
            await reloaded.next("calls", lambda told: not told.get("calls"))


def talking(told: Told) -> bool:
    return bool(told["pop"]["phase"] == "talking")


async def customer_of(screen: Screen, pop: Told) -> int | None:
    page = await screen.ask("GET", f"/calls/{pop['call_id']}")
    contact = page.json["contact"]
    return contact and contact["id"]
