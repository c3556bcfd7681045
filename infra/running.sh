#!/usr/bin/env bash
# Keeps what a deployment of the infrastructure must not exchange: sets IMAGE and STAGING_IMAGE to the
# images of the Function App and of its slot, BUDGET_START to the month in which the budget was made.
# Without them the variables are empty: the template takes the base image, and this month. In azd's
# environment, or by hand: eval "$(infra/running.sh)"
# Variables: GROUP, the resource group; APP, the Function App, empty before the first deployment;
# MONTHLY_BUDGET, 0 if there is no budget.
# It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh

image() { # [SLOT]
  local found
  found=$(az rest --method get \
    --uri "$site${1:+/slots/$1}/config/web?api-version=2025-03-01" \
    --query properties.linuxFxVersion --output tsv --only-show-errors 2>&1) || case "$found" in
    *NotFound* | *"Not Found"*) return 0 ;; # not deployed yet
    *) fail "$found" "The image that runs in ${1:-production} is unknown, so nothing is deployed over it." ;;
    esac
  echo "${found#DOCKER|}"
}

budget() { # Azure refuses another start for a budget that exists
  local found
  [ "${MONTHLY_BUDGET:-}" != 0 ] || return 0
  found=$(az rest --method get \
    --uri "$resources/providers/Microsoft.Consumption/budgets/$APP?api-version=2026-06-01" \
    --query properties.timePeriod.startDate --output tsv --only-show-errors 2>&1) || case "$found" in
    *NotFound* | *"Not Found"*) return 0 ;; # not deployed yet
    *) fail "$found" "The month in which the budget was made is unknown, so nothing is deployed over it." \
      "If your subscription can have none: MONTHLY_BUDGET=0" ;;
    esac
  echo "${found%%T*}"
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
keep IMAGE "$production"
keep STAGING_IMAGE "$staging"
keep BUDGET_START "$start"
