#!/usr/bin/env bash
# Stores Firebase's two secrets in the key vault to which the app's settings refer: firebase-credentials,
# a service account, and firebase-api-key, the Web API key. Secrets that are there are kept, unless
# REPLACE=true. Whoever is signed in gets the role Key Vault Secrets Officer on the vault, if need be.
# Variables: GROUP, the resource group; VAULT; FIREBASE_PROJECT_ID; FIREBASE_CREDENTIALS_FILE, the path of
# the service account's JSON file; FIREBASE_API_KEY_FILE, the path of a file with the key, or
# FIREBASE_API_KEY. In a terminal it asks for what is missing. A secret is never printed and never an
# argument of a program. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group" VAULT="the key vault" FIREBASE_PROJECT_ID="the Firebase project"
umask 077
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT

stored() {
  az keyvault secret list --vault-name "$VAULT" --query "[].name" --output tsv
}

is_stored() { # NAME
  [ "${REPLACE:-false}" != true ] && grep -qx "$1" <<<"$names"
}

store() { # NAME FILE
  az keyvault secret set --vault-name "$VAULT" --name "$1" --file "$2" --encoding utf-8 --output none ||
    fail "The secret $1 was not stored. When that is mended, run: infra/secrets.sh"
  say "$1: stored in $VAULT."
}

store_credentials() {
  local file=${FIREBASE_CREDENTIALS_FILE:-}
  [ -n "$file" ] || ! can_ask || read -rp "Path of the Firebase service account's JSON file: " file
  [ -n "$file" ] || fail "FIREBASE_CREDENTIALS_FILE is not set: the path of the service account's JSON file \
(Firebase console, Project settings, Service accounts). Run: azd env set FIREBASE_CREDENTIALS_FILE PATH"
  file=${file/#\~/$HOME}
  python3 -m deployment.service_account "$file" "$FIREBASE_PROJECT_ID" || fail "Then run: infra/secrets.sh"
  store firebase-credentials "$file"
}

store_api_key() {
  local key=${FIREBASE_API_KEY:-}
  if [ -n "${FIREBASE_API_KEY_FILE:-}" ]; then
    key=$(cat "${FIREBASE_API_KEY_FILE/#\~/$HOME}")
  elif [ -z "$key" ] && can_ask; then
    read -rsp "Firebase's Web API key (it stays invisible): " key
    say ""
  fi
  key=$(printf %s "$key" | tr -d '[:space:]')
  [ -n "$key" ] || fail "Firebase's Web API key is missing (Firebase console, Project settings, General). \
Put it into a file, and run: azd env set FIREBASE_API_KEY_FILE PATH"
  printf %s "$key" >"$private/key"
  store firebase-api-key "$private/key"
}

subscription=$(subscription)
if ! names=$(stored 2>/dev/null); then
  grant "Key Vault Secrets Officer" \
    "/subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.KeyVault/vaults/$VAULT"
  names=$(retry 30 stored) || fail "The vault $VAULT still refuses you, 5 minutes after you got the role \
Key Vault Secrets Officer. Run again: infra/secrets.sh"
fi
is_stored firebase-credentials || store_credentials
is_stored firebase-api-key || store_api_key
[ "${REPLACE:-false}" != true ] || say "The app reads a replaced secret within a day. At once:" \
  "  az rest --method post --uri /subscriptions/$subscription/resourceGroups/$GROUP/providers/Microsoft.Web\
/sites/${APP:-APP}/config/configreferences/appsettings/refresh?api-version=2022-03-01"
