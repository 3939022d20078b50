-- SPDX-License-Identifier: Apache-2.0
-- Mails that were made and may not be sent. NOT VALID reads no row, so that the table is locked for an instant: what is there has passed the
-- stricter constraint before.
ALTER TABLE notifications
  DROP CONSTRAINT notifications_status_check,
  ADD CONSTRAINT notifications_status_check CHECK (status IN ('pending', 'sending', 'sent', 'failed', 'withheld')) NOT VALID,
  ADD COLUMN released boolean NOT NULL DEFAULT false; -- sent to whomever it is for
