-- SPDX-License-Identifier: Apache-2.0
-- A column without a value rewrites nothing, and the index has no row yet. Who waits for the table's lock lets nobody pass: this gives up
-- soon, and is tried again.
SET LOCAL lock_timeout = '500ms';

-- As platform/events/outbox.hpp wants it: an event's data is kept after it was published, sealed.
ALTER TABLE outbox ADD COLUMN payload bytea;
CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;
