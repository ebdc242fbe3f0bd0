"""Distances on the ground."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt


EARTH_RADIUS_KM = 6371.0


def distance_km(from_: tuple[float, float], to: tuple[float, float]) -> float:
    """Return the great-circle distance between two (latitude, longitude) points, in km."""
    lat_a, lon_a, lat_b, lon_b = map(radians, (*from_, *to))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))
