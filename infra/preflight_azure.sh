# shellcheck shell=bash
# What preflight.sh looks at in Azure. It is sourced there, and uses its functions and variables:
# subscription, group, location, deleted, problem, not_checked.
: "${subscription=}" "${group=}" "${location=}" "${deleted=}"

PROVIDERS="Cache ContainerRegistry DataFactory EventGrid Insights KeyVault ManagedIdentity Network \
OperationalInsights Sql Storage Web"

azure() {
  local exists=""
  if [ -n "$group" ] && [ "$(az group exists --name "$group" --output tsv)" = true ]; then
    exists=yes
    location=$(az group show --name "$group" --query location --output tsv)
  fi
  rights "$exists"
  providers
  if [ -n "$location" ]; then region; else say "NOT CHECKED: the region. azd asks for it after this."; fi
  deleted_vault "$exists"
}

rights() { # WHETHER THE GROUP EXISTS
  local scope="/subscriptions/$subscription" held refused
  [ -z "$1" ] || scope+="/resourceGroups/$group"
  if held=$(az rest --method get --output json \
    --uri "$scope/providers/Microsoft.Authorization/permissions?api-version=2022-04-01" 2>/dev/null); then
    refused=$(python3 -m deployment.azure_rights Microsoft.Resources/deployments/write Microsoft.Web/sites/write \
      Microsoft.Authorization/roleAssignments/write \
      ${OIDC_SUBJECT:+Microsoft.Authorization/roleDefinitions/write} <<<"$held" | paste -s -d , - | sed 's/,/, /g')
    [ -z "$refused" ] || problem "You may not do this in $scope: $refused. Ask for the role Owner, or for \
Contributor and User Access Administrator."
  else
    not_checked "your rights in $scope"
  fi
}

providers() {
  local registered each
  registered=$(az provider list --query "[?registrationState=='Registered'].namespace" --output tsv)
  for each in $PROVIDERS; do
    grep -qix "Microsoft.$each" <<<"$registered" && continue
    say "Registering the resource provider Microsoft.$each ..."
    az provider register --namespace "Microsoft.$each" --wait --output none ||
      problem "The resource provider Microsoft.$each is not registered. Ask an Owner of the subscription to \
run: az provider register --namespace Microsoft.$each --wait"
  done
}

region() {
  offered "Functions Premium on Linux" az rest --method get --query "value[].name" --output tsv --uri \
    "/subscriptions/$subscription/providers/Microsoft.Web/geoRegions?sku=ElasticPremium&linuxWorkersEnabled=true&api-version=2025-03-01"
  offered "Azure Managed Redis" az provider show --namespace Microsoft.Cache --output tsv \
    --query "resourceTypes[?resourceType=='redisEnterprise'].locations[]"
  offered "Data Factory" az provider show --namespace Microsoft.DataFactory --output tsv \
    --query "resourceTypes[?resourceType=='factories'].locations[]"
  sql_database
  # An app that is there already has its part of the quota.
  [ -n "${APP:-}" ] || quota
}

plain() { # reads names of regions: West Europe, westeurope
  tr '[:upper:]' '[:lower:]' | tr -d ' '
}

offered() { # WHAT COMMAND THAT PRINTS THE NAMES OF REGIONS...
  local what=$1 names
  shift
  if ! names=$("$@" 2>/dev/null) || [ -z "$names" ]; then
    not_checked "whether $location has $what"
  elif ! printf '%s\n' "$names" | plain | grep -x "$(echo "$location" | plain)" >/dev/null; then
    problem "$what is not offered in $location. $ANOTHER_REGION"
  fi
}

ANOTHER_REGION="Choose another region: azd env new NAME --location REGION (by hand: another LOCATION and GROUP)"

sql_database() {
  local editions
  if ! editions=$(az sql db list-editions --location "$location" --available ${SQL_SKU:+--service-objective "$SQL_SKU"} \
    --query "length(@)" --output tsv 2>/dev/null); then
    not_checked "whether $location has Azure SQL for this subscription"
  elif [ "$editions" = 0 ]; then
    problem "Azure SQL${SQL_SKU:+ $SQL_SKU} is not available to this subscription in $location. $ANOTHER_REGION"
  fi
}

# Microsoft documents the answer by "Cores usage in REGION"; what else it contains differs by subscription.
quota() {
  local left
  if ! left=$(az rest --method get --output tsv \
    --uri "/subscriptions/$subscription/providers/Microsoft.Web/locations/$location/usages?api-version=2025-03-01" \
    --query "value[?contains(name.value, 'Cores usage') || contains(name.value, 'EP1') || \
contains(name.value, 'ElasticPremium')].[limit, currentValue]" \
    2>/dev/null) || [ -z "$left" ]; then
    not_checked "the quota of Functions Premium (EP1) in $location"
  elif ! printf '%s\n' "$left" | awk '$1 >= 0 && $1 - $2 < 1 { exit 1 }'; then
    problem "The subscription has no quota left for Functions Premium (EP1) in $location. Ask for more in the \
portal (Quotas, App Service), or choose another region."
  fi
}

# A deleted vault keeps its name for a week, and the name belongs to the resource group. The other names
# contain the same hash of the group's id, so nobody else has them.
deleted_vault() { # WHETHER THE GROUP EXISTS
  [ -n "$group" ] || return 0
  deleted=$(az keyvault list-deleted --resource-type vault --output tsv \
    --query "[?contains(properties.vaultId, '/resourceGroups/$group/')].name" 2>/dev/null) ||
    not_checked "whether a deleted vault has the name of the new one"
  [ -z "$deleted" ] || [ -n "$1" ] || problem "The key vault $deleted was deleted with the group $group, and \
its name stays taken for a week. It can come back only into that group. Run this, then start again: \
az group create --name $group --location ${location:-REGION}"
}

recover() { # VAULT
  az keyvault recover --name "$1" --output none ||
    fail "The key vault $1 was deleted with this group, and its name stays taken for a week. Ask an Owner of the \
subscription to bring it back: az keyvault recover --name $1"
  say "The key vault $1, which was deleted with this group, is back, with its secrets."
}
