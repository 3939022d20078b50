// SPDX-License-Identifier: Apache-2.0
// All SQL of the user-service, named. A second text stands where SQLite really differs: it has no row locks (its single writer makes them
// needless) and no advisory locks.
#pragma once

#include "platform/sql/database.hpp"

#include <array>

namespace micro_sayur::user_service::statements {

#define ACCOUNT_COLUMNS                                                                                                             \
  "a.id, a.email, a.email_key, a.name, a.locale, a.password_hash, a.phone, a.address, a.lat, a.lng, a.status, a.roles, a.version, " \
  "a.created_at, a.updated_at, a.credential_version"
#define REGISTRATION_COLUMNS "id, email, email_key, name, locale, password_hash"

/// What processes compare is the store's time: statements are given durations, in microseconds.
#define POSTGRES_TIME(from, sign, duration) "(" from " " sign " " duration " * interval '1 microsecond')"
#define SQLITE_TIME(from, sign, duration) "(" from " " sign " " duration ")"
#define NOW "statement_timestamp()"
/// The same in all statements of a transaction.
#define TRANSACTION_TIME "transaction_timestamp()"

#define REFRESH_STATE_FROM                                                                                   \
  "SELECT " ACCOUNT_COLUMNS ", s.id, s.expires_at, s.revoked_at, t.expires_at, t.used_at, " TRANSACTION_TIME \
  " "                                                                                                        \
  "FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN accounts a ON a.id = s.account_id WHERE t.digest = $1"

#define FROM_LIVE_SESSION                                                                                                    \
  " FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > " NOW \
  " "                                                                                                                        \
  "AND a.status = 'active'"

#define ADD_REGISTRATION(time)                               \
  "INSERT INTO registrations (" REGISTRATION_COLUMNS         \
  ", created_at, expires_at, token_digest, event_sequence) " \
  "VALUES ($1, $2, $3, $4, $5, $6, " NOW ", " time(NOW, "+", "$7") ", $8, 1)"
inline constexpr sql::statement add_registration{"add_registration", ADD_REGISTRATION(POSTGRES_TIME), ADD_REGISTRATION(SQLITE_TIME)};
inline constexpr sql::statement registration_by_token{"registration_by_token",
                                                      "SELECT " REGISTRATION_COLUMNS
                                                      ", event_sequence FROM registrations WHERE token_digest = $1 AND expires_at > " NOW};
inline constexpr sql::statement waiting_registration{"waiting_registration",
                                                     "SELECT " REGISTRATION_COLUMNS
                                                     " FROM registrations WHERE email_key = $1 AND password_hash = $2 AND expires_at > " NOW
                                                     " ORDER BY created_at DESC LIMIT 1"};
inline constexpr sql::statement drop_registrations{"drop_registrations",
                                                   "DELETE FROM registrations WHERE email_key = $1 RETURNING token_digest"};
inline constexpr sql::statement drop_registrations_of_account{
    "drop_registrations_of_account", "DELETE FROM registrations WHERE email_key = (SELECT email_key FROM accounts WHERE id = $1)"};
/// Before those registrations are dropped. Their subjects are not the account that comes into being, or is erased, but their address is.
#define FORGET_EVENTS_OF_REGISTRATIONS(which) \
  "DELETE FROM outbox WHERE subject IN (SELECT r.id FROM registrations r WHERE " which ") AND payload IS NOT NULL"
inline constexpr sql::statement forget_events_of_others{"forget_events_of_others",
                                                        FORGET_EVENTS_OF_REGISTRATIONS("r.email_key = $1 AND r.id <> $2")};
inline constexpr sql::statement forget_events_of_account_address{
    "forget_events_of_account_address", FORGET_EVENTS_OF_REGISTRATIONS("r.email_key = (SELECT email_key FROM accounts WHERE id = $1)")};
inline constexpr sql::statement forget_events_of_registration_address{
    "forget_events_of_registration_address",
    FORGET_EVENTS_OF_REGISTRATIONS("r.email_key = (SELECT email_key FROM registrations WHERE id = $1)")};
inline constexpr sql::statement registration_by_id{
    "registration_by_id", "SELECT " REGISTRATION_COLUMNS " FROM registrations WHERE id = $1 AND expires_at > " NOW};
#define REPLACE_REGISTRATION_TOKEN(time) \
  "UPDATE registrations SET token_digest = $2, expires_at = " time(NOW, "+", "$3") ", " \
  "event_sequence = event_sequence + 1 WHERE id = $1 RETURNING event_sequence"
inline constexpr sql::statement replace_registration_token{"replace_registration_token", REPLACE_REGISTRATION_TOKEN(POSTGRES_TIME),
                                                           REPLACE_REGISTRATION_TOKEN(SQLITE_TIME)};

inline constexpr sql::statement add_account{"add_account",
                                            "INSERT INTO accounts (id, email, email_key, name, locale, password_hash, status, roles, "
                                            "version, event_sequence, created_at, updated_at) "
                                            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $10) ON CONFLICT (email_key) DO NOTHING"};
inline constexpr sql::statement account_by_id{"account_by_id",
                                              "SELECT " ACCOUNT_COLUMNS " FROM accounts a WHERE a.id = $1 AND a.status <> 'deleted'"};
inline constexpr sql::statement account_by_email{
    "account_by_email", "SELECT " ACCOUNT_COLUMNS " FROM accounts a WHERE a.email_key = $1 AND a.status <> 'deleted'"};
inline constexpr sql::statement save_profile{
    "save_profile",
    "UPDATE accounts SET name = $3, locale = $4, phone = $5, address = $6, lat = $7, lng = $8, updated_at = $9, version = version + 1 "
    "WHERE id = $1 AND version = $2 AND status <> 'deleted'"};
inline constexpr sql::statement replace_hash{"replace_hash", "UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2"};
inline constexpr sql::statement save_roles{
    "save_roles",
    "UPDATE accounts SET roles = $3, updated_at = $4, version = version + 1, credential_version = credential_version + $5 "
    "WHERE id = $1 AND version = $2 AND status <> 'deleted'"};
inline constexpr sql::statement set_status{
    "set_status",
    "UPDATE accounts SET status = $2, updated_at = $3, version = version + 1, credential_version = credential_version + 1 "
    "WHERE id = $1 AND status <> 'deleted' AND status <> $2"};
inline constexpr sql::statement erase_account{
    "erase_account",
    "UPDATE accounts SET status = 'deleted', email = '', email_key = $2, name = '', password_hash = '', phone = NULL, address = NULL, "
    "lat = NULL, lng = NULL, roles = '', updated_at = $3, version = version + 1, credential_version = credential_version + 1, "
    "event_sequence = event_sequence + 1 "
    "WHERE id = $1 AND status <> 'deleted' RETURNING event_sequence"};
inline constexpr sql::statement next_event_sequence{
    "next_event_sequence",
    "UPDATE accounts SET event_sequence = event_sequence + 1 WHERE id = $1 AND status = 'active' RETURNING event_sequence"};

/// The lock makes whatever raises the version wait for this session, and end it; or this waits for them, and finds another
/// version.
#define ADD_SESSION(time) \
  "INSERT INTO sessions (id, account_id, created_at, expires_at) SELECT $1, a.id, " NOW ", " time(NOW, "+", "$3") " FROM accounts a " \
  "WHERE a.id = $2 AND a.status = 'active' AND a.credential_version = $4"
inline constexpr sql::statement add_session{"add_session", ADD_SESSION(POSTGRES_TIME) " FOR SHARE", ADD_SESSION(SQLITE_TIME)};
#define ADD_REFRESH_TOKEN(time) \
  "INSERT INTO refresh_tokens (digest, session_id, expires_at) SELECT $1, s.id, " time(NOW, "+", "$3") " FROM sessions s WHERE s.id = $2"
inline constexpr sql::statement add_refresh_token{"add_refresh_token", ADD_REFRESH_TOKEN(POSTGRES_TIME), ADD_REFRESH_TOKEN(SQLITE_TIME)};
inline constexpr sql::statement use_refresh_token{
    "use_refresh_token",
    "UPDATE refresh_tokens SET used_at = " TRANSACTION_TIME " WHERE digest = $1 AND used_at IS NULL AND expires_at > " TRANSACTION_TIME
    " AND EXISTS (SELECT 1 FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = refresh_tokens.session_id "
    "AND s.revoked_at IS NULL AND s.expires_at > " TRANSACTION_TIME " AND a.status = 'active')"};
#define ADD_SUCCESSOR(time, least)                                                                                                 \
  "INSERT INTO refresh_tokens (digest, session_id, expires_at) SELECT $2, t.session_id, " least "(s.expires_at, " time(            \
      TRANSACTION_TIME, "+",                                                                                                       \
      "$3") ") FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.digest = $1 AND t.used_at = " TRANSACTION_TIME \
            " ON CONFLICT (digest) DO NOTHING"
inline constexpr sql::statement add_successor{"add_successor", ADD_SUCCESSOR(POSTGRES_TIME, "LEAST"), ADD_SUCCESSOR(SQLITE_TIME, "min")};
inline constexpr sql::statement refresh_state{"refresh_state", REFRESH_STATE_FROM};
inline constexpr sql::statement session_is_live{"session_is_live", "SELECT 1" FROM_LIVE_SESSION};
inline constexpr sql::statement owner_of_session{"owner_of_session", "SELECT " ACCOUNT_COLUMNS FROM_LIVE_SESSION};
#define NOTE_LATE_TOKEN(time)                                                                       \
  "UPDATE sessions SET late_token = $2, late_at = CASE WHEN late_token = $2 THEN late_at ELSE " NOW \
  " END "                                                                                           \
  "WHERE id = $1 AND revoked_at IS NULL AND (late_token IS NULL OR late_token = $2 OR late_at <= " time(NOW, "-", "$3") ")"
inline constexpr sql::statement note_late_token{"note_late_token", NOTE_LATE_TOKEN(POSTGRES_TIME), NOTE_LATE_TOKEN(SQLITE_TIME)};
inline constexpr sql::statement revoke_session{"revoke_session",
                                               "UPDATE sessions SET revoked_at = " NOW " WHERE id = $1 AND revoked_at IS NULL"};
inline constexpr sql::statement revoke_sessions_of_account{
    "revoke_sessions_of_account", "UPDATE sessions SET revoked_at = " NOW " WHERE account_id = $1 AND revoked_at IS NULL RETURNING id"};

#define ADD_PASSWORD_RESET(time) "INSERT INTO password_resets (digest, account_id, expires_at) VALUES ($1, $2, " time(NOW, "+", "$3") ")"
inline constexpr sql::statement add_password_reset{"add_password_reset", ADD_PASSWORD_RESET(POSTGRES_TIME),
                                                   ADD_PASSWORD_RESET(SQLITE_TIME)};
/// Fair queueing: a network's next request comes one turn after its last, and that of a network of which none waits in the turn that is
/// served now.
inline constexpr sql::statement add_mail_request{
    "add_mail_request",
    "INSERT INTO password_reset_requests (id, email_key, request_id, traceparent, network, registration_id, created_at, turn) "
    "VALUES ($1, $2, $3, $4, $5, $6, " NOW
    ", COALESCE((SELECT max(turn) + 1 FROM password_reset_requests WHERE network = $5), "
    "(SELECT min(turn) FROM password_reset_requests), 0))"};
#define NEXT_MAIL_REQUESTS "SELECT id FROM password_reset_requests ORDER BY turn, created_at LIMIT $1"
#define RETURNED_MAIL_REQUESTS " RETURNING id, email_key, request_id, traceparent, network, registration_id"
/// Those that another instance is settling are passed over.
inline constexpr sql::statement take_mail_requests{
    "take_mail_requests",
    "DELETE FROM password_reset_requests WHERE id = ANY (ARRAY(" NEXT_MAIL_REQUESTS " FOR UPDATE SKIP LOCKED))" RETURNED_MAIL_REQUESTS,
    "DELETE FROM password_reset_requests WHERE id IN (" NEXT_MAIL_REQUESTS ")" RETURNED_MAIL_REQUESTS};
inline constexpr sql::statement count_mail_requests{"count_mail_requests",
                                                    "SELECT count(*) FROM (SELECT 1 FROM password_reset_requests LIMIT $1) AS waiting"};
inline constexpr sql::statement account_by_reset{
    "account_by_reset",
    "SELECT " ACCOUNT_COLUMNS " FROM password_resets r JOIN accounts a ON a.id = r.account_id WHERE r.digest = $1 AND r.expires_at > " NOW
    " AND a.status = 'active'"};
inline constexpr sql::statement use_password_reset{
    "use_password_reset", "DELETE FROM password_resets WHERE digest = $1 AND expires_at > " NOW " RETURNING account_id"};
inline constexpr sql::statement drop_password_resets{"drop_password_resets", "DELETE FROM password_resets WHERE account_id = $1"};
inline constexpr sql::statement set_password{
    "set_password",
    "UPDATE accounts SET password_hash = $2, updated_at = $3, version = version + 1, credential_version = credential_version + 1, "
    "event_sequence = event_sequence + 1 "
    "WHERE id = $1 AND status = 'active' RETURNING event_sequence"};

/// SQLite deletes the tokens with their sessions.
inline constexpr sql::statement end_every_session{"end_every_session", "TRUNCATE sessions, refresh_tokens", "DELETE FROM sessions"};
inline constexpr sql::statement end_every_reset{"end_every_reset", "TRUNCATE password_resets", "DELETE FROM password_resets"};
inline constexpr sql::statement drop_registrations_like{
    "drop_registrations_like", "DELETE FROM registrations WHERE email_key = (SELECT email_key FROM registrations WHERE id = $1)"};

inline constexpr sql::statement lock_idempotency_key{"lock_idempotency_key", "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
                                                     "SELECT 1 WHERE $1 IS NOT NULL"};
#define CLAIM_IDEMPOTENCY_KEY(time)                                                                                           \
  "INSERT INTO idempotency_keys (route, key, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5, " NOW         \
  ") "                                                                                                                        \
  "ON CONFLICT (route, key) DO UPDATE "                                                                                       \
  "SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at = excluded.created_at " \
  "WHERE idempotency_keys.created_at <= " time(NOW, "-", "$6")
inline constexpr sql::statement claim_idempotency_key{"claim_idempotency_key", CLAIM_IDEMPOTENCY_KEY(POSTGRES_TIME),
                                                      CLAIM_IDEMPOTENCY_KEY(SQLITE_TIME)};
#define FIND_IDEMPOTENCY_KEY(time) \
  "SELECT fingerprint, status, body FROM idempotency_keys WHERE route = $1 AND key = $2 AND created_at > " time(NOW, "-", "$3")
inline constexpr sql::statement find_idempotency_key{"find_idempotency_key", FIND_IDEMPOTENCY_KEY(POSTGRES_TIME),
                                                     FIND_IDEMPOTENCY_KEY(SQLITE_TIME)};

/// Of an array PostgreSQL looks up each row, however large it takes the table to be. By its place, so that digests, whose order is chance,
/// are not looked for in their index; no table here has partitions, whose rows may have one place. The time is asked for once more outside:
/// when the delete has waited for somebody who renewed the row, PostgreSQL looks at that condition again, and at the place only from the
/// releases of November 2025 on. In a CASE no index answers it, which would be read to its end where few old rows are thought to be there.
#define IS_OLD(time) "CASE WHEN " time " < $1 THEN true END"
#define PRUNE_FROM(table, time, place) \
  "DELETE FROM " table " WHERE " place("SELECT", " FROM " table " WHERE " time " < $1 LIMIT $2") " AND " IS_OLD(time)
#define POSTGRES_PLACE(select, rest) "ctid = ANY (ARRAY(" select " ctid" rest "))"
#define SQLITE_PLACE(select, rest) "rowid IN (" select " rowid" rest ")"
#define PRUNE(name, table, time) \
  inline constexpr sql::statement name { #name, PRUNE_FROM(table, time, POSTGRES_PLACE), PRUNE_FROM(table, time, SQLITE_PLACE) }
PRUNE(prune_registrations, "registrations", "expires_at");
PRUNE(prune_sessions, "sessions", "expires_at");
PRUNE(prune_refresh_tokens, "refresh_tokens", "expires_at");
PRUNE(prune_password_resets, "password_resets", "expires_at");
PRUNE(prune_mail_requests, "password_reset_requests", "created_at");
PRUNE(prune_idempotency_keys, "idempotency_keys", "created_at");
#undef PRUNE
#undef SQLITE_PLACE
#undef POSTGRES_PLACE
#undef PRUNE_FROM
#undef IS_OLD

/// For the test that each of them finds its rows through an index.
inline constexpr std::array all_that_search{&registration_by_token,
                                            &registration_by_id,
                                            &waiting_registration,
                                            &drop_registrations,
                                            &drop_registrations_like,
                                            &drop_registrations_of_account,
                                            &forget_events_of_others,
                                            &forget_events_of_account_address,
                                            &forget_events_of_registration_address,
                                            &replace_registration_token,
                                            &account_by_id,
                                            &account_by_email,
                                            &save_profile,
                                            &replace_hash,
                                            &save_roles,
                                            &set_status,
                                            &add_session,
                                            &add_refresh_token,
                                            &note_late_token,
                                            &add_mail_request,
                                            &take_mail_requests,
                                            &prune_mail_requests,
                                            &erase_account,
                                            &next_event_sequence,
                                            &use_refresh_token,
                                            &add_successor,
                                            &refresh_state,
                                            &session_is_live,
                                            &owner_of_session,
                                            &revoke_session,
                                            &revoke_sessions_of_account,
                                            &account_by_reset,
                                            &use_password_reset,
                                            &drop_password_resets,
                                            &set_password,
                                            &find_idempotency_key,
                                            &prune_registrations,
                                            &prune_sessions,
                                            &prune_refresh_tokens,
                                            &prune_password_resets,
                                            &prune_idempotency_keys};

}  // namespace micro_sayur::user_service::statements
