# Loads the package's module for a test file, with a dummy MSI and a Program Files folder of its own.
. (Join-Path -Path $PSScriptRoot -ChildPath 'Stubs.ps1')
$script:Module = Join-Path -Path $TestDrive -ChildPath 'AksWindowsMetrics'
$script:Source = Join-Path -Path $PSScriptRoot -ChildPath '../AksWindowsMetrics'
Copy-Item -Path $script:Source -Destination $script:Module -Recurse
$script:Template = Join-Path -Path $script:Module -ChildPath 'config.yaml'
Set-Content -LiteralPath $script:Template -Value "web:`n  listen-address: `":{{Port}}`"`n" -NoNewline
Set-Content -LiteralPath (Join-Path -Path $script:Module -ChildPath 'windows_exporter.msi') -Value 'MSI' -NoNewline
# The SHA-256 of the three bytes MSI.
$script:MsiHash = 'F936C64EB2F99967D11CB14160B66EBFD6CE719A7CED875DCFC425E0B7C6AA0A'
$script:Package = 'a' * 64
$script:Marker = '0123456789abcdef'
$script:Run = "package=$script:Package marker=$script:Marker"
$script:Code = '{00000000-0000-0000-0000-000000000001}'
$script:ProgramFiles = $env:ProgramFiles
$env:ProgramFiles = Join-Path -Path $TestDrive -ChildPath 'Program Files'
Import-Module -Name (Join-Path -Path $script:Module -ChildPath 'AksWindowsMetrics.psd1') -Force
$script:Root = Join-Path -Path $env:ProgramFiles -ChildPath 'aks-windows-metrics'
$script:Config = Join-Path -Path $script:Root -ChildPath 'config.yaml'
$script:Program = Join-Path -Path $TestDrive -ChildPath 'windows_exporter.exe'
Set-Content -LiteralPath $script:Program -Value 'program'
