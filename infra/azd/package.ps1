# azd hooks prepackage and predeploy on Windows: creates the folder that azure.yaml deploys.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
if (-not (Test-Path -LiteralPath 'node_modules/.package-lock.json')) {
  npm ci
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
npm run --silent package
exit $LASTEXITCODE
