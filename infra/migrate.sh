#!/usr/bin/env bash
# Creates the database's tables, procedures and roles, or brings them up to date.
# In a GitHub workflow: with the image $1 in Docker, which has the ODBC driver, signed in as this run with
# a token that GitHub issues and Entra exchanges. Elsewhere: from .venv, signed in as az is; that needs
# unixODBC and Microsoft's ODBC driver here. The SQL server's firewall is open for this machine meanwhile;
# in a workflow it is open already, unless PRIVATE_NETWORK=true.
# Variables: SQL_SERVER, its host; DATABASE; in a workflow AZURE_CLIENT_ID and AZURE_TENANT_ID; GROUP, the
# resource group, and ADDRESS, this machine's public address, if it cannot be found.
# It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
. infra/firewall.sh

connection() { # DRIVER
  echo "Driver={$1};Server=tcp:$SQL_SERVER,1433;Database=$DATABASE;Encrypt=yes"
}

in_the_workflow() { # IMAGE
  need AZURE_CLIENT_ID="the deploying identity" AZURE_TENANT_ID="its tenant" \
    SQL_SERVER="the host of the SQL server" DATABASE="the database"
  [ -n "${1:-}" ] || fail "Usage: infra/migrate.sh IMAGE"
  local tries=1 closing=:
  if [ "${PRIVATE_NETWORK:-false}" = true ]; then
    need GROUP="the resource group"
    make_rule
    tries=30 closing=close_firewall
  fi
  token=$(mktemp)
  # shellcheck disable=SC2064 # closing is local
  trap "rm -f '$token'; $closing" EXIT
  chmod 644 "$token" # the user in the image is another one

  export AZURE_FEDERATED_TOKEN_FILE=/run/federated-token
  SQL_CONNECTION_STRING=$(connection "ODBC Driver 18 for SQL Server")
  export SQL_CONNECTION_STRING
  export PYTHONPATH=/home/site/wwwroot/.python_packages/lib/site-packages
  retry "$tries" in_the_image "$1"
}

# GitHub's token is good for five minutes, so each attempt takes a new one.
get_token() {
  curl --fail --silent --show-error --retry 3 \
    --header @<(echo "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN") \
    "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["value"], end="")' >"$token"
}

in_the_image() { # IMAGE
  get_token && docker run --rm --volume "$token:$AZURE_FEDERATED_TOKEN_FILE:ro" \
    --env AZURE_FEDERATED_TOKEN_FILE --env AZURE_CLIENT_ID --env AZURE_TENANT_ID \
    --env SQL_CONNECTION_STRING --env PYTHONPATH \
    "$1" python -m shared.cli migrate
}

from_here() {
  local driver
  need GROUP="the resource group" SQL_SERVER="the host of the SQL server" DATABASE="the database"
  driver=$(python_of_project -m deployment.odbc_driver)
  subscription >/dev/null
  open_firewall
  SQL_CONNECTION_STRING=$(connection "$driver") python_of_project -m shared.cli migrate
}

if [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then in_the_workflow "${1:-}"; else from_here; fi
