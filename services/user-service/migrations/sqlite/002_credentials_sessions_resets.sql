-- SPDX-License-Identifier: Apache-2.0
-- As ../postgres/002.
ALTER TABLE accounts ADD COLUMN credential_version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE sessions ADD COLUMN late_token BLOB;
ALTER TABLE sessions ADD COLUMN late_at INTEGER;

CREATE TABLE password_reset_requests (
  id BLOB PRIMARY KEY,
  email_key TEXT NOT NULL,
  request_id TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  network TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_reset_requests_created_at ON password_reset_requests (created_at);
