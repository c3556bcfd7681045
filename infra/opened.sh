#!/usr/bin/env bash
# infra/opened.sh registry|vault|storage COMMAND...: runs the command. With PRIVATE_NETWORK=true these
# three are closed to the internet: the one that is named is opened first, and closed again whatever
# happens. Entra still decides who may do what there. Needs the Azure CLI, signed in.
set -euo pipefail
: "${1:?registry, vault or storage}" "${2:?the command}"
target=$1
shift
[ "${PRIVATE_NETWORK:-false}" = true ] || exec "$@"
: "${GROUP:?the resource group}"

await() { # COMMAND...: until it succeeds, for three minutes
  local try
  for try in {1..36}; do
    "$@" && return
    sleep "${PAUSE_SECONDS:-5}"
  done
  echo "The $target was opened, but is still closed to this machine after $try tries." >&2
  return 1
}

is_open() { # without a sign-in, an open registry answers 401 and a closed one 403
  local status
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' "https://$REGISTRY/v2/") || return
  [ "$status" != 403 ]
}

here() { # the address from which this machine reaches the internet
  curl --fail --silent --show-error --retry 3 https://api.ipify.org
}

case "$target" in
  registry) # its builders have no fixed addresses, so for that time every address may knock
    : "${REGISTRY:?the login server of the container registry}"
    door=(az acr update --name "${REGISTRY%%.*}" --resource-group "$GROUP" --output none --default-action)
    open=("${door[@]}" Allow) close=("${door[@]}" Deny)
    ;;
  vault | storage)
    : "${VAULT:?the name of the key vault}" "${STORAGE:?the name of the storage account}"
    address=${ADDRESS:-$(here)}
    rule=(--resource-group "$GROUP" --ip-address "$address" --output none)
    if [ "$target" = vault ]; then
      open=(az keyvault network-rule add --name "$VAULT" "${rule[@]}")
      close=(az keyvault network-rule remove --name "$VAULT" "${rule[@]}")
    else
      open=(az storage account network-rule add --account-name "$STORAGE" "${rule[@]}")
      close=(az storage account network-rule remove --account-name "$STORAGE" "${rule[@]}")
    fi
    ;;
  *)
    echo "What to open is registry, vault or storage, not $target." >&2
    exit 2
    ;;
esac

closing() {
  "${close[@]}" || echo "The $target could not be closed again. Do it by hand: ${close[*]}" >&2
}
trap closing EXIT
"${open[@]}"
[ "$target" != registry ] || await is_open
"$@"
