#!/bin/sh
# azd hook predeploy: checks the role assignments of an administrator, then creates the package.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/operate/check-roles.ts
sh infra/azd/package.sh
