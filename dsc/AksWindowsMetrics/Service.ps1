function Get-WindowsProcess {
    <#
    .SYNOPSIS
    A running process by its id: Name, ProcessId, ExecutablePath, CommandLine, CreationDate; nothing if it ended.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param (
        [Parameter(Mandatory)]
        [uint32]
        $ProcessId
    )

    $query = @{ ClassName = 'Win32_Process'; Filter = "ProcessId=$ProcessId"; OperationTimeoutSec = $script:QuerySeconds }
    Get-CimInstance @query -Verbose:$false
}

function Get-ExporterService {
    <#
    .SYNOPSIS
    The service windows_exporter, whoever installed it: State, StartMode, ProcessId (0 when stopped), Executable, and
    whether it IsOurs (runs with our configuration file); nothing if there is none.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    # Not -Verbose as our caller: each query would add two lines to the extension's status, which is cut when it is long.
    $filter = "Name='$script:ServiceName'"
    $query = @{ ClassName = 'Win32_Service'; Filter = $filter; OperationTimeoutSec = $script:QuerySeconds }
    $service = Get-CimInstance @query -Verbose:$false
    if (-not $service) {
        return
    }
    $option = [regex]::Escape("--config.file=$script:ConfigFile")
    [pscustomobject]@{
        State = $service.State
        StartMode = $service.StartMode
        ProcessId = $service.ProcessId
        Executable = [regex]::Match($service.PathName, '\A(?:"([^"]+)"|(\S+))').Value.Trim('"')
        # The installer quotes the path; who edits a service by hand may not, or quotes the whole option.
        IsOurs = $service.PathName.Replace('"', '') -match "$option(\s|\z)"
    }
}

function Restart-ExporterService {
    <#
    .SYNOPSIS
    Stops the service if it runs, and starts it; waits for its end, not for its start.
    .DESCRIPTION
    By the controller's methods: Stop-Service and Start-Service wait without a limit.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param ()

    if (-not $PSCmdlet.ShouldProcess($script:ServiceName, 'Restart')) {
        return
    }
    $service = Get-Service -Name $script:ServiceName
    if ($service.Status -ne 'Stopped') {
        $service.Stop()
        $service.WaitForStatus('Stopped', [timespan]::FromSeconds(20))
    }
    # A clock that was set back since would leave the file younger than any process, and each restart without an end.
    if ([System.IO.File]::GetLastWriteTime($script:ConfigFile) -gt [datetime]::Now) {
        [System.IO.File]::SetLastWriteTime($script:ConfigFile, [datetime]::Now.AddSeconds(-1))
    }
    $service.Start()
    Write-Verbose -Message "The service $script:ServiceName is started."
}

function Test-RestartDue {
    <#
    .SYNOPSIS
    Whether waiting cannot help: the service is stopped, or runs since before its configuration was written.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [psobject]
        $Service
    )

    if ($Service.State -ne 'Running') {
        return $Service.State -eq 'Stopped'
    }
    $process = Get-WindowsProcess -ProcessId $Service.ProcessId
    $null -ne $process -and $process.CreationDate -lt [System.IO.File]::GetLastWriteTime($script:ConfigFile)
}
