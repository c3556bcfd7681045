#!/usr/bin/env bash
# Comments on a pull request what a deployment of this checkout's infrastructure would change in Azure.
# Needs az, signed in as an identity that may read and ask for a preview, and gh.
# Variables: GROUP, APP, those of infra/main.bicepparam; PULL_REQUEST, its address.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need GROUP="the resource group" APP="the Function App" PULL_REQUEST="the address of the pull request"
export AZURE_CORE_NO_COLOR=true
said=$(mktemp)
trap 'rm -f "$said" "$said.md"' EXIT

# Without ProviderNoRbac, whoever asks must have the right to make every change.
preview() {
  local running
  running=$(infra/running.sh) && eval "$running" &&
    az deployment group what-if --resource-group "$GROUP" --name main --no-prompt \
      --parameters infra/main.bicepparam --validation-level ProviderNoRbac \
      --exclude-change-types Ignore NoChange
}

status=0
preview >"$said" 2>&1 || status=$?
cat "$said"
{
  if [[ $status == 0 ]]; then
    echo "**What deploying the infrastructure of this pull request to \`$GROUP\` would change.**"
  else
    echo "**Azure cannot tell what deploying this pull request's infrastructure to \`$GROUP\` would change.**"
  fi
  echo "\`docs/deploy.md\` has the command; merging does not deploy it."
  echo '````text'
  head -c 60000 "$said" # a comment may have 65,536 characters; the log of this run has all of them
  printf '\n````\n'
} >"$said.md"
gh pr comment "$PULL_REQUEST" --edit-last --create-if-none --body-file "$said.md"
exit "$status"
