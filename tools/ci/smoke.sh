#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/smoke.sh URL [--host HOST]
#
# Asks a running system through its gateway, such as https://api.micro-sayur.com, whether it serves: its keys are there,
# what is public is, what is not wants a token, what is inside stays inside. Changes nothing there. --host: the name to
# ask for, where URL is an address. Tries for SMOKE_SECONDS (60).
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 1 ] || fail 64 "say which URL; see tools/ci/smoke.sh --help"
readonly url=${1%/} deadline=$((SECONDS + ${SMOKE_SECONDS:-60}))
host=
[ "${2:-}" != --host ] || host=${3:?--host wants a name}

# path, status that is wanted, what it means
expectations() {
  cat <<'TABLE'
/users/.well-known/jwks.json|200|user-service publishes its keys
/users/openapi.json|200|user-service is reached
/notifications/openapi.json|200|notification-service is reached
/users/api/v1/profile|401|the gateway asks for a token
/notifications/api/v1/notifications|401|the gateway asks for a token
/users/metrics|404|what is inside stays inside
TABLE
}

status() {
  curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' ${host:+--header "Host: $host"} "$url$1" || true
}

code=0
while IFS='|' read -r path wanted meaning; do
  until found=$(status "$path") && [ "$found" = "$wanted" ]; do
    [ $SECONDS -lt $deadline ] || break
    sleep 1
  done
  if [ "$found" = "$wanted" ]; then
    step "$meaning: $path $found"
  else
    echo "sayur: $meaning: $url$path answered $found, not $wanted" >&2
    code=1
  fi
done < <(expectations)
exit $code
