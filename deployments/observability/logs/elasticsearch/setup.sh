#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: setup.sh URL elasticsearch|opensearch|plain
#
# Gives the store what it has to know before the first line comes; may be run again at any time.
#   elasticsearch  8, or 7.17 as Elastic delivers it: data streams, and a lifecycle of 30 days
#   opensearch     2 or 3 as it is delivered: the same by its own lifecycle
#   plain          an Elasticsearch without X-Pack: two indices, which somebody else has to empty
# LIFECYCLE=none leaves the lifecycle out, for a store that has no such plugin. CURL_OPTIONS are curl's, such as --netrc-file FILE.
set -euo pipefail
[ $# -eq 2 ] || { sed -n 's/^# \{0,1\}//; 2,10p' "$0" >&2; exit 64; }
url=$1 kind=$2
cd "$(dirname "$0")"

# shellcheck disable=SC2086  # several options
ask() { curl --silent --connect-timeout 5 --max-time 30 ${CURL_OPTIONS:-} "$@" >/dev/null; }
put() { ask --show-error --fail-with-body -X PUT "$url/$1" -H 'Content-Type: application/json' -d "$2"; }

settings='{}' template=index_template.json
case $kind-${LIFECYCLE:-30d} in
  *-none | plain-*) ;;
  elasticsearch-*)
    put _ilm/policy/micro-sayur-logs @lifecycle_elasticsearch.json
    settings='{"index.lifecycle.name": "micro-sayur-logs"}'
    ;;
  opensearch-*)
    # A second PUT of it is refused, so a change goes by _plugins/_ism/policies/micro-sayur-logs?if_seq_no=…&if_primary_term=…
    ask --fail "$url/_plugins/_ism/policies/micro-sayur-logs" ||
      put _plugins/_ism/policies/micro-sayur-logs @lifecycle_opensearch.json
    ;;
esac
case $kind in
  elasticsearch | opensearch) ;;
  plain) template=index_template_plain.json ;;
  *) echo "setup.sh: $kind is not elasticsearch, opensearch or plain" >&2; exit 64 ;;
esac
put _component_template/micro-sayur-logs @mappings.json
put _component_template/micro-sayur-logs-lifecycle "{\"template\": {\"settings\": $settings}}"
put _index_template/micro-sayur-logs "@$template"
