#!/usr/bin/env bash
# On a runner with Debian, as root: Microsoft's ODBC driver, a database for the tests on the SQL
# Server at $1, and its connection string for the steps that follow. Takes SQL_PASSWORD.
set -euo pipefail
: "${1:?the server}" "${SQL_PASSWORD:?the password of sa}" "${GITHUB_ENV:?a file of variables}"

curl -sSLo /tmp/microsoft.deb https://packages.microsoft.com/config/debian/12/packages-microsoft-prod.deb
dpkg -i /tmp/microsoft.deb
apt-get update -qq
ACCEPT_EULA=Y apt-get install -qq -y --no-install-recommends msodbcsql18 mssql-tools18 unixodbc

# Azure SQL has both options on; SQL Server has them off.
/opt/mssql-tools18/bin/sqlcmd -S "$1" -U sa -P "$SQL_PASSWORD" -C -b -Q "
  CREATE DATABASE scratch;
  ALTER DATABASE scratch SET ALLOW_SNAPSHOT_ISOLATION ON;
  ALTER DATABASE scratch SET READ_COMMITTED_SNAPSHOT ON;"

echo "TEST_SQL_CONNECTION_STRING=Driver={ODBC Driver 18 for SQL Server};Server=tcp:$1,1433;\
Database=scratch;UID=sa;PWD=$SQL_PASSWORD;Encrypt=yes;TrustServerCertificate=yes" >>"$GITHUB_ENV"
