#!/usr/bin/env bash
# With PRIVATE_NETWORK=true: what the template cannot do. Approves the two private endpoints through
# which the data factory reaches the database and the storage account; until then its pipelines fail.
# Removes the firewall's rule that a deployment without the option left behind.
# Variables: PRIVATE_NETWORK; with it GROUP, the resource group; FACTORY, the data factory; SQL_SERVER, the
# server's host; STORAGE, the data's storage account. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
[ "${PRIVATE_NETWORK:-false}" = true ] || exit 0
need GROUP="the resource group" FACTORY="the data factory" SQL_SERVER="the host of the SQL server" \
  STORAGE="the data's storage account"
subscription=$(subscription)
providers="/subscriptions/$subscription/resourceGroups/$GROUP/providers"
server=(--resource-group "$GROUP" --server "${SQL_SERVER%%.*}")
rule=AllowAllWindowsAzureIps

# Anybody may ask for a connection: only what our factory asked for is approved. Azure makes its
# endpoint in a subscription of its own, under a name that ends with ours.
connection() { # RESOURCE ENDPOINT: the connection's id and its state, or nothing
  az network private-endpoint-connection list --id "$1" --output tsv --query \
    "[?ends_with(properties.privateEndpoint.id, '$2')].[id, properties.privateLinkServiceConnectionState.status]"
}

approve() { # RESOURCE ENDPOINT: succeeds once it is approved
  local found id state
  found=$(connection "$1" "$2") || return
  read -r id state <<<"$found" || true
  case "$state" in
  Approved) ;;
  Pending)
    az network private-endpoint-connection approve --id "$id" --description "Data Factory loads through it" \
      --output none
    return 1 # until Azure says that it is
    ;;
  *)
    say "The endpoint $2 of the factory is ${state:-not asked for yet}."
    return 1
    ;;
  esac
}

approve_endpoint() { # RESOURCE ENDPOINT
  retry 40 approve "$1" "$2" || fail "The factory's endpoint $2 is not approved on ${1##*/}, 7 minutes after \
the deployment. If it was rejected, delete it (Data Factory Studio: Manage, Managed private endpoints), deploy \
again, then run: infra/private-network.sh"
}

approve_endpoint "$providers/Microsoft.Sql/servers/${SQL_SERVER%%.*}" "$FACTORY-load-sql"
approve_endpoint "$providers/Microsoft.Storage/storageAccounts/$STORAGE" "$FACTORY-load-data"

# Last, when the factory's endpoints work: until then it needs the rule.
left=$(az sql server firewall-rule list "${server[@]}" --query "[?name=='$rule'].name" --output tsv)
[ -z "$left" ] || az sql server firewall-rule delete "${server[@]}" --name "$rule" --output none
