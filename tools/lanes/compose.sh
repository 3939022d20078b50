#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: compose
#   The images and the stack of docker-compose.yml and compose.prod.yml, with Docker: what the containers may do, the
#   system tests against them, data servers that go away, latency and resets, bad configuration. Not part of ./sayur test.
#   Needs: Docker with compose and buildx. Where no registry answers, a folder MICRO_SAYUR_LAB (../shared) with
#   offline-images/prepare makes stand-ins; its lab-tools/install gives hadolint, syft and toxiproxy-server, without which
#   the tests that want them are skipped. Takes: 30 minutes.
set -euo pipefail
lane_packages=(python)
. tools/lane.sh

lab=${MICRO_SAYUR_LAB:-../shared}
if [ -x "$lab/offline-images/prepare" ]; then
  step "making stand-ins for images ($lab/offline-images)"
  "$lab/offline-images/prepare" docker-compose.yml >"$(log_file stand-ins)" 2>&1 || {
    tail -n 20 "$(log_file stand-ins)" >&2
    fail $TOOLS_ABSENT "the stand-ins could not be made; the whole output: $(log_file stand-ins)"
  }
fi
docker info >/dev/null 2>&1 || fail $TOOLS_ABSENT "the lane compose needs a Docker engine that answers, and none does"
docker compose version >/dev/null 2>&1 || fail $TOOLS_ABSENT "the lane compose needs Docker's plugin compose"
if [ -x "$lab/lab-tools/install" ]; then
  step "installing hadolint, syft and toxiproxy-server ($lab/lab-tools)"
  tool=$("$lab/lab-tools/install" hadolint syft toxiproxy-server | tail -n 1)
  PATH=$PATH:$(dirname "$tool")
else
  echo "no $lab/lab-tools: tests that want hadolint, syft or toxiproxy-server run only where these are installed"
fi

python_environment
bash tools/images.sh
run_pytest deployments tests/deployments --mode=compose
run_pytest system-compose tests/system --mode=compose
exit $lane_failed
