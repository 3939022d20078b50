-- SPDX-License-Identifier: Apache-2.0
-- The time of the event that a notification comes from: from then on its reader waits. NULL where an earlier version took it.
ALTER TABLE notifications ADD COLUMN caused_at integer;
