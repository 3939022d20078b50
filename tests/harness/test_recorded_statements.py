# SPDX-License-Identifier: Apache-2.0
"""What the server's log is taken for."""

from __future__ import annotations

from harness.recorded_statements import parse


def line(session: str, vxid: str, message: str, detail: str = "", severity: str = "LOG", application: str = "user_service") -> dict:
    return {
        "session_id": session,
        "vxid": vxid,
        "message": message,
        "detail": detail,
        "error_severity": severity,
        "application_name": application,
        "timestamp": "2026-11-30 09:00:00.000 UTC",
    }


INSERT = "INSERT INTO things (n, m) VALUES ($1, $2)"
UPDATE = "UPDATE things SET n = $1"


def test_transactions_come_in_the_order_of_their_commits():
    made = parse(
        [
            line("a", "1/1", "execute s1: BEGIN"),
            line("a", "1/1", f"execute s2: {INSERT}", "parameters: $1 = 'it''s', $2 = NULL"),
            line("b", "2/1", f"execute s1: {UPDATE}", "parameters: $1 = '7'"),
            line("a", "1/1", "execute s3: COMMIT"),
            line("b", "2/1", "duration: 3.000 ms"),
        ]
    )
    assert [each.first_write for each in made] == ["INSERT user_service.things", "UPDATE user_service.things"]
    assert made[0].statements[0].parameters == ("it's", None)


def test_what_was_lost_only_read_or_migrated_does_not_count():
    assert (
        parse(
            [
                line("a", "1/1", f"execute s2: {INSERT}"),
                line("a", "1/1", "duplicate key", severity="ERROR"),
                line("b", "2/1", "execute s1: BEGIN"),
                line("b", "2/1", f"execute s2: {INSERT}"),
                line("b", "2/1", "execute s3: ROLLBACK"),
                line("c", "3/1", "execute s1: SELECT 1"),
                line("d", "4/1", "execute s1: INSERT INTO schema_migrations (version) VALUES ($1)"),
                line("e", "5/1", f"execute s1: {INSERT}", application="psql"),
            ]
        )
        == []
    )
