#!/usr/bin/env bash
# Keeps what a deployment of the infrastructure must not replace: sets IMAGE and STAGING_IMAGE to the
# images of the Function App and of its slot, BUDGET_START to the month in which the budget was made, and
# SQL_ADMIN_NAME, SQL_ADMIN_OBJECT_ID and SQL_ADMIN_TYPE to the SQL server's administrator.
# Without them the first three are empty: the template takes the base image, and this month. In azd's
# environment, or by hand: eval "$(infra/running.sh)"
# Variables: GROUP, the resource group; APP, the Function App, empty before the first deployment;
# MONTHLY_BUDGET, 0 if there is no budget.
# It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh

# Prints a value of a resource, or nothing if the resource is not deployed yet.
deployed() { # ADDRESS QUERY WHAT TO SAY IF AZURE REFUSES...
  local found
  found=$(az rest --method get --uri "$1" --query "$2" --output tsv --only-show-errors 2>&1) || case "$found" in
    *NotFound* | *"Not Found"*) return 0 ;;
    *) fail "$found" "${@:3}" ;;
    esac
  echo "$found"
}

image() { # [SLOT]
  local found
  found=$(deployed "$site${1:+/slots/$1}/config/web?api-version=2025-03-01" properties.linuxFxVersion \
    "The image that runs in ${1:-production} is unknown, so nothing is deployed over it.") || return
  echo "${found#DOCKER|}"
}

budget() { # Azure refuses another start for a budget that exists
  local found
  [ "${MONTHLY_BUDGET:-}" != 0 ] || return 0
  found=$(deployed "$resources/providers/Microsoft.Consumption/budgets/$APP?api-version=2026-06-01" \
    properties.timePeriod.startDate \
    "The month in which the budget was made is unknown, so nothing is deployed over it." \
    "If your subscription can have none: MONTHLY_BUDGET=0") || return
  echo "${found%%T*}"
}

# Azure takes the administrator from a template when it makes the server. For a server that is there,
# another one "will be ignored or it will result in an error".
administrator() {
  deployed "$resources/providers/Microsoft.Sql/servers/$APP?api-version=2025-01-01" \
    "[properties.administrators.[login, sid, principalType]]" \
    "The administrator of the SQL server is unknown, so nothing is deployed over it."
}

keep_administrator() { # NAME ID TYPE
  [ "${SQL_ADMIN_OBJECT_ID:-$2}" = "$2" ] || say "The administrator of the SQL server stays $1. To replace it: \
az sql server ad-admin update --resource-group $GROUP --server $APP --display-name NAME --object-id ID"
  keep SQL_ADMIN_NAME "$1"
  keep SQL_ADMIN_OBJECT_ID "$2"
  # Azure may not say what it is; az prints that as None.
  case "$3" in None | "${SQL_ADMIN_TYPE:-User}") ;; *) keep SQL_ADMIN_TYPE "$3" ;; esac
}

if [ -z "${APP:-}" ]; then
  keep IMAGE ""
  keep STAGING_IMAGE ""
  keep BUDGET_START ""
  exit
fi
need GROUP="the resource group"
subscription=$(subscription)
resources="/subscriptions/$subscription/resourceGroups/$GROUP"
site="$resources/providers/Microsoft.Web/sites/$APP"
production=$(image)
staging=$(image staging)
start=$(budget)
found=$(administrator)
IFS=$'\t' read -r name id type <<<"$found"
keep IMAGE "$production"
keep STAGING_IMAGE "$staging"
keep BUDGET_START "$start"
[ -z "$id" ] || keep_administrator "$name" "$id" "$type"
