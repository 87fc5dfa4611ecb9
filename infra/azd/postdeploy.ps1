# azd hook postdeploy on Windows: runs postdeploy.ts.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/azd/postdeploy.ts
exit $LASTEXITCODE
