#!/usr/bin/env bash
# Deploys the app: the first stage of the template, the code, the second stage, and the manifests of each cluster. It is
# idempotent. docs/deploy.md describes the steps. Compatible with bash 3.2, the version of macOS.
set -euo pipefail

USAGE='Usage: bash infra/operate/deploy.sh --name NAME --location REGION --cluster ID [--cluster ID ...] [options]

  --name NAME               name of the deployment, unique in the subscription (AZURE_ENV_NAME)
  --location REGION         region of the app (AZURE_LOCATION)
  --cluster ID              resource ID of a cluster; repeat the option for each cluster (AKS_CLUSTER_IDS, separated by
                            spaces or commas)
  --subscription-source ID  one of the clusters, whose node resource group cannot contain a system topic; its events
                            come from a topic of the whole subscription (SUBSCRIPTION_SOURCE_CLUSTER_IDS)
  --what-if                 show the planned changes without deploying them
  --yes                     deploy without confirmation
  --skip-kubernetes         print the commands for the clusters instead of running them
  --wait SECONDS            maximum time to wait for the published function (default 900); POLL_SECONDS sets the
                            interval between checks (default 10)
  --help                    show this help

Environment variables set the other parameters of the template. docs/deploy.md lists them.

Exit codes: 0 deployed, 1 failed or not confirmed, 2 incorrect usage, 3 an administrator must assign roles first
(ASSIGN_ROLES=false), 4 deployed, but for the manifests of at least one cluster.'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=infra/operate/steps/say.sh
. "$root/infra/operate/steps/say.sh"
# shellcheck source=infra/operate/steps/tools.sh
. "$root/infra/operate/steps/tools.sh"
# shellcheck source=infra/operate/steps/template.sh
. "$root/infra/operate/steps/template.sh"
# shellcheck source=infra/operate/steps/code.sh
. "$root/infra/operate/steps/code.sh"

ONLY_WHAT_IF=no
CONFIRMED=no
SKIP_KUBERNETES=no
LEFT_CLUSTERS=no
WAIT_SECONDS=900
POLL_SECONDS=${POLL_SECONDS-10}

main() {
  parse_arguments "$@"
  cd "$root"
  # Prefer the Node.js version that npm ci installs.
  PATH="$root/node_modules/.bin:$PATH"
  FOLDER=$(mktemp -d)
  trap 'rm -rf "$FOLDER"' EXIT
  OUTPUTS="$FOLDER/outputs.json"

  check_tools
  check_signed_in
  step 'Clusters'
  find_clusters
  step 'Planned changes'
  what_if
  if [ "$ONLY_WHAT_IF" = yes ]; then return; fi
  confirm

  step 'First stage: all resources except the event subscriptions'
  deploy_stage false || fail_midway 'The first stage of the template failed. Correct the error above.'
  read_outputs
  check_roles
  step 'Code'
  package_app
  publish_app
  await_function
  step 'Second stage: event subscriptions'
  deploy_stage true || fail_midway 'The second stage of the template failed. Correct the error above.'
  step 'Kubernetes'
  apply_manifests
  say_what_next
  if [ "$LEFT_CLUSTERS" = yes ]; then
    say '' 'Not done yet: the manifests of at least one cluster. The reason and the commands are above, under Kubernetes.'
    exit "$NOT_APPLIED"
  fi
}

