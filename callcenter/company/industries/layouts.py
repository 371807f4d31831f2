"""The industries one can begin with, in the order they are offered."""

from typing import Final

from callcenter.company.industries.clinic import CLINIC
from callcenter.company.industries.education import EDUCATION
from callcenter.company.industries.finance import FINANCE
from callcenter.company.industries.hospitality import HOSPITALITY
from callcenter.company.industries.logistics import LOGISTICS
from callcenter.company.industries.retail import RETAIL
from callcenter.company.industries.services import SERVICES

LAYOUTS: Final = (RETAIL, CLINIC, FINANCE, LOGISTICS, EDUCATION, HOSPITALITY, SERVICES)
BY_KEY: Final = {layout.key: layout for layout in LAYOUTS}
