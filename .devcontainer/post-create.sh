#!/usr/bin/env bash
# Installs what no feature of the dev container brings: the project's packages, the Functions Core Tools, kubectl and
# kubelogin, ShellCheck, and Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

npm ci
npm install --global azure-functions-core-tools@4
sudo az aks install-cli
sudo apt-get update -qq
sudo apt-get install -qq -y shellcheck chromium
