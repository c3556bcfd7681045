#!/usr/bin/env bash
# Deploys the image $1, built from the commit $2, to the staging slot, tests it there, and swaps the
# slots. If it fails in production, the slots are swapped back. An image that production serves already
# is only tested. Needs the Azure CLI, signed in.
# Variables: GROUP, the resource group; APP, the Function App. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
[ $# -eq 2 ] || fail "Usage: infra/release.sh IMAGE COMMIT (the image, and the commit that it was built from)"
need GROUP="the resource group" APP="the Function App"
subscription=$(subscription)
app="/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.Web/sites/$APP"
version="api-version=2025-03-01"

# `az functionapp config` would read more than the deploying identity may.
put_into_staging() { # IMAGE
  az rest --method patch --uri "$app/slots/staging/config/web?$version" \
    --body "{\"properties\": {\"linuxFxVersion\": \"DOCKER|$1\"}}" --output none
}

image() { # [SLOT]
  az rest --method get --uri "$app${1:+/slots/$1}/config/web?$version" \
    --query properties.linuxFxVersion --output tsv
}

smoke() { # SECONDS COMMIT [SLOT]
  local host
  host=$(az rest --method get --uri "$app${3:+/slots/$3}?$version" \
    --query properties.defaultHostName --output tsv)
  python3 -m deployment.smoke "https://$host" --wait "$1" --commit "$2"
}

swap() {
  az functionapp deployment slot swap --resource-group "$GROUP" --name "$APP" \
    --slot staging --target-slot production --output none
}

# The first swap leaves the base image in the slot, which never answers there and would be restarted for
# ever. Any other image is the previous release: swapping again brings it back.
replace_base_image() { # IMAGE
  case "$(image staging)" in
  "DOCKER|${1%%/*}/"*) ;;
  *) put_into_staging "$1" ;;
  esac
}

if [ "$(image)" = "DOCKER|$1" ] && smoke 120 "$2"; then
  say "Production serves $1 already."
  exit
fi
put_into_staging "$1"
smoke 600 "$2" staging || fail "The smoke test failed in the staging slot; nothing was swapped."
swap
if smoke 120 "$2"; then
  replace_base_image "$1"
  exit
fi
say "The smoke test failed in production: swapping back."
swap
smoke 120 "" || say "The previous release does not answer either."
exit 1
