#!/usr/bin/env bash
# azd runs this after it has provisioned (azd up, azd provision). It stores Firebase's secrets, lets the
# factory into the private network, if there is one, and starts the trigger again if a release is there:
# before the first, the database has no tables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

infra/opened.sh vault infra/secrets.sh
infra/private-network.sh
case "${IMAGE:-}" in "${REGISTRY:?}"/*) infra/trigger.sh start ;; esac
