"""Tells people's pages which phones they have now."""

from collections.abc import Callable

from callcenter import phone
from callcenter.agents.device_map import DeviceMap, Phone
from callcenter.live.hub import Hub
from callcenter.live.protocol import Phones, PhoneView


class OwnPhones:
    def __init__(self, devices: DeviceMap, hub: Hub, pbx_name: Callable[[int], str | None]) -> None:
        """`pbx_name(pbx)` is None where there is but one."""
        self._devices = devices
        self._hub = hub
        self._pbx_name = pbx_name
        self._told: dict[int, Phones] = {}
        devices.listen(self._changed)

    def of(self, user_id: int) -> tuple[PhoneView, ...]:
        return tuple(self._view(each) for each in self._devices.phones_of(user_id))

    def _changed(self) -> None:
        for user_id in self._devices.people:
            now = Phones(
                seq=0,
                phones=self.of(user_id),
                shared=bool(self._devices.shared_phones),
                free=self._devices.has_empty_seats,
            )
            before, self._told[user_id] = self._told.get(user_id), now
            if before is not None and before != now:
                self._hub.say(user_id, now)

    def _view(self, own: Phone) -> PhoneView:
        seat = self._devices.shared_phone(own.pbx_id, own.endpoint) if own.seat_id else None
        outside = own.number
        name = phone.display(outside) if outside else own.extension or own.endpoint
        pbx = self._pbx_name(own.pbx_id)
        return PhoneView(
            id=own.id, name=f"{name} · {pbx}" if pbx else name,
            seat=seat.name if seat is not None else None,
        )  # fmt: skip
