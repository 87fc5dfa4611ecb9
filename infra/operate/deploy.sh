#!/usr/bin/env bash
# Deploys the app: the template's first stage, the code, the second stage, and the manifests in each cluster. It is safe
# to run again at any time. docs/deploy.md has the steps, one by one. It works with bash 3.2, which macOS has.
set -euo pipefail

USAGE='Usage: bash infra/operate/deploy.sh --name NAME --location REGION --cluster ID [--cluster ID ...] [options]

  --name NAME               tells this deployment from others (AZURE_ENV_NAME)
  --location REGION         the region of the app (AZURE_LOCATION)
  --cluster ID              the resource id of a cluster; once for each (AKS_CLUSTER_IDS, with blanks or commas)
  --subscription-source ID  one of the clusters, whose events come from a topic of its whole subscription, as its node
                            resource group takes none (SUBSCRIPTION_SOURCE_CLUSTER_IDS)
  --what-if                 show what would change, and change nothing
  --yes                     do not ask before anything is changed
  --skip-kubernetes         print the commands for the clusters instead of running them
  --wait SECONDS            how long to wait for the function after it was published (900), with POLL_SECONDS
                            (10) between two looks
  --help                    this

The other parameters of the template are read from the environment: docs/deploy.md lists the variables.

Exit codes: 0 done, 1 failed or not confirmed, 2 wrong usage, 3 roles are to be assigned first (ASSIGN_ROLES=false).'

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
WAIT_SECONDS=900
POLL_SECONDS=${POLL_SECONDS-10}

main() {
  parse_arguments "$@"
  cd "$root"
  # The Node that npm ci has brought along, where it has.
  PATH="$root/node_modules/.bin:$PATH"
  FOLDER=$(mktemp -d)
  trap 'rm -rf "$FOLDER"' EXIT
  OUTPUTS="$FOLDER/outputs.json"

  check_tools
  check_signed_in
  step 'Clusters'
  find_clusters
  step 'What would change'
  what_if
  if [ "$ONLY_WHAT_IF" = yes ]; then return; fi
  confirm

  step 'First stage: everything but the event subscriptions'
  deploy_stage false || fail_midway 'The first stage failed.'
  read_outputs
  check_roles
  step 'Code'
  package_app
  publish_app
  await_function
  step 'Second stage: the event subscriptions'
  deploy_stage true || fail_midway 'The second stage failed.'
  step 'Kubernetes'
  apply_manifests
  say_what_next
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
        if [ $# -eq 0 ] || [ -z "$1" ]; then wrong_usage "$option wants a value"; fi
        case $option in
          --name) AZURE_ENV_NAME=$1 ;;
          --location) AZURE_LOCATION=$1 ;;
          --cluster) ids="$ids $1" ;;
          --subscription-source) sources="$sources $1" ;;
          --wait) WAIT_SECONDS=$1 ;;
        esac
        shift
        ;;
      *) wrong_usage "found '$option', which is no option" ;;
    esac
  done
  AKS_CLUSTER_IDS=${ids:-${AKS_CLUSTER_IDS-}}
  SUBSCRIPTION_SOURCE_CLUSTER_IDS=${sources:-${SUBSCRIPTION_SOURCE_CLUSTER_IDS-}}
  [ -n "${AZURE_ENV_NAME-}" ] || wrong_usage '--name is missing'
  [ -n "${AZURE_LOCATION-}" ] || wrong_usage '--location is missing'
  [ -n "$AKS_CLUSTER_IDS" ] || wrong_usage '--cluster is missing'
  [[ $WAIT_SECONDS =~ ^[0-9]+$ ]] || wrong_usage "--wait: found '$WAIT_SECONDS', expected seconds"
  export AZURE_ENV_NAME AZURE_LOCATION AKS_CLUSTER_IDS SUBSCRIPTION_SOURCE_CLUSTER_IDS
}

# A value of AKS_CLUSTERS that azd left behind may be old: the clusters are asked anew.
find_clusters() {
  AKS_CLUSTERS=$(node infra/operate/clusters.ts) || fail 'Nothing was changed.'
  export AKS_CLUSTERS
  say 'Each cluster can be read, and each source of events has its topic or takes one.'
}

confirm() {
  if [ "$CONFIRMED" = yes ]; then return; fi
  local answer=''
  printf '\nDeploy this? [y/N] '
  read -r answer || true
  case $answer in
    y | Y | yes) ;;
    *) fail 'Not confirmed; nothing was changed.' ;;
  esac
}

check_roles() {
  local code=0
  node infra/operate/check-roles.ts || code=$?
  case $code in
    0) ;;
    3)
      say 'Nothing was published. Once the roles are assigned, run this again.'
      exit 3
      ;;
    *) fail_midway 'The role assignments could not be read.' ;;
  esac
}

# The clusters may be closed to this machine: the deployment is whole without them, and the app says what it lacks.
apply_manifests() {
  local arguments=(--principal "$IDENTITY_PRINCIPAL_ID") id code=0
  for id in ${AKS_CLUSTER_IDS//,/ }; do arguments+=(--cluster "$id"); done
  if [ "$SKIP_KUBERNETES" = yes ]; then arguments+=(--print); fi
  bash infra/operate/apply-manifests.sh "${arguments[@]}" || code=$?
  case $code in
    0 | 4) ;;
    *) fail_midway 'The manifests could not be applied.' ;;
  esac
}

say_what_next() {
  step 'Deployed'
  say "$AZURE_FUNCTION_NAME runs with MODE=${MODE-observe}. Next:" \
    '1. Publish a package (docs/package.md). It takes the role Storage Blob Data Contributor on the container:' \
    "     npm run dsc:publish -- --container $PACKAGE_CONTAINER_URL" \
    "2. Look at $AZURE_FUNCTION_URL/api/status, with the key that this prints:" \
    "     az functionapp function keys list --resource-group $APP_RESOURCE_GROUP --name $AZURE_FUNCTION_NAME \\" \
    '       --function-name status --query default --output tsv'
  if [ "${MODE-observe}" = observe ]; then
    say '3. When its plans are what you want, run this again with MODE=install in the environment.'
  fi
}

main "$@"
