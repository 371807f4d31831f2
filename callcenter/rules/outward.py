"""Requests that can only reach the public internet, whatever address was written down.

Otherwise whoever may write an address could have us query hosts in our own network. What counts is
the address actually connected to: a name is resolved once, and the result is checked.
"""

import ipaddress
from socket import AddressFamily
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_NOT_OUTSIDE: Final = (
    "{host} is an address of our own network. An operator can allow it: see the setting "
    "webhooks_inside."
)


class NotOutside(Exception):
    """An address is none of the internet; the text is for the administrator."""

    def __init__(self, host: str) -> None:
        super().__init__(_NOT_OUTSIDE.format(host=host))


def is_outside(address: str) -> bool:
    """Tell whether this address is one of the internet, and nobody's own."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return _is_public(mapped or found)


def _is_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(found, ipaddress.IPv6Address) and (found.sixtofour or found.teredo):
        # These carry another address within, which nobody here can tell the way of.
        return False
    return found.is_global and not found.is_multicast


def connector(url: URL, *, inside: bool) -> aiohttp.TCPConnector:
    """Return the way to an address. Raises NotOutside if it is written as one of our network."""
    if inside:
        return aiohttp.TCPConnector()
    host = url.host or ""
    if _is_address(host) and not is_outside(host):
        raise NotOutside(host)
    return aiohttp.TCPConnector(resolver=Outside())


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class Outside(AbstractResolver):
    """Looks names up, and refuses those that lead into our own network."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not found or not all(is_outside(one["host"]) for one in found):
            raise NotOutside(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()
