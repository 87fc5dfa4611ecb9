# azd's hook of this name, on Windows: what it does is in postdeploy.ts.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/azd/postdeploy.ts
exit $LASTEXITCODE
