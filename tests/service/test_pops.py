"""The right card on the right screen, from the ringing of the phone to its end."""

from tests.service.office import PretendOffice as Office


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
