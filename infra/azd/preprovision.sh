#!/bin/sh
# azd's hook of this name: what it does is in preprovision.ts.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/azd/preprovision.ts
