#!/bin/sh
# azd hook preprovision: runs preprovision.ts.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH" node infra/azd/preprovision.ts
