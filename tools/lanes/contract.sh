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
exit $lane_failed
