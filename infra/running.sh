#!/usr/bin/env bash
# Keeps what runs: sets IMAGE and STAGING_IMAGE to the images of the Function App and of its slot, so that
# a deployment of the infrastructure exchanges neither. Without an app both are empty, and the template
# takes the base image. In azd's environment, or by hand: eval "$(infra/running.sh)"
# Variables: GROUP, the resource group; APP, the Function App, empty before the first deployment.
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

if [ -z "${APP:-}" ]; then
  keep IMAGE ""
  keep STAGING_IMAGE ""
  exit
fi
need GROUP="the resource group"
subscription=$(subscription)
site="/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.Web/sites/$APP"
production=$(image)
staging=$(image staging)
keep IMAGE "$production"
keep STAGING_IMAGE "$staging"
