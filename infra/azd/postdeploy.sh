#!/bin/sh
# azd hook postdeploy: runs postdeploy.ts.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/azd/postdeploy.ts
