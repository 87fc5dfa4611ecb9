#!/usr/bin/env bash
# Publishes the code of the app: the output of `npm run package`.

package_app() {
  [ -f node_modules/.package-lock.json ] || npm ci ||
    fail_midway 'npm ci failed. Correct the error above.'
  npm run --silent package || fail_midway 'npm run package failed. Correct the error above.'
}

# Publishes from a folder that contains only the package, so that the upload does not depend on how func interprets
# .funcignore. --javascript: the folder has no local.settings.json, from which func would read the language. --no-build:
# the bundle contains the dependencies.
publish_app() {
  (cd .cache/package/app &&
    func azure functionapp publish "$AZURE_FUNCTION_NAME" --javascript --no-build --subscription "$SUBSCRIPTION_ID") ||
    fail_midway "The code could not be published to $AZURE_FUNCTION_NAME, so the second stage did not run." \
      'Correct the error above.'
}

# Event Grid rejects a subscription for a function that Azure does not list yet, which takes minutes for a new app.
await_function() {
  local waited=0 from
  from=$(date +%s)
  until az functionapp function show --resource-group "$APP_RESOURCE_GROUP" --name "$AZURE_FUNCTION_NAME" \
    --function-name scaleSetEvent --query name --output tsv >/dev/null 2>&1; do
    if [ "$waited" -ge "$WAIT_SECONDS" ]; then
      fail_midway "$AZURE_FUNCTION_NAME did not list the function scaleSetEvent within $WAIT_SECONDS seconds." \
        'Check its log stream in the Azure portal, or its logs in Application Insights.'
    fi
    sleep "$POLL_SECONDS"
    waited=$(($(date +%s) - from))
  done
  say 'The function scaleSetEvent is available.'
}
