-- SPDX-License-Identifier: Apache-2.0
-- Users who were deleted: an event about them that arrives late is not to bring their addresses back.
CREATE TABLE forgotten_users (
  user_id BLOB PRIMARY KEY,
  forgotten_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX forgotten_users_forgotten_at ON forgotten_users (forgotten_at);
