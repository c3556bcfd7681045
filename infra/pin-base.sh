#!/usr/bin/env bash
# Names the base image in the Dockerfile by its digest, the one that its tag has now, unless it has a
# digest already. Prints that name. It needs curl, no Docker, and can be run again. Variables: none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=$(sed -n 's/^FROM \([^ ]*\) AS base$/\1/p' Dockerfile)
if [[ $base != *@sha256:* ]]; then
  name=${base%:*} tag=${base##*:}
  manifest="https://${name%%/*}/v2/${name#*/}/manifests/$tag"
  accepted="application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
  accepted+=", application/vnd.docker.distribution.manifest.list.v2+json"
  accepted+=", application/vnd.docker.distribution.manifest.v2+json"
  digest=$(curl --fail --silent --show-error --location --retry 3 --head \
    --header "Accept: $accepted" "$manifest" |
    awk 'tolower($1) == "docker-content-digest:" { found = $2 } END { printf "%s", found }' |
    tr -d '\r')
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "The answer of $manifest has no digest." >&2; exit 1; }
  sed -i.unpinned "s|^FROM $base AS base$|FROM $base@$digest AS base|" Dockerfile
  rm Dockerfile.unpinned
  base="$base@$digest"
fi
echo "$base"
