#!/bin/sh
# azd's hook of this name: the roles that an administrator has to assign, where the template does not, then the package.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/operate/check-roles.ts
sh infra/azd/package.sh
