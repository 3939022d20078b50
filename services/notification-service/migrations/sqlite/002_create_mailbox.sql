-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE mailbox_messages (
  id BLOB PRIMARY KEY,
  recipient TEXT NOT NULL COLLATE NOCASE,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_text TEXT NOT NULL,
  body_html TEXT NOT NULL,
  raw TEXT NOT NULL,
  sent_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX mailbox_messages_sent_at ON mailbox_messages (sent_at);
CREATE INDEX mailbox_messages_recipient ON mailbox_messages (recipient, sent_at);
