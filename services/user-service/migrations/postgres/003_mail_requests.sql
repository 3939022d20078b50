-- SPDX-License-Identifier: Apache-2.0
-- Requests of one client network stand in turns with those of the others, however many it has.
ALTER TABLE password_reset_requests ADD COLUMN turn bigint NOT NULL DEFAULT 0;
CREATE INDEX password_reset_requests_turn ON password_reset_requests (turn, created_at);
CREATE INDEX password_reset_requests_network ON password_reset_requests (network, turn);

-- Whoever asked for a new password: NULL. For the mail of a registration again: its id, or one that no registration has.
ALTER TABLE password_reset_requests ADD COLUMN registration_id uuid;
