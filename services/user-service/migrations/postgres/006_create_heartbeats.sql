-- SPDX-License-Identifier: Apache-2.0
-- One row, which instances with DB_REPLICA_HOSTS write twice a second: how far a replica is behind is seen by which one it has.
CREATE TABLE heartbeats (
  id       smallint    PRIMARY KEY CHECK (id = 1),
  at       timestamptz NOT NULL,
  timeline bigint      NOT NULL  -- of the log of the server that it was written on
);
INSERT INTO heartbeats VALUES (1, '1970-01-01T00:00:00Z', 0);
