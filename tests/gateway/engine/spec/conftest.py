"""What goes wrong here goes wrong on purpose, hundreds of times: nobody wants the tracebacks."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "gateway.engine")
