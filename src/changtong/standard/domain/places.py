"""Regions as rules name them: a code of the catalog, or the whole path down to it."""

import re


# GB/T 2260: two digits for the province, four for the city, six for the district, then three more
# for the street and again for the village; the code of a place begins with that of the one above.
_ADMINISTRATIVE = re.compile(r"\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?")
_LEVELS = (2, 4, 6, 9, 12)


def codes(region: str) -> tuple[str, ...]:
    """
    Return the codes from the widest place to the named one.

    `/41/4101/` says them itself; of an administrative code such as `4101` they are known; any
    other code stands alone.
    """
    found = tuple(code for code in region.split("/") if code)
    if len(found) != 1 or _ADMINISTRATIVE.fullmatch(found[0]) is None:
        return found
    return tuple(found[0][:level] for level in _LEVELS if level <= len(found[0]))


def code(region: str) -> str:
    """Return the code of the place itself."""
    found = codes(region)
    return found[-1] if found else ""


def path(region: str) -> str:
    """Return the path of a place as the catalog writes it, e.g. `/41/4101/`."""
    return "".join(f"/{one}" for one in codes(region)) + "/"


def is_readable(region: str) -> bool:
    """Say whether a rule may name a region like this."""
    found = region.strip("/").split("/")
    return all(code.isalnum() for code in found) and len(set(found)) == len(found)


def depth(path: str, regions: frozenset[str]) -> int:
    """Return how deep on a path the narrowest of some regions lies; 0 if none lies on it."""
    steps = [one for one in path.split("/") if one]
    wanted = {code(region) for region in regions}
    return max((at for at, step in enumerate(steps, 1) if step in wanted), default=0)
