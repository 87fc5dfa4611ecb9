#!/usr/bin/env bash
# Whether the programs are there that the steps need: better now than after half of a deployment.

check_tools() {
  local missing=()
  has node || missing+=('node: Node.js 22.19 or newer, https://nodejs.org')
  has az || missing+=('az: the Azure CLI, https://aka.ms/azure-cli')
  if [ "$ONLY_WHAT_IF" = no ]; then
    has npm || missing+=('npm: comes with Node.js')
    has func || missing+=('func: the Functions Core Tools, npm install --global azure-functions-core-tools@4')
    if [ "$SKIP_KUBERNETES" = no ]; then
      has kubectl || missing+=('kubectl: az aks install-cli; or pass --skip-kubernetes, and apply the manifests later')
    fi
  fi
  if [ "${#missing[@]}" -gt 0 ]; then fail 'These programs are missing:' "${missing[@]/#/  }"; fi
  # The helpers are TypeScript, which older versions do not run.
  node --eval 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 19) ? 0 : 1)' ||
    fail "node: found $(node --version), expected 22.19 or newer; npm ci brings one along where it can"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# Sets SUBSCRIPTION_ID: where the app goes.
check_signed_in() {
  SUBSCRIPTION_ID=$(az account show --query id --output tsv) ||
    fail 'az is not signed in: az login, then az account set --subscription SUBSCRIPTION'
  [ -n "$SUBSCRIPTION_ID" ] || fail 'az has no subscription: az account set --subscription SUBSCRIPTION'
  say "The app goes into the subscription $SUBSCRIPTION_ID, as $AZURE_ENV_NAME in $AZURE_LOCATION."
}
