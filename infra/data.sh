#!/usr/bin/env bash
# Starts the trigger that loads each new CSV, and uploads the file that DATA names, if any. A file that
# is there already, with this name and size, is not uploaded again.
# Variables: GROUP, the resource group; FACTORY, the data factory; STORAGE, the data's storage account;
# DATA, the path of a CSV (optional). It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group" FACTORY="the data factory" STORAGE="the data's storage account"
[ -z "${DATA:-}" ] || [ -r "$DATA" ] || fail "DATA names no file that can be read: $DATA"

infra/trigger.sh start
[ -n "${DATA:-}" ] || exit 0
name=$(basename "$DATA")
subscription=$(subscription)

size_there() {
  az storage blob list --account-name "$STORAGE" --container-name raw --prefix "$name" \
    --auth-mode login --query "[?name=='$name'].properties.contentLength" --output tsv
}

role="Storage Blob Data Contributor"
if ! size=$(size_there 2>/dev/null); then
  grant "$role" "/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.Storage/storageAccounts/$STORAGE/blobServices/default/containers/raw"
  size=$(retry 30 size_there) || fail "The container raw of $STORAGE still refuses you, 5 minutes after you \
got the role $role. Run again: infra/data.sh"
fi
if [ "$size" = "$(wc -c <"$DATA" | tr -d ' ')" ]; then
  say "raw/$name is there already."
  exit
fi
STORAGE_ACCOUNT_URL="https://$STORAGE.blob.core.windows.net" \
  python_of_project -m shared.cli upload "$DATA" ||
  fail "The upload failed. You need the role $role on $STORAGE. Run again: infra/data.sh"
say "The trigger loads raw/$name now; Data Factory Studio (Monitor) shows it."
