#!/usr/bin/env bash
# Checks the required programs and the sign-in before the first change.

# The newest that a printed command needs: .bicepparam files alone work from 2.53.0, --nrg-lockdown-restriction-level from
# 2.68.0.
OLDEST_AZ=2.68.0

check_tools() {
  local missing=()
  has node || missing+=('node: Node.js 22.19 or newer, https://nodejs.org')
  has az || missing+=('az: Azure CLI, https://aka.ms/azure-cli')
  if [ "$ONLY_WHAT_IF" = no ]; then
    has npm || missing+=('npm: included in Node.js')
    has func || missing+=('func: Azure Functions Core Tools, npm install --global azure-functions-core-tools@4')
    if [ "$SKIP_KUBERNETES" = no ]; then
      has kubectl || missing+=('kubectl: az aks install-cli; or pass --skip-kubernetes and apply the manifests later')
    fi
  fi
  if [ "${#missing[@]}" -gt 0 ]; then fail 'Required programs are missing. Install them:' "${missing[@]/#/  }"; fi
  # Older versions cannot run the TypeScript files in infra/operate.
  node --eval 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old. Version 22.19 or newer is required." \
      'Install it, or run npm ci, which installs Node.js for the project on most platforms.'
  check_az_version
}

check_az_version() {
  local found compare
  found=$(az version --query '"azure-cli"' --output tsv) || fail 'The version of the Azure CLI is unknown: az version fails.'
  compare='const [a, b] = process.argv.slice(1).map((text) => text.split(".").map(Number));
    const at = a.findIndex((part, index) => part !== b[index]);
    process.exit(at < 0 || a[at] > b[at] ? 0 : 1)'
  node --eval "$compare" "$found" "$OLDEST_AZ" ||
    fail "The Azure CLI is of version $found. Version $OLDEST_AZ or newer is required." 'Update it: az upgrade'
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# Sets SUBSCRIPTION_ID, the subscription of the app.
check_signed_in() {
  SUBSCRIPTION_ID=$(az account show --query id --output tsv) ||
    fail 'The Azure CLI is not signed in. Run az login, then az account set --subscription SUBSCRIPTION.'
  [ -n "$SUBSCRIPTION_ID" ] ||
    fail 'The Azure CLI has no default subscription. Run az account set --subscription SUBSCRIPTION.'
  say "Deployment $AZURE_ENV_NAME in subscription $SUBSCRIPTION_ID, region $AZURE_LOCATION."
}
