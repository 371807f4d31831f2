"""What somebody may no longer do, his open pages are no longer told."""

from datetime import UTC, datetime

from sqlalchemy import select, update

from callcenter.agents.models import Role, User
from callcenter.events import PersonChanged
from callcenter.live.protocol import CLOSE_RESTART
from tests.service.office import PretendOffice as Office


async def test_a_page_comes_back_with_the_rights_of_a_changed_role(office: Office) -> None:
    boss = await office.agent("Boris", role="supervisor")

    async with office.browser(boss) as screen:
        await screen.tab.ask("subscribe", topic="board")
        await screen.next("board")
        async with office.house.database.write() as session:
            agent = await session.scalar(select(Role.id).where(Role.key == "agent"))
            await session.execute(update(User).where(User.id == boss.id).values(role_id=agent))
        at = datetime.now(UTC).timestamp()
        office.house.bus.publish(PersonChanged(at=at, user_id=boss.id))

        assert await screen.tab.closed() == CLOSE_RESTART


async def test_a_page_stays_when_only_a_name_has_changed(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        at = datetime.now(UTC).timestamp()
        office.house.bus.publish(PersonChanged(at=at, user_id=anna.id))
        await office.pbx.call(from_="0501234567", to="1001")

        assert (await screen.next("pop"))["pop"]["phase"] == "ringing"
