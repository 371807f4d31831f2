"""Made-up customers, the same for the same seed."""

import random
from collections.abc import Iterator

import msgspec

from callcenter.crm.names import fold
from callcenter.demo import names

#: So many people are registered twice.
TWICE = 4


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """One contact of the demo; `company` is the index of a company made before."""

    kind: str
    name: str
    given_name: str | None = None
    family_name: str | None = None
    title: str | None = None
    company: int | None = None
    country: str
    city: str | None = None
    language: str
    phones: tuple[str, ...]
    email: str | None = None


_LANGUAGES = {"AZ": "az", "TR": "tr", "RU": "ru", "GE": "en"}


def make(count: int, seed: int = 1) -> list[Customer]:
    """Return companies first, then `count` people, most of them with a company."""
    dice = random.Random(seed)
    companies = [_company(dice, *company) for company in names.COMPANIES]
    return [*companies, *_people(dice, companies, count)]


def again(made: list[Customer]) -> Iterator[Customer]:
    """Give some people a second time, as a colleague with another keyboard wrote them down."""
    mailed = [customer for customer in made if customer.email and not customer.name.isascii()]
    for person in mailed[:TWICE]:
        name = fold(person.name).title()
        yield msgspec.structs.replace(
            person, name=name, given_name=None, family_name=None, company=None, phones=()
        )


def _company(dice: random.Random, name: str, city: str, country: str) -> Customer:
    return Customer(
        kind="company",
        name=name,
        country=country,
        city=city,
        language=_LANGUAGES[country],
        phones=(_digits(dice, *names.LANDLINE[country]),),
    )


def _people(dice: random.Random, companies: list[Customer], count: int) -> Iterator[Customer]:
    for number in range(count):
        given = names.GIVEN[number % len(names.GIVEN)]
        employed = dice.random() < 0.7
        country = _country(given)
        places = [i for i, company in enumerate(companies) if company.country == country]
        company = dice.choice(places) if employed and places else None
        family = _family(dice, given)
        prefixes, length = names.MOBILE[country]
        yield Customer(
            kind="person",
            name=f"{given} {family}",
            given_name=given,
            family_name=family,
            title=dice.choice(names.TITLES) if company is not None else None,
            company=company,
            country=country,
            city=companies[company].city if company is not None else None,
            language=_LANGUAGES[country],
            phones=(_digits(dice, dice.choice(prefixes), length),),
            email=f"musteri{number + 1}@example.az" if dice.random() < 0.6 else None,
        )


def _country(given: str) -> str:
    if not given.isascii() and given[0] > "\u0400":
        return "RU"
    return "TR" if given in {"Ayşe", "Mehmet", "Elif", "Burak", "Zeynep", "Emre"} else "AZ"


def _family(dice: random.Random, given: str) -> str:
    match _country(given):
        case "TR":
            return dice.choice(names.TURKISH)
        case "RU":
            family = dice.choice(names.RUSSIAN)
        case _:
            family = dice.choice(names.FAMILY)
    return family[given in names.WOMEN]


def _digits(dice: random.Random, prefix: str, length: int) -> str:
    # The first digit after a prefix is never 0 or 1: such numbers exist nowhere here.
    rest = "".join(str(dice.randint(0, 9)) for _ in range(length - 1))
    return f"{prefix}{dice.randint(2, 9)}{rest}"
