// SPDX-License-Identifier: Apache-2.0
// Pieces of PostgreSQL's text of statements on tables that are partitioned by a UUIDv7 (partitions.sql). For the .cpp files of this folder.
#pragma once

/// First in a statement: the rows that it is about, by their ids.
#define CHOOSE(rows) "WITH chosen AS MATERIALIZED (" rows ") "

/// The array alone would be looked for in every partition: that it can be in none but those between two ids, PostgreSQL sees when it runs.
#define IS_CHOSEN                                                                                                 \
  "id = ANY (ARRAY(SELECT id FROM chosen)) AND id BETWEEN (SELECT min(id::text COLLATE \"C\")::uuid FROM chosen)" \
  " AND (SELECT max(id::text COLLATE \"C\")::uuid FROM chosen)"

/// Statements of an sql::retention.
#define MAKE_PARTITIONS(table) "SELECT make_partitions('" table "', $1) LIMIT $2"
#define DROP_PARTITIONS(table, time) "SELECT drop_partitions('" table "', '" time "', $1) LIMIT $2"
/// What they are for SQLite.
#define NO_PARTITIONS "SELECT $1, $2 LIMIT 0"

/// $1, and half as long again: a partition lasts a quarter as long as a row is kept, so that by then it is gone if it can be.
#define LONG_BEFORE "$1::timestamptz - (statement_timestamp() - $1::timestamptz) / 2"
