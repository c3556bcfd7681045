# shellcheck shell=bash
# What the scripts of this folder share. It is sourced, not run.

say() { printf '%s\n' "$@" >&2; }

fail() {
  say "$@"
  exit 1
}

# Whether somebody is there who can answer: azd --no-prompt cannot be seen from a hook, its variable can.
can_ask() {
  [ -t 0 ] && [ "${AZD_NON_INTERACTIVE:-false}" != true ]
}

# Ends the script if a variable is empty, and names all of those that are: need NAME="what it is" ...
need() {
  local each name missing=()
  for each in "$@"; do
    name=${each%%=*}
    [ -n "${!name:-}" ] || missing+=("  $name: ${each#*=}")
  done
  [ ${#missing[@]} -eq 0 ] || fail "These variables are not set:" "${missing[@]}" \
    "azd sets them when it provisions (azd provision). By hand: eval \"\$(infra/outputs.sh)\""
}

# Ends the script if a program is not on the PATH.
installed() { # PROGRAM ADDRESS OF ITS INSTRUCTIONS
  command -v "$1" >/dev/null || fail "$1 is not installed. Install it: $2"
}

need_az() {
  installed az https://learn.microsoft.com/cli/azure/install-azure-cli
}

# Runs a command until it succeeds, at most so many times. Azure takes minutes to spread a new role
# or a new firewall rule. Only the last attempt says why it failed.
retry() { # TIMES COMMAND...
  local left=$(($1 - 1))
  shift
  while [ "$left" -gt 0 ]; do
    "$@" 2>/dev/null && return
    sleep "${PAUSE_SECONDS:-10}"
    left=$((left - 1))
  done
  "$@"
}

# Keeps a value for the scripts and for the next deployment: in azd's environment, or by hand as a line
# for the shell.
keep() { # NAME VALUE
  local old=${!1-unset}
  export "$1=$2"
  if [ -z "${AZURE_ENV_NAME:-}" ]; then
    printf "export %s=%q\n" "$1" "$2"
  elif [ "$old" != "$2" ]; then
    azd env set "$1" "$2"
  fi
}

# Prints the id of the subscription that az uses. azd has a sign-in and a subscription of its own.
subscription() {
  local id
  need_az
  id=$(az account show --query id --output tsv) || fail 'az is not signed in. Run: az login'
  [ "$id" = "${AZURE_SUBSCRIPTION_ID:-$id}" ] || fail "az uses the subscription $id, but azd's environment \
belongs to $AZURE_SUBSCRIPTION_ID. Run: az account set --subscription $AZURE_SUBSCRIPTION_ID"
  echo "$id"
}

# Gives whoever is signed in a role.
grant() { # ROLE SCOPE
  local id type=User
  if [ "$(az account show --query user.type --output tsv)" = user ]; then
    id=$(az ad signed-in-user show --query id --output tsv)
  else
    type=ServicePrincipal
    id=$(az ad sp show --id "$(az account show --query user.name --output tsv)" --query id --output tsv)
  fi
  az role assignment create --assignee-object-id "$id" --assignee-principal-type "$type" \
    --role "$1" --scope "$2" --output none
}

# Prints the address from which this machine reaches the internet.
public_address() {
  [ -z "${ADDRESS:-}" ] || { echo "$ADDRESS" && return; }
  curl --fail --silent --show-error --max-time 20 https://api.ipify.org ||
    fail "This machine's public address is unknown: api.ipify.org does not answer. Set ADDRESS to it."
}

# Runs the project's own Python. Some of azd's variables have the names of the app's settings.
python_of_project() { # ARGUMENTS...
  local python=${VENV:-.venv}/bin/python
  [ -x "$python" ] || fail "$python is missing. Run: make .venv/ready"
  env -u FIREBASE_PROJECT_ID -u FIREBASE_API_KEY -u FIREBASE_CREDENTIALS \
    AZURE_TOKEN_CREDENTIALS=AzureCliCredential "$python" "$@"
}
