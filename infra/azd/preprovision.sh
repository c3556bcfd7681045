#!/usr/bin/env bash
# azd runs this before it provisions (azd up, azd provision). It checks and asks before anything is made,
# keeps the images that run, and stops the trigger, which cannot be replaced while it runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

infra/preflight.sh
infra/running.sh
[ -z "${FACTORY:-}" ] || infra/trigger.sh stop
