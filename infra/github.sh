#!/usr/bin/env bash
# Lets the workflows of a GitHub repository deploy. Needs the GitHub CLI and the Azure CLI, signed in.
#
#   infra/github.sh subject   prints what GitHub calls the repository in its tokens: the value of the
#                             variable OIDC_SUBJECT, which infra/main.bicepparam reads
#   infra/github.sh           after a deployment with that variable: makes the environment
#                             $ENVIRONMENT, which only `main` may use if it is prod, and `plan`, whose
#                             runs may only read; writes the variables that the workflows read
#   infra/github.sh remove    before the environment is removed from Azure: takes all of it back
#
# Variables: ENVIRONMENT; the outputs of the deployment (infra/outputs.sh), and those of the parameters
# file. REPOSITORY=owner/name names another repository than that of this folder. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
installed gh https://cli.github.com
repository=${REPOSITORY:-$(gh repo view --json nameWithOwner --jq .nameWithOwner)}
environment=${ENVIRONMENT:-dev}

# Repositories made, renamed or moved since 2026-07-15 are repo:OWNER@ID/NAME@ID, older ones
# repo:OWNER/NAME, unless somebody chose otherwise: `sub_claim_prefix` tells.
subject() {
  local about customized
  about=$(gh api "repos/$repository") || return
  customized=$(gh api "repos/$repository/actions/oidc/customization/sub" 2>&1) ||
    case $customized in
      *"HTTP 404"*) customized='{"use_default": true}' ;; # nobody ever chose
      *) say "$customized" && return 1 ;;
    esac
  python3 -c '
import json, sys
about, customized = map(json.loads, sys.argv[1:])
name, owner = about["full_name"], about["owner"]
keys = ["repo", "context"] if customized["use_default"] else customized.get("include_claim_keys", [])
if keys != ["repo", "context"]:
    sys.exit(f"""The tokens of {name} name it by {keys}, which infra/main.bicep does not know. To mend it:
gh api --method PUT repos/{name}/actions/oidc/customization/sub -F use_default=true""")
by_id = "{}@{}/{}@{}".format(owner["login"], owner["id"], about["name"], about["id"])
is_new = about["created_at"] >= "2026-07-15" or customized.get("use_immutable_subject")
print(customized.get("sub_claim_prefix") or "repo:" + (by_id if is_new else name))
' "$about" "$customized"
}

require_trust() { # IDENTITY ENVIRONMENT: a run of the environment may sign in as the identity
  local wanted trusted
  wanted="$(subject):environment:$2"
  trusted=$(az identity federated-credential list --resource-group "$GROUP" --identity-name "$1" \
    --query "[].subject" --output tsv)
  grep -qxF "$wanted" <<<"$trusted" && return
  fail "The identity $1 trusts '$trusted', but GitHub sends '$wanted'. Deploy the infrastructure" \
    "again with OIDC_SUBJECT='${wanted%:environment:*}', then run: infra/github.sh"
}

make_environment() { # NAME
  gh api --silent "repos/$repository/environments/$1" 2>/dev/null ||
    gh api --silent --method PUT "repos/$repository/environments/$1"
}

# `protected_branches` would allow every branch while no branch of the repository is protected.
allow_only() { # NAME BRANCH
  local path="repos/$repository/environments/$1" custom
  custom=$(gh api "$path" --jq .deployment_branch_policy.custom_branch_policies)
  [[ $custom == true ]] || gh api --silent --method PUT "$path" --input - <<<'{"deployment_branch_policy":
    {"protected_branches": false, "custom_branch_policies": true}}'
  gh api "$path/deployment-branch-policies" --jq '.branch_policies[].name' | grep -xF "$2" >/dev/null ||
    gh api --silent --method POST "$path/deployment-branch-policies" -f "name=$2" -f type=branch
}

variable() { # ENVIRONMENT NAME VALUE
  gh variable set "$2" --repo "$repository" --env "$1" --body "$3"
}

sign_in_as() { # ENVIRONMENT CLIENT_ID
  variable "$1" AZURE_CLIENT_ID "$2"
  variable "$1" AZURE_TENANT_ID "$(az account show --query tenantId --output tsv)"
  variable "$1" AZURE_SUBSCRIPTION_ID "$(subscription)"
  variable "$1" GROUP "$GROUP"
  variable "$1" APP "$APP"
}

# What the parameters file reads is what this deployment was made with. The images are those that run.
copy_parameters() { # ENVIRONMENT
  local name names known
  names=$(grep -o "readEnvironmentVariable('[A-Z_]*'" infra/main.bicepparam | cut -d "'" -f 2 | sort -u)
  known=$(gh variable list --repo "$repository" --env "$1" --json name --jq '.[].name')
  for name in $names; do
    case $name in IMAGE | STAGING_IMAGE) continue ;; esac
    if [[ -n ${!name-} ]]; then
      variable "$1" "$name" "${!name}"
    elif grep -qxF "$name" <<<"$known"; then
      gh variable delete "$name" --repo "$repository" --env "$1"
    fi
  done
}

main_deploys_to() {
  gh variable get MAIN_DEPLOYS_TO --repo "$repository" 2>/dev/null || true
}

remove() {
  local scope
  gh api --silent --method DELETE "repos/$repository/environments/$environment"
  if [[ $(main_deploys_to) == "$environment" ]]; then
    gh api --silent --method DELETE "repos/$repository/environments/plan"
    gh variable delete MAIN_DEPLOYS_TO --repo "$repository"
  fi
  # A role of one's own outlives the resource group that it is for.
  scope=$(az group show --name "$GROUP" --query id --output tsv)
  az role assignment delete --role "$PLAN_IDENTITY" --scope "$scope"
  az role definition delete --name "$PLAN_IDENTITY" --scope "$scope"
}

case ${1-} in
  subject) subject && exit ;;
  remove)
    need GROUP="the resource group" PLAN_IDENTITY="the identity of the previews"
    remove && exit
    ;;
esac

need GROUP="the resource group" APP="the Function App" REGISTRY="the registry's login server" \
  SQL_SERVER="the host of the SQL server" DATABASE="the database" \
  DEPLOY_IDENTITY="the deploying identity" DEPLOY_CLIENT_ID="its client id" \
  PLAN_IDENTITY="the identity of the previews" \
  PLAN_CLIENT_ID="its client id, which is empty until the infrastructure knows OIDC_SUBJECT"
require_trust "$DEPLOY_IDENTITY" "$environment"
require_trust "$PLAN_IDENTITY" plan
make_environment "$environment"
[[ $environment != prod ]] || allow_only prod main
sign_in_as "$environment" "$DEPLOY_CLIENT_ID"
variable "$environment" REGISTRY "$REGISTRY"
variable "$environment" SQL_SERVER "$SQL_SERVER"
variable "$environment" DATABASE "$DATABASE"
variable "$environment" PRIVATE_NETWORK "${PRIVATE_NETWORK:-false}"

target=$(main_deploys_to)
if [[ $environment == prod || -z $target ]]; then
  target=$environment
  gh variable set MAIN_DEPLOYS_TO --repo "$repository" --body "$environment"
fi
if [[ $target == "$environment" ]]; then
  make_environment plan
  sign_in_as plan "$PLAN_CLIENT_ID"
  copy_parameters plan
fi
say "A push to main of $repository now deploys to $target." \
  "From any branch that may: gh workflow run deploy.yml -f environment=$environment"
