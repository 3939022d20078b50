-- SPDX-License-Identifier: Apache-2.0
-- Both schemas as the first commit of this work (7bbfcfd) made them, with rows in each table, by pg_dump 15:
--   pg_dump --no-owner --no-privileges --inserts, its comments taken out.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA notification_service;
CREATE SCHEMA user_service;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE notification_service.inbox (
    source text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    received_at timestamp with time zone NOT NULL
);
CREATE TABLE notification_service.notification_attempts (
    notification_id uuid NOT NULL,
    number bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    detail text
);
CREATE TABLE notification_service.notifications (
    id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    recipient text NOT NULL,
    recipient_key text NOT NULL,
    locale text NOT NULL,
    data text,
    status text NOT NULL,
    attempts bigint NOT NULL,
    failures bigint NOT NULL,
    due_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    traceparent text NOT NULL,
    CONSTRAINT notifications_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'failed'::text])))
);
CREATE TABLE notification_service.schema_migrations (
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE TABLE user_service.accounts (
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    password_hash text NOT NULL,
    phone text,
    address text,
    lat double precision,
    lng double precision,
    status text NOT NULL,
    roles text NOT NULL,
    version bigint NOT NULL,
    event_sequence bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text, 'deleted'::text])))
);
CREATE TABLE user_service.idempotency_keys (
    route text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE user_service.outbox (
    id uuid NOT NULL,
    type text NOT NULL,
    subject uuid NOT NULL,
    sequence bigint NOT NULL,
    traceparent text NOT NULL,
    request_id text NOT NULL,
    dataschema text NOT NULL,
    data text,
    created_at timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone NOT NULL,
    published_at timestamp with time zone
);
CREATE TABLE user_service.password_resets (
    digest bytea NOT NULL,
    account_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE user_service.refresh_tokens (
    digest bytea NOT NULL,
    session_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);
CREATE TABLE user_service.registrations (
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    password_hash text NOT NULL,
    token_digest bytea NOT NULL,
    event_sequence bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE user_service.schema_migrations (
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE TABLE user_service.sessions (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
INSERT INTO notification_service.inbox VALUES ('user-service', '00000000-0000-7000-8000-000000000022', 'user.deleted', '2026-11-24 15:00:13+00');
INSERT INTO notification_service.notification_attempts VALUES ('00000000-0000-7000-8000-000000000031', 1, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00', 'sent', NULL);
INSERT INTO notification_service.notification_attempts VALUES ('00000000-0000-7000-8000-000000000032', 1, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00', 'failed', '550');
INSERT INTO notification_service.notifications VALUES ('00000000-0000-7000-8000-000000000031', 'welcome', '00000000-0000-7000-8000-000000000001', 'Ani@example.com', 'ani@example.com', 'id', NULL, 'sent', 1, 0, NULL, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00', 'r1', '');
INSERT INTO notification_service.notifications VALUES ('00000000-0000-7000-8000-000000000032', 'welcome', '00000000-0000-7000-8000-000000000002', 'budi@example.com', 'budi@example.com', 'en', '{}', 'failed', 3, 3, NULL, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00', 'r2', '');
INSERT INTO notification_service.schema_migrations VALUES (1, 'create_notifications', 'e35dc3d3b52c7b3e0ef48651e62e49858f37f4e7a69345df16f816634b52a4ce', '2026-11-24 15:00:13+00');
INSERT INTO user_service.accounts VALUES ('00000000-0000-7000-8000-000000000001', 'Ani@example.com', 'ani@example.com', 'Ani', 'id', '$argon2id$none', NULL, NULL, NULL, NULL, 'active', 'customer', 1, 1, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00');
INSERT INTO user_service.accounts VALUES ('00000000-0000-7000-8000-000000000002', 'budi@example.com', 'budi@example.com', 'Budi', 'en', '$argon2id$none', '+62 812 3456', 'Jl. Kenanga 1', -6.2, 106.8, 'disabled', 'customer admin', 4, 3, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00');
INSERT INTO user_service.accounts VALUES ('00000000-0000-7000-8000-000000000003', '', '00000000-0000-7000-8000-000000000003', '', 'id', '', NULL, NULL, NULL, NULL, 'deleted', '', 2, 2, '2026-11-24 15:00:13+00', '2026-11-24 15:00:13+00');
INSERT INTO user_service.idempotency_keys VALUES ('register', 'key', '\x31', 202, '{}', '2026-11-24 15:00:13+00');
INSERT INTO user_service.outbox VALUES ('00000000-0000-7000-8000-000000000021', 'user.registered', '00000000-0000-7000-8000-000000000001', 1, '', 'r1', '', '{}', '2026-11-24 15:00:13+00', '1970-01-01 00:00:00+00', NULL);
INSERT INTO user_service.outbox VALUES ('00000000-0000-7000-8000-000000000022', 'user.deleted', '00000000-0000-7000-8000-000000000003', 2, '', 'r2', '', NULL, '2026-11-24 15:00:13+00', '1970-01-01 00:00:00+00', '2026-11-24 15:00:13+00');
INSERT INTO user_service.password_resets VALUES ('\x21', '00000000-0000-7000-8000-000000000001', '2026-11-24 16:00:13+00');
INSERT INTO user_service.refresh_tokens VALUES ('\x11', '00000000-0000-7000-8000-000000000011', '2026-12-24 15:00:13+00', '2026-11-24 16:00:13+00');
INSERT INTO user_service.refresh_tokens VALUES ('\x12', '00000000-0000-7000-8000-000000000011', '2026-12-24 15:00:13+00', NULL);
INSERT INTO user_service.refresh_tokens VALUES ('\x13', '00000000-0000-7000-8000-000000000012', '2026-12-24 15:00:13+00', NULL);
INSERT INTO user_service.registrations VALUES ('00000000-0000-7000-8000-000000000004', 'citra@example.com', 'citra@example.com', 'Citra', 'id', '$argon2id$none', '\x04', 1, '2026-11-24 15:00:13+00', '2026-11-25 15:00:13+00');
INSERT INTO user_service.schema_migrations VALUES (1, 'accounts_and_sessions', 'bf98f40d3a680a8033dab3227f2620ad994010bf51ade821b477e00b7f0a038d', '2026-11-24 15:00:13+00');
INSERT INTO user_service.sessions VALUES ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000001', '2026-11-24 15:00:13+00', '2027-02-22 15:00:13+00', NULL);
INSERT INTO user_service.sessions VALUES ('00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000002', '2026-11-24 15:00:13+00', '2027-02-22 15:00:13+00', '2026-11-24 16:00:13+00');
ALTER TABLE ONLY notification_service.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (source, event_id);
ALTER TABLE ONLY notification_service.notification_attempts
    ADD CONSTRAINT notification_attempts_pkey PRIMARY KEY (notification_id, number);
ALTER TABLE ONLY notification_service.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);
ALTER TABLE ONLY notification_service.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY user_service.accounts
    ADD CONSTRAINT accounts_email_key_unique UNIQUE (email_key);
ALTER TABLE ONLY user_service.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY user_service.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (route, key);
ALTER TABLE ONLY user_service.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY user_service.password_resets
    ADD CONSTRAINT password_resets_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY user_service.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY user_service.registrations
    ADD CONSTRAINT registrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY user_service.registrations
    ADD CONSTRAINT registrations_token_digest_unique UNIQUE (token_digest);
ALTER TABLE ONLY user_service.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY user_service.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
CREATE INDEX inbox_received_at ON notification_service.inbox USING btree (received_at);
CREATE INDEX notifications_due_at ON notification_service.notifications USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX notifications_failed_with_data ON notification_service.notifications USING btree (updated_at) WHERE ((status = 'failed'::text) AND (data IS NOT NULL));
CREATE INDEX notifications_recipient_key ON notification_service.notifications USING btree (recipient_key, id);
CREATE INDEX notifications_settled ON notification_service.notifications USING btree (created_at) WHERE (due_at IS NULL);
CREATE INDEX notifications_status ON notification_service.notifications USING btree (status, id);
CREATE INDEX idempotency_keys_created_at ON user_service.idempotency_keys USING btree (created_at);
CREATE INDEX outbox_published_at ON user_service.outbox USING btree (published_at) WHERE (published_at IS NOT NULL);
CREATE INDEX outbox_unpublished ON user_service.outbox USING btree (id) WHERE (published_at IS NULL);
CREATE INDEX password_resets_account_id ON user_service.password_resets USING btree (account_id);
CREATE INDEX password_resets_expires_at ON user_service.password_resets USING btree (expires_at);
CREATE INDEX refresh_tokens_session_id ON user_service.refresh_tokens USING btree (session_id);
CREATE INDEX registrations_email_key ON user_service.registrations USING btree (email_key, created_at);
CREATE INDEX registrations_expires_at ON user_service.registrations USING btree (expires_at);
CREATE INDEX sessions_account_id ON user_service.sessions USING btree (account_id);
CREATE INDEX sessions_expires_at ON user_service.sessions USING btree (expires_at);
ALTER TABLE ONLY notification_service.notification_attempts
    ADD CONSTRAINT notification_attempts_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notification_service.notifications(id) ON DELETE CASCADE;
ALTER TABLE ONLY user_service.password_resets
    ADD CONSTRAINT password_resets_account_id_fkey FOREIGN KEY (account_id) REFERENCES user_service.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY user_service.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES user_service.sessions(id) ON DELETE CASCADE;
ALTER TABLE ONLY user_service.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES user_service.accounts(id) ON DELETE CASCADE;
