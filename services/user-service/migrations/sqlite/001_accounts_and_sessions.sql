-- SPDX-License-Identifier: Apache-2.0
-- As ../postgres/001: uuid is a BLOB of 16 bytes, times are microseconds since 1970.
CREATE TABLE registrations (
  id BLOB PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  token_digest BLOB NOT NULL,
  event_sequence INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CONSTRAINT registrations_token_digest_unique UNIQUE (token_digest)
) STRICT;
CREATE INDEX registrations_email_key ON registrations (email_key, created_at);
CREATE INDEX registrations_expires_at ON registrations (expires_at);

CREATE TABLE accounts (
  id BLOB PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  phone TEXT,
  address TEXT,
  lat REAL,
  lng REAL,
  status TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'deleted')),
  roles TEXT NOT NULL, -- names separated by one space
  version INTEGER NOT NULL,
  event_sequence INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CONSTRAINT accounts_email_key_unique UNIQUE (email_key)
) STRICT;

CREATE TABLE sessions (
  id BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX sessions_account_id ON sessions (account_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE refresh_tokens (
  digest BLOB PRIMARY KEY,
  session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE password_resets (
  digest BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_resets_account_id ON password_resets (account_id);
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

CREATE TABLE idempotency_keys (
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (route, key)
) STRICT;
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- As platform/events/outbox.hpp wants it.
CREATE TABLE outbox (
  id BLOB PRIMARY KEY,
  type TEXT NOT NULL,
  subject BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  traceparent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  dataschema TEXT NOT NULL,
  data TEXT,
  created_at INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL,
  published_at INTEGER
) STRICT;
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;
