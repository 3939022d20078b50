# SPDX-License-Identifier: Apache-2.0
"""Grafana's dashboards: made from boards.py, and few enough panels to look at."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
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


def test_every_dashboard_fits_grafanas_schema():
    """Which the Foundation SDK publishes as jsonschema/dashboard.jsonschema.json; nothing of it is kept here."""
    if not (path := os.environ.get("GRAFANA_DASHBOARD_SCHEMA")):
        pytest.skip("GRAFANA_DASHBOARD_SCHEMA names no file: the dashboards were not held against Grafana's own schema")
    schema = json.loads(Path(path).read_text())
    check = jsonschema.validators.validator_for(schema)(schema)
    for board in sorted(maker.TARGET.glob("*.json")):
        content = json.loads(board.read_text())
        assert [f"{error.json_path}: {error.message[:200]}" for error in check.iter_errors(content)] == [], board.name
        content["panels"][0]["gridPos"]["x"] = "left"
        assert not check.is_valid(content), "the schema refuses nothing"
