-- SPDX-License-Identifier: Apache-2.0
-- As ../postgres/005.
ALTER TABLE outbox ADD COLUMN payload BLOB;
CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;
