-- SPDX-License-Identifier: Apache-2.0
-- Events are forgotten a partition at a time (docs/adr/0039-partitions.md). The version before goes on: it knows the same names. Who waits for
-- a table's lock lets nobody pass: this gives up soon, and is tried again.
SET LOCAL lock_timeout = '500ms';
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- As platform/events/postgres/partitions.sql has them.
-- Partitions of a table by the time in its key, a UUIDv7. The services may make and drop no table: these functions do, with their owner's
-- rights. What is not in the range of a partition lies in <table>_default, from which a new partition has its storage settings.

CREATE FUNCTION first_uuid(since timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN (lpad(to_hex(floor(extract(epoch FROM since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- With the end of each; NULL: the default one.
CREATE FUNCTION partitions_of(parent regclass) RETURNS TABLE (name regclass, ends timestamptz) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT oid::regclass,
         to_timestamp(('x' || translate(substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''([0-9a-f-]{13})'), '-', ''))::bit(48)::bigint
                      / 1000.0)
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = parent;
END;

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

-- Makes partitions ahead, each a quarter as long as rows are kept, and at least five minutes. Returns their names.
CREATE FUNCTION make_partitions(parent regclass, kept_since timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '100ms' SET search_path FROM CURRENT AS $$
DECLARE
  width bigint := 60 * greatest(round(extract(epoch FROM statement_timestamp() - kept_since) / 4 / 60), 5);
  begins timestamptz;
  ends timestamptz;
  made text;
  settings text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('partitions of ' || parent::oid, 0)) THEN RETURN; END IF;
  SELECT coalesce('WITH (' || array_to_string(reloptions, ', ') || ')', '') INTO settings
    FROM pg_class WHERE oid = (SELECT name FROM partitions_of(parent) AS p WHERE p.ends IS NULL);
  -- Of a time when nobody made partitions the default one has the rows.
  SELECT greatest(max(p.ends), to_timestamp(floor(extract(epoch FROM statement_timestamp()) / width) * width)) INTO begins
    FROM partitions_of(parent) AS p;
  WHILE begins < statement_timestamp() + 2 * width * interval '1 second' LOOP
    ends := to_timestamp((floor(extract(epoch FROM begins) / width) + 1) * width);
    made := format('%s_%s', (SELECT relname FROM pg_class WHERE oid = parent), to_char(begins AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS'));
    BEGIN
      -- Made first and attached then: it is not the whole table that is locked.
      EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL) %s', made, parent, settings);
      EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, made, first_uuid(begins), first_uuid(ends));
      RETURN NEXT made;
    EXCEPTION
      WHEN check_violation THEN NULL; -- the default partition has rows of that time, and goes on having them
      WHEN lock_not_available THEN RETURN; -- there are partitions still, and soon another attempt
    END;
    begins := ends;
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
LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE;
ALTER TABLE outbox RENAME TO outbox_first;
ALTER INDEX outbox_pkey RENAME TO outbox_first_pkey;
ALTER INDEX outbox_unpublished RENAME TO outbox_first_unpublished;
ALTER INDEX outbox_published_at RENAME TO outbox_first_published_at;
ALTER INDEX outbox_subject RENAME TO outbox_first_subject;

CREATE TABLE outbox (LIKE outbox_first, CONSTRAINT outbox_pkey PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

DO $$
DECLARE
  first_end uuid := first_uuid(date_trunc('hour', statement_timestamp()) + interval '2 hours');
  granted record;
BEGIN
  -- Ids of a clock that is ahead.
  WITH later AS (DELETE FROM outbox_first WHERE id >= first_end RETURNING *) INSERT INTO outbox_default SELECT * FROM later;
  EXECUTE format('ALTER TABLE outbox ATTACH PARTITION outbox_first FOR VALUES FROM (MINVALUE) TO (%L)', first_end);

  -- Who had a right to the table has it. Who may delete rows may have partitions made and dropped, and nobody else.
  REVOKE ALL ON FUNCTION make_partitions, drop_partitions FROM PUBLIC;
  FOR granted IN SELECT grantee::regrole AS role, privilege_type AS privilege
                   FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = 'outbox_first'::regclass AND grantee <> 0 LOOP
    EXECUTE format('GRANT %s ON outbox TO %s', granted.privilege, granted.role);
    IF granted.privilege = 'DELETE' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION make_partitions, drop_partitions TO %s', granted.role);
    END IF;
  END LOOP;
END $$;

-- A token is marked as used where it lies, without its three indexes, and what is pruned is vacuumed before it is a fifth of the table
-- (tests/bench/refresh_bloat.py). In this file, since the version before runs with one migration more than it knows, not with two.
ALTER TABLE refresh_tokens SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
