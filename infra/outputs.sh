#!/usr/bin/env bash
# Prints what the infrastructure's deployment gave, as lines for the shell: the variables that the other
# scripts take. Without azd, which keeps them itself: eval "$(infra/outputs.sh)"
# Variables: GROUP, the resource group; DEPLOYMENT, the deployment's name (main). It only reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group"

# Azure may change the case of an output's name (azurE_LOCATION); all of ours are upper case.
az deployment group show --resource-group "$GROUP" --name "${DEPLOYMENT:-main}" \
  --query properties.outputs --output json | python3 -c '
import json, shlex, sys
for name, output in json.load(sys.stdin).items():
    print(f"export {name.upper()}={shlex.quote(str(output["value"]))}")'
