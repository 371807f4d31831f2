"""What every page shows of the company: its name, its pictures, its colours.

Kept fresh by `company.branding`; pages of a house that never said anything look as delivered.
"""

import msgspec

PRODUCT = "callcenter"


class Stop(msgspec.Struct, frozen=True):
    """A kind of record that the navigation leads to."""

    entity: str
    path: str
    label: str
    icon: str
    #: The letter that leads there after G; "" if none does.
    key: str
    #: The module that switches it off.
    module: str


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses are empty where there is nothing of the company's own."""

    name: str = PRODUCT
    #: ISO country, and the language of pages for somebody who asks for none; "" as the operator set.
    country: str = ""
    language: str = ""
    stylesheet: str = ""
    logo: str = ""
    logo_dark: str = ""
    mark: str = ""
    #: The modules that are switched off.
    off: frozenset[str] = frozenset()
    #: False as long as nobody has set anything up: administrators are led to the first steps.
    begun: bool = True
    #: Kinds of records in the navigation besides those that stand there anyway.
    stops: tuple[Stop, ...] = ()
    #: Whether any kind of record has numbers that people read.
    has_numbers: bool = False
    #: Whether the first steps are still shown in the administration.
    has_steps: bool = False


AS_DELIVERED = Brand()
