<#
A recorded Windows node: the commands that the module calls, on a state in memory. $global:Node has the state,
$global:Journal the changes, $global:Clock the virtual seconds. Files are real, below $env:ProgramFiles. Process times
use the machine's clock, like file times. Queries take as long as on a node with some hundred connections, so that the
duration of a test is realistic.
#>
function global:Write-Journal($Entry) {
    $global:Journal.Add($Entry.Replace($global:Base, '%BASE%').Replace('\', '/'))
}

function global:Start-Sleep([int]$Seconds) {
    $global:Clock += $Seconds
    if ($global:Node.RestartAt -gt 0 -and $global:Clock -ge $global:Node.RestartAt) {
        $global:Node.RestartAt = -1
        throw 'The node restarts.'
    }
    if ($global:Node.Busy -and $global:Clock -ge $global:Node.BusySeconds) { $global:Node.Busy.Dispose(); $global:Node.Busy = $null }
    # The time service of a fresh machine corrects the clock.
    $global:Node.ClockAhead = $global:Node.Jump
}

function global:Get-Date {
    [datetime]::new(2026, 1, 1).AddSeconds($global:Clock + $global:Node.ClockAhead)
}

# Reports an error as a command of another module does: a preference of the caller's module does not reach it, so the
# error ends the caller only with -ErrorAction Stop.
function global:Write-NodeError([string]$Message, [string]$Category, $ErrorAction) {
    $record = [System.Management.Automation.ErrorRecord]::new([Exception]::new($Message), 'Node', $Category, $null)
    if ($ErrorAction -eq 'Stop') { throw $record }
    if ($ErrorAction -notin 'SilentlyContinue', 'Ignore') { Write-Error -ErrorRecord $record -ErrorAction Continue }
}

function global:Add-NodeProcess($Process) {
    $global:Node.LastId++
    $entry = [pscustomobject]@{
        ProcessId = $global:Node.LastId; Name = $Process.Name; ExecutablePath = $Process.Path
        CommandLine = $Process.CommandLine; CreationDate = $Process.CreationDate; Ports = @($Process.Ports)
        Version = $Process.Version; Collectors = $Process.Collectors; Dead = $Process.Dead; Folders = $Process.Folders; Returns = $Process.Returns; From = $global:Clock + $Process.After
    }
    $global:Node.Processes.Add($entry)
    $entry.ProcessId
}

# Returns the processes that have started by now; a supervisor restarts some at a later time.
function global:Find-NodeProcess {
    $global:Node.Processes | Where-Object { $_.From -le $global:Clock }
}

function global:Get-CimInstance([string]$ClassName, [string]$Filter, [uint32]$OperationTimeoutSec, $ErrorAction) {
    if ($OperationTimeoutSec -lt 1) { throw "not recorded: Get-CimInstance $ClassName without a limit" }
    $global:Clock += 0.1
    if ($global:Node.CimBroken) {
        return Write-NodeError 'The WS-Management service cannot complete the operation within the time.' OperationTimeout $ErrorAction
    }
    if ($ClassName -eq 'Win32_OperatingSystem') {
        return [pscustomobject]@{ LastBootUpTime = if ($global:Node.RestartAt -lt 0) { [datetime]::Now } else { [datetime]::new(2026, 1, 1) } }
    }
    if ($ClassName -eq 'Win32_Service' -and $Filter -eq "Name='windows_exporter'") {
        return $global:Node.Service
    }
    if ($ClassName -ne 'Win32_Process') { throw "not recorded: Get-CimInstance $ClassName $Filter" }
    if ($Filter -match "^ProcessId=(\d+)$") {
        $id = [int]$Matches[1]
        return Find-NodeProcess | Where-Object { $_.ProcessId -eq $id }
    }
    if ($global:Node.QueryFails -and $global:Journal -match '^run msiexec') {
        return Write-NodeError 'The query timed out.' OperationTimeout $ErrorAction
    }
    if ($Filter -ne "Name='windows_exporter.exe'") { throw "not recorded: Get-CimInstance $ClassName $Filter" }
    Find-NodeProcess | Where-Object { $_.Name -eq 'windows_exporter.exe' }
}

# The task by which AKS restarts a fresh node. It stays after the restart.
function global:Get-ScheduledTaskInfo([string]$TaskName, $ErrorAction) {
    $global:Clock += 0.1
    $at = $global:Node.RestartAt
    if ($TaskName -ne 'restart-computer' -or $at -eq 0) {
        return Write-NodeError 'The system cannot find the file specified.' ObjectNotFound $ErrorAction
    }
    [pscustomobject]@{
        NextRunTime = if ($at -gt 0) { [datetime]::Now.AddSeconds($at - $global:Clock) }
        LastRunTime = if ($at -gt 0) { [datetime]::new(1999, 11, 30) } else { [datetime]::Now.AddSeconds(-1) }
    }
}

function global:Get-NetTCPConnection([string]$State, $ErrorAction) {
    if ($State -ne 'Listen') { throw "not recorded: Get-NetTCPConnection $State" }
    if ($global:Node.TcpBroken) { return Write-NodeError 'Provider load failure.' NotSpecified $ErrorAction }
    $global:Clock += 0.3
    foreach ($process in Find-NodeProcess) {
        foreach ($port in $process.Ports) {
            [pscustomobject]@{ LocalPort = [uint16]$port; OwningProcess = [uint32]$process.ProcessId }
        }
    }
}

# What a process answers to an HTTP request.
function global:Read-NodeHttp([uri]$Uri, [double]$Seconds) {
    if ($Uri -notmatch '^http://127\.0\.0\.1:\d+/(version|metrics)$') { throw "not recorded: $Uri" }
    $process = Find-NodeProcess | Where-Object { $_.Ports -contains $Uri.Port }
    if (-not $process) {
        # Windows retries a refused connection for 2 s.
        $global:Clock += [Math]::Min(2, $Seconds)
        throw 'Unable to connect to the remote server'
    }
    if ($process.Version -eq 'silent') {
        $global:Clock += $Seconds
        throw 'The operation has timed out'
    }
    if ($Uri.AbsolutePath -eq '/version') { return "{`"version`":`"$($process.Version)`",`"goversion`":`"go1.26.0`"}" }
    $global:Clock += 0.2
    Get-NodeMetric $process
}

# What a scrape of windows_exporter shows. The textfile collector reads its folders in each scrape.
function global:Get-NodeMetric($Process) {
    foreach ($name in $Process.Collectors) {
        "windows_exporter_collector_success{collector=`"$name`"} $([int]($name -notin $Process.Dead))"
    }
    foreach ($folder in $Process.Folders) {
        foreach ($file in Get-ChildItem -Path $folder -Filter '*.prom' -ErrorAction Ignore) {
            # The exporter sorts the labels.
            [IO.File]::ReadAllText($file.FullName) -replace '\{(version=[^,]+),(package=[^}]+)\}', '{$2,$1}'
        }
    }
}

function global:Start-NodeService {
    $service = $global:Node.Service
    $service.ProcessId = 0
    $service.State = 'Stopped'
    if ($global:Node.Breaks -eq 'stops') { return }
    # The process reads its port from the file when it starts.
    $config = ([regex]'--config.file="([^"]+)"').Match($service.PathName).Groups[1].Value
    $text = if (Test-Path -LiteralPath $config) { [IO.File]::ReadAllText($config) } else { '' }
    $port = ([regex]':(\d+)"').Match($text).Groups[1].Value
    $collectors = ([regex]'enabled: "([^"]+)"').Match($text).Groups[1].Value.Replace('[defaults]', 'cpu,os') -split ','
    $folder = ([regex]"- 'C:\\Program Files\\([^']+)'").Match($text).Groups[1].Value.Replace('\', '/')
    $service.State = 'Running'
    $service.ProcessId = Add-NodeProcess @{
        Name = 'windows_exporter.exe'; Path = "$env:ProgramFiles/windows_exporter/windows_exporter.exe"
        CommandLine = $service.PathName; CreationDate = [datetime]::Now; After = $global:Node.Warmup
        Ports = @(if ($port) { $port } else { 9182 })
        Collectors = $collectors; Dead = @($global:Node.Dead); Folders = @(if ($folder) { "$env:ProgramFiles/$folder" })
        Version = if ($global:Node.Breaks) { $global:Node.Breaks } else { $service.Version }
    }
}

function global:Stop-NodeProcess($Process) {
    $null = $global:Node.Processes.Remove($Process)
    if ($null -ne $Process.Returns) {
        $null = Add-NodeProcess @{
            Name = $Process.Name; Path = $Process.ExecutablePath; CommandLine = $Process.CommandLine
            CreationDate = [datetime]::Now; Ports = $Process.Ports; After = $Process.Returns; Returns = $Process.Returns
        }
    }
}

function global:Stop-NodeService {
    $service = $global:Node.Service
    foreach ($process in @($global:Node.Processes | Where-Object { $_.ProcessId -eq $service.ProcessId })) {
        Stop-NodeProcess $process
    }
    $service.State = 'Stopped'
    $service.ProcessId = 0
}

function global:Get-Service([string]$Name, $ErrorAction) {
    if ($Name -ne 'windows_exporter' -or -not $global:Node.Service) {
        return Write-NodeError "Cannot find any service with service name '$Name'." ObjectNotFound $ErrorAction
    }
    $service = [pscustomobject]@{ Name = $Name; Status = $global:Node.Service.State }
    $service | Add-Member -MemberType ScriptMethod -Name Stop -Value {
        Write-Journal 'stop service'
        if ($global:Node.Service.State -ne 'Running') {
            throw "Cannot stop windows_exporter service on computer '.'."
        }
        if ($global:Node.SlowService) { $global:Clock += 30 }
        if ($global:Node.Refuses -in 'Stop', 'StopAndEnd') { $global:Node.Service.State = 'StopPending' } else { Stop-NodeService }
    }
    $service | Add-Member -MemberType ScriptMethod -Name Start -Value {
        Write-Journal 'start service'
        if ($global:Node.SlowService) { $global:Clock += 30 }
        if ($global:Node.Refuses -eq 'Start') { throw 'Cannot start service windows_exporter on computer ".".' }
        Start-NodeService
    }
    $service
}

function global:Stop-Process([int]$Id, [switch]$Force, $ErrorAction) {
    if (-not $Force -or $ErrorAction -ne 'Stop') { throw 'not recorded: Stop-Process without -Force and -ErrorAction Stop' }
    $process = Find-NodeProcess | Where-Object { $_.ProcessId -eq $Id }
    if (-not $process) { throw "Cannot find a process with the process identifier $Id." }
    Write-Journal "end $(Split-Path -Path $process.ExecutablePath -Leaf)"
    if ($global:Node.Refuses -eq 'StopAndEnd') { return }
    if ($global:Node.Service -and $global:Node.Service.ProcessId -eq $Id) { Stop-NodeService } else { Stop-NodeProcess $process }
}

function global:Set-Service([string]$Name, [string]$StartupType, $ErrorAction) {
    if ($global:Node.Refuses -eq 'Mode') {
        return Write-NodeError "Service '$Name' cannot be configured: Access is denied." PermissionDenied $ErrorAction
    }
    Write-Journal "set service $StartupType"
    $global:Node.Service.StartMode = 'Auto'
}

function global:Test-NodeFirewall($ErrorAction) {
    if ($global:Node.FirewallBroken) {
        Write-NodeError 'The service MpsSvc has not been started.' ConnectionError $ErrorAction
    }
    -not $global:Node.FirewallBroken
}

function global:Get-NetFirewallRule([string]$Name, $ErrorAction) {
    if (-not (Test-NodeFirewall $ErrorAction)) { return }
    $found = $global:Node.Rules | Where-Object { $_.Name -eq $Name }
    if ($found) { return $found }
    Write-NodeError "No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to '$Name'." ObjectNotFound $ErrorAction
}

function global:New-NetFirewallRule($Name, $DisplayName, $Direction, $Action, $Protocol, $LocalPort, $ErrorAction) {
    if (-not (Test-NodeFirewall $ErrorAction)) { return }
    Write-Journal "new rule $Name $Direction $Action $Protocol $LocalPort"
    $global:Node.Rules = @([pscustomobject]@{ Name = $Name; DisplayName = $DisplayName })
}

function global:Remove-NetFirewallRule([string]$Name, $ErrorAction) {
    if (-not (Test-NodeFirewall $ErrorAction)) { return }
    Write-Journal "remove rule $Name"
    $global:Node.Rules = @()
}