parse_arguments() {
  local ids='' sources='' option
  while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
      --what-if) ONLY_WHAT_IF=yes ;;
      --yes) CONFIRMED=yes ;;
      --skip-kubernetes) SKIP_KUBERNETES=yes ;;
      --help) say "$USAGE" && exit ;;
      --name | --location | --cluster | --subscription-source | --wait)
        if [ $# -eq 0 ] || [ -z "$1" ]; then wrong_usage "The option $option has no value. Add its value."; fi
        case $option in
          --name) AZURE_ENV_NAME=$1 ;;
          --location) AZURE_LOCATION=$1 ;;
          --cluster) ids="$ids $1" ;;
          --subscription-source) sources="$sources $1" ;;
          --wait) WAIT_SECONDS=$1 ;;
        esac
        shift
        ;;
      *) wrong_usage "The option '$option' is unknown." ;;
    esac
  done
  AKS_CLUSTER_IDS=${ids:-${AKS_CLUSTER_IDS-}}
  SUBSCRIPTION_SOURCE_CLUSTER_IDS=${sources:-${SUBSCRIPTION_SOURCE_CLUSTER_IDS-}}
  [ -n "${AZURE_ENV_NAME-}" ] || wrong_usage '--name is missing. Pass it, or set AZURE_ENV_NAME.'
  [ -n "${AZURE_LOCATION-}" ] || wrong_usage '--location is missing. Pass it, or set AZURE_LOCATION.'
  [ -n "$AKS_CLUSTER_IDS" ] || wrong_usage '--cluster is missing. Pass it, or set AKS_CLUSTER_IDS.'
  [[ $WAIT_SECONDS =~ ^[0-9]+$ ]] || wrong_usage "The value '$WAIT_SECONDS' of --wait is not a number of seconds."
  export AZURE_ENV_NAME AZURE_LOCATION AKS_CLUSTER_IDS SUBSCRIPTION_SOURCE_CLUSTER_IDS
}

# Overrides AKS_CLUSTERS, because a value from azd's environment can be outdated.
find_clusters() {
  AKS_CLUSTERS=$(node infra/operate/clusters.ts) ||
    fail 'Correct the errors above, then run this script again. Nothing was changed.'
  export AKS_CLUSTERS
  say 'The clusters and their event sources are ready.'
}

confirm() {
  if [ "$CONFIRMED" = yes ]; then return; fi
  local answer=''
  printf '\nDeploy these changes? [y/N] '
  read -r answer || true
  case $answer in
    y | Y | yes) ;;
    *) fail 'The deployment was not confirmed. Nothing was changed.' ;;
  esac
}

check_roles() {
  local code=0
  node infra/operate/check-roles.ts || code=$?
  case $code in
    0) ;;
    3)
      say 'The code was not published. After the roles are assigned, run this script again.'
      exit 3
      ;;
    *) fail_midway 'The role assignments could not be read. Correct the error above.' ;;
  esac
}

# A cluster that this machine cannot reach does not stop the deployment: the app reports its missing permissions.
apply_manifests() {
  local arguments=(--principal "$IDENTITY_PRINCIPAL_ID" --namespace "$SCRAPE_NAMESPACE") id code=0
  for id in ${AKS_CLUSTER_IDS//,/ }; do arguments+=(--cluster "$id"); done
  if [ "$SKIP_KUBERNETES" = yes ]; then arguments+=(--print); fi
  bash infra/operate/apply-manifests.sh "${arguments[@]}" || code=$?
  case $code in
    0) ;;
    "$NOT_APPLIED") LEFT_CLUSTERS=yes ;;
    *) fail_midway 'The manifests could not be applied to the clusters. Correct the error above.' ;;
  esac
}

say_what_next() {
  local keys="--resource-group $APP_RESOURCE_GROUP --name $AZURE_FUNCTION_NAME --function-name status"
  keys="$keys --query default --output tsv"
  step 'Deployed'
  say "$AZURE_FUNCTION_NAME runs with MODE=${MODE-observe}. Next steps:" \
    '1. Publish a package (docs/package.md). This requires the role Storage Blob Data Contributor on the container:' \
    "     npm run dsc:publish -- --container $PACKAGE_CONTAINER_URL" \
    "2. Open $AZURE_FUNCTION_URL/api/status with the function key that this command prints:" \
    "     az functionapp function keys list --subscription $SUBSCRIPTION_ID $keys"
  if [ "${MODE-observe}" = observe ]; then
    say '3. Review the plans. To carry them out, run this script again with MODE=install in the environment.'
  fi
}

main "$@"
