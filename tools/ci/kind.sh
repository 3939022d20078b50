#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/kind.sh [CLUSTER]
#
# Brings the services up in the cluster of KUBECONFIG, from nothing and in a namespace of their own (tests/pipeline/kind), and asks them
# through their gateway whether they serve. CLUSTER is the name of a kind cluster, which first gets the images of ./sayur images; without it the
# cluster has them already. The namespace stays, for a look at it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
. tools/k8s/secrets.sh
help_wanted "$0" "$@"

readonly NAMESPACE=micro-sayur-kind READY_SECONDS=${ROLLOUT_SECONDS:-300} PORT=10090
kubectl get --raw /readyz --request-timeout 10s >/dev/null || fail 1 "the cluster of KUBECONFIG does not answer"
if [ -n "${1:-}" ]; then
  kind load docker-image "$(image_of user-service)" "$(image_of notification-service)" --name "$1" || fail 1 "$1 did not take the images; build them with ./sayur images"
fi

work=$(mktemp -d)
forward=
end() {
  [ -z "$forward" ] || kill "$forward"
  rm -rf "$work"
}
trap end EXIT

here() {
  kubectl --namespace "$NAMESPACE" "$@"
}

failed() {
  here get pods >&2
  here get events --field-selector type=Warning --sort-by .lastTimestamp | tail -n 15 >&2
  fail 1 "$1"
}

[ -z "$(kubectl get namespace "$NAMESPACE" --ignore-not-found --output name)" ] || fail 1 "there is a namespace $NAMESPACE already: delete it first"
kubectl create namespace "$NAMESPACE"
make_cluster_secrets "$NAMESPACE" "$work/secrets"
kubectl apply -k tests/pipeline/kind --server-side --force-conflicts
here wait job --selector job=migrate --for condition=complete --timeout "${READY_SECONDS}s" || failed "the migrations were not done within $READY_SECONDS s"
here rollout status statefulset --timeout "${READY_SECONDS}s" || failed "a server was not ready within $READY_SECONDS s"
here rollout status deployment --timeout "${READY_SECONDS}s" || failed "not all was ready within $READY_SECONDS s"
here port-forward service/gateway "$PORT:80" >"$(log_file kind-forward)" 2>&1 &
forward=$!
tools/ci/smoke.sh "http://127.0.0.1:$PORT" || failed "it runs, but does not serve"
