-- SPDX-License-Identifier: Apache-2.0
-- The backup job brings out who was erased lately, so that a restore does not bring them back.
CREATE INDEX accounts_erased ON accounts (updated_at) WHERE status = 'deleted';
