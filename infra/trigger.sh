#!/usr/bin/env bash
# Starts or stops ($1: start or stop) the trigger that loads each new CSV, and waits until it is so.
# A running trigger cannot be replaced: it is stopped before a deployment of the infrastructure.
# Variables: GROUP, the resource group; FACTORY, the data factory. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group" FACTORY="the data factory"
case "${1:-}" in
start) wanted=Started ;;
stop) wanted=Stopped ;;
*) fail "Usage: infra/trigger.sh start|stop" ;;
esac
version="api-version=2018-06-01"
subscription=$(subscription)
trigger="/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.DataFactory/factories/$FACTORY/triggers/new_csv"

state() {
  az rest --method get --uri "$trigger?$version" --query properties.runtimeState --output tsv --only-show-errors
}

change() {
  az rest --method post --uri "$trigger/$1?$version" --output none
}

# Azure starts it later than it answers: first it subscribes the factory to the storage's events.
arrived() {
  [ "$(state)" = "$wanted" ]
}

if ! now=$(state 2>&1); then
  case "$1 $now" in
  stop*NotFound*) exit 0 ;; # not deployed yet
  *) fail "$now" "The state of the trigger new_csv is unknown." ;;
  esac
fi
[ "$now" = "$wanted" ] && exit
# It is refused while an earlier order is still carried out.
retry 18 change "$1" || fail "The trigger new_csv did not $1. When that is mended, run: infra/trigger.sh $1"
retry 30 arrived || fail "The trigger new_csv is still $(state), 5 minutes after the order to $1. \
Look at it in Data Factory Studio (Manage, Triggers), then run: infra/trigger.sh $1"
say "The trigger new_csv: $wanted"
