"""A small operator's ground: one province, two cities, urban and rural districts, services."""

from __future__ import annotations

from datetime import datetime

from changtong.catalog import operations as catalog
from changtong.catalog import queries


ACTOR = "system:demo"

# Code (GB/T 2260), name, parent, region type, latitude and longitude of the seat.
REGIONS = (
    ("41", "河南省", None, "urban", 34.757, 113.665),
    ("4101", "郑州市", "41", "urban", 34.747, 113.625),
    ("410102", "中原区", "4101", "urban", 34.748, 113.613),
    ("410105", "金水区", "4101", "urban", 34.775, 113.686),
    ("410122", "中牟县", "4101", "rural", 34.719, 113.976),
    ("410183", "新密市", "4101", "rural", 34.540, 113.391),
    ("4103", "洛阳市", "41", "urban", 34.620, 112.454),
    ("410303", "西工区", "4103", "urban", 34.660, 112.428),
    ("410311", "洛龙区", "4103", "urban", 34.619, 112.463),
    ("410324", "栾川县", "4103", "rural", 33.786, 111.616),
)

SERVICES = (
    ("fixed-voice", "固定电话", "Fixed line", "fixed"),
    ("mobile-5g", "5G 移动", "5G mobile", "mobile"),
    ("fttr-1000", "千兆全光宽带", "Gigabit fibre", "broadband"),
    ("ftth-300", "300M 光纤宽带", "300 Mbit/s fibre", "broadband"),
    ("private-100", "互联网专线 100M", "Internet private line 100M", "private_line"),
    ("cloud-host", "云主机", "Cloud host", "cloud"),
    ("iptv", "IPTV", "IPTV", "value_added"),
)


def settle(*, at: datetime) -> None:
    """Create the regions and services."""
    for code, name, parent, region_type, latitude, longitude in REGIONS:
        catalog.add_region(
            code=code,
            name=name,
            parent=queries.region(parent) if parent else None,
            region_type=region_type,
            latitude=latitude,
            longitude=longitude,
            actor=ACTOR,
            at=at,
        )
    for code, name, name_en, family in SERVICES:
        catalog.add_service(
            code=code, name=name, name_en=name_en, family=family, actor=ACTOR, at=at
        )
