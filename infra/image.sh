#!/usr/bin/env bash
# Builds this commit's image in the registry (az acr build: nobody needs Docker) and prints its name, as
# registry.azurecr.io/smart-cache:COMMIT. An image that is there already is not built again. If something
# that is in the image is not committed, the tag ends with the time: a tag never stands for two contents.
# Where the subscription may not build in Azure (ACR Tasks are paused for free credit), Docker builds here.
# Variables: REGISTRY, the registry's login server. It can be run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. infra/functions.sh
need REGISTRY="the registry's login server"
name=${REGISTRY%%.*}
NOT_BUILT="The image was not built; the reason is above. When it is mended, run: azd deploy (or infra/image.sh)"

tag() {
  local commit
  commit=$(git rev-parse HEAD 2>/dev/null) || commit=uncommitted
  if [ "$commit" = uncommitted ] || [ -n "$(git status --porcelain -- \
    Dockerfile .dockerignore function_app.py host.json requirements.txt shared)" ]; then
    echo "$commit-$(date -u +%Y%m%dT%H%M%SZ)"
  else
    echo "$commit"
  fi
}

is_there() {
  az acr repository show --name "$name" --image "$image" --output none >/dev/null 2>&1
}

build_in_azure() {
  az acr build --registry "$name" --image "$image" --build-arg "COMMIT=$tag" \
    --platform linux/amd64 --timeout 1800 . 2>&1 | tee "$log" >&2
}

build_here() {
  command -v docker >/dev/null || fail "This subscription may not build images in Azure (ACR Tasks are paused \
for free credit), and Docker is not installed here. Install it (https://docs.docker.com/get-docker/), or ask \
for ACR Tasks at https://aka.ms/azuresupport. Then run: azd deploy"
  say "This subscription may not build images in Azure: Docker builds it here."
  docker build --platform linux/amd64 --build-arg "COMMIT=$tag" --tag "$REGISTRY/$image" . >&2 &&
    az acr login --name "$name" --output none >&2 && docker push "$REGISTRY/$image" >&2
}

tag=$(tag)
image=smart-cache:$tag
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if is_there; then
  say "$REGISTRY/$image is there already."
elif ! build_in_azure; then
  grep -q TasksOperationsNotAllowed "$log" || fail "$NOT_BUILT"
  build_here || fail "$NOT_BUILT"
fi
echo "$REGISTRY/$image"
