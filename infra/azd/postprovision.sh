#!/usr/bin/env bash
# azd runs this after it has provisioned (azd up, azd provision). It stores Firebase's secrets, and starts
# the trigger again if a release is there: before the first, the database has no tables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

infra/secrets.sh
case "${IMAGE:-}" in "${REGISTRY:?}"/*) infra/trigger.sh start ;; esac
