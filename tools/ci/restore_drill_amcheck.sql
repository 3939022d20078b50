-- SPDX-License-Identifier: Apache-2.0
-- Each index and table of the services, page by page: asked by tools/ci/restore_drill.sh of a database that is thrown away afterwards.
SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck') AS there \gset
\if :there
CREATE SCHEMA restore_drill;
CREATE EXTENSION amcheck SCHEMA restore_drill;

CREATE TEMPORARY VIEW own AS
  SELECT relations.oid, relkind, relam, nspname || '.' || relname AS place
    FROM pg_class relations JOIN pg_namespace schemas ON schemas.oid = relnamespace
   WHERE nspname IN ('user_service', 'notification_service') AND relkind IN ('r', 'i');

SELECT 'amcheck: ' || count(*) || ' indexes are whole' FROM (
  SELECT restore_drill.bt_index_check(own.oid, true) FROM own JOIN pg_am ON pg_am.oid = relam AND amname = 'btree' WHERE relkind = 'i' OFFSET 0
) checked;

DO $$
DECLARE fault record;
BEGIN
  FOR fault IN SELECT place, blkno, msg FROM own, restore_drill.verify_heapam(own.oid) WHERE relkind = 'r' LOOP
    RAISE EXCEPTION '%, page %: %', fault.place, fault.blkno, fault.msg;
  END LOOP;
END $$;
SELECT 'amcheck: ' || count(*) || ' tables are whole' FROM own WHERE relkind = 'r';
\else
SELECT 'amcheck: not there, so no page was looked at';
\endif
