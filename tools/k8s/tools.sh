# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the lanes manifests and k8s look at manifests with.

manifest_tools() {
  local lab=${MICRO_SAYUR_LAB:-../shared} tool
  if [ -x "$lab/lab-tools/install" ]; then
    step "installing kubeconform, kube-score, checkov, promtool and amtool ($lab/lab-tools)"
    tool=$("$lab/lab-tools/install" kubeconform kube-score checkov promtool amtool | tail -n 1)
    PATH=$PATH:$(dirname "$tool")
  fi
  for tool in kustomize kubeconform kube-score checkov promtool amtool; do
    command -v "$tool" >/dev/null || fail "$TOOLS_ABSENT" "kustomize, kubeconform, kube-score, checkov, promtool and amtool are needed, and there is no $tool"
  done
}
