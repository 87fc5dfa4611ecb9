<#
Runs the Pester tests of dsc/ and writes the result of each one as JSON to -Results. -Pester is the folder of the module.
#>
param (
    [string]$Pester,
    [string]$Tests,
    [string]$Results
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
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
