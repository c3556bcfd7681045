#!/usr/bin/env bash
# Deploys the image $1, built from the commit $2, to the staging slot, tests it there, and swaps the
# slots. If it fails in production, the slots are swapped back. Needs the Azure CLI, signed in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${1:?the image}" "${2:?its commit}" "${GROUP:?the resource group}" "${APP:?the Function App}"
subscription=$(az account show --query id --output tsv)
app="/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.Web/sites/$APP"
version="api-version=2025-05-01"

# `az functionapp config` would read more than the deploying identity may.
put_into_staging() { # IMAGE
  az rest --method patch --uri "$app/slots/staging/config/web?$version" \
    --body "{\"properties\": {\"linuxFxVersion\": \"DOCKER|$1\"}}" --output none
}

smoke() { # SECONDS COMMIT [SLOT]
  local host
  host=$(az rest --method get --uri "$app${3:+/slots/$3}?$version" \
    --query properties.defaultHostName --output tsv)
  python3 -m checks.smoke "https://$host" --wait "$1" --commit "$2"
}

swap() {
  az functionapp deployment slot swap --resource-group "$GROUP" --name "$APP" \
    --slot staging --target-slot production --output none
}

put_into_staging "$1"
smoke 600 "$2" staging || { echo "The smoke test failed in the staging slot; nothing was swapped." >&2; exit 1; }
swap
smoke 120 "$2" && exit
echo "The smoke test failed in production: swapping back." >&2
swap
smoke 120 ""
exit 1
