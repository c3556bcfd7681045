#!/usr/bin/env bash
# With PRIVATE_NETWORK=true: what the template cannot do. Approves the two private endpoints through
# which the data factory reaches the database and the storage account; until then its pipelines fail.
# Removes the firewall's rule that a deployment without the option left behind. Can be run again. Needs
# the Azure CLI, signed in.
set -euo pipefail
[ "${PRIVATE_NETWORK:-false}" = true ] || exit 0
: "${GROUP:?the resource group}" "${FACTORY:?the data factory}"
: "${SQL_SERVER:?the host of the SQL server}" "${STORAGE:?the name of the storage account}"
subscription=$(az account show --query id --output tsv)
providers="/subscriptions/$subscription/resourceGroups/$GROUP/providers"
server=(--resource-group "$GROUP" --server "${SQL_SERVER%%.*}")
rule=AllowAllWindowsAzureIps

# Anybody may ask for a connection: only what our factory asked for is approved. Azure makes its
# endpoint in a subscription of its own, under a name that ends with ours.
connection() { # RESOURCE ENDPOINT: the connection's id and its state, or nothing
  az network private-endpoint-connection list --id "$1" --output tsv --query \
    "[?ends_with(properties.privateEndpoint.id, '$2')].[id, properties.privateLinkServiceConnectionState.status]"
}

approve() { # RESOURCE ENDPOINT
  local found id state try
  for try in {1..40}; do
    found=$(connection "$1" "$2")
    read -r id state <<<"$found" || true
    case "$state" in
      Approved) return ;;
      Pending)
        az network private-endpoint-connection approve --id "$id" \
          --description "Data Factory loads the data set" --output none
        ;;
      Rejected | Disconnected)
        echo "The connection $id is $state. Delete the factory's endpoint $2 and deploy again." >&2
        return 1
        ;;
    esac
    sleep "${PAUSE_SECONDS:-15}"
  done
  echo "After $try tries, the factory's endpoint $2 is not approved on $1 (${state:-not asked for})." >&2
  return 1
}

approve "$providers/Microsoft.Sql/servers/${SQL_SERVER%%.*}" "$FACTORY-load-sql"
approve "$providers/Microsoft.Storage/storageAccounts/$STORAGE" "$FACTORY-load-data"

# After the private ways in are open, so that nothing is cut off in between.
left=$(az sql server firewall-rule list "${server[@]}" --query "[?name=='$rule'].name" --output tsv)
[ -z "$left" ] || az sql server firewall-rule delete "${server[@]}" --name "$rule" --output none
