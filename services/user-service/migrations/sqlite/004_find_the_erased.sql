-- SPDX-License-Identifier: Apache-2.0
-- As ../postgres/004.
CREATE INDEX accounts_erased ON accounts (updated_at) WHERE status = 'deleted';
