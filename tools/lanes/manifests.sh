#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: manifests
#   Every overlay and component of deployments/k8s, and each overlay with one component more, without a cluster: built,
#   against schemas, by kube-score, checkov and promtool; connections to PostgreSQL added up; the rules and dashboards of deployments/observability. Part of the lane k8s as well.
#   Needs: kustomize, kubeconform, kube-score, checkov, promtool and amtool, of which a folder MICRO_SAYUR_LAB (../shared) with
#   lab-tools/install gives all but the first, and with k8s-lab/crds the definitions of custom resources. Takes: 2
#   minutes.
set -euo pipefail
lane_packages=(python)
. tools/lane.sh
. tools/k8s/tools.sh

manifest_tools
python_environment
run_pytest manifests tests/kubernetes/test_{manifests,manifest_rules,connections}.py \
  tests/observability/test_{alertmanager,rules,runbooks,status_rules,dashboards}.py
exit $lane_failed
