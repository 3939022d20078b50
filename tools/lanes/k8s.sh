#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: k8s
#   The overlays of deployments/k8s: schemas and rule sets without a cluster, then a real one: the production overlay from
#   an empty namespace (rollouts, evictions, autoscaling, network policies, secrets, dying servers), then the development
#   overlay and the system tests through its gateway. Not part of ./sayur test. Always the lab's cluster, whatever
#   KUBECONFIG says: the tests delete namespaces.
#   Needs: Docker, kustomize, socat, and a folder MICRO_SAYUR_LAB (../shared) with k8s-lab, offline-images and lab-tools.
#   Takes: 50 minutes, and the lab's first start a quarter of an hour.
set -euo pipefail
. tools/lane.sh
. tools/k8s/cluster.sh
. tools/k8s/tools.sh

lab=${MICRO_SAYUR_LAB:-../shared}
lab_wanted "the lane k8s runs on the lab's cluster alone"
command -v socat >/dev/null || fail "$TOOLS_ABSENT" "the lane k8s needs socat, and there is none"
step "making stand-ins for images ($lab/offline-images)"
"$lab/offline-images/prepare" docker-compose.yml >"$(log_file stand-ins)" 2>&1 || {
  tail -n 20 "$(log_file stand-ins)" >&2
  fail "$TOOLS_ABSENT" "the stand-ins could not be made; the whole output: $(log_file stand-ins)"
}
. tests/observability/stand_ins/make.sh
stand_ins_of_watchers "$lab" "$(log_file stand-ins)"
manifest_tools

python_environment
unset KUBECONFIG
connect
step "installing the definitions of custom resources"
"$LAB/crds" 2>"$(log_file crds)" || fail 1 "the definitions were not installed: $(tail -n 5 "$(log_file crds)")"
bash tools/images.sh
bash tools/k8s.sh load
mapfile -t watchers < <(watchers_images)
"$LAB/load" "${watchers[@]}" 2>>"$(log_file k8s-load)" || fail 1 "the images of the watchers were not loaded: $(tail -n 5 "$(log_file k8s-load)")"
run_pytest kubernetes tests/kubernetes --durations=0 --durations-min=5
run_pytest system-kubernetes tests/system --mode=kubernetes
exit $lane_failed
