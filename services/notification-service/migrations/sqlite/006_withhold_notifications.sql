-- SPDX-License-Identifier: Apache-2.0
-- Mails that were made and may not be sent. SQLite cannot change a constraint; both tables are made anew, since to drop one to which another
-- refers would delete the other's rows.
CREATE TABLE new_notifications (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  user_id BLOB NOT NULL,
  recipient TEXT NOT NULL,
  recipient_key TEXT NOT NULL,
  locale TEXT NOT NULL,
  data TEXT,                        -- a JSON object; NULL once erased
  status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'sent', 'failed', 'withheld')),
  attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  due_at INTEGER,                   -- pending: the next attempt; sending: the end of its lease; otherwise NULL
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  caused_at INTEGER,
  released INTEGER NOT NULL DEFAULT 0 -- sent to whomever it is for
) WITHOUT ROWID;
INSERT INTO new_notifications
  SELECT id, kind, user_id, recipient, recipient_key, locale, data, status, attempts, failures, due_at, created_at, updated_at, request_id,
    traceparent, caused_at, 0
  FROM notifications;

CREATE TABLE new_notification_attempts (
  notification_id BLOB NOT NULL REFERENCES new_notifications (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  detail TEXT,
  PRIMARY KEY (notification_id, number)
) WITHOUT ROWID;
INSERT INTO new_notification_attempts SELECT notification_id, number, started_at, ended_at, outcome, detail FROM notification_attempts;

DROP TABLE notification_attempts;
DROP TABLE notifications;
ALTER TABLE new_notifications RENAME TO notifications;
ALTER TABLE new_notification_attempts RENAME TO notification_attempts;

CREATE INDEX notifications_due_at ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_recipient_key ON notifications (recipient_key, id);
CREATE INDEX notifications_status ON notifications (status, id);
CREATE INDEX notifications_settled ON notifications (created_at) WHERE due_at IS NULL;
CREATE INDEX notifications_failed_with_data ON notifications (updated_at) WHERE status = 'failed' AND data IS NOT NULL;
CREATE INDEX notifications_user_id ON notifications (user_id);
