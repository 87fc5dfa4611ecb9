#!/usr/bin/env bash
# Deploys the template in two stages. infra/main.bicepparam reads the parameters from environment variables.

# All deployments of an environment use the same name, so that Azure keeps the last one with its outputs.
deployment_name() {
  printf 'aks-windows-metrics-%s' "$AZURE_ENV_NAME"
}

# Includes the second stage only after it has been deployed once: Event Grid validates that the function exists.
what_if() {
  local second
  second=$(az deployment sub show --name "$(deployment_name)" \
    --query properties.parameters.deployEventSubscriptions.value --output tsv 2>/dev/null) || second=false
  case $second in
    true | True) second=true ;;
    *) second=false ;;
  esac
  DEPLOY_EVENT_SUBSCRIPTIONS=$second az deployment sub what-if --name "$(deployment_name)" \
    --location "$AZURE_LOCATION" --parameters infra/main.bicepparam --exclude-change-types Ignore NoChange ||
    fail 'The template cannot be deployed with these parameters. Correct the error above, then run this script again.' \
      'Nothing was changed.'
  [ "$second" = true ] ||
    say 'The second stage adds event subscriptions to the system topics, one for each cluster of a topic.'
}

# $1: whether to deploy the event subscriptions. If false, existing ones remain, because the mode is incremental.
# Writes the outputs to $OUTPUTS; they contain no secrets.
deploy_stage() {
  DEPLOY_EVENT_SUBSCRIPTIONS=$1 az deployment sub create --name "$(deployment_name)" \
    --location "$AZURE_LOCATION" --parameters infra/main.bicepparam --query properties.outputs --output json >"$OUTPUTS"
}

read_outputs() {
  local values
  values=$(node infra/operate/deployment-outputs.ts "$OUTPUTS" AZURE_FUNCTION_NAME AZURE_FUNCTION_URL \
    AZURE_RESOURCE_GROUP PACKAGE_CONTAINER_URL IDENTITY_ID IDENTITY_PRINCIPAL_ID SCRAPE_NAMESPACE ROLES_TO_ASSIGN) ||
    fail_midway "The outputs of the deployment $(deployment_name) could not be read. Correct the error above."
  {
    read -r AZURE_FUNCTION_NAME
    read -r AZURE_FUNCTION_URL
    read -r APP_RESOURCE_GROUP
    read -r PACKAGE_CONTAINER_URL
    read -r IDENTITY_ID
    read -r IDENTITY_PRINCIPAL_ID
    read -r SCRAPE_NAMESPACE
    read -r ROLES_TO_ASSIGN
  } <<<"$values"
  export AZURE_FUNCTION_NAME AZURE_FUNCTION_URL APP_RESOURCE_GROUP PACKAGE_CONTAINER_URL
  export IDENTITY_ID IDENTITY_PRINCIPAL_ID SCRAPE_NAMESPACE ROLES_TO_ASSIGN
}
