#!/usr/bin/env bash
# Gives the app, the factory and the deploying identity their users and roles in the database (users.sql),
# after the migrations. The SQL server's firewall is open for this machine meanwhile.
# Variables: GROUP, the resource group; SQL_SERVER, its host; DATABASE; APP_IDENTITY, FACTORY and
# DEPLOY_IDENTITY, the names, and APP_PRINCIPAL_ID, FACTORY_PRINCIPAL_ID and DEPLOY_PRINCIPAL_ID, the
# object ids of the identities; ADDRESS, this machine's public address, if it cannot be found.
# It can be run again. az must be signed in as a person who administers the server: SQL Server looks the
# identities up in Entra with that person's rights, but an application may not look them up.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
. infra/firewall.sh
need GROUP="the resource group" SQL_SERVER="the host of the SQL server" DATABASE="the database" \
  APP_IDENTITY="the app's identity" APP_PRINCIPAL_ID="its object id" \
  FACTORY="the data factory" FACTORY_PRINCIPAL_ID="the object id of its identity" \
  DEPLOY_IDENTITY="the deploying identity" DEPLOY_PRINCIPAL_ID="its object id"

give() {
  sql -i infra/users.sql -v "API=$APP_IDENTITY" -v "API_ID=$APP_PRINCIPAL_ID" \
    -v "FACTORY=$FACTORY" -v "FACTORY_ID=$FACTORY_PRINCIPAL_ID" \
    -v "DEPLOY=$DEPLOY_IDENTITY" -v "DEPLOY_ID=$DEPLOY_PRINCIPAL_ID"
}

subscription >/dev/null
open_firewall
# Entra knows a new identity some minutes after Azure has made it.
retry 12 give || fail "The users were not made. If the error above is 33134: az is signed in as an application, \
which may not look up the identities. Sign in as a person who administers the SQL server, then run: infra/users.sh"
say "The database has its three users."
