-- SPDX-License-Identifier: Apache-2.0
-- Every statement of both services at the first commit of this work (7bbfcfd): what goes on running while the schema changes.

-- user_service add_registration
INSERT INTO registrations (id, email, email_key, name, locale, password_hash, created_at, expires_at, token_digest,
event_sequence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1);

-- user_service registration_by_token
SELECT id, email, email_key, name, locale, password_hash, created_at, expires_at, event_sequence FROM registrations WHERE
token_digest = $1 AND expires_at > $2 FOR UPDATE;

-- user_service registrations_of_email
SELECT id, email, email_key, name, locale, password_hash, created_at, expires_at FROM registrations WHERE email_key = $1 AND
expires_at > $2 ORDER BY created_at DESC LIMIT $3;

-- user_service drop_registrations
DELETE FROM registrations WHERE email_key = $1;

-- user_service replace_registration_token
UPDATE registrations SET token_digest = $2, expires_at = $3, event_sequence = event_sequence + 1 WHERE id = $1 RETURNING
event_sequence;

-- user_service add_account
INSERT INTO accounts (id, email, email_key, name, locale, password_hash, status, roles, version, event_sequence, created_at,
updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $10) ON CONFLICT (email_key) DO NOTHING;

-- user_service account_by_id
SELECT a.id, a.email, a.email_key, a.name, a.locale, a.password_hash, a.phone, a.address, a.lat, a.lng, a.status, a.roles,
a.version, a.created_at, a.updated_at FROM accounts a WHERE a.id = $1 AND a.status <> 'deleted';

-- user_service account_by_email
SELECT a.id, a.email, a.email_key, a.name, a.locale, a.password_hash, a.phone, a.address, a.lat, a.lng, a.status, a.roles,
a.version, a.created_at, a.updated_at FROM accounts a WHERE a.email_key = $1 AND a.status <> 'deleted';

-- user_service save_profile
UPDATE accounts SET name = $3, locale = $4, phone = $5, address = $6, lat = $7, lng = $8, updated_at = $9, version = version + 1
WHERE id = $1 AND version = $2 AND status <> 'deleted';

-- user_service replace_hash
UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2;

-- user_service save_roles
UPDATE accounts SET roles = $2, updated_at = $3, version = version + 1 WHERE id = $1 AND status <> 'deleted';

-- user_service next_event_sequence
UPDATE accounts SET event_sequence = event_sequence + 1 WHERE id = $1 AND status <> 'deleted' RETURNING event_sequence;

-- user_service add_session
INSERT INTO sessions (id, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4);

-- user_service add_refresh_token
INSERT INTO refresh_tokens (digest, session_id, expires_at) VALUES ($1, $2, $3);

-- user_service use_refresh_token
UPDATE refresh_tokens SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2 AND EXISTS (SELECT 1 FROM
sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = refresh_tokens.session_id AND s.revoked_at IS NULL AND s.expires_at
> $2 AND a.status = 'active');

-- user_service add_successor
INSERT INTO refresh_tokens (digest, session_id, expires_at) SELECT $2, t.session_id, CASE WHEN s.expires_at < $4 THEN s.expires_at
ELSE $4 END FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.digest = $1 AND t.used_at = $3 ON CONFLICT
(digest) DO NOTHING;

-- user_service refresh_state
SELECT a.id, a.email, a.email_key, a.name, a.locale, a.password_hash, a.phone, a.address, a.lat, a.lng, a.status, a.roles,
a.version, a.created_at, a.updated_at, s.id, s.created_at, s.expires_at, s.revoked_at, t.expires_at, t.used_at FROM refresh_tokens
t JOIN sessions s ON s.id = t.session_id JOIN accounts a ON a.id = s.account_id WHERE t.digest = $1;

-- user_service session_is_live
SELECT 1 FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND
a.status = 'active';

-- user_service revoke_session
UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL;

-- user_service revoke_sessions_of_account
UPDATE sessions SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL RETURNING id;

-- user_service add_password_reset
INSERT INTO password_resets (digest, account_id, expires_at) VALUES ($1, $2, $3);

-- user_service account_by_reset
SELECT a.id, a.email, a.email_key, a.name, a.locale, a.password_hash, a.phone, a.address, a.lat, a.lng, a.status, a.roles,
a.version, a.created_at, a.updated_at FROM password_resets r JOIN accounts a ON a.id = r.account_id WHERE r.digest = $1 AND
r.expires_at > $2 AND a.status = 'active';

-- user_service use_password_reset
DELETE FROM password_resets WHERE digest = $1 AND expires_at > $2 RETURNING account_id;

-- user_service drop_password_resets
DELETE FROM password_resets WHERE account_id = $1;

-- user_service set_password
UPDATE accounts SET password_hash = $2, updated_at = $3, version = version + 1, event_sequence = event_sequence + 1 WHERE id = $1
AND status = 'active' RETURNING event_sequence;

-- user_service lock_idempotency_key
SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0));

