# SPDX-License-Identifier: Apache-2.0
"""moto_lacks.py says the truth about this moto."""

from __future__ import annotations

import importlib

import pytest
from moto_lacks import LACKS


@pytest.mark.parametrize("lack", LACKS, ids=lambda lack: f"{lack.service}.{lack.operation}")
def test_moto_still_lacks(lack):
    responses = importlib.import_module(f"moto.{lack.service}.responses")
    handlers = [kind for name, kind in vars(responses).items() if name.lower() == f"{lack.service}response"]
    assert len(handlers) == 1
    assert not hasattr(handlers[0], lack.operation), f"moto has learnt {lack.operation}: take {lack.resources} off the list"
