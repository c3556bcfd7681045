#!/usr/bin/env bash
# Puts the image $1, built from the commit $2, into the staging slot, tries it there, and swaps the
# slots. What does not work where the users are is swapped back. Needs the Azure CLI, signed in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${1:?the image}" "${2:?its commit}" "${GROUP:?the resource group}" "${APP:?the Function App}"
app=(--resource-group "$GROUP" --name "$APP")

smoke() { # SECONDS COMMIT [SLOT]
  local host
  host=$(az functionapp show "${app[@]}" ${3:+--slot "$3"} --query defaultHostName --output tsv)
  python3 -m checks.smoke "https://$host" --wait "$1" --commit "$2"
}

swap() {
  az functionapp deployment slot swap "${app[@]}" --slot staging --target-slot production \
    --output none
}

az functionapp config set "${app[@]}" --slot staging --linux-fx-version "DOCKER|$1" --output none
smoke 600 "$2" staging || { echo "It does not work; nothing was swapped." >&2; exit 1; }
swap
smoke 120 "$2" && exit
echo "It worked in the slot, and does not in production: swapping back." >&2
swap
smoke 120 ""
exit 1
