-- SPDX-License-Identifier: Apache-2.0
-- What events were taken is forgotten a partition at a time (docs/adr/0039-partitions.md). The version before goes on for a week: it knows an
-- event that comes again by the name of the first partition's key.
-- Longer than deadlock_timeout, so that an autovacuum ends itself, and shorter than calls wait (docs/adr/0038-migrations-give-way.md).
SET LOCAL lock_timeout = '500ms';
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- As platform/events/postgres/partitions.sql has them.
-- Partitions of a table by the time in its key, a UUIDv7. The services may make and drop no table: these functions do, with their owner's
-- rights. What is not in the range of a partition lies in <table>_default, from which a new partition has its storage settings.

CREATE FUNCTION first_uuid(since timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN (lpad(to_hex(floor(extract(epoch FROM since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

CREATE FUNCTION time_of(id text) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT
  RETURN to_timestamp(('x' || translate(left(id, 13), '-', ''))::bit(48)::bigint / 1000.0);

-- With the times of each; NULL: the default one.
CREATE FUNCTION partitions_of(parent regclass) RETURNS TABLE (name regclass, begins timestamptz, ends timestamptz) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT partition,
         CASE WHEN bound LIKE '%MINVALUE%' THEN '-infinity' ELSE time_of(substring(bound FROM 'FROM \(''([0-9a-f-]+)')) END,
         time_of(substring(bound FROM 'TO \(''([0-9a-f-]+)'))
    FROM (SELECT oid::regclass AS partition, pg_get_expr(relpartbound, oid) AS bound
            FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = parent) AS bounds;
END;

-- Which table it is about the caller says; the rights are those of the owner, who has other tables and schemas as well.
CREATE FUNCTION check_caller(parent regclass) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF has_table_privilege(session_user, parent::oid, 'DELETE') IS NOT TRUE OR NOT EXISTS (
       SELECT FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace
        WHERE pg_class.oid = parent AND relkind = 'p' AND nspname = current_schema()) THEN
    RAISE insufficient_privilege USING MESSAGE = format('permission denied: %s may delete no rows of a partitioned table %s in schema %s',
                                                        session_user, parent::oid, current_schema());
  END IF;
END $$;

-- Whoever waits for a lock lets nobody pass who comes later. So this gives up soon, and does not begin while somebody holds the table for
-- long, such as pg_dump.
CREATE FUNCTION is_held_for_long(parent regclass) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  before text[] := ARRAY(SELECT virtualtransaction FROM pg_locks WHERE relation = parent AND pid <> pg_backend_pid());
BEGIN
  IF before = '{}' THEN RETURN false; END IF;
  PERFORM pg_sleep(0.1);
  RETURN EXISTS (SELECT FROM pg_locks WHERE relation = parent AND virtualtransaction = ANY (before));
END $$;

-- Makes one of the partitions of the time to come that are missing, and returns its name: called again until it returns none. Each is a
-- quarter as long as rows are kept, and at least five minutes. The last is made first: rows no longer go to the default partition then,
-- which is read as a whole, and locked, each time.
CREATE FUNCTION make_partitions(parent regclass, kept_since timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '100ms' SET search_path FROM CURRENT AS $$
DECLARE
  seconds bigint := 60 * greatest(round(extract(epoch FROM statement_timestamp() - kept_since) / 4 / 60), 5);
  width interval := seconds * interval '1 second';
  first timestamptz := to_timestamp(floor(extract(epoch FROM statement_timestamp()) / seconds) * seconds);
  key name;
  others regclass;
  settings text;
  begins timestamptz;
  ends timestamptz;
  has_rows boolean;
  made text;
BEGIN
  PERFORM check_caller(parent);
  IF NOT pg_try_advisory_xact_lock(hashtextextended('partitions of ' || parent::oid, 0)) THEN RETURN; END IF;
  SELECT attname INTO key FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0] WHERE partrelid = parent;
  SELECT name, coalesce('WITH (' || array_to_string(reloptions, ', ') || ')', '') INTO others, settings
    FROM partitions_of(parent) AS p JOIN pg_class ON oid = name WHERE p.ends IS NULL;
  -- Nobody has to wait for a standby with the default partition locked: what a standby has of later rows comes after the partition.
  PERFORM set_config('synchronous_commit', 'local', true);
  FOR begins, ends IN
    SELECT greatest(lower(gap), slot), least(upper(gap), slot + width)
      FROM unnest(tstzmultirange(tstzrange(first, first + 3 * width))
                  - coalesce((SELECT range_agg(tstzrange(p.begins, p.ends)) FROM partitions_of(parent) AS p WHERE p.ends IS NOT NULL), '{}')) AS gap
      JOIN generate_series(first, first + 2 * width, width) AS slot ON gap && tstzrange(slot, slot + width)
     WHERE greatest(lower(gap), slot) < statement_timestamp() + 2 * width
     ORDER BY 1 DESC LOOP
    -- Of a time when nobody made partitions the default one has the rows, and goes on having them. In order, so that an index is asked.
    EXECUTE format('SELECT true FROM %1$s WHERE %2$I >= $1 AND %2$I < $2 ORDER BY %2$I LIMIT 1', others, key)
      INTO has_rows USING first_uuid(begins), first_uuid(ends);
    CONTINUE WHEN has_rows;
    made := format('%s_%s', (SELECT relname FROM pg_class WHERE oid = parent), to_char(begins AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS'));
    BEGIN
      -- Made first and attached then: it is not the whole table that is locked.
      EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL) %s', made, parent, settings);
      EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, made, first_uuid(begins), first_uuid(ends));
      RETURN NEXT made;
      RETURN;
    EXCEPTION
      WHEN check_violation THEN NULL; -- such a row has just come
      WHEN lock_not_available THEN RETURN; -- there are partitions still, and soon another attempt
    END;
  END LOOP;
END $$;

-- Drops the partitions in which every row is older than `kept_since` by the column `kept_by`, which is NULL where a row is still needed.
-- Returns their names.
CREATE FUNCTION drop_partitions(parent regclass, kept_by name, kept_since timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '100ms' SET search_path FROM CURRENT AS $$
DECLARE
  ask text := format('SELECT EXISTS (SELECT FROM %%1$s WHERE %1$I IS NULL) OR EXISTS (SELECT FROM %%1$s WHERE %1$I >= $1)', kept_by);
  is_needed boolean;
  partition regclass;
  over regclass[] := '{}';
  dropped text[] := '{}';
BEGIN
  PERFORM check_caller(parent);
  IF NOT pg_try_advisory_xact_lock(hashtextextended('partitions of ' || parent::oid, 0)) THEN RETURN; END IF;
  FOR partition IN SELECT p.name FROM partitions_of(parent) AS p WHERE p.ends < kept_since ORDER BY p.ends LOOP
    EXECUTE format(ask, partition) INTO is_needed USING kept_since;
    IF NOT is_needed THEN over := over || partition; END IF;
  END LOOP;
  IF over = '{}' OR is_held_for_long(parent) THEN RETURN; END IF;
  -- Nobody has to wait for a standby with the table locked: one that still has the partition does no harm.
  PERFORM set_config('synchronous_commit', 'local', true);
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', parent);
  FOREACH partition IN ARRAY over LOOP
    EXECUTE format(ask, partition) INTO is_needed USING kept_since;
    CONTINUE WHEN is_needed;
    dropped := dropped || partition::text;
    EXECUTE format('DROP TABLE %s', partition);
  END LOOP;
  RETURN QUERY SELECT unnest(dropped);
EXCEPTION
  WHEN lock_not_available THEN RETURN; -- nothing was dropped; soon there is another attempt
END $$;

-- What is there becomes the first partition.
LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE;
ALTER TABLE inbox RENAME TO inbox_first;
ALTER INDEX inbox_received_at RENAME TO inbox_first_received_at;

CREATE TABLE inbox (LIKE inbox_first, CONSTRAINT inbox_event PRIMARY KEY (source, event_id)) PARTITION BY RANGE (event_id);
CREATE INDEX inbox_received_at ON inbox (received_at);
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;
CREATE INDEX inbox_default_event_id ON inbox_default (event_id);

DO $$
DECLARE
  first_end uuid := first_uuid(date_trunc('day', statement_timestamp()) + interval '8 days');
  granted record;
BEGIN
  -- Ids of a clock that is ahead, or of no clock. By the key, one source after the other: the table is large.
  WITH RECURSIVE sources AS (
    SELECT min(source) AS source FROM inbox_first
    UNION ALL
    SELECT (SELECT min(source) FROM inbox_first WHERE source > sources.source) FROM sources WHERE source IS NOT NULL
  ), later AS (
    DELETE FROM inbox_first USING sources WHERE inbox_first.source = sources.source AND event_id >= first_end RETURNING inbox_first.*
  )
  INSERT INTO inbox_default SELECT * FROM later;
  EXECUTE format('ALTER TABLE inbox ATTACH PARTITION inbox_first FOR VALUES FROM (MINVALUE) TO (%L)', first_end);

  -- Who had a right to the table has it. Who may delete rows may have partitions made and dropped, and nobody else.
  REVOKE ALL ON FUNCTION make_partitions, drop_partitions FROM PUBLIC;
  FOR granted IN SELECT grantee::regrole AS role, privilege_type AS privilege
                   FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = 'inbox_first'::regclass AND grantee <> 0 LOOP
    EXECUTE format('GRANT %s ON inbox, inbox_default TO %s', granted.privilege, granted.role);
    IF granted.privilege = 'DELETE' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION make_partitions, drop_partitions TO %s', granted.role);
    END IF;
  END LOOP;
END $$;
