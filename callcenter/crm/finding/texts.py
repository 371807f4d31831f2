"""The words of rows: kept up to date as rows change, and searched.

Whatever changes a row writes a line to the audit log. This follows the log from where it stopped
and stores the words of each row that changed. The first time, and whenever other fields become
searchable, it goes through all existing rows once. Contacts have an index of their own; of them
only the fields that administrators added are kept here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, delete, func, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Cursor, Place
from callcenter.crm.finding.models import LETTERS, SearchText
from callcenter.crm.names import beginning, fold
from callcenter.db import Database, new_id
from callcenter.entity.description import Entity, Field, value_of
from callcenter.entity.registry import Registry

#: So many rows of one answer are looked at, the newest first.
MOST: Final = 200
#: So many rows, or lines of the stream, are read in one go.
BATCH: Final = 500
STATE: Final = "search_texts"
#: The field that holds what `numbering` draws.
NUMBER: Final = "number"

#: What PostgreSQL's index is over.
_WORDS: Any = literal_column("to_tsvector('simple', search_text.fold)")
_search = table("text_search", column("rowid"))


def added(entity: Entity, registry: Registry) -> list[str]:
    """Return what is looked through that an earlier release may not have: own fields, a number."""
    fields = registry.fields(entity.name).values()
    own = sorted(field.name for field in fields if field.is_custom and field.searchable)
    return [*own, NUMBER] if entity.number else own


def looked_through(entity: Entity, registry: Registry) -> list[Field]:
    """Return the fields by whose words a row is found: title, number, and what is searchable."""
    has_own = entity.search is not None
    named = {entity.title, NUMBER if entity.number else entity.title}
    return [
        field
        for field in registry.fields(entity.name).values()
        if (field.searchable or field.name in named)
        and field.virtual is None
        and (field.is_custom or not has_own)
    ]


def has_words(row: Any, fields: Iterable[Field], words: Sequence[str]) -> bool:
    """Tell whether these fields of a row alone have a word that begins so for each of `words`."""
    held = _words(row, fields)
    return all(
        any(each.startswith(word) for each in held) for word in filter(None, map(beginning, words))
    )


def words_of(entity: Entity, row: Any, registry: Registry) -> str:
    """Return the words by which a row is found."""
    # Each word once; letters that are no Latin ones after folding cannot be indexed alike.
    words = dict.fromkeys(_words(row, looked_through(entity, registry)))
    return " ".join(word for word in words if word.isascii())[:LETTERS]


def _words(row: Any, fields: Iterable[Field]) -> list[str]:
    said = (value_of(row, field.name) for field in fields)
    return fold(" ".join(str(value) for value in said if value is not None)).split()


async def find(session: AsyncSession, words: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows with a word that begins so for each of `words`, by entity, newest first."""
    rows = await session.execute(
        select(SearchText.entity, SearchText.entity_id)
        .where(SearchText.id.in_(_matching(session, words)))
        .order_by(SearchText.id.desc())
        .limit(MOST)
    )
    found: dict[str, list[int]] = {}
    for entity, row_id in rows:
        found.setdefault(entity, []).append(row_id)
    return found


def _matching(session: AsyncSession, words: Sequence[str]) -> Any:
    words = [*filter(None, map(beginning, words))]
    if not words:
        return ()
    if session.get_bind().dialect.name == "postgresql":
        asked = func.to_tsquery(text("'simple'"), " & ".join(f"{word}:*" for word in words))
        # Its own limit keeps the planner from walking through all rows from the newest on.
        some = select(SearchText.id).where(_WORDS.op("@@")(asked)).limit(5 * MOST).subquery()
        return select(some.c.id)
    return (
        select(_search.c.rowid)
        .where(text("text_search MATCH :words"))
        .order_by(_search.c.rowid.desc())
        .limit(MOST)
        .params(words=" AND ".join(f'"{word}"*' for word in words))
    )


