#!/usr/bin/env bash
# Pushes the image IMAGE, which is in Docker, to the registry REGISTRY. Needs az, signed in.
set -euo pipefail
: "${IMAGE:?the image, registry included}" "${REGISTRY:?the login server of the container registry}"
az acr login --name "${REGISTRY%%.*}"
docker push "$IMAGE"
