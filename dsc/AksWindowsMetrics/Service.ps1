# Seconds until a service that was asked to stop is stopped, and again after its process was ended.
$script:StopSeconds = 10

function Get-WindowsProcess {
    <#
    .SYNOPSIS
    Returns a running process by ID: Name, ProcessId, ExecutablePath, CommandLine, CreationDate; nothing if it ended.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param (
        [Parameter(Mandatory)]
        [uint32]
        $ProcessId
    )

    $query = @{ ClassName = 'Win32_Process'; Filter = "ProcessId=$ProcessId"; OperationTimeoutSec = $script:QuerySeconds }
    Get-CimInstance @query -ErrorAction Stop -Verbose:$false
}

function Get-ExporterService {
    <#
    .SYNOPSIS
    Returns the service windows_exporter, even if another product installed it: State, StartMode, ProcessId (0 when
    stopped), Executable, and IsOurs (it runs with our configuration file); nothing if it does not exist.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    # Without -Verbose: each query would add two lines to the extension's status, which is truncated when it is long.
    $filter = "Name='$script:ServiceName'"
    $query = @{ ClassName = 'Win32_Service'; Filter = $filter; OperationTimeoutSec = $script:QuerySeconds }
    $service = Get-CimInstance @query -ErrorAction Stop -Verbose:$false
    if (-not $service) {
        return
    }
    $option = [regex]::Escape("--config.file=$script:ConfigFile")
    [pscustomobject]@{
        State = $service.State
        StartMode = $service.StartMode
        ProcessId = $service.ProcessId
        Executable = [regex]::Match($service.PathName, '\A(?:"([^"]+)"|(\S+))').Value.Trim('"')
        # The installer quotes the path. After manual edits, there may be no quotes, or quotes around the whole option.
        IsOurs = $service.PathName.Replace('"', '') -match "$option(\s|\z)"
    }
}

function Test-ExporterRunning {
    <#
    .SYNOPSIS
    Tests whether our exporter runs.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param ()

    $service = Get-ExporterService
    $null -ne $service -and $service.IsOurs -and $service.State -eq 'Running'
}

function Assert-Foreign {
    <#
    .SYNOPSIS
    Throws an error if the service windows_exporter exists and runs with another configuration than ours, unless it is to
    be taken over.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Foreign
    )

    $service = Get-ExporterService
    if (-not $service -or $service.IsOurs) {
        return
    }
    if ($Foreign -eq 'TakeOver') {
        Write-Verbose -Message "$($service.Executable) runs with another configuration; it is taken over."
        return
    }
    throw (Get-FailureText -Cause node -Text ("This package did not install the service $script:ServiceName, which " +
            "runs $($service.Executable). It was left as it is. Remove it, or publish a package with TakeOver = true."))
}

function Wait-ServiceStop {
    <#
    .SYNOPSIS
    Waits some seconds until the service is stopped, and returns whether it is.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param ()

    $last = (Get-MonotonicTime) + $script:StopSeconds
    while ((Get-ExporterService).State -ne 'Stopped') {
        if ((Get-MonotonicTime) -ge $last) {
            return $false
        }
        Start-Sleep -Seconds 1
    }
    $true
}

function Stop-ExporterService {
    <#
    .SYNOPSIS
    Stops the service, and ends its process if it hangs: windows_exporter can stay in StopPending forever.
    .DESCRIPTION
    Uses the method of ServiceController, because Stop-Service waits without a limit.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param ()

    $service = Get-Service -Name $script:ServiceName -ErrorAction Stop
    if ($service.Status -eq 'Stopped' -or -not $PSCmdlet.ShouldProcess($script:ServiceName, 'Stop')) {
        return
    }
    if ($service.Status -ne 'StopPending') {
        try {
            $service.Stop()
        }
        catch {
            Write-Verbose -Message "The service $script:ServiceName refuses to stop: $($_.Exception.Message)"
        }
    }
    if (Wait-ServiceStop) {
        return
    }
    $found = Get-ExporterService
    $what = "The service $script:ServiceName is $($found.State)"
    if ($found.ProcessId -ne 0) {
        Write-Verbose -Message "$what after $script:StopSeconds s; its process $($found.ProcessId) is ended."
        Stop-Process -Id $found.ProcessId -Force -ErrorAction Stop
    }
    if (-not (Wait-ServiceStop)) {
        throw (Get-FailureText -Cause node -Text ("$what, and its process $($found.ProcessId) does not end. Restart " +
                'this node, or let AKS replace it.'))
    }
}

function Restart-ExporterService {
    <#
    .SYNOPSIS
    Stops the service if it runs, and starts it. Waits until it has stopped, but not until it has started.
    .DESCRIPTION
    Uses the method of ServiceController, because Start-Service waits without a limit.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param ()

    if (-not $PSCmdlet.ShouldProcess($script:ServiceName, 'Restart')) {
        return
    }
    Stop-ExporterService
    # If the clock was set back, the file would be newer than every process, and the service would restart forever.
    if ([System.IO.File]::GetLastWriteTime($script:ConfigFile) -gt [datetime]::Now) {
        [System.IO.File]::SetLastWriteTime($script:ConfigFile, [datetime]::Now.AddSeconds(-1))
    }
    try {
        (Get-Service -Name $script:ServiceName -ErrorAction Stop).Start()
    }
    catch {
        throw (Get-FailureText -Cause package -Text ("The service $script:ServiceName does not start: " +
                "$($_.Exception.Message) Look at the System log, source Service Control Manager."))
    }
    Write-Verbose -Message "The service $script:ServiceName is started."
}

function Test-RestartDue {
    <#
    .SYNOPSIS
    Tests whether only a restart can help: the service is stopped, or was started before its configuration was written.
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
