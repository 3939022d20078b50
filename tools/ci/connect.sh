#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/connect.sh CLUSTER
#
# Writes the kubeconfig of the EKS cluster CLUSTER (with aws, as the role that this job has taken), and says whether its
# API is reached.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ -n "${1:-}" ] || fail 64 "say which cluster; in GitHub it is the variable CLUSTER of the environment"
command -v aws >/dev/null || fail $TOOLS_ABSENT "aws is needed"
aws eks update-kubeconfig --name "$1" || fail 1 "there is no cluster $1, or this role may not see it"
kubectl get --raw /readyz --request-timeout 10s >/dev/null ||
  fail 1 "the API of $1 is not reached from here: it is private, so the job has to run on a runner inside the VPC (variables RUNNER_STAGING and RUNNER_PRODUCTION of the repository)"
step "connected to $1"
