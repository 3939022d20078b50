# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Which cluster is meant: the one of KUBECONFIG, and where that is not set the lab's.

readonly LAB=${MICRO_SAYUR_LAB:-../shared}/k8s-lab

lab_wanted() {
  [ -x "$LAB/up" ] || fail "$TOOLS_ABSENT" "$1, and there is no lab cluster at $LAB (MICRO_SAYUR_LAB)"
}

# kubectl_wanted: there is a kubectl from here on; the lab has one of its own.
kubectl_wanted() {
  [ -n "${KUBECONFIG:-}" ] || command -v kubectl >/dev/null || PATH=$PATH:${XDG_CACHE_HOME:-$HOME/.cache}/k8s-lab/bin
  command -v kubectl >/dev/null || fail "$TOOLS_ABSENT" "kubectl is needed"
}

# connect: the cluster answers from here on.
connect() {
  if [ -z "${KUBECONFIG:-}" ]; then
    lab_wanted "KUBECONFIG is not set"
    step "KUBECONFIG is not set: bringing the lab cluster up, the first time a quarter of an hour ($LAB)"
    "$LAB/up" >"$(log_file k8s-lab)" 2>"$(log_file k8s-lab).err" || {
      tail -n 20 "$(log_file k8s-lab).err" >&2
      fail 1 "the lab cluster did not come up; the whole output: $(log_file k8s-lab).err"
    }
    eval "$(tail -n 1 "$(log_file k8s-lab)")"
    kubectl_wanted
    export KUBECONFIG
  fi
  kubectl_wanted
  kubectl get --raw /readyz >/dev/null || fail 1 "the cluster of $KUBECONFIG does not answer"
}
