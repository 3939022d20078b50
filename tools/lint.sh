#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur lint [--fix]
#
# Checks C++ with clang-format and clang-tidy (.clang-format, .clang-tidy), shell scripts with shellcheck and Python with
# ruff. --fix rewrites what clang-format and ruff can mend by themselves. Installs tools/packages/lint.txt when needed.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

fix=
case "$*" in
  "") ;;
  --fix) fix=1 ;;
  *) fail 64 "unknown argument $1; see ./sayur lint --help" ;;
esac

install_packages build test python lint
python_environment
code=0

files() {
  git ls-files --cached --others --exclude-standard -- "$@"
}

check() {
  step "$1"
  shift
  "$@" || code=1
}

format() {
  files '*.cpp' '*.hpp' | xargs -r clang-format-19 "${@}"
}

# A finished build of the dev preset is what clang-tidy reads its flags and the precompiled header from.
tidy() {
  build dev micro_sayur_precompiled >/dev/null &&
    files 'platform/*.cpp' 'services/*.cpp' | xargs -r -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p build/dev 2>/dev/null
}

shell() {
  { files '*.sh' && echo sayur .ci/run; } | xargs -r shellcheck
}

if [ -n "$fix" ]; then
  check clang-format format -i
  check ruff ruff check --quiet --fix .
  check "ruff format" ruff format --quiet .
else
  check clang-format format --dry-run -Werror
  check ruff ruff check --quiet .
  check "ruff format" ruff format --quiet --check .
fi
check shellcheck shell
check clang-tidy tidy
[ $code -eq 0 ] && step "nothing to complain about"
exit $code
