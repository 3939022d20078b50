#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/aws/tunnel.sh HOST PORT [LOCAL_PORT]
#
# Makes HOST:PORT, which only pods of the cluster reach (a managed server of an environment), reachable at
# 127.0.0.1:LOCAL_PORT (PORT) until it is interrupted: by a pod in the namespace default that hands connections on, and
# that is deleted at the end. The cluster is that of KUBECONFIG. What is encrypted stays so: the pod sees bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 2 ] || fail 64 "say which host and port; see tools/aws/tunnel.sh --help"
readonly host=$1 port=$2 local_port=${3:-$2} pod=tunnel-$2-$$
[[ $host =~ ^[A-Za-z0-9.-]+$ && $port =~ ^[0-9]+$ && $local_port =~ ^[0-9]+$ ]] || fail 64 "\"$host\" is no name of a host, or \"$port\" or \"$local_port\" no port"
command -v kubectl >/dev/null || fail $TOOLS_ABSENT "kubectl is needed"

# The gateway's, which the cluster runs already.
image=$(sed -n 's/^ *image: \(envoyproxy.*\)/\1/p' docker-compose.yml)
readonly image

address() {
  printf '{ socket_address: { address: %s, port_value: %s } }' "$1" "$2"
}

configuration="static_resources:
  listeners:
    - address: $(address 127.0.0.1 10000)
      filter_chains:
        - filters:
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                '@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: server
                cluster: server
  clusters:
    - name: server
      type: STRICT_DNS
      load_assignment: { cluster_name: server, endpoints: [{ lb_endpoints: [{ endpoint: { address: $(address "$host" "$port") } }] }] }"

trap 'kubectl --namespace default delete pod "$pod" --ignore-not-found --wait=false >/dev/null' EXIT
kubectl --namespace default run "$pod" --image "$image" --restart Never --command -- envoy --config-yaml "$configuration" >/dev/null ||
  fail 1 "no pod could be started in the cluster"
kubectl --namespace default wait --for condition=Ready "pod/$pod" --timeout 120s >/dev/null || fail 1 "the pod $pod does not get ready"
step "127.0.0.1:$local_port leads to $host:$port; interrupt to end it"
kubectl --namespace default port-forward "pod/$pod" "$local_port:10000"
