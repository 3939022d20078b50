# SPDX-License-Identifier: Apache-2.0
"""Grafana's dashboards: made from boards.py, and few enough panels to look at."""

from __future__ import annotations

import json
import sys

import pytest

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tools" / "observability"))
import boards
import dashboards as maker


def test_what_is_made_is_as_its_source_says():
    made = maker.made_files()
    assert set(made) == set(maker.TARGET.glob("*.json"))
    for path, content in made.items():
        assert path.read_text() == content, f"{path} is stale: run python3 tools/observability/dashboards.py"


@pytest.mark.parametrize("board", boards.BOARDS, ids=lambda board: board.uid)
def test_a_panel_answers_the_question_in_its_title(board):
    assert 1 <= len(board.panels) <= 12
    for panel in board.panels:
        assert panel.title.endswith("?"), panel.title
        assert panel.unit and panel.queries, panel.title
        if panel.runbook:
            assert (REPOSITORY / "docs/operations/runbooks" / f"{panel.runbook}.md").is_file(), panel.title


def test_panels_do_not_lie_on_each_other():
    for path in maker.made_files():
        taken = set()
        for panel in json.loads(path.read_text())["panels"]:
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            assert not cells & taken, f"{path.name}: {panel['title']}"
            assert place["x"] + place["w"] <= 24
            taken |= cells
