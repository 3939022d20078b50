-- SPDX-License-Identifier: Apache-2.0
INSERT INTO things (id, name) VALUES (1, 'semicolons; "quotes" and [brackets]');
