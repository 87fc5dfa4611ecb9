#!/bin/sh
# azd's hook of this name: what it does is in postdeploy.ts.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/azd/postdeploy.ts
