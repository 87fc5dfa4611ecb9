<#
The services, processes and firewall of a recorded node. Requires powershell-node.ps1.
#>
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
    $isService = $global:Node.Service -and $global:Node.Service.ProcessId -eq $Id
    Write-Journal "end $(if ($isService) { Split-Path -Path $process.ExecutablePath -Leaf } else { "neighbour $($process.ExecutablePath)" })"
    if ($global:Node.Refuses -eq 'StopAndEnd') { return }
    if ($isService) { Stop-NodeService } else { Stop-NodeProcess $process }
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
