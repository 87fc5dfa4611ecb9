#!/bin/sh
# azd's hooks prepackage and predeploy: the folder that azure.yaml names. `azd up` runs both, `azd deploy` the latter.
set -eu
cd "$(dirname "$0")/../.."
[ -f node_modules/.package-lock.json ] || npm ci
npm run --silent package
