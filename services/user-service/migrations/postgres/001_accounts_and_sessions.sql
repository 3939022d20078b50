-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE registrations (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  email_key text NOT NULL,
  name text NOT NULL,
  locale text NOT NULL,
  password_hash text NOT NULL,
  token_digest bytea NOT NULL,
  event_sequence bigint NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT registrations_token_digest_unique UNIQUE (token_digest)
);
CREATE INDEX registrations_email_key ON registrations (email_key, created_at);
CREATE INDEX registrations_expires_at ON registrations (expires_at);

CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  email_key text NOT NULL,
  name text NOT NULL,
  locale text NOT NULL,
  password_hash text NOT NULL,
  phone text,
  address text,
  lat double precision,
  lng double precision,
  status text NOT NULL CHECK (status IN ('active', 'disabled', 'deleted')),
  roles text NOT NULL, -- names separated by one space
  version bigint NOT NULL,
  event_sequence bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT accounts_email_key_unique UNIQUE (email_key)
);

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX sessions_account_id ON sessions (account_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE refresh_tokens (
  digest bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE password_resets (
  digest bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_account_id ON password_resets (account_id);
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

CREATE TABLE idempotency_keys (
  route text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status bigint NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (route, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- As platform/events/outbox.hpp wants it.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  subject uuid NOT NULL,
  sequence bigint NOT NULL,
  traceparent text NOT NULL,
  request_id text NOT NULL,
  dataschema text NOT NULL,
  data text,
  created_at timestamptz NOT NULL,
  claimed_until timestamptz NOT NULL,
  published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;
