"""A part whose items are rows of a table of their own: addresses, ties, preferences.

An item without an id is added, one with an id is changed in the fields it names, one that is
`gone` is removed; items that nobody mentions stay. `was` says what the writer saw of an item: if
somebody else has changed that to something different, the change is refused, naming that person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Select, column, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit import Audit
from callcenter.db import Base, Question, among, new_id
from callcenter.entity.description import Field
from callcenter.entity.editing import plain
from callcenter.errors import BadInput, ChangedMeanwhile, TooLarge
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, Id, misfit_in

#: Each is a row to be written, so a request may not bring as many as fit into it.
MOST: Final = 200

_user = table("user", column("id"), column("name"))


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item as somebody wants it to be."""

    id: Id | None = None
    gone: bool = False
    #: What the writer saw, by field.
    was: dict[str, Any] = {}

    def given(self) -> dict[str, Any]:
        """Return the fields that are spoken of, empty texts as nothing."""
        return {
            name: (value.strip() or None) if isinstance(value, str) else value
            for name in self.__struct_fields__
            if name not in Item.__struct_fields__
            and (value := getattr(self, name)) is not msgspec.UNSET
        }


Form = TypeVar("Form", bound=Item)


class RowsPart(Generic[Form]):
    """What is the same for all of them; a part says its table and what its items may be."""

    name: str
    label: str
    entity: str
    shape: type[Form]
    model: type[Base]
    #: What is told of an item.
    told: tuple[str, ...]
    #: How an item stands in the form of its row; () if the part has a form of its own.
    fields: tuple[Field, ...] = ()
    #: The columns that name the rows it belongs to.
    owners: tuple[str, ...] = ("contact_id",)
    #: The order in which the items of a row stand.
    order: tuple[Any, ...]

    def read_json(self, value: Any) -> list[Form]:
        try:
            return msgspec.convert(value, list[self.shape])  # type: ignore[name-defined]
        except msgspec.ValidationError as error:
            raise BadInput(misfit_in(str(error), self.name)) from error

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        rows = await self._told_of.ask(session, ids=ids)
        lists: dict[int, list[Any]] = {}
        for owner_id, item in self._by_owner(rows, ids):
            lists.setdefault(owner_id, []).append({"id": item.id, **self.tell(item)})
        return lists

    async def items(self, session: AsyncSession, ids: Sequence[int]) -> list[tuple[int, Any]]:
        """Return the items of these rows in their order, each with the row it belongs to."""
        rows = await session.scalars(self._items_of, {"ids": list(ids)})
        return list(self._by_owner(rows, ids))

    async def save(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, by: Actor
    ) -> dict[str, list[Any]]:
        if len(forms) > MOST:
            raise TooLarge
        await session.flush()
        items = {item.id: item for _, item in await self.items(session, [row.id])}
        before = list(map(self.tell, items.values()))
        wrong: dict[str, str] = {}
        for place, form in enumerate(forms):
            problems = await self._apply(session, row, items, form, at, by)
            wrong |= {f"{self.name}.{place}.{name}": text for name, text in problems.items()}
        if wrong:
            raise BadInput(wrong)
        await session.flush()
        after = [self.tell(item) for _, item in await self.items(session, [row.id])]
        return {self.name: [before, after]} if before != after else {}

    def without(self, held: Sequence[Any], gone: Sequence[Any]) -> list[Form]:
        left, forms = list(gone), []
        for item in held:
            told = {name: plain(value) for name, value in item.items() if name != "id"}
            if told in left:
                left.remove(told)
                forms.append(self.shape(id=item["id"], gone=True))
        return forms

    # ------------------------------------------------------------ what a part says itself

    def begin(self, row: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> Any:
        """Return a new item of the row."""
        raise NotImplementedError

    async def problems(
        self, session: AsyncSession, row: Any, item: Any, given: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return what is wrong with an item that is to become so; `item` is None if it is new."""
        return {}

    async def is_there(self, session: AsyncSession, item: Any, given: Mapping[str, Any]) -> bool:
        """Tell whether an item is what is to be added, so that it need not be added again."""
        return False

    def put(self, item: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> None:
        for name, value in given.items():
            setattr(item, name, value)

    def tell(self, item: Any) -> dict[str, Any]:
        return {name: plain(getattr(item, name)) for name in self.told}

    # ------------------------------------------------------------

    # Put together once: to say such a question takes longer than to have it answered.

    @cached_property
    def _items_of(self) -> Select[Any]:
        return self._of_rows(select(self.model))

    @cached_property
    def _told_of(self) -> Question:
        names = dict.fromkeys(("id", *self.owners, *self.told))
        return Question(self._of_rows(select(*(getattr(self.model, name) for name in names))))

    def _of_rows(self, what: Select[Any]) -> Select[Any]:
        belongs = (among(getattr(self.model, name), "ids") for name in self.owners)
        return what.where(or_(*belongs)).order_by(*self.order)

    def _by_owner(self, items: Iterable[Any], ids: Sequence[int]) -> Iterator[tuple[int, Any]]:
        wanted = set(ids)
        for item in items:
            for owner_id in {getattr(item, name) for name in self.owners} & wanted:
                yield owner_id, item

    async def _apply(
        self,
        session: AsyncSession,
        row: Any,
        items: Mapping[int, Any],
        form: Form,
        at: datetime,
        by: Actor,
    ) -> dict[str, str]:
        given, item = form.given(), items.get(form.id or 0)
        if form.id is not None and item is None:
            return {} if form.gone else {"id": MISFIT}
        if item is not None:
            await self._refuse_if_moved(session, row, item, form, given)
        if form.gone:
            if item is not None:
                await session.delete(item)
            return {}
        if wrong := await self.problems(session, row, item, given):
            return wrong
        if item is None:
            for held in items.values():
                if await self.is_there(session, held, given):
                    return {}
            item = self.begin(row, given, at, by)
            item.id = new_id(at.timestamp())
            session.add(item)
        self.put(item, given, at, by)
        return {}

    async def _refuse_if_moved(
        self, session: AsyncSession, row: Any, item: Any, form: Form, given: Mapping[str, Any]
    ) -> None:
        now = self.tell(item)
        spoken = form.was if form.gone else given
        for name in spoken:
            was, mine = plain(form.was.get(name, now.get(name))), plain(given.get(name))
            if now.get(name) != was and (form.gone or now.get(name) != mine):
                raise ChangedMeanwhile(
                    who=await self._who(session, row.id), field=self.name, theirs=now[name],
                    mine=mine,
                )  # fmt: skip

    async def _who(self, session: AsyncSession, row_id: int) -> str:
        """Return the name of the last one who changed the list."""
        edits = await session.execute(
            select(Audit.diff, _user.c.name)
            .outerjoin(_user, _user.c.id == Audit.actor_id)
            .where(Audit.entity == self.entity, Audit.entity_id == row_id)
            .order_by(Audit.id.desc())
        )
        return next((name for diff, name in edits if name and self.name in diff), "callcenter")
