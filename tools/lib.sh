# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by every script under tools/: progress, packages, the Python environment. Source it from the repository's root.

readonly DATA=${MICRO_SAYUR_DATA:-$PWD/.data}
readonly TOOLS_ABSENT=3

# Prints the comment block that opens a script: its help.
show_help() {
  sed -n '/^# Usage:/,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$1"
}

# help_wanted SCRIPT ARGUMENT...: prints the help and ends when an argument asks for it.
help_wanted() {
  local script=$1 argument
  shift
  for argument in "$@"; do
    case $argument in
      -h | --help) show_help "$script" && exit 0 ;;
    esac
  done
}

step() {
  printf '[%3d s] %s\n' "$SECONDS" "$*"
}

# fail CODE MESSAGE...
fail() {
  local code=$1
  shift
  printf 'sayur: %s\n' "$*" >&2
  exit "$code"
}

# recipients_of_restored WHO COPY: says whom the restored services will mail; with COPY it is nobody.
recipients_of_restored() {
  if [ -n "$2" ]; then
    step "this is a copy: it will mail nobody; say MAIL_RECIPIENTS=nobody if you go on by hand (docs/operations/data.md, \"A restored copy mails nobody\")"
  else
    step "it will mail ${1:-everybody}; say --copy where what it is made of may run on elsewhere"
  fi
}

# packages_of LIST...: the packages named in tools/packages/LIST.txt.
packages_of() {
  local list
  for list in "$@"; do
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "tools/packages/$list.txt"
  done
}

missing_packages() {
  local package
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# The words that go before a command which must run as root; "unknown" when there is no way.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    :
  elif command -v sudo >/dev/null; then
    echo sudo
  else
    echo unknown
  fi
}

# install_packages LIST...: installs what those lists name and the machine lacks.
install_packages() {
  local missing root
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  root=$(as_root)
  step "installing from Debian: ${missing[*]}"
  [ "$root" != unknown ] || fail $TOOLS_ABSENT "run as root: apt-get install --no-install-recommends ${missing[*]}"
  {
    $root apt-get -qq update &&
      $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "${missing[@]}"
  } </dev/null >"$(log_file packages)" 2>&1 || {
    tail -n 20 "$(log_file packages)" >&2
    fail $TOOLS_ABSENT "the packages could not be installed; the whole output: $(log_file packages)"
  }
  step "installed"
}

# log_file NAME: where the output of a tool goes.
log_file() {
  mkdir -p .cache/logs
  echo ".cache/logs/$1.log"
}

# build PRESET TARGET...: configures when needed and builds; the output of the compiler is shown as it comes.
build() {
  local preset=$1
  shift
  configure "$preset"
  step "building $* ($preset)"
  NINJA_STATUS='[%e s] %f/%t ' cmake --build "build/$preset" --target "$@" || fail 1 "the build failed"
}

# configure PRESET [CMAKE_ARGUMENT...]
configure() {
  local preset=$1 log tests=ON
  shift
  log=$(log_file "configure-$preset")
  [ "$preset" != release ] || tests=OFF
  cmake --preset "$preset" -DMICRO_SAYUR_TESTS=$tests "$@" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    fail 1 "cmake --preset $preset failed"
  }
}

# python_environment: makes .cache/venv from tests/requirements.txt when that has changed, and puts it first on PATH.
python_environment() {
  local wanted
  wanted=$(sha256sum tests/requirements.txt)
  if [ "$(cat .cache/venv/requirements.sha256 2>/dev/null)" != "$wanted" ]; then
    step "installing Python packages into .cache/venv"
    rm -rf .cache/venv
    { /usr/bin/python3 -m venv .cache/venv && .cache/venv/bin/pip install -q -r tests/requirements.txt; } </dev/null >"$(log_file pip)" 2>&1 || {
      tail -n 20 "$(log_file pip)" >&2
      fail $TOOLS_ABSENT "the Python packages of tests/requirements.txt could not be installed"
    }
    echo "$wanted" >.cache/venv/requirements.sha256
  fi
  export PATH="$PWD/.cache/venv/bin:$PATH"
}
