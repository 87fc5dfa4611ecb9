<#
Runs the real configuration on recorded nodes, as the LCM does: reads scenarios as JSON from -Scenarios and writes the
outcomes to -Results. -Base is a folder with only Modules/AksWindowsMetrics; -Configuration is a copy of the
configuration with the keyword `function` and without $using:, so that PowerShell without DSC can run it.
#>
param (
    [string]$Scenarios,
    [string]$Results,
    [string]$Base,
    [string]$Configuration
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
. (Join-Path -Path $PSScriptRoot -ChildPath 'powershell-node.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'powershell-services.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'powershell-given.ps1')
. (Join-Path -Path $PSScriptRoot -ChildPath 'powershell-installer.ps1')
. $Configuration
$env:PSModulePath = Join-Path -Path $Base -ChildPath 'Modules'
$env:SystemRoot = Join-Path -Path $Base -ChildPath 'Windows'
$env:ProgramFiles = Join-Path -Path $Base -ChildPath 'Program Files'
Import-Module -Name AksWindowsMetrics -Force -Global
& (Get-Module -Name AksWindowsMetrics) { 
    Set-Item -Path function:script:Get-MonotonicTime -Value { $global:Clock }
    Set-Item -Path function:script:Read-HttpText -Value { param ($Uri, $Seconds) @(Read-NodeHttp $Uri $Seconds) -join "`n" }
}

# The module has no state between calls, and loading it takes longer than a scenario, so it is loaded only once.
function Import-Module([string]$Name, [switch]$Force, [switch]$Global, [switch]$Verbose) {
    # With the LCM's preference, an import writes a verbose line for each function unless -Verbose is false.
    $isQuiet = $PSBoundParameters.ContainsKey('Verbose') -and -not $Verbose
    if ($Name -ne 'AksWindowsMetrics' -or -not $Force -or -not $Global -or -not $isQuiet) {
        throw "not as on a node: Import-Module $Name"
    }
}

# The keywords of DSC. A property is a call such as `TestScript = { … }`, so its parameters are ($Equals, $Value).
function Import-DscResource([string]$ModuleName) { $null = $ModuleName }
function Node($Name, $Body) { $null = $Name; . $Body }
function LocalConfigurationManager($Body) { . $Body }
foreach ($property in 'RefreshMode', 'ConfigurationMode', 'ConfigurationModeFrequencyMins', 'RebootNodeIfNeeded',
    'ActionAfterReboot') {
    Set-Item -Path "function:$property" -Value { param ($Equals, $Value) $global:Lcm[$MyInvocation.MyCommand.Name] = $Value }
}
foreach ($property in 'DependsOn', 'GetScript', 'TestScript', 'SetScript') {
    Set-Item -Path "function:$property" -Value { param ($Equals, $Value) $global:Resource[$MyInvocation.MyCommand.Name] = $Value }
}

# Runs a block; returns its output, messages and error.
function Invoke-Block($Block) {
    $result = @{ Output = @(); Verbose = @(); Warning = @(); Error = ''; Seconds = 0 }
    $begun = $global:Clock
    try {
        # Process each record separately to keep the messages before an error.
        . $Block *>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.VerboseRecord]) { $result.Verbose += "$_" }
            elseif ($_ -is [System.Management.Automation.WarningRecord]) { $result.Warning += "$_" }
            elseif ($_ -is [System.Management.Automation.ErrorRecord]) { $result.Error = "$_" }
            else { $result.Output += $_ }
        }
    } catch {
        $result.Error = "$_"
    }
    $result.Seconds = $global:Clock - $begun
    $result
}

function Script($Name, $Body) {
    $global:Resource = @{}
    . $Body
    $resource = $global:Resource
    $step = [ordered]@{ Name = $Name; Before = Invoke-Block $resource.GetScript; Changed = $false; Skipped = $false }
    $global:Pass.Steps += $step
    if ($resource.DependsOn -and $resource.DependsOn -notin $global:Pass.Good) {
        $step.Skipped = $true
        return
    }
    $step.Test = Invoke-Block $resource.TestScript
    if ($step.Test.Output.Count -eq 1 -and $step.Test.Output[0] -is [bool] -and -not $step.Test.Output[0]) {
        $step.Changed = $true
        $step.Set = Invoke-Block $resource.SetScript
    } elseif ($global:Pass.Again) {
        $step.Set = Invoke-Block $resource.SetScript
    }
    if ("$($step.Test.Error)$($step.Set.Error)" -eq '') {
        $global:Pass.Good += "[Script]$Name"
        $step.TestAfter = Invoke-Block $resource.TestScript
        $step.After = Invoke-Block $resource.GetScript
    }
}

function Invoke-Pass($Arguments, [bool]$Again) {
    $global:Pass = @{ Steps = @(); Good = @(); Again = $Again }
    $global:Lcm = @{}
    $global:Journal = [System.Collections.Generic.List[string]]::new()
    $begun = $global:Clock
    $failed = ''
    try { $null = WindowsExporter @Arguments } catch { $failed = "$_" }
    @{
        Steps = $global:Pass.Steps; Lcm = $global:Lcm; Journal = $global:Journal; Seconds = $global:Clock - $begun
        Refused = $failed; Files = @(Get-FileState)
    }
}

function Get-FileState {
    foreach ($file in Get-ChildItem -Path $Base -Recurse -File | Sort-Object -Property FullName) {
        $path = $file.FullName.Substring($Base.Length + 1).Replace('\', '/')
        # Latin-1 maps each byte to one character, so that a byte order mark is visible.
        $text = if ($path -like 'Program Files/*' -and $path -notlike '*.tmp') { [Text.Encoding]::GetEncoding(28591).GetString([IO.File]::ReadAllBytes($file.FullName)) }
        @{ Path = $path; Text = "$text"; Written = "$($file.LastWriteTimeUtc.Ticks)" }
    }
}

$msiText = [IO.File]::ReadAllText((Join-Path -Path $Base -ChildPath 'Modules/AksWindowsMetrics/windows_exporter.msi'))
$all = foreach ($scenario in [IO.File]::ReadAllText($Scenarios) | ConvertFrom-Json) {
    $arguments = @{}
    foreach ($property in $scenario.Arguments.PSObject.Properties) { $arguments[$property.Name] = $property.Value }
    Initialize-Node $scenario.Node
    $files = @(Get-FileState)
    $first = Invoke-Pass $arguments $false
    if ($global:Node.RestartAt -lt 0) {
        # The run was cut. The LCM continues it after the restart, as ActionAfterReboot says.
        if ($first.Lcm.ActionAfterReboot -ne 'ContinueConfiguration') { throw 'The LCM does not continue.' }
        $changes = @($first.Journal) + 'restart node'
        $first = Invoke-Pass $arguments $false
        $first.Journal = $changes + @($first.Journal)
    }
    @{
        Name = $scenario.Name
        Files = $files
        First = $first
        Second = Invoke-Pass $arguments $true
        Node = @{
            Products = @($global:Node.Products); Service = $global:Node.Service; Rules = @($global:Node.Rules)
            Processes = @(Find-NodeProcess | Select-Object -Property Name, ExecutablePath, Ports)
        }
        Budget = & (Get-Module -Name AksWindowsMetrics) { $script:Budget }
    }
}
[IO.File]::WriteAllText($Results, (ConvertTo-Json -InputObject @($all) -Depth 12 -Compress))
