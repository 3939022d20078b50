#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/kind.sh [CLUSTER]
#
# Brings the services up in the cluster of KUBECONFIG (or ~/.kube/config), from nothing and in a namespace of their own
# (tests/pipeline/kind), as ./sayur k8s apply does, and asks them through their gateway whether they serve. CLUSTER is the
# name of a kind cluster, which first gets the images of ./sayur images; without it the cluster has them already. The
# namespace stays, for a look at it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

readonly NAMESPACE=micro-sayur-kind PORT=10090
export KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}
[ -z "$(kubectl get namespace "$NAMESPACE" --ignore-not-found --output name)" ] || fail 1 "there is a namespace $NAMESPACE already: delete it first"
if [ -n "${1:-}" ]; then
  kind load docker-image "$(image_of user-service)" "$(image_of notification-service)" --name "$1" || fail 1 "$1 did not take the images; build them with ./sayur images"
fi
bash tools/k8s.sh apply tests/pipeline/kind --make-secrets

forward=
trap '[ -z "$forward" ] || kill "$forward"' EXIT
kubectl --namespace "$NAMESPACE" port-forward service/gateway "$PORT:80" >"$(log_file kind-forward)" 2>&1 &
forward=$!
tools/ci/smoke.sh "http://127.0.0.1:$PORT" || fail 1 "it runs, but does not serve"
