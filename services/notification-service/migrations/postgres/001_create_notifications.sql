-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE inbox (
  source text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (source, event_id)
);
CREATE INDEX inbox_received_at ON inbox (received_at);

CREATE TABLE notifications (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  user_id uuid NOT NULL,
  recipient text NOT NULL,
  recipient_key text NOT NULL,
  locale text NOT NULL,
  data text,                        -- a JSON object; NULL once erased
  status text NOT NULL CHECK (status IN ('pending', 'sending', 'sent', 'failed')),
  attempts bigint NOT NULL,
  failures bigint NOT NULL,
  due_at timestamptz,               -- pending: the next attempt; sending: the end of its lease; otherwise NULL
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  request_id text NOT NULL,
  traceparent text NOT NULL
);
CREATE INDEX notifications_due_at ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_recipient_key ON notifications (recipient_key, id);
CREATE INDEX notifications_status ON notifications (status, id);
CREATE INDEX notifications_settled ON notifications (created_at) WHERE due_at IS NULL;
CREATE INDEX notifications_failed_with_data ON notifications (updated_at) WHERE status = 'failed' AND data IS NOT NULL;

CREATE TABLE notification_attempts (
  notification_id uuid NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
  number bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  outcome text,
  detail text,
  PRIMARY KEY (notification_id, number)
);
