#!/bin/sh
# azd hooks prepackage and predeploy: creates the folder that azure.yaml deploys. `azd deploy` runs only predeploy.
set -eu
cd "$(dirname "$0")/../.."
[ -f node_modules/.package-lock.json ] || npm ci
npm run --silent package
