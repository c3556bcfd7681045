#!/usr/bin/env bash
# Deploys this folder to a data factory, with your names in place of the examples, and starts the
# trigger. Needs the Azure CLI, signed in. Run it again after a change: it replaces the resources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${GROUP:?the resource group}" "${FACTORY:?the name of the data factory}"
: "${STORAGE:?the name of the storage account}"
: "${SQL_SERVER:?the name of the SQL server, without .database.windows.net}"
: "${DATABASE:?the name of the database}"

subscription=$(az account show --query id --output tsv)
location=$(az group show --name "$GROUP" --query location --output tsv)
factory="https://management.azure.com/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.DataFactory/factories/$FACTORY"
filled=$(mktemp -d)
trap 'rm -rf "$filled"' EXIT

# Each example name in the files stands for one of your names.
fill() {
  sed -e "s/smart-cache-factory/$FACTORY/" -e "s/westeurope/$location/" \
    -e "s/smartcachedata/$STORAGE/" -e "s/smart-cache-sql/$SQL_SERVER/" \
    -e "s/\"database\": \"smart-cache\"/\"database\": \"$DATABASE\"/" \
    -e "s/00000000-0000-0000-0000-000000000000/$subscription/" \
    -e "s#resourceGroups/smart-cache/#resourceGroups/$GROUP/#" "$1"
}

azure() { # METHOD PATH [FILE]
  az rest --method "$1" --url "$factory$2?api-version=2018-06-01" --output none ${3:+--body "@$3"}
}

put_all() { # FOLDER PATH: a file for each resource
  local file name
  for file in "$1"/*.json; do
    name=$(basename "$file" .json)
    fill "$file" >"$filled/$name.json"
    echo "$1/$name"
    azure put "$2/$name" "$filled/$name.json"
  done
}

if ! azure get "" 2>/dev/null; then # an existing factory keeps its settings
  fill factory/smart-cache-factory.json >"$filled/factory.json"
  azure put "" "$filled/factory.json"
fi
azure post /triggers/new_csv/stop 2>/dev/null || true # a running trigger cannot be replaced
put_all linkedService /linkedservices
put_all dataset /datasets
put_all pipeline /pipelines
put_all trigger /triggers
azure post /triggers/new_csv/start
