from __future__ import annotations

from django.db.models import QuerySet

from changtong.catalog.models import Region, Service
from changtong.kernel.errors import Missing


def regions() -> QuerySet[Region]:
    """Return all regions, parents before children."""
    return Region.objects.order_by("path")


def region(code: str) -> Region:
    """
    Return one region.

    :raises Missing: ``region.unknown``
    """
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise Missing("region.unknown", code=code)
    return found


def regions_below(path: str) -> QuerySet[Region]:
    """Return a region and all below it."""
    return Region.objects.filter(path__startswith=path).order_by("path")


def services() -> QuerySet[Service]:
    """Return the services on offer by family and code."""
    return Service.objects.order_by("family", "code")


def full_name(region: Region) -> str:
    """Return the names from the province down, e.g. 河南省郑州市金水区."""
    codes = [code for code in region.path.split("/") if code]
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    return "".join(names[code] for code in codes if code in names)
