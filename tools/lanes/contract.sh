#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: contract
#   Every adapter of a port passes that port's suite, against real PostgreSQL, Redis and RabbitMQ on loopback.
#   Needs: the network once, to fetch the servers of tools/packages/servers.txt. Takes: 4 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev contract_tests
run_pytest harness tests/harness
# shellcheck disable=SC2046 # the words of a command
run_programs dev 'contract_*' $(with_servers)
# The same driver through PgBouncer, and as through one that knows prepared statements.
program=(build/dev/bin/tests/contract_sql '--gtest_filter=*ostgres*')
run_program contract_sql.pooler.dev python tests/harness/servers.py run postgres pgbouncer -- "${program[@]}"
# shellcheck disable=SC2016 # expanded beside the server
prepared='TEST_POSTGRES_POOLER=transaction_prepared TEST_POSTGRES_POOLER_PORT=$TEST_POSTGRES_PORT exec "$0" "$@"'
run_program contract_sql.pooler_prepared.dev python tests/harness/servers.py run postgres -- bash -c "$prepared" "${program[@]}"
exit $lane_failed
