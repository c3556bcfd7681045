#!/usr/bin/env bash
# Prints what the infrastructure's deployment gave, as lines for the shell: the variables that the other
# scripts take. Without azd, which keeps them itself: eval "$(infra/outputs.sh)"
# Variables: GROUP, the resource group; DEPLOYMENT, the deployment's name (main). It only reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
[ -n "${GROUP:-}" ] || fail "GROUP, the resource group, is not set. Run: export GROUP=NAME"
need_az
deployment=${DEPLOYMENT:-main}

outputs=$(az deployment group show --resource-group "$GROUP" --name "$deployment" \
  --query properties.outputs --output json) ||
  fail "The group $GROUP has no deployment $deployment that you may read. Is the infrastructure deployed?"
case "$outputs" in
"" | null) fail "The deployment $deployment has no outputs: it failed, or it is not finished. To see why: \
az deployment group show --resource-group $GROUP --name $deployment --query properties.error" ;;
esac
# Azure may change the case of an output's name (azurE_LOCATION); all of ours are upper case.
python3 -c '
import json, shlex, sys
for name, output in json.load(sys.stdin).items():
    print(f"export {name.upper()}={shlex.quote(str(output["value"]))}")' <<<"$outputs"
