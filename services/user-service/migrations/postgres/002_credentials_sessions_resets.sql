-- SPDX-License-Identifier: Apache-2.0
-- Raised by a new password, by disabling and by deletion, but not by a rehash: a session opened on an older one is refused.
ALTER TABLE accounts ADD COLUMN credential_version bigint NOT NULL DEFAULT 1;

-- The one used refresh token of the family that was answered late, and when first.
ALTER TABLE sessions ADD COLUMN late_token bytea;
ALTER TABLE sessions ADD COLUMN late_at timestamptz;

-- Addresses for which a new password was asked, with an account or without one: looked at after the answer.
CREATE TABLE password_reset_requests (
  id uuid PRIMARY KEY,
  email_key text NOT NULL,
  request_id text NOT NULL,
  traceparent text NOT NULL,
  network text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX password_reset_requests_created_at ON password_reset_requests (created_at);
