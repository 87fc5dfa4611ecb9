<#
Runs the Pester tests of dsc/ and writes the result of each one as JSON to -Results. -Pester is the folder of the module.
Pester mocks only commands that exist. Where Windows' own commands are missing, functions with the same parameters take
their place, which fail if a test calls one without a mock.
#>
param (
    [string]$Pester,
    [string]$Tests,
    [string]$Results
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$missing = @{
    'Get-CimInstance' = '[string]$ClassName, [string]$Filter, [uint32]$OperationTimeoutSec'
    'Get-NetFirewallRule' = '[string[]]$Name'
    'Get-NetTCPConnection' = '[string[]]$State'
    'Get-Service' = '[string[]]$Name'
    'New-NetFirewallRule' = '$Name, $DisplayName, $Direction, $Action, $Protocol, $LocalPort'
}
foreach ($name in $missing.Keys | Where-Object { -not (Get-Command -Name $_ -ErrorAction Ignore) }) {
    $text = "[CmdletBinding()] param ($($missing[$name])) throw 'A test calls $name without a mock.'"
    Set-Item -Path "function:global:$name" -Value ([scriptblock]::Create($text))
}

if (-not $env:SystemRoot) { $env:SystemRoot = '/Windows' }

Import-Module -Name (Join-Path -Path $Pester -ChildPath 'Pester.psd1')
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Tests
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
$run = Invoke-Pester -Configuration $configuration
# A block that fails outside of its tests, as in BeforeAll, has an error of its own.
$broken = @($run.Containers + $run.FailedBlocks) | Where-Object { $_.ErrorRecord }
$found = @{
    Edition = $PSVersionTable.PSEdition
    Broken = @($broken | ForEach-Object { "$($_.ErrorRecord)" })
    Tests = @($run.Tests | ForEach-Object { 
            @{ Title = $_.Name; Path = $_.ExpandedPath; Result = "$($_.Result)"; Error = "$($_.ErrorRecord)" }
        })
}
[IO.File]::WriteAllText($Results, (ConvertTo-Json -InputObject $found -Depth 4))
