// SPDX-License-Identifier: Apache-2.0
// Every statement on notifications. A constant list of columns comes first, in the order that sql_notification_store.cpp reads.
#pragma once

#include "platform/sql/database.hpp"

#include <array>

namespace micro_sayur::notification_service::statements {

#define NOTIFICATION_COLUMNS \
  "id, kind, user_id, recipient, locale, data, status, attempts, failures, created_at, request_id, traceparent, caused_at, released"

/// First in a transaction that looks whether a user was forgotten or forgets one: they take turns. SQLite's single writer makes it
/// needless.
inline constexpr sql::statement lock_user{"notifications_lock_user", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                                          "SELECT 1 WHERE $1 IS NOT NULL"};

/// What has no attempt begun is due at once; $10 is the lease of what has, in microseconds.
#define INSERT_NOTIFICATION(due_at)                                                                                                       \
  "INSERT INTO notifications (id, kind, user_id, recipient, recipient_key, locale, data, status, attempts, failures, due_at, created_at," \
  " updated_at, request_id, traceparent, caused_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 0, " due_at                                \
  ", $11, statement_timestamp(), $12, $13, $14"                                                                                           \
  " WHERE NOT EXISTS (SELECT 1 FROM forgotten_users WHERE user_id = $3)"
inline constexpr sql::statement insert_notification{"notifications_insert",
                                                    INSERT_NOTIFICATION("statement_timestamp() + $10 * interval '1 microsecond'"),
                                                    INSERT_NOTIFICATION("statement_timestamp() + $10")};
#undef INSERT_NOTIFICATION

/// After `insert_notification`, in its transaction.
inline constexpr sql::statement insert_attempt{"notification_attempts_insert",
                                               "INSERT INTO notification_attempts (notification_id, number, started_at) SELECT id, $2, "
                                               "statement_timestamp() FROM notifications WHERE id = $1"};

/// An attempt whose outcome was never stored: its process died, or it was stopped while the store was away. It counts as a failure, so that
/// nothing is tried without end.
#define COUNT_LOST_OUTCOME "failures = failures + CASE status WHEN 'sending' THEN 1 ELSE 0 END,"

inline constexpr sql::statement claim{
    "notifications_claim",
    "UPDATE notifications SET status = 'sending', due_at = statement_timestamp() + $1 * interval '1 microsecond', attempts = attempts + "
    "1, " COUNT_LOST_OUTCOME
    " updated_at = statement_timestamp()"
    " WHERE id = ANY (ARRAY(SELECT id FROM notifications WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT $2"
    " FOR UPDATE SKIP LOCKED)) RETURNING " NOTIFICATION_COLUMNS,
    "UPDATE notifications SET status = 'sending', due_at = (SELECT statement_timestamp()) + $1, attempts = attempts + "
    "1, " COUNT_LOST_OUTCOME
    " updated_at = (SELECT statement_timestamp())"
    " WHERE id IN (SELECT id FROM notifications WHERE due_at <= (SELECT statement_timestamp()) ORDER BY due_at LIMIT $2)"
    " RETURNING " NOTIFICATION_COLUMNS};
#undef COUNT_LOST_OUTCOME

/// After `claim`, in its transaction: of what is on its way, only what it took has no row yet.
inline constexpr sql::statement insert_claimed_attempts{
    "notification_attempts_insert_claimed",
    "INSERT INTO notification_attempts (notification_id, number, started_at)"
    " SELECT id, attempts, statement_timestamp() FROM notifications WHERE status = 'sending' ON CONFLICT DO NOTHING"};

inline constexpr sql::statement finish_sent{
    "notifications_finish_sent",
    "UPDATE notifications SET status = 'sent', data = NULL, due_at = NULL, updated_at = $2 WHERE id = $1 AND status <> 'sent'"};

/// The number of the attempt is the lease: a later attempt took it over. $5: microseconds until it is due again, or NULL.
#define FINISH_UNSENT(due_at)                                             \
  "UPDATE notifications SET status = $3, failures = $4, due_at = " due_at \
  ", updated_at = $6"                                                     \
  " WHERE id = $1 AND attempts = $2 AND status = 'sending'"
inline constexpr sql::statement finish_unsent{"notifications_finish_unsent",
                                              FINISH_UNSENT("statement_timestamp() + $5 * interval '1 microsecond'"),
                                              FINISH_UNSENT("statement_timestamp() + $5")};
#undef FINISH_UNSENT

/// The user may have been forgotten while the attempt was under way.
inline constexpr sql::statement finish_attempt{
    "notification_attempts_finish",
    "UPDATE notification_attempts SET ended_at = $3, outcome = $4,"
    " detail = CASE WHEN EXISTS (SELECT 1 FROM notifications WHERE id = $1 AND recipient <> '') THEN CAST($5 AS text) END"
    " WHERE notification_id = $1 AND number = $2"};

inline constexpr sql::statement first_due{
    "notifications_first_due", "SELECT due_at, statement_timestamp() FROM notifications WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"};

inline constexpr sql::statement list_all{"notifications_list",
                                         "SELECT " NOTIFICATION_COLUMNS " FROM notifications WHERE id < $1 ORDER BY id DESC LIMIT $2"};

inline constexpr sql::statement list_by_recipient{"notifications_list_by_recipient",
                                                  "SELECT " NOTIFICATION_COLUMNS
                                                  " FROM notifications WHERE recipient_key = $3 AND id < $1 ORDER BY id DESC LIMIT $2"};

inline constexpr sql::statement list_by_status{"notifications_list_by_status",
                                               "SELECT " NOTIFICATION_COLUMNS
                                               " FROM notifications WHERE status = $3 AND id < $1 ORDER BY id DESC LIMIT $2"};

inline constexpr sql::statement list_by_recipient_and_status{
    "notifications_list_by_recipient_and_status",
    "SELECT " NOTIFICATION_COLUMNS " FROM notifications WHERE recipient_key = $3 AND status = $4 AND id < $1 ORDER BY id DESC LIMIT $2"};

inline constexpr sql::statement find_notification{"notifications_find", "SELECT " NOTIFICATION_COLUMNS " FROM notifications WHERE id = $1"};

inline constexpr sql::statement find_attempts{
    "notification_attempts_find",
    "SELECT number, started_at, ended_at, outcome, detail FROM notification_attempts WHERE notification_id = $1 ORDER BY number"};

inline constexpr sql::statement retry{
    "notifications_retry",
    "UPDATE notifications SET status = 'pending', failures = 0, due_at = statement_timestamp(), updated_at = statement_timestamp()"
    " WHERE id = $1 AND status = 'failed' AND data IS NOT NULL"};

inline constexpr sql::statement release{
    "notifications_release",
    "UPDATE notifications SET status = 'pending', released = true, due_at = statement_timestamp(), updated_at = statement_timestamp()"
    " WHERE id = $1 AND status = 'withheld'"};

/// Of an array PostgreSQL looks up each key, however large it takes the table to be. When it has waited for somebody who had a row tried
/// again, it looks once more at what stands outside, and not into the array.
#define POSTGRES_AMONG(rows) "id = ANY (ARRAY(" rows "))"
#define SQLITE_AMONG(rows) "id IN (" rows ")"
#define PRUNE(among)                        \
  "DELETE FROM notifications WHERE " among( \
      "SELECT id FROM notifications WHERE created_at < $1 AND due_at IS NULL ORDER BY created_at LIMIT $2") " AND due_at IS NULL"
inline constexpr sql::statement prune{"notifications_prune", PRUNE(POSTGRES_AMONG), PRUNE(SQLITE_AMONG)};
#undef PRUNE

#define ERASE_FAILED(among)                                                       \
  "UPDATE notifications SET data = NULL WHERE " among(                            \
      "SELECT id FROM notifications WHERE status = 'failed' AND data IS NOT NULL" \
      " AND updated_at < $1 ORDER BY updated_at LIMIT $2") " AND status = 'failed'"
inline constexpr sql::statement erase_failed{"notifications_erase_failed", ERASE_FAILED(POSTGRES_AMONG), ERASE_FAILED(SQLITE_AMONG)};
#undef ERASE_FAILED
#undef POSTGRES_AMONG
#undef SQLITE_AMONG

/// Looks no further than the oldest events: one that was received late keeps younger ones back for as long as it came late, at most.
inline constexpr sql::statement give_up_withheld{
    "notifications_give_up_withheld",
    "UPDATE notifications SET status = 'failed', data = NULL, updated_at = statement_timestamp() WHERE status = 'withheld' AND id IN"
    " (SELECT id FROM (SELECT id, created_at FROM notifications WHERE status = 'withheld' ORDER BY id LIMIT $2) AS oldest"
    " WHERE created_at < $1)"};

inline constexpr sql::statement remember_forgotten{
    "forgotten_users_insert", "INSERT INTO forgotten_users (user_id, forgotten_at) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING"};

inline constexpr sql::statement prune_forgotten{"forgotten_users_prune",
                                                "DELETE FROM forgotten_users WHERE user_id IN (SELECT user_id FROM forgotten_users"
                                                " WHERE forgotten_at < $1 ORDER BY forgotten_at LIMIT $2)"};

inline constexpr sql::statement forget_user{
    "notifications_forget_user",
    "UPDATE notifications SET recipient = '', recipient_key = '', data = NULL, due_at = NULL, updated_at = $2,"
    " status = CASE status WHEN 'sent' THEN 'sent' ELSE 'failed' END WHERE user_id = $1"};

/// Before `forget_user`: an address may have been registered several times, each time under an id of its own. Ids are in the order of time:
/// whoever registers the address after the event $2 is somebody else.
#define ADDRESS_OF_USER \
  "recipient_key IN (SELECT recipient_key FROM notifications WHERE user_id = $1 AND recipient_key <> '') AND user_id < $2"
inline constexpr sql::statement forget_attempts_at_address{
    "notification_attempts_forget_address",
    "UPDATE notification_attempts SET detail = NULL WHERE notification_id IN (SELECT id FROM notifications WHERE " ADDRESS_OF_USER ")"};

inline constexpr sql::statement forget_address{
    "notifications_forget_address",
    "UPDATE notifications SET recipient = '', recipient_key = '', data = NULL, due_at = NULL, updated_at = $3,"
    " status = CASE status WHEN 'sent' THEN 'sent' ELSE 'failed' END WHERE user_id <> $1 AND " ADDRESS_OF_USER};
#undef ADDRESS_OF_USER

/// Servers quote the address when they refuse it.
inline constexpr sql::statement forget_attempts_of_user{
    "notification_attempts_forget_user",
    "UPDATE notification_attempts SET detail = NULL WHERE notification_id IN (SELECT id FROM notifications WHERE user_id = $1)"};

#undef NOTIFICATION_COLUMNS

/// For the test that each of them finds its rows through an index.
inline constexpr std::array all_that_search{&insert_notification,
                                            &insert_attempt,
                                            &claim,
                                            &insert_claimed_attempts,
                                            &finish_sent,
                                            &finish_unsent,
                                            &finish_attempt,
                                            &first_due,
                                            &list_all,
                                            &list_by_recipient,
                                            &list_by_status,
                                            &list_by_recipient_and_status,
                                            &find_notification,
                                            &find_attempts,
                                            &retry,
                                            &release,
                                            &prune,
                                            &erase_failed,
                                            &give_up_withheld,
                                            &prune_forgotten,
                                            &forget_user,
                                            &forget_attempts_of_user,
                                            &forget_attempts_at_address,
                                            &forget_address};

}  // namespace micro_sayur::notification_service::statements
