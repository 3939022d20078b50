#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: browser
#   The pages in real Chromium, as a person uses them, in Indonesian and English, on a phone's width; accessibility by axe
#   (WCAG 2.1 AA).
#   Needs: the packages of tools/packages/browser.txt. Takes: 2 minutes.
set -euo pipefail
. tools/lane.sh

install_packages browser
python_environment
build dev micro-sayur
run_pytest browser tests/browser --mode=embedded --preset=dev
exit $lane_failed
