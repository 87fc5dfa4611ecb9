# azd's hook of this name, on Windows: what it does is in preprovision.ts.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/azd/preprovision.ts
exit $LASTEXITCODE
