# shellcheck shell=bash
# Lets this machine reach the SQL server until the script that sources this file ends, however it ends.
# Variables: GROUP, SQL_SERVER, DATABASE; ADDRESS, this machine's public address, if it cannot be found.

NO_SQLCMD="sqlcmd (Go) is missing, or the older sqlcmd, which cannot sign in as az, comes first on the PATH. \
Install it: https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-download-install"

has_sqlcmd() {
  case "$(sqlcmd '-?' 2>&1)" in *--authentication-method*) ;; *) return 1 ;; esac
}

sql() { # ARGUMENTS OF sqlcmd...
  sqlcmd -S "tcp:$SQL_SERVER,1433" -d "$DATABASE" --authentication-method ActiveDirectoryAzCli -N -l 30 -b -r1 "$@"
}

close_firewall() {
  az sql server firewall-rule delete --resource-group "$GROUP" --server "${SQL_SERVER%%.*}" \
    --name "$rule" --output none ||
    say "The firewall rule $rule of ${SQL_SERVER%%.*} is still there. Remove it: az sql server firewall-rule \
delete --resource-group $GROUP --server ${SQL_SERVER%%.*} --name $rule"
}

can_sign_in() {
  sql -Q "SELECT 1" -o /dev/null
}

# Makes the rule. Until Azure has spread it, the server still refuses this machine, for up to 5 minutes.
make_rule() {
  address=$(public_address)
  rule=deployment-$(echo "$address" | tr . -)
  trap close_firewall EXIT
  az sql server firewall-rule create --resource-group "$GROUP" --server "${SQL_SERVER%%.*}" --name "$rule" \
    --start-ip-address "$address" --end-ip-address "$address" --output none ||
    fail "The firewall of ${SQL_SERVER%%.*} could not be opened for $address."
}

open_firewall() {
  has_sqlcmd || fail "$NO_SQLCMD"
  make_rule
  retry 30 can_sign_in || fail "You cannot sign in to $SQL_SERVER, 5 minutes after its firewall was opened for \
$address. Only its Entra administrator can sign in (SQL_ADMIN_NAME: ${SQL_ADMIN_NAME:-unknown here}); az is \
signed in as $(az account show --query user.name --output tsv). If the error names another address, set ADDRESS."
}
