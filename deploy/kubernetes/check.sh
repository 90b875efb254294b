#!/usr/bin/env bash
# The manifests against the schemas of several Kubernetes versions, strictly: a field that does not exist is an error.
#   pip install kubernetes-validate
set -euo pipefail
cd "$(dirname "$0")"
for version in ${VERSIONS:-1.32.0 1.34.0 1.37.0}; do
    kubernetes-validate --strict --no-warn --kubernetes-version "$version" ./*.yaml
done
