# AKS's own extension registers this task on GPU pools and for some networks. It restarts the node 15 s later.
$script:RestartTask = 'restart-computer'

function Get-BootTime {
    <#
    .SYNOPSIS
    Returns when this node was started, as text.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    $query = @{ ClassName = 'Win32_OperatingSystem'; OperationTimeoutSec = $script:QuerySeconds }
    '{0:s}' -f (Get-CimInstance @query -ErrorAction Stop -Verbose:$false).LastBootUpTime
}

function Get-ExporterRestart {
    <#
    .SYNOPSIS
    Returns 'pending' if AKS is about to restart this node, or 'none'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    try {
        $task = Get-ScheduledTaskInfo -TaskName $script:RestartTask -ErrorAction Stop
    }
    catch {
        # Most nodes do not have the task.
        if ($_.CategoryInfo.Category -ne 'ObjectNotFound') {
            Write-Verbose -Message "The task $script:RestartTask could not be queried: $($_.Exception.Message)"
        }
        return 'none'
    }
    $boot = [datetime](Get-BootTime)
    $now = [datetime]::Now
    # The task stays after the restart. Times that are minutes away are of another clock, or of another restart.
    $isNext = $task.NextRunTime -gt $now -and ($task.NextRunTime - $now).TotalMinutes -lt 5
    $hasRun = $task.LastRunTime -gt $boot -and [Math]::Abs(($now - $task.LastRunTime).TotalMinutes) -lt 5
    if ($isNext -or $hasRun) { 'pending' } else { 'none' }
}

function Test-ExporterRestart {
    <#
    .SYNOPSIS
    Tests whether AKS does not restart this node soon.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    (Get-ExporterRestart) -eq 'none'
}

function Wait-ExporterRestart {
    <#
    .SYNOPSIS
    Waits for the restart that AKS has scheduled, so that it does not interrupt the installer. Throws an error if it does
    not come.
    .DESCRIPTION
    The Local Configuration Manager continues the run after the restart.
    #>
    [CmdletBinding()]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    $last = (Get-MonotonicTime) + $script:Budget.Restart
    while (-not (Test-ExporterRestart)) {
        if ((Get-MonotonicTime) -ge $last) {
            throw (Get-FailureText -Cause node -Text ("AKS has scheduled a restart of this node (task " +
                    "$script:RestartTask), and it did not come within $($script:Budget.Restart) s. Nothing was " +
                    'changed. The next run tries again; if this lasts, restart the node.'))
        }
        Write-Verbose -Message "AKS is about to restart this node (task $script:RestartTask)."
        Start-Sleep -Seconds 2
    }
}