-- user_service claim_idempotency_key
INSERT INTO idempotency_keys (route, key, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT
(route, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at =
excluded.created_at WHERE idempotency_keys.created_at <= $7;

-- user_service find_idempotency_key
SELECT fingerprint, status, body FROM idempotency_keys WHERE route = $1 AND key = $2 AND created_at > $3;

-- user_service prune_registrations
DELETE FROM registrations WHERE id IN (SELECT id FROM registrations WHERE expires_at < $1 LIMIT $2);

-- user_service prune_sessions
DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2);

-- user_service prune_password_resets
DELETE FROM password_resets WHERE digest IN (SELECT digest FROM password_resets WHERE expires_at < $1 LIMIT $2);

-- user_service prune_idempotency_keys
DELETE FROM idempotency_keys WHERE (route, key) IN (SELECT route, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2);

-- user_service outbox_insert
INSERT INTO outbox (id, type, subject, sequence, traceparent, request_id, dataschema, data, created_at, claimed_until) VALUES ($1,
$2, $3, $4, $5, $6, $7, $8, $9, $10);

-- user_service outbox_commit_without_waiting
SELECT set_config('synchronous_commit', 'off', true);

-- user_service outbox_claim
UPDATE outbox SET claimed_until = $2 WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE published_at IS NULL AND claimed_until <=
$1 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING id, type, subject, sequence, traceparent, request_id, dataschema, data,
created_at;

-- user_service outbox_mark_published
UPDATE outbox SET published_at = $2, data = NULL WHERE id = $1;

-- user_service outbox_release
UPDATE outbox SET claimed_until = $2 WHERE id = $1 AND published_at IS NULL;

-- user_service outbox_backlog
SELECT count(*), min(created_at) FROM outbox WHERE published_at IS NULL;

-- user_service outbox_prune
DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE published_at < $1 ORDER BY published_at LIMIT $2);

-- notification_service notifications_insert
INSERT INTO notifications (id, kind, user_id, recipient, recipient_key, locale, data, status, attempts, failures, due_at,
created_at, updated_at, request_id, traceparent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $11, $12, $13);

-- notification_service notification_attempts_insert
INSERT INTO notification_attempts (notification_id, number, started_at) VALUES ($1, $2, $3);

-- notification_service notifications_claim
UPDATE notifications SET status = 'sending', due_at = $2, attempts = attempts + 1, updated_at = $1 WHERE id = ANY (ARRAY(SELECT id
FROM notifications WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING id, kind, user_id, recipient,
locale, data, status, attempts, failures, created_at, request_id, traceparent;

-- notification_service notification_attempts_insert_claimed
INSERT INTO notification_attempts (notification_id, number, started_at) SELECT id, attempts, $2 FROM notifications WHERE due_at =
$1 AND status = 'sending' ON CONFLICT DO NOTHING;

-- notification_service notifications_finish_sent
UPDATE notifications SET status = 'sent', data = NULL, due_at = NULL, updated_at = $2 WHERE id = $1 AND status <> 'sent';

-- notification_service notifications_finish_unsent
UPDATE notifications SET status = $3, failures = $4, due_at = $5, updated_at = $6 WHERE id = $1 AND attempts = $2 AND status =
'sending';

-- notification_service notification_attempts_finish
UPDATE notification_attempts SET ended_at = $3, outcome = $4, detail = $5 WHERE notification_id = $1 AND number = $2;

-- notification_service notifications_list
SELECT id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent FROM
notifications WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- notification_service notifications_list_by_recipient
SELECT id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent FROM
notifications WHERE recipient_key = $3 AND id < $1 ORDER BY id DESC LIMIT $2;

-- notification_service notifications_list_by_status
SELECT id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent FROM
notifications WHERE status = $3 AND id < $1 ORDER BY id DESC LIMIT $2;

-- notification_service notifications_list_by_recipient_and_status
SELECT id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent FROM
notifications WHERE recipient_key = $3 AND status = $4 AND id < $1 ORDER BY id DESC LIMIT $2;

-- notification_service notifications_find
SELECT id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent FROM
notifications WHERE id = $1;

-- notification_service notification_attempts_find
SELECT number, started_at, ended_at, outcome, detail FROM notification_attempts WHERE notification_id = $1 ORDER BY number;

-- notification_service notifications_retry
UPDATE notifications SET status = 'pending', failures = 0, due_at = $2, updated_at = $2 WHERE id = $1 AND status = 'failed' AND
data IS NOT NULL;

-- notification_service notifications_prune
DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE created_at < $1 AND due_at IS NULL ORDER BY created_at
LIMIT $2);

-- notification_service notifications_erase_failed
UPDATE notifications SET data = NULL WHERE id IN (SELECT id FROM notifications WHERE status = 'failed' AND data IS NOT NULL AND
updated_at < $1 ORDER BY updated_at LIMIT $2);

-- notification_service inbox_insert
INSERT INTO inbox (source, event_id, type, received_at) VALUES ($1, $2, $3, $4);

-- notification_service inbox_prune
DELETE FROM inbox WHERE (source, event_id) IN (SELECT source, event_id FROM inbox WHERE received_at < $1 ORDER BY received_at
LIMIT $2);
