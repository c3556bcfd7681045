#!/usr/bin/env bash
# Scans the base image $1 and the image $2 that was built on it with Grype (GRYPE, its path). Writes the
# report to the run's summary, and fails if our layers add something severe that a newer package mends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${1:?the base image}" "${2:?the image}" "${GRYPE:?the path of grype}"
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
"$GRYPE" --quiet --output json --file "$reports/base.json" "registry:$1"
"$GRYPE" --quiet --output json --file "$reports/image.json" "docker:$2"
python3 -m checks.image_scan "$reports/base.json" "$reports/image.json" | tee -a "$GITHUB_STEP_SUMMARY"
