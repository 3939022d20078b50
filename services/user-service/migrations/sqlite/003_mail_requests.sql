-- SPDX-License-Identifier: Apache-2.0
-- As ../postgres/003.
ALTER TABLE password_reset_requests ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX password_reset_requests_turn ON password_reset_requests (turn, created_at);
CREATE INDEX password_reset_requests_network ON password_reset_requests (network, turn);

ALTER TABLE password_reset_requests ADD COLUMN registration_id BLOB;
