# azd hook predeploy on Windows: checks the role assignments of an administrator, then creates the package.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/operate/check-roles.ts
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& ./infra/azd/package.ps1
exit $LASTEXITCODE
