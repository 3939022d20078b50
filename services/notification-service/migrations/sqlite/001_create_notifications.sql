-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE inbox (
  source TEXT NOT NULL,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (source, event_id)
) WITHOUT ROWID;
CREATE INDEX inbox_received_at ON inbox (received_at);

CREATE TABLE notifications (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  user_id BLOB NOT NULL,
  recipient TEXT NOT NULL,
  recipient_key TEXT NOT NULL,
  locale TEXT NOT NULL,
  data TEXT,                        -- a JSON object; NULL once erased
  status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'sent', 'failed')),
  attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  due_at INTEGER,                   -- pending: the next attempt; sending: the end of its lease; otherwise NULL
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  traceparent TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX notifications_due_at ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_recipient_key ON notifications (recipient_key, id);
CREATE INDEX notifications_status ON notifications (status, id);
CREATE INDEX notifications_settled ON notifications (created_at) WHERE due_at IS NULL;
CREATE INDEX notifications_failed_with_data ON notifications (updated_at) WHERE status = 'failed' AND data IS NOT NULL;

CREATE TABLE notification_attempts (
  notification_id BLOB NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  detail TEXT,
  PRIMARY KEY (notification_id, number)
) WITHOUT ROWID;
