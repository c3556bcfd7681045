#!/usr/bin/env bash
# On a runner with Linux: the compiler of Bicep, in the version with which the checks were written.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${GITHUB_PATH:?a file of folders}"
version=$(sed -n 's/^BICEP_VERSION: Final = "\(.*\)"$/\1/p' checks/programs.py)
folder=$HOME/.local/bin
curl --fail --silent --show-error --location --retry 3 --create-dirs --output "$folder/bicep" \
  "https://github.com/Azure/bicep/releases/download/v$version/bicep-linux-x64"
chmod +x "$folder/bicep"
"$folder/bicep" --version
echo "$folder" >>"$GITHUB_PATH"
