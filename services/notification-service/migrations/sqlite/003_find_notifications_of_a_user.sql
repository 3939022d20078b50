-- SPDX-License-Identifier: Apache-2.0
CREATE INDEX notifications_user_id ON notifications (user_id);
