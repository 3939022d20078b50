# SPDX-License-Identifier: Apache-2.0
"""./sayur doctor --stack, of services that answer strangely."""

from __future__ import annotations

import http.client
import sys

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tools" / "doctor"))

from stack import asked_service, told


def raising(failure: Exception):
    def read() -> str:
        raise failure

    return read


@pytest.mark.parametrize("answer", ["", "[]", "{}", "null", '{"services": []}', '{"services": null}', "SSH-2.0-x"])
def test_an_answer_that_is_none_is_said(answer):
    (part,) = asked_service("user-service", lambda: answer, "look")
    assert not part.healthy and part.state.startswith("an answer that is none")


@pytest.mark.parametrize(
    "failure", [http.client.BadStatusLine("SSH-2.0-x"), http.client.IncompleteRead(b"x"), ConnectionRefusedError("no")]
)
def test_what_answers_no_http_is_said(failure):
    (part,) = asked_service("user-service", raising(failure), "look")
    assert not part.healthy and part.state.startswith("no answer")


def test_a_state_that_is_no_text_is_told():
    assert "WRONG" in told(asked_service("user-service", lambda: '{"services": {"redis": null}}', "look"))
