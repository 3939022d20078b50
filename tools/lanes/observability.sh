#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: observability
#   The stack of docker-compose.yml, compose.observability.yml and compose.tracing.yml: every target scraped, every series that a rule or a panel
#   names, data in every panel, alerts that fire because something was broken and resolve when it was mended. Not part of
#   ./sayur test. And the way of log lines from the services to a store; FLUENT_BIT=PROGRAM has it run through that shipper too.
#   Needs: Docker with compose and buildx, promtool and amtool. Where no registry answers, a folder MICRO_SAYUR_LAB
#   (../shared) with offline-images/prepare makes stand-ins, and lab-tools/install the tools. Takes: 24 minutes.
set -euo pipefail
lane_packages=(python)
. tools/lane.sh

lab=${MICRO_SAYUR_LAB:-../shared}
if [ -x "$lab/lab-tools/install" ]; then
  tool=$("$lab/lab-tools/install" promtool amtool | tail -n 1)
  PATH=$PATH:$(dirname "$tool")
fi
for tool in promtool amtool; do
  command -v $tool >/dev/null || fail $TOOLS_ABSENT "the lane observability needs $tool, and there is no $lab/lab-tools to install it"
done
if [ -x "$lab/offline-images/prepare" ]; then
  step "making stand-ins for images ($lab/offline-images)"
  "$lab/offline-images/prepare" docker-compose.yml >"$(log_file stand-ins)" 2>&1 || fail $TOOLS_ABSENT "the stand-ins could not be made; see $(log_file stand-ins)"
  . tests/observability/stand_ins/make.sh
  stand_ins_of_watchers "$lab" "$(log_file stand-ins)"
fi
docker info >/dev/null 2>&1 || fail $TOOLS_ABSENT "the lane observability needs a Docker engine that answers, and none does"

python_environment
bash tools/images.sh
# The way of log lines wants services outside of containers, and stores that only the lab has.
if [ -x "$lab/lab-tools/install" ]; then
  install_packages build test
  build dev user-service notification-service
fi
run_pytest observability -rs tests/observability --mode=compose
exit $lane_failed
