#!/usr/bin/env bash
# azd runs this in azd up and azd deploy, which have no services of their own to deploy: builds the image,
# migrates the database, makes its users, releases through the slot, starts the trigger, uploads the CSV
# that DATA names, and says where the API is. azd provision must have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. infra/functions.sh
need URL="the API's address"

image=$(infra/opened.sh registry infra/image.sh)
infra/migrate.sh
infra/users.sh
infra/release.sh "$image" "${image##*:}"
infra/opened.sh storage infra/data.sh
say "" "The API: $URL" "The first request:" "  curl --compressed '$URL/features/custom?arg=Pop&limit=1'"
