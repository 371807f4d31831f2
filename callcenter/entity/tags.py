"""Words that people put on rows: "VIP", "Tender 2026". A tag exists from its first use on.

Different spellings of a word are one tag. Tags are added and taken away one by one, so two people
who tag the same row do not get in each other's way.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Question, among, new_id
from callcenter.db.once import add_once
from callcenter.entity.description import Condition, Field, Virtual
from callcenter.entity.models import Tag, Tagging
from callcenter.entity.reading import TOO_LONG
from callcenter.errors import BadInput, TooLarge
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT


def _(message: str) -> str:
    return message


LETTERS: Final = 60
#: More than a person can read on one row.
MOST: Final = 50
#: Tags that are offered while somebody types.
OFFERED: Final = 200
_CAPITALS: Final = str.maketrans({"İ": "i", "I": "i", "ı": "i", "ə": "e", "Ə": "e"})


_OF_ROWS: Final = Question(
    select(Tagging.entity_id, Tag.name, Tag.color)
    .join(Tag, Tag.id == Tagging.tag_id)
    .where(Tagging.entity == bindparam("entity"))
    .where(among(Tagging.entity_id, "ids"))
    .order_by(Tag.fold)
)
_OFFERED: Final = Question(select(Tag.name).order_by(Tag.fold).limit(OFFERED))


class TagForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    gone: bool = False


def fold(name: str) -> str:
    """Return the one spelling of a tag: without case, accents and doubled spaces."""
    bare = unicodedata.normalize("NFKD", " ".join(name.split()).translate(_CAPITALS).casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


class Tags:
    """The tags of an entity's rows."""

    name = "tags"
    label = _("Tags")
    shape = TagForm

    def __init__(self, entity: str) -> None:
        self._entity = entity

    def read_json(self, value: Any) -> list[TagForm]:
        """Return what was written: whole items, or only the words."""
        try:
            if isinstance(value, list):
                value = [{"name": each} if isinstance(each, str) else each for each in value]
            return msgspec.convert(value, list[TagForm])
        except msgspec.ValidationError as error:
            raise BadInput({self.name: MISFIT}) from error

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        rows = await _OF_ROWS.ask(session, entity=self._entity, ids=ids)
        lists: dict[int, list[Any]] = {}
        for entity_id, name, color in rows:
            lists.setdefault(entity_id, []).append({"name": name, "color": color})
        return lists

    async def save(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, _by: Actor
    ) -> dict[str, list[Any]]:
        await session.flush()
        before = await self._names(session, row.id)
        wanted = {fold(form.name): form for form in forms if fold(form.name)}
        if any(len(form.name) > LETTERS for form in wanted.values()):
            raise BadInput({self.name: TOO_LONG})
        held = {fold(name) for name in before}
        gone = [word for word, form in wanted.items() if form.gone and word in held]
        new = {word: form.name for word, form in wanted.items() if not form.gone}
        if len(held | new.keys()) - len(gone) > MOST:
            raise TooLarge
        await self._take(session, row.id, gone)
        await self._put(session, row.id, {w: n for w, n in new.items() if w not in held}, at)
        after = await self._names(session, row.id)
        return {self.name: [before, after]} if before != after else {}

    def without(self, held: Sequence[Any], gone: Sequence[Any]) -> list[TagForm]:
        return [TagForm(name=tag["name"], gone=True) for tag in held if tag["name"] in gone]

    async def _names(self, session: AsyncSession, row_id: int) -> list[str]:
        return [tag["name"] for tag in (await self.load(session, [row_id])).get(row_id, [])]

    async def _take(self, session: AsyncSession, row_id: int, words: Iterable[str]) -> None:
        tags = select(Tag.id).where(Tag.fold.in_(list(words)))
        await session.execute(
            delete(Tagging).where(
                Tagging.entity == self._entity, Tagging.entity_id == row_id,
                Tagging.tag_id.in_(tags),
            )
        )  # fmt: skip

    async def _put(
        self, session: AsyncSession, row_id: int, words: dict[str, str], at: datetime
    ) -> None:
        known = await _ids(session, words)
        # In one order, so that two who put the same new ones cannot wait for each other.
        new = [
            {"id": new_id(at.timestamp()), "name": " ".join(name.split()), "fold": word}
            for word, name in sorted(words.items())
            if word not in known
        ]
        if new:
            await add_once(session, Tag, new, ("fold",))
            known = await _ids(session, words)
        session.add_all(
            Tagging(
                id=new_id(at.timestamp()), tag_id=known[word], entity=self._entity, entity_id=row_id
            )
            for word in words
        )  # fmt: skip
        await session.flush()


async def _ids(session: AsyncSession, words: Iterable[str]) -> dict[str, int]:
    """Return which of these tags there are, by their one spelling."""
    rows = await session.execute(select(Tag.fold, Tag.id).where(Tag.fold.in_(list(words))))
    return {row.fold: row.id for row in rows}


def field(entity: str, model: Any) -> Field:
    """Return the field by which rows of an entity are shown, filtered and imported with tags."""
    return Field(
        name="tags", label=_("Tags"), on_form=False, limit=LETTERS,
        aliases=("labels", "метки", "теги", "teqlər", "etiketler"),
        virtual=Virtual(
            load=partial(_load, entity), condition=partial(_condition, entity, model),
            part=Tags.name, of_part=_in_words, form=_form, parted="commas",
        ),
    )  # fmt: skip


def _form(text: str, _heading: str, _facts: object) -> dict[str, str] | None:
    return {"name": text} if text else None


async def offered(session: AsyncSession) -> list[str]:
    """Return the tags there are, to choose from."""
    return [tag.name for tag in await _OFFERED.ask(session)]


async def _load(entity: str, session: AsyncSession, ids: Sequence[int]) -> dict[int, Any]:
    lists = await Tags(entity).load(session, ids)
    return {row_id: _in_words(tags) for row_id, tags in lists.items()}


def _in_words(tags: Sequence[Any]) -> str:
    return ", ".join(tag["name"] for tag in tags)


def _condition(entity: str, model: Any, asked: Condition) -> ColumnElement[bool]:
    words = asked.value if isinstance(asked.value, list) else [asked.value]
    match asked.op:
        case "empty":
            return ~_with(entity, model)
        case "filled":
            return _with(entity, model)
        case "contains" | "begins":
            word = fold(str(asked.value))
            like = Tag.fold.contains if asked.op == "contains" else Tag.fold.startswith
            return _with(entity, model, like(word, autoescape=True))
        case "is_not":
            return ~_with(entity, model, Tag.fold.in_([fold(str(word)) for word in words]))
        case _:
            return _with(entity, model, Tag.fold.in_([fold(str(word)) for word in words]))


def _with(entity: str, model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(Tagging.id)
        .join(Tag, Tag.id == Tagging.tag_id)
        .where(Tagging.entity == entity, Tagging.entity_id == model.id, *conditions)
    )
