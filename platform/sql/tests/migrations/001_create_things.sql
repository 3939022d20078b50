-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL);
CREATE INDEX things_by_name ON things (name);
