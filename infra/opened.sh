#!/usr/bin/env bash
# Runs the command after $1. With PRIVATE_NETWORK=true the registry, the vault and the data's storage are
# closed to the internet: the one that $1 names is opened first, and closed again however the command ends.
# Entra still decides who may do what there. infra/opened.sh registry|vault|storage COMMAND...
# Variables: PRIVATE_NETWORK; with it GROUP, the resource group; REGISTRY, the registry's login server, or
# VAULT, or STORAGE, the data's storage account; ADDRESS, this machine's public address, if it cannot be
# found. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
target=${1:-}
case "$target" in
registry | vault | storage) shift ;;
*) fail "Usage: infra/opened.sh registry|vault|storage COMMAND..., not $target" ;;
esac
[ "${PRIVATE_NETWORK:-false}" = true ] || exec "$@"
need GROUP="the resource group"

is_open() { # without a sign-in, an open registry answers 401 and a closed one 403
  local status
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' "https://$REGISTRY/v2/") &&
    [ "$status" != 403 ]
}

# Sets open and close, the two commands.
commands() {
  local address rule
  if [ "$target" = registry ]; then
    need REGISTRY="the registry's login server"
    # Azure's builders have no fixed addresses, so for that time it is reachable from everywhere.
    rule=(az acr update --name "${REGISTRY%%.*}" --resource-group "$GROUP" --output none --default-action)
    open=("${rule[@]}" Allow) close=("${rule[@]}" Deny)
    return
  fi
  if [ "$target" = vault ]; then need VAULT="the key vault"; else need STORAGE="the data's storage account"; fi
  address=$(public_address)
  rule=(--resource-group "$GROUP" --ip-address "$address" --output none)
  if [ "$target" = vault ]; then
    open=(az keyvault network-rule add --name "$VAULT" "${rule[@]}")
    close=(az keyvault network-rule remove --name "$VAULT" "${rule[@]}")
  else
    open=(az storage account network-rule add --account-name "$STORAGE" "${rule[@]}")
    close=(az storage account network-rule remove --account-name "$STORAGE" "${rule[@]}")
  fi
}

closing() {
  "${close[@]}" || say "The $target could not be closed again. Close it: ${close[*]}"
}

commands
trap closing EXIT
"${open[@]}" || fail "The $target could not be opened."
[ "$target" != registry ] || retry 30 is_open ||
  fail "The $target was opened, but is closed to this machine still, 5 minutes later. Run the command again."
"$@"
