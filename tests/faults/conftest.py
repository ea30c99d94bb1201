"""The kit runs on both event loops: on asyncio's own in tests, on the faster one by `make faults`."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(params=[{}, {"use_uvloop": True}], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return "asyncio", request.param
