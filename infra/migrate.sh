#!/usr/bin/env bash
# In a GitHub workflow: runs the migrations of the image $1, which also has the ODBC driver. It signs
# in as this workflow run, with a token that GitHub issues and Entra exchanges.
set -euo pipefail
: "${1:?the image}" "${SQL_SERVER:?the host of the SQL server}" "${DATABASE:?the database}"
: "${AZURE_CLIENT_ID:?the deploying identity}" "${AZURE_TENANT_ID:?its tenant}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?the job needs the permission id-token: write}"

token=$(mktemp)
trap 'rm -f "$token"' EXIT
curl --fail --silent --show-error --retry 3 \
  --header @<(echo "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN") \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["value"], end="")' >"$token"
chmod 644 "$token" # the user in the image is another one

export AZURE_FEDERATED_TOKEN_FILE=/run/federated-token
export SQL_CONNECTION_STRING="Driver={ODBC Driver 18 for SQL Server};Server=tcp:$SQL_SERVER,1433;Database=$DATABASE;Encrypt=yes"
export PYTHONPATH=/home/site/wwwroot/.python_packages/lib/site-packages
docker run --rm --volume "$token:$AZURE_FEDERATED_TOKEN_FILE:ro" \
  --env AZURE_FEDERATED_TOKEN_FILE --env AZURE_CLIENT_ID --env AZURE_TENANT_ID \
  --env SQL_CONNECTION_STRING --env PYTHONPATH \
  "$1" python -m shared.cli migrate
