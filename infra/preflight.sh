#!/usr/bin/env bash
# Checks that everything that a deployment needs is there, before anything is made: tools, sign-in,
# rights, resource providers (it registers those that are missing), the region's offers and quotas, the
# name of a deleted vault (it brings the vault back), and the values that a deployment takes. It asks for
# missing values in a terminal; without one it says how to set them. All problems are reported
# together, each with the command that mends it.
# azd runs it before it provisions. By hand: answers=$(infra/preflight.sh) && eval "$answers"
# Variables: GROUP, the resource group (azd: AZURE_RESOURCE_GROUP), and LOCATION, the region (azd:
# AZURE_LOCATION), which need not exist yet; ENVIRONMENT, dev or prod; FIREBASE_PROJECT_ID; ALERT_EMAIL;
# SQL_ADMIN_NAME, SQL_ADMIN_OBJECT_ID and SQL_ADMIN_TYPE, by default whoever is signed in;
# FIREBASE_CREDENTIALS_FILE and FIREBASE_API_KEY_FILE (see secrets.sh); DATA (see data.sh).
# It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
. infra/firewall.sh
. infra/preflight_azure.sh
group=${AZURE_RESOURCE_GROUP:-${GROUP:-}}
location=${AZURE_LOCATION:-${LOCATION:-}}
subscription=""
deleted=""
problems=""
unset_values=""

problem() { # WHAT IS WRONG AND WHAT MENDS IT
  problems+="  - $1"$'\n'
}

not_checked() { # WHAT
  say "NOT CHECKED: $1. Azure gave no answer."
}

at_least() { # VERSION MINIMUM
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

tools() {
  local message version
  has_sqlcmd || problem "$NO_SQLCMD"
  if ! [ -x "${VENV:-.venv}/bin/python" ]; then
    problem "The project's Python packages are not installed (they need Python 3.13). Run: make .venv/ready"
  elif ! message=$(python_of_project -m deployment.odbc_driver 2>&1); then
    problem "The migrations need an ODBC driver. $message"
  fi
  # azd has a Bicep of its own.
  [ -z "${AZURE_ENV_NAME:-}" ] || return 0
  version=$(az bicep version --only-show-errors 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p')
  at_least "${version:-0}" 0.45.15 || problem "Bicep 0.45.15 or newer is needed. Run: az bicep install (or: az bicep upgrade)"
}

# Ends the script at once: without az, a sign-in and Python, nothing else can be looked at.
signed_in() {
  local version
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    fail "python3 is missing, or older than 3.10. Put a newer one first on the PATH, as that of .venv: \
PATH=\$PWD/.venv/bin:\$PATH"
  need_az
  version=$(az version --query '"azure-cli"' --output tsv)
  at_least "$version" 2.60.0 || problem "Azure CLI 2.60 or newer is needed, this is $version. Run: az upgrade"
  subscription=$(subscription)
}

# Gets a value, in this order: what is set; what a person answers; a line that says how to set it.
value() { # NAME QUESTION
  local answer=""
  [ -z "${!1:-}" ] || return 0
  if can_ask; then read -rp "$2: " answer; fi
  if [ -n "$answer" ]; then keep "$1" "$answer"; else unset_value "$1" "$2"; fi
}

unset_value() { # NAME QUESTION
  local command="export $1='...'"
  [ -z "${AZURE_ENV_NAME:-}" ] || command="azd env set $1 '...'"
  unset_values+="  $command   # $2"$'\n'
}

values() {
  case "${ENVIRONMENT:-dev}" in
  dev | prod) ;;
  *) problem "ENVIRONMENT is dev or prod, not $ENVIRONMENT. Run: azd env set ENVIRONMENT dev" ;;
  esac
  if [ -z "$location" ] && [ -z "${AZURE_ENV_NAME:-}" ]; then
    unset_value LOCATION "The region, as westeurope"
  fi
  value FIREBASE_PROJECT_ID "The Firebase project's id"
  value ALERT_EMAIL "The e-mail address to which alerts are sent"
  administrator
  [ -z "${DATA:-}" ] || [ -r "$DATA" ] ||
    problem "DATA names no file that can be read: $DATA. Run: azd env set DATA PATH"
  [ -n "${VAULT:-}$deleted" ] || firebase
}

# Whoever deploys administers the database, unless somebody else is named: an Entra group is better.
administrator() {
  local name id
  [ -z "${SQL_ADMIN_NAME:-}" ] || [ -z "${SQL_ADMIN_OBJECT_ID:-}" ] || return 0
  if name=$(az ad signed-in-user show --query userPrincipalName --output tsv 2>/dev/null) &&
    id=$(az ad signed-in-user show --query id --output tsv 2>/dev/null) && [ -n "$name$id" ]; then
    keep SQL_ADMIN_NAME "$name"
    keep SQL_ADMIN_OBJECT_ID "$id"
  else
    unset_value SQL_ADMIN_NAME "az is no person: an Entra group that administers the database"
    unset_value SQL_ADMIN_OBJECT_ID "that group's object id"
    unset_value SQL_ADMIN_TYPE "Group"
  fi
}

# The secrets are stored after the vault is made; their files are looked at now.
firebase() {
  local message
  value FIREBASE_CREDENTIALS_FILE "Path of the Firebase service account's JSON file"
  if [ -n "${FIREBASE_CREDENTIALS_FILE:-}" ] && ! message=$(python3 -m deployment.service_account \
    "$FIREBASE_CREDENTIALS_FILE" "${FIREBASE_PROJECT_ID:-}" 2>&1); then
    problem "$message Then run: azd env set FIREBASE_CREDENTIALS_FILE PATH"
  fi
  [ -z "${FIREBASE_API_KEY_FILE:-}" ] || [ -r "${FIREBASE_API_KEY_FILE/#\~/$HOME}" ] ||
    problem "FIREBASE_API_KEY_FILE cannot be read: $FIREBASE_API_KEY_FILE"
  [ -z "${FIREBASE_API_KEY_FILE:-}${FIREBASE_API_KEY:-}" ] || return 0
  if can_ask; then
    say "You will be asked for Firebase's Web API key when the vault is there, in some 15 minutes." \
      "To be asked nothing, put it into a file first: azd env set FIREBASE_API_KEY_FILE PATH"
  else
    unset_value FIREBASE_API_KEY_FILE "Path of a file with Firebase's Web API key"
  fi
}

signed_in
tools
azure
values
[ -z "$unset_values" ] || problem "These values are not set:"$'\n'"${unset_values%$'\n'}"
[ -z "$problems" ] || fail "Nothing was made. This must be mended first:" "${problems%$'\n'}"
[ -z "$deleted" ] || recover "$deleted"
say "Everything that a deployment needs is there."
