<#
Creates the recorded node of a scenario. Requires powershell-installer.ps1.
#>
# Creates the node of a scenario.
function Initialize-Node($Given) {
    $global:Clock = 0
    if ($global:Node.Busy) { $global:Node.Busy.Dispose() }
    $global:Base = $Base
    if (Test-Path -LiteralPath $env:ProgramFiles) { Remove-Item -LiteralPath $env:ProgramFiles -Recurse -Force }
    $global:Node = @{
        LastId = 100; Products = @(); DeadKeys = @(); Dead = @(); Service = $null; Rules = @(); MsiVersion = $Given.MsiVersion; Breaks = ''; Warmup = 0; SlowService = $false; SwapsMsi = $false; QueryFails = $false
        Busy = $null; KeepsProgram = ''; RestartAt = [int]$Given.RestartAt; RestartLag = [int]$Given.RestartLag; CimBroken = $false; TcpBroken = $false; Refuses = ''; ClockAhead = 0; Jump = [int]$Given.Jump
        Processes = [System.Collections.Generic.List[psobject]]::new(); FirewallBroken = [bool]$Given.FirewallBroken
        Msiexec = [System.Collections.Generic.List[psobject]]::new()
    }
    $ours = Join-Path -Path $env:ProgramFiles -ChildPath 'aks-windows-metrics/config.yaml'
    if ($Given.Installed) {
        $msi = $global:Node.MsiVersion
        $config = if ($Given.Installed.Config) { $Given.Installed.Config } else { $ours }
        if ($Given.Installed.File) {
            $null = New-Item -ItemType File -Force -Path $ours -Value $Given.Installed.File
            [IO.File]::SetLastWriteTime($ours, [datetime]::Now.AddHours(-2))
        }
        $global:Node.MsiVersion = $Given.Installed.Version
        $null = Install-NodeMsi $config
        $global:Node.MsiVersion = $msi
        $global:Node.Processes[0].CreationDate = [datetime]::Now.AddHours(-1)
        if ($Given.Installed.State) { $global:Node.Products[0].State = $Given.Installed.State }
        if ($Given.Installed.StartMode) { $global:Node.Service.StartMode = $Given.Installed.StartMode }
        if ($Given.Installed.Dead) { $global:Node.Processes[0].Dead = @($Given.Installed.Dead) }
        if ($Given.Installed.Blind) {
            $global:Node.Processes[0].Folders = @()
            $metric = Join-Path -Path (Split-Path -Path $ours) -ChildPath 'textfile_inputs/aks_windows_metrics.prom'
            $null = New-Item -ItemType File -Force -Path $metric -Value $Given.Installed.Blind
        }
        if ($Given.Installed.Stopped) { Stop-NodeService }
        if ($Given.Installed.Wedged) { $global:Node.Service.State = 'StopPending' }
        if ($Given.Installed.FileAhead -and $Given.Installed.File) { [IO.File]::SetLastWriteTime($ours, [datetime]::Now.AddHours(1)) }
        if ($Given.Installed.NoService) { Stop-NodeService; $global:Node.Service = $null }
        if ($Given.Installed.NoProgram) { Remove-Item -LiteralPath "$env:ProgramFiles/windows_exporter/windows_exporter.exe" }
    }
    foreach ($process in $Given.Processes) {
        $null = Add-NodeProcess @{
            Name = $process.Name; Path = $process.Path; CommandLine = $process.Path; CreationDate = [datetime]::Now
            Ports = $process.Ports; Returns = $process.Returns; After = 0
        }
    }
    if ($Given.Rule) { $global:Node.Rules = @([pscustomobject]@{ Name = 'aks-windows-metrics'; DisplayName = $Given.Rule }) }
    $global:Node.DeadKeys = @($Given.DeadKeys | ForEach-Object { @{ Code = '{00000000-0000-0000-0000-00000000dead}'; DisplayVersion = $_ } })
    foreach ($exit in $Given.Msiexec) { $global:Node.Msiexec.Add($exit) }
    if ($Given.RootIsFile -and -not (Test-Path -LiteralPath (Split-Path -Path $ours))) { $null = New-Item -ItemType File -Force -Path (Split-Path -Path $ours) }
    [IO.File]::WriteAllText((Join-Path -Path $Base -ChildPath 'Modules/AksWindowsMetrics/config.yaml'), $Given.Template)
    [IO.File]::WriteAllText((Join-Path -Path $Base -ChildPath 'Modules/AksWindowsMetrics/content.txt'), $Given.Content)
    $global:Node.BusySeconds = [int]$Given.BusySeconds
    if ($Given.BusySeconds -and -not (Test-Path -LiteralPath (Split-Path -Path $ours) -PathType Leaf)) {
        # Another program has the file open that the module writes before it replaces the old one.
        $busy = Join-Path -Path (Split-Path -Path $ours) -ChildPath "$($Given.BusyFile).tmp"
        $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $busy)
        $global:Node.Busy = [IO.File]::Open($busy, 'Create', 'ReadWrite', 'None')
    }
    $global:Node.TcpBroken = [bool]$Given.TcpBroken
    $global:Node.CimBroken = [bool]$Given.CimBroken
    $global:Node.Refuses = $Given.Refuses
    $global:Node.Breaks = $Given.Breaks
    $global:Node.Warmup = [int]$Given.Warmup
    Write-NodeMsi $msiText
    $global:Node.QueryFails = [bool]$Given.QueryFails
    $global:Node.KeepsProgram = $Given.KeepsProgram
    $global:Node.Dead = @($Given.Dead)
    $global:Node.SwapsMsi = [bool]$Given.SwapsMsi
    $global:Node.SlowService = [bool]$Given.SlowService
    $global:Node.MsiSeconds = if ($Given.MsiSeconds) { $Given.MsiSeconds } else { 10 }
}
