#!/usr/bin/env bash
# Deploys this folder to a data factory, with your names in place of the examples, and starts the
# trigger. Needs the Azure CLI, signed in. A factory that is there keeps its settings; its other resources
# are replaced. It can be run again.
# Variables: GROUP, the resource group; FACTORY, the data factory; STORAGE, the storage account;
# SQL_SERVER, the host of the SQL server; DATABASE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group" FACTORY="the name of the data factory" STORAGE="the name of the storage account" \
  SQL_SERVER="the host of the SQL server" DATABASE="the name of the database"

subscription=$(subscription)
location=$(az group show --name "$GROUP" --query location --output tsv)
resource="/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.DataFactory/factories/$FACTORY"
filled=$(mktemp -d)
trap 'rm -rf "$filled"' EXIT

# Each example name in the files stands for one of your names.
fill() {
  sed -e "s/smart-cache-factory/$FACTORY/" -e "s/westeurope/$location/" \
    -e "s/smartcachedata/$STORAGE/" -e "s/smart-cache-sql/${SQL_SERVER%%.*}/" \
    -e "s/\"database\": \"smart-cache\"/\"database\": \"$DATABASE\"/" \
    -e "s/00000000-0000-0000-0000-000000000000/$subscription/" \
    -e "s#resourceGroups/smart-cache/#resourceGroups/$GROUP/#" "$1"
}

azure() { # METHOD PATH [FILE]
  az rest --method "$1" --uri "$resource$2?api-version=2018-06-01" --output none --only-show-errors \
    ${3:+--body "@$3"}
}

put_all() { # FOLDER PATH: a file for each resource
  local file name
  for file in "adf/$1"/*.json; do
    name=$(basename "$file" .json)
    fill "$file" >"$filled/$name.json"
    say "$1/$name"
    azure put "$2/$name" "$filled/$name.json" || fail "$1/$name was not deployed; the reason is above. \
The trigger is stopped meanwhile. When it is mended, run: adf/deploy.sh"
  done
}

if ! answer=$(azure get "" 2>&1); then
  case "$answer" in
  *NotFound*) ;;
  *) fail "$answer" "Whether the factory $FACTORY is there is unknown." ;;
  esac
  fill adf/factory/smart-cache-factory.json >"$filled/factory.json"
  azure put "" "$filled/factory.json"
fi
infra/trigger.sh stop # a running trigger cannot be replaced
put_all linkedService /linkedservices
put_all dataset /datasets
put_all pipeline /pipelines
put_all trigger /triggers
infra/trigger.sh start
