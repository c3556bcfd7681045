#!/usr/bin/env bash
# Compares azure.yaml with the schema that Microsoft publishes for it, as it was at one commit. It needs
# the network, so `make check` does not do it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:$PWD/.venv/bin # uvx, after `make check`
commit=ae35809f496491989273d0edefdeb70f245f399b
digest=ff8d40d0d84c4b5ab1a934e61553c8ce985a05da63e63c59f6abcd58ab73b998

schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
curl --fail --silent --show-error --location --retry 3 --output "$schema" \
  "https://raw.githubusercontent.com/Azure/azure-dev/$commit/schemas/v1.0/azure.yaml.json"
if ! echo "$digest  $schema" | sha256sum --check --status; then
  echo "The schema of azure.yaml is not the one that was read: its SHA-256 differs." >&2
  exit 1
fi
uvx check-jsonschema==0.39.0 --schemafile "$schema" azure.yaml
