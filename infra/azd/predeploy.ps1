# azd's hook of this name, on Windows: the roles that an administrator has to assign, then the package.
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '../..')
node infra/operate/check-roles.ts
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& ./infra/azd/package.ps1
exit $LASTEXITCODE