def keeper(database: Database, registry: Registry, now: Callable[[], datetime]) -> audit.Follower:
    """Return what keeps the words; `app` runs it."""
    place = Place(STATE)
    return audit.Follower(STATE, database, lambda: step(database, registry, now(), place))


async def step(
    database: Database, registry: Registry, at: datetime, place: Place | None = None
) -> bool:
    """Index the rows that come next; return whether there are more."""
    place = place or Place(STATE)
    async with database.read() as session:
        state = await place.find(session) or {
            "walked": {}, "after": str(await audit.newest(session)),
        }  # fmt: skip
        changed, state, more = await _next(session, registry, state)
        texts = {
            name: await _texts(session, registry[name], registry, ids)
            for name, ids in changed.items()
        }
        known = {name: await _known(session, name, words) for name, words in texts.items() if words}
    if not changed:
        await place.go_on(database, state, at)
        return more
    async with database.write() as session:
        for name, words in texts.items():
            await _store(session, name, words, known.get(name, {}), at)
        await place.keep(session, state, at)
    return more


async def _next(
    session: AsyncSession, registry: Registry, state: dict[str, Any]
) -> tuple[dict[str, Sequence[int]], dict[str, Any], bool]:
    """Return which rows come next, the state when they are done, and whether more follow."""
    said = state.get("added", {})
    kept = [
        entity
        for entity in registry
        if entity.has_pages
        and (entity.search is None or added(entity, registry) or said.get(entity.name))
    ]
    for entity in kept:
        names = added(entity, registry)
        if said.get(entity.name, []) != names:
            state = state | {
                "added": said | {entity.name: names},
                "walked": state["walked"] | {entity.name: 0},
            }
        walked = state["walked"].get(entity.name, 0)
        if walked is not None:
            model: Any = entity.model
            query = select(model.id).where(model.id > walked, model.deleted_at.is_(None))
            ids = (await session.scalars(query.order_by(model.id).limit(BATCH))).all()
            last = ids[-1] if ids else None
            return (
                {entity.name: ids},
                state | {"walked": state["walked"] | {entity.name: last}},
                True,
            )
    stretch = await audit.read(
        session, Cursor.read(state["after"]) or Cursor(), BATCH,
        entities=[entity.name for entity in kept],
    )  # fmt: skip
    changed: dict[str, Sequence[int]] = {
        entity.name: ids
        for entity in kept
        if (ids := _ids(line.entity_id for line in stretch.lines if line.entity == entity.name))
    }
    return changed, state | {"after": str(stretch.after)}, stretch.more


def _ids(ids: Iterable[int | None]) -> list[int]:
    return list(dict.fromkeys(id_ for id_ in ids if id_ is not None))


async def _texts(
    session: AsyncSession, entity: Entity, registry: Registry, ids: Sequence[int]
) -> dict[int, str]:
    """Return the words of these rows; of one that is gone or set aside, none."""
    model: Any = entity.model
    rows = await session.scalars(select(model).where(model.id.in_(ids), model.deleted_at.is_(None)))
    return dict.fromkeys(ids, "") | {row.id: words_of(entity, row, registry) for row in rows}


async def _known(session: AsyncSession, name: str, ids: Iterable[int]) -> dict[int, str]:
    rows = await session.execute(
        select(SearchText.entity_id, SearchText.fold).where(
            SearchText.entity == name, SearchText.entity_id.in_(list(ids))
        )
    )
    return {row.entity_id: row.fold for row in rows}


async def _store(
    session: AsyncSession,
    name: str,
    texts: Mapping[int, str],
    known: Mapping[int, str],
    at: datetime,
) -> None:
    """Have what is found now stand last, and what has no words not at all."""
    changed = {id_: words for id_, words in texts.items() if words != known.get(id_, "")}
    if not changed:
        return
    await session.execute(
        delete(SearchText).where(SearchText.entity == name, SearchText.entity_id.in_(list(changed)))
    )
    session.add_all(
        SearchText(id=new_id(at.timestamp()), entity=name, entity_id=id_, fold=words)
        for id_, words in changed.items()
        if words
    )
