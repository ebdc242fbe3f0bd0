from __future__ import annotations

from django.db import models

from changtong.catalog.domain import Family, RegionType


class Region(models.Model):
    """A place in the tree of province, city, district; its path contains its ancestors' codes."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=64)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=64, unique=True)
    region_type = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in RegionType]
    )
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="region_type_known",
                condition=models.Q(region_type__in=[one.value for one in RegionType]),
            ),
        ]
        indexes = [
            # Everything below a region.
            models.Index(fields=["path"], name="region_below", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """A service on offer, in one of the standard's families."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    name_en = models.CharField(max_length=64, blank=True, default="")
    family = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Family])

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="service_family_known",
                condition=models.Q(family__in=[one.value for one in Family]),
            ),
        ]

    def __str__(self) -> str:
        return self.name
