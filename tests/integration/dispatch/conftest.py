from __future__ import annotations

import pytest
from tests.factories.dispatch import District, build_district


@pytest.fixture
def district(db: None) -> District:
    return build_district()
