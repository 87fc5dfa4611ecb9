# azd hook preprovision on Windows: runs preprovision.ts.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/azd/preprovision.ts
exit $LASTEXITCODE
