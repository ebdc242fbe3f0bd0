from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.catalog.domain import Family, RegionType, path_below
from changtong.catalog.models import Region, Service
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused


@transaction.atomic
def add_region(
    *,
    code: str,
    name: str,
    region_type: str,
    actor: str,
    at: datetime,
    parent: Region | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Region:
    """
    Add a place below another.

    :raises Refused: ``region.exists``, ``region.type_unknown``
    """
    if region_type not in set(RegionType):
        raise Refused("region.type_unknown", region_type=region_type)
    region, created = Region.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "parent": parent,
            "path": path_below(parent.path if parent else "", code),
            "region_type": region_type,
            "latitude": latitude,
            "longitude": longitude,
        },
    )
    if not created:
        raise Refused("region.exists", code=code)
    journal.record(tag="region.added", subject=f"region:{code}", actor=actor, at=at, name=name)
    return region


@transaction.atomic
def add_service(
    *, code: str, name: str, family: str, actor: str, at: datetime, name_en: str = ""
) -> Service:
    """
    Put a service on offer.

    :raises Refused: ``service.exists``, ``service.family_unknown``
    """
    if family not in set(Family):
        raise Refused("service.family_unknown", family=family)
    service, created = Service.objects.get_or_create(
        code=code, defaults={"name": name, "family": family, "name_en": name_en}
    )
    if not created:
        raise Refused("service.exists", code=code)
    journal.record(tag="service.added", subject=f"service:{code}", actor=actor, at=at, name=name)
    return service
