// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SQL: the timeline of the write-ahead log that a PostgreSQL writes, as a number. Fails on a standby.
#define MICRO_SAYUR_LOG_TIMELINE "CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS bit(32)) AS bigint)"
