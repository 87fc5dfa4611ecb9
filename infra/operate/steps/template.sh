#!/usr/bin/env bash
# The template, in two stages. Its parameters are in the environment, where infra/main.bicepparam reads them.

# One name for all: the last deployment stands there with its outputs.
deployment_name() {
  printf 'aks-windows-metrics-%s' "$AZURE_ENV_NAME"
}

# Event Grid may be asked about its subscriptions only where the function is there: after a first deployment.
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
    fail 'The template can'\''t be deployed like this; nothing was changed.'
  [ "$second" = true ] ||
    say 'With the second stage, each Event Grid topic gets an event subscription for each of its clusters.'
}

# $1: whether the event subscriptions too. Without them, those that are there already stay: the mode is incremental.
# Writes the outputs to $OUTPUTS; they hold no secret.
deploy_stage() {
  DEPLOY_EVENT_SUBSCRIPTIONS=$1 az deployment sub create --name "$(deployment_name)" \
    --location "$AZURE_LOCATION" --parameters infra/main.bicepparam --query properties.outputs --output json >"$OUTPUTS"
}

read_outputs() {
  local values
  values=$(node infra/operate/deployment-outputs.ts "$OUTPUTS" AZURE_FUNCTION_NAME AZURE_FUNCTION_URL \
    AZURE_RESOURCE_GROUP PACKAGE_CONTAINER_URL IDENTITY_ID IDENTITY_PRINCIPAL_ID ROLES_TO_ASSIGN) ||
    fail_midway 'The outputs of the deployment could not be read.'
  {
    read -r AZURE_FUNCTION_NAME
    read -r AZURE_FUNCTION_URL
    read -r APP_RESOURCE_GROUP
    read -r PACKAGE_CONTAINER_URL
    read -r IDENTITY_ID
    read -r IDENTITY_PRINCIPAL_ID
    read -r ROLES_TO_ASSIGN
  } <<<"$values"
  export AZURE_FUNCTION_NAME AZURE_FUNCTION_URL APP_RESOURCE_GROUP PACKAGE_CONTAINER_URL
  export IDENTITY_ID IDENTITY_PRINCIPAL_ID ROLES_TO_ASSIGN
}
