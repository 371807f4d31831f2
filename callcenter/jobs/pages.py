"""Administration → Jobs: what was given up and why, what waits, what comes again.

Template jobs/jobs.html and, for the rows that follow, jobs/rows.html: jobs: [Job], after, failed,
counts, most, words {kind: sentence}.
"""

from collections.abc import Callable, Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.errors import NotFound
from callcenter.jobs import listing
from callcenter.jobs.models import Job
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next

routes = web.RouteTableDef()

#: What each kind of job does, as message ids.
WORDS: web.AppKey[Mapping[str, str]] = web.AppKey("job_words")
#: Tells the runner that something is due.
WAKE: web.AppKey[Callable[[], None]] = web.AppKey("wake_jobs")


@routes.get("/admin/jobs")
async def jobs(request: web.Request) -> web.Response:
    administrator(request)
    failed, after = request.query.get("show") != "waiting", number_in(request.query, "after")
    async with request.app[DATABASE].read() as session:
        rows, following = await listing.page(session, failed=failed, after=after)
        counts = await listing.counts(session, request.app[CLOCK]())
    return render(
        request, "jobs/jobs.html" if after is None else "jobs/rows.html", jobs=rows,
        after=following, failed=failed, counts=counts, most=listing.MOST, words=request.app[WORDS],
    )  # fmt: skip


@routes.post(r"/admin/jobs/{id:\d+}/again")
async def again(request: web.Request) -> web.Response:
    administrator(request)
    at, values = request.app[CLOCK](), await read_form(request)
    async with request.app[DATABASE].write() as session:
        _note(request, await listing.again(session, path_id(request), at), "again", session)
    request.app[WAKE]()
    return redirect(request, safe_next(values.get("next") or "/admin/jobs"))


@routes.post(r"/admin/jobs/{id:\d+}/drop")
async def drop(request: web.Request) -> web.Response:
    administrator(request)
    values = await read_form(request)
    async with request.app[DATABASE].write() as session:
        _note(request, await listing.remove(session, path_id(request)), "delete", session)
    return redirect(request, safe_next(values.get("next") or "/admin/jobs"))


def _note(request: web.Request, job: Job | None, action: str, session: AsyncSession) -> None:
    """Keep who did it. Raises NotFound if there was nothing to do it to."""
    if job is None:
        raise NotFound
    audit.record(
        session, request.app[CLOCK](), entity="job", entity_id=job.id, action=action,
        diff={"kind": [job.kind, job.kind], "error": [job.error, None]}, **actor(request),
    )  # fmt: skip
