#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur k8s up|load|apply OVERLAY|restore NAMESPACE [OPTION...]|test|down
#
#   up              the cluster of KUBECONFIG; where that is not set, brings the lab cluster up (MICRO_SAYUR_LAB,
#                   ../shared)
#   load            gives the images to the lab cluster, and builds ours when they are absent
#   apply OVERLAY   applies an overlay of deployments/k8s/overlays (or a folder with a kustomization): its migrations
#                   first (MIGRATION_SECONDS, 960), then the programs; waits until everything is ready
#                   (ROLLOUT_SECONDS, 300) and prints the addresses. For development, makes the
#                   secrets that are absent first; --make-secrets does so for another folder, for a trial without a
#                   secret store
#   restore NAMESPACE [--repository 2] [--to TIME] [--replace | --discard] [--copy]
#                   where components/backup runs: the database as its repositories have it, with no session of before;
#                   with --copy, for where what it is made of may run on, it mails nobody until the overlay is applied
#                   again, which has to say so (mail.recipients) from then on
#   test            ./sayur test k8s
#   down            takes the lab cluster away
#
# Each may be run again at any time. kubectl apply -k works as well: see docs/operations/kubernetes.md.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
. tools/k8s/cluster.sh
. tools/k8s/secrets.sh
. tools/k8s/restore.sh
. tools/k8s/rollout.sh
help_wanted "$0" "$@"

readonly READY_SECONDS=${ROLLOUT_SECONDS:-300}
[[ $READY_SECONDS =~ ^[1-9][0-9]*$ ]] || fail 64 "ROLLOUT_SECONDS is \"$READY_SECONDS\": say a number of seconds"
# What runs below has its own way to end, and its end would be taken for a failure.
trap 'exit 130' INT

up() {
  connect
  kubectl get nodes
  echo
  echo "  export KUBECONFIG=$KUBECONFIG"
  case $(command -v kubectl) in *k8s-lab*) echo "  export PATH=\$PATH:$(dirname "$(command -v kubectl)")" ;; esac
}

load() {
  local images image
  lab_wanted "load is for the lab cluster; push the images to the registry that your cluster pulls from"
  connect
  kubectl kustomize deployments/k8s/overlays/development >"$work/manifests" || fail 1 "the overlay development cannot be built"
  mapfile -t images < <(sed -n 's/^ *\(- \)\?image: //p' "$work/manifests" | sort -u)
  for image in "${images[@]}"; do
    case $image in
      micro-sayur/*) docker image inspect "$image" >/dev/null 2>&1 || bash tools/images.sh ;;
      *) docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image" ;;
    esac
  done
  step "loading ${images[*]}"
  "$LAB/load" "${images[@]}" 2>"$(log_file k8s-load)" || {
    tail -n 20 "$(log_file k8s-load)" >&2
    fail 1 "the images were not loaded"
  }
  step "loaded"
}

# apply FOLDER
apply() {
  local manifests=$work/manifests namespace
  connect
  kubectl kustomize "$1" >"$manifests" || fail 1 "$1 cannot be built"
  # The namespace comes first in what kustomize writes.
  sed '/^---$/,$d' "$manifests" >"$work/namespace"
  namespace=$(sed -n 's/^  name: //p' "$work/namespace")
  grep -q '^kind: Namespace$' "$work/namespace" || fail 1 "$1 does not begin with a namespace"
  ! grep -q 'not-applied\.invalid' "$manifests" || fail 1 "$1 names no servers yet: run tools/ci/terraform.sh ENVIRONMENT config (docs/operations/aws.md)"
  kubectl apply --server-side --filename "$work/namespace"
  [ -z "$make_secrets" ] || make_cluster_secrets "$namespace" "$work/secrets"
  local wrong=
  roll_out_in_order "$namespace" "$manifests" || explain "$namespace" "$wrong"
  wait_ready "$namespace" || explain "$namespace" "not ready after $SECONDS s"
  addresses "$namespace"
}

wait_ready() {
  local deadline=$((SECONDS + READY_SECONDS)) kind
  for kind in statefulset deployment; do
    step "waiting for each $kind"
    # It gives up at once when the last attempt was too slow, of which this may be the mended one.
    until kubectl --namespace "$1" rollout status "$kind" --timeout 30s >/dev/null 2>&1; do
      [ $SECONDS -lt $deadline ] || return 1
      sleep 1
    done
  done
  if [ -n "$(kubectl --namespace "$1" get gateway --output name 2>/dev/null)" ]; then
    step "waiting for the entrance"
    kubectl --namespace "$1" wait gateway --all --for condition=Programmed --timeout 60s >/dev/null || return 1
  fi
  step "ready"
}

# explain NAMESPACE WHAT
explain() {
  kubectl --namespace "$1" get pods >&2
  kubectl --namespace "$1" get events --field-selector type=Warning --sort-by .lastTimestamp | tail -n 15 >&2
  kubectl --namespace "$1" logs --selector 'app in (user-service, notification-service, user-service-migrate, notification-service-migrate)' \
    --tail 3 --prefix --ignore-errors >&2 || true
  fail 1 "$2; the lines above say what is missing"
}

addresses() {
  echo
  # A cluster without Gateway API has no such kind.
  kubectl --namespace "$1" get gateway --output wide 2>/dev/null || true
  kubectl --namespace "$1" get ingress --ignore-not-found --output wide
  case $KUBECONFIG in *k8s-lab*) echo "  the lab's entrance: http://127.0.0.1:10080/users/ and https://127.0.0.1:10443/users/, with one of the gateway's hosts" ;; esac
  [ -z "$(kubectl --namespace "$1" get service mailpit --ignore-not-found --output name)" ] ||
    echo "  its mails: kubectl -n $1 port-forward service/mailpit 8025, then http://127.0.0.1:8025"
  echo "  admin's password: kubectl -n $1 get secret admin -o jsonpath='{.data.password}' | base64 -d"
}

make_secrets=
arguments=()
for argument in "$@"; do
  case $argument in
    --make-secrets) make_secrets=yes ;;
    *) arguments+=("$argument") ;;
  esac
done
set -- "${arguments[@]}"
[ $# -gt 0 ] || fail 64 "say what: up, load, apply, restore, test or down; see ./sayur k8s --help"
subcommand=$1
shift
case $subcommand in
  up | load | test | down)
    [ "$#$make_secrets" = 0 ] || fail 64 "$subcommand takes nothing more; see ./sayur k8s --help"
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $subcommand in
  up) up ;;
  load) load ;;
  apply)
    [ $# -eq 1 ] || fail 64 "say which overlay: $(basename -a deployments/k8s/overlays/* | paste -s -d ' ')"
    folder=deployments/k8s/overlays/$1
    [ -d "$folder" ] || folder=$1
    [ -f "$folder/kustomization.yaml" ] || fail 64 "there is no overlay \"$1\"; there are: $(basename -a deployments/k8s/overlays/* | paste -s -d ' ')"
    [ "$1" != development ] || make_secrets=yes
    apply "$folder"
    ;;
  restore)
    [ $# -ge 1 ] || fail 64 "say of which namespace; see ./sayur k8s --help"
    restore_database "$work" "$@"
    ;;
  test) exec bash tools/test.sh k8s ;;
  down)
    lab_wanted "down takes the lab cluster away"
    "$LAB/down"
    ;;
  *) fail 64 "there is no \"$subcommand\"; see ./sayur k8s --help" ;;
esac
