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
    if ($global:Node.RestartAt -gt 0 -and $global:Clock -ge $global:Node.RestartAt + $global:Node.RestartLag) {
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
        NextRunTime = if ($at -gt $global:Clock) { [datetime]::Now.AddSeconds($at - $global:Clock) }
        LastRunTime = if ($at -gt $global:Clock) { [datetime]::new(1999, 11, 30) } else { [datetime]::Now.AddSeconds(-1) }
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
