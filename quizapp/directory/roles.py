"""Job roles, the size of an enterprise, and which roles a size must bring.

Source: the notice of 24 June 2020, section four and its footnote.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

#: Yearly main-business revenue from which an enterprise is above designated size, in 10,000 yuan.
DESIGNATED_SIZE_WAN = Decimal(2000)


class JobRole(StrEnum):
    """What a person is in an enterprise; key post staff lead workshops, sections and teams."""

    KEY_POST = "key_post"
    SAFETY_MANAGER = "safety_manager"
    PRINCIPAL = "principal"


class Scale(StrEnum):
    """Above or below designated size."""

    ABOVE = "above"
    BELOW = "below"


class RegionKind(StrEnum):
    """What a node of the territory tree is."""

    DISTRICT = "district"
    TOWN = "town"
    ZONE = "zone"
    STREET = "street"


class EnterpriseState(StrEnum):
    """Whether an enterprise works; one that does not is in no coverage."""

    OPERATING = "operating"
    SUSPENDED = "suspended"
    CLOSED = "closed"


#: The roles that an enterprise of each size must bring through the campaign.
REQUIRED_ROLES = MappingProxyType(
    {
        Scale.ABOVE: (JobRole.KEY_POST, JobRole.SAFETY_MANAGER, JobRole.PRINCIPAL),
        Scale.BELOW: (JobRole.PRINCIPAL,),
    }
)


def scale_of(revenue_wan: Decimal, *, self_employed: bool) -> Scale:
    """Return the size that revenue (10,000 yuan a year) gives; self-employed units are always below."""
    if self_employed or revenue_wan < DESIGNATED_SIZE_WAN:
        return Scale.BELOW
    return Scale.ABOVE
