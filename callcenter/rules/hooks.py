"""Web hooks: another system is told about a row by HTTP, signed, and again until it accepts.

What is sent is the row as it is at that moment. It is sent at least once; `X-Callcenter-Delivery`
is the same each time, so that the receiver can ignore repetitions. The signature covers the time
and the body, so that nobody else can forge a delivery or send an old one again.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import aiohttp
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from callcenter import jobs
from callcenter.db import Database
from callcenter.entity.description import value_of
from callcenter.entity.registry import Registry
from callcenter.entity.telling import in_json
from callcenter.jobs import GiveUp, Job
from callcenter.rules.matter import Matter
from callcenter.rules.means import Means
from callcenter.rules.models import AutomationRun
from callcenter.rules.outward import NotOutside, connector
from callcenter.rules.shapes import CallHook
from callcenter.server.secret_files import NoSecret
from callcenter.server.secret_files import read as read_secret

JOB: Final = "web-hook"
TIMEOUT_S: Final = 15.0
#: More of an answer is not kept.
ANSWER_LETTERS: Final = 200
#: The other side asks to be left alone for a while, or is in trouble itself.
_AGAIN: Final = frozenset((408, 425, 429))


async def call(matter: Matter, _means: Means) -> dict[str, Any]:
    """Have it told, once this is committed."""
    action: CallHook = matter.action
    payload = {
        "mark": matter.mark, "rule": matter.rule.name, "trigger": matter.rule.trigger,
        "entity": matter.entity.name, "id": matter.row.id, "url": action.url, "secret": action.secret,
    }  # fmt: skip
    await jobs.add(matter.deed.session, JOB, payload, matter.deed.at, key=matter.mark)
    return {"url": str(URL(action.url).origin())}


class Hooks:
    """`app` gives `send` to the jobs."""

    def __init__(
        self, database: Database, registry: Registry, now: Callable[[], datetime], means: Means
    ) -> None:
        self._database, self._registry, self._now = database, registry, now
        self._means = means

    async def send(self, job: Job) -> None:
        """Tell it. Raises GiveUp if asking again is no use, OSError if it may help."""
        told = job.payload
        try:
            body = msgspec.json.encode(await self._told(told))
            said = await self._post(told, body)
        except (aiohttp.ClientError, TimeoutError, Refused) as error:
            is_over = isinstance(error, Refused) and error.is_over
            # Of a library's words only the kind: they may hold the address with its keys.
            says = str(error) if isinstance(error, Refused) else type(error).__name__
            await self._note(told["mark"], {"error": says})
            if is_over:
                raise GiveUp(says) from error
            raise OSError(says) from error
        except (NotOutside, NoSecret) as error:
            await self._note(told["mark"], {"error": str(error)})
            raise GiveUp(str(error)) from error
        await self._note(told["mark"], {"answered": said})

    async def _told(self, told: dict[str, Any]) -> dict[str, Any]:
        async with self._database.read() as session:
            return {
                "delivery": told["mark"], "rule": told["rule"], "trigger": told["trigger"],
                "entity": told["entity"], "id": told["id"], "at": self._now(),
                "record": await self._record(session, told["entity"], told["id"]),
            }  # fmt: skip

    async def _record(self, session: AsyncSession, name: str, row_id: int) -> dict[str, Any] | None:
        """Return the row as the API tells it; None if it is gone."""
        row: Any = await session.get(self._registry[name].model, row_id)
        if row is None or row.deleted_at is not None:
            return None
        fields = self._registry.fields(name).values()
        return {"id": row.id, "version": row.version} | {
            field.name: in_json(field, value_of(row, field.name))
            for field in fields
            if field.virtual is None
        }

    async def _post(self, told: dict[str, Any], body: bytes) -> int:
        headers = {
            "Content-Type": "application/json", "User-Agent": "callcenter",
            "X-Callcenter-Delivery": told["mark"],
        }  # fmt: skip
        if told["secret"]:
            secret = read_secret(told["secret"], f"the rule {told['rule']}", self._means.data)
            headers["X-Callcenter-Signature"] = signature(secret, body, self._now())
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with (
            connector(URL(told["url"]), inside=self._means.hooks_inside) as way,
            aiohttp.ClientSession(connector=way, timeout=limit) as session,
            session.post(
                told["url"], data=body, headers=headers, allow_redirects=False
            ) as response,
        ):
            status = response.status
            if status >= 300:
                answer = (await response.content.read(ANSWER_LETTERS)).decode("utf-8", "replace")
                raise Refused(f"{status} {answer}".strip(), status < 500 and status not in _AGAIN)
        return status

    async def _note(self, mark: str, what: dict[str, Any]) -> None:
        """Write into the rule's log what became of it."""
        run_id, _, place = mark.partition(".")
        async with self._database.write() as session:
            run = await session.get(AutomationRun, int(run_id), with_for_update=True)
            if run is not None and int(place) < len(run.steps):
                steps = [dict(step) for step in run.steps]
                kept = {
                    k: v for k, v in steps[int(place)].items() if k not in ("error", "answered")
                }
                steps[int(place)] = kept | what
                run.steps = steps


class Refused(Exception):
    """The other side said no. `is_over`: it will say so again."""

    def __init__(self, says: str, is_over: bool) -> None:
        super().__init__(says)
        self.is_over = is_over


def signature(secret: str, body: bytes, at: datetime) -> str:
    """Return what stands in X-Callcenter-Signature: the time, and the HMAC of time and body."""
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
