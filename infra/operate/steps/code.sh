#!/usr/bin/env bash
# The app's code: what `npm run package` makes, and nothing else.

package_app() {
  [ -f node_modules/.package-lock.json ] || npm ci || fail_midway 'npm ci failed.'
  npm run --silent package || fail_midway 'The package could not be made.'
}

# From the folder that holds the package and no more: what goes up is what was measured, whichever way func reads the
# patterns of .funcignore. func takes the language from a local.settings.json, which is not there, so it is named. And
# nothing is to be built, although the package.json names dependencies: they are in the bundle.
publish_app() {
  (cd .cache/package/app &&
    func azure functionapp publish "$AZURE_FUNCTION_NAME" --javascript --no-build --subscription "$SUBSCRIPTION_ID") ||
    fail_midway 'The code could not be published. No event subscription was made for it.'
}

# Event Grid refuses a subscription for a function that Azure does not know yet: a new app takes minutes to tell.
await_function() {
  local waited=0 from
  from=$(date +%s)
  until az functionapp function show --resource-group "$APP_RESOURCE_GROUP" --name "$AZURE_FUNCTION_NAME" \
    --function-name scaleSetEvent --query name --output tsv >/dev/null 2>&1; do
    if [ "$waited" -ge "$WAIT_SECONDS" ]; then
      fail_midway "The function scaleSetEvent did not appear within $WAIT_SECONDS seconds." \
        "See what the app says: az monitor app-insights or the portal's log stream of $AZURE_FUNCTION_NAME."
    fi
    sleep "$POLL_SECONDS"
    waited=$(($(date +%s) - from))
  done
  say 'Azure knows the function scaleSetEvent.'
}
