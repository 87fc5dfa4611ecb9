# Timeout of a health probe while waiting: a node under load may answer late. A test uses a shorter one.
$script:ProbeSeconds = 3

function Get-HealthProblem {
    <#
    .SYNOPSIS
    Returns why the exporter is not healthy, or nothing if it is healthy.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [double]
        $ProbeSeconds = 1,

        [double]
        $ScrapeSeconds = 5
    )

    $service = Get-ExporterService
    if (-not $service) {
        return "there is no service $script:ServiceName"
    }
    if ($service.StartMode -ne 'Auto') {
        return "the service's start mode is $($service.StartMode), not Auto"
    }
    if ($service.State -ne 'Running') {
        return "the service is $($service.State)"
    }
    if (Test-RestartDue -Service $service) {
        return "the service runs since before $script:ConfigFile was written"
    }
    $uri = "http://127.0.0.1:$Port/version"
    try {
        $found = (Read-HttpText -Uri $uri -Seconds $ProbeSeconds | ConvertFrom-Json).version
        if ($found -ne $Version) {
            return "$uri says version '$found', not $Version"
        }
        $uri = "http://127.0.0.1:$Port/metrics"
        Get-CollectorProblem -Text (Read-Metric -Port $Port -Seconds $ScrapeSeconds)
    }
    catch {
        # The word of the cause stands only at the beginning of an error.
        "$uri does not answer: $($_.Exception.Message -replace '\Aaks-windows-metrics cause=\S+ ')"
    }
}

function Wait-HealthProblem {
    <#
    .SYNOPSIS
    Waits until the exporter is healthy and returns nothing. Returns why it is not healthy when the time is over, or
    immediately if only a restart can help.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [int]
        $Seconds
    )

    $pause = 2
    # The last probe starts early enough to finish within the limit.
    $last = (Get-MonotonicTime) + $Seconds - $pause - $script:ProbeSeconds
    while ($true) {
        $probe = @{
            ProbeSeconds = $script:ProbeSeconds
            ScrapeSeconds = [Math]::Max(1, [Math]::Min(10, $last - (Get-MonotonicTime)))
        }
        $problem = Get-HealthProblem -Port $Port -Version $Version @probe
        if (-not $problem -or (Get-MonotonicTime) -gt $last -or (Test-RestartDue -Service (Get-ExporterService))) {
            return $problem
        }
        Start-Sleep -Seconds $pause
    }
}

function Get-ExporterHealth {
    <#
    .SYNOPSIS
    Returns 'healthy', or why the exporter is not healthy.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $problem = Get-HealthProblem -Port $Port -Version $Version
    if ($problem) { $problem } else { 'healthy' }
}

function Test-ExporterHealth {
    <#
    .SYNOPSIS
    Tests whether the service runs with its current configuration, returns this version, and all its collectors succeed.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $problem = Get-HealthProblem -Port $Port -Version $Version
    if ($problem) {
        Write-Verbose -Message "Not healthy: $problem."
    }
    -not $problem
}

function Set-ExporterHealth {
    <#
    .SYNOPSIS
    Starts or restarts the service if necessary, and waits until it is healthy.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not $PSCmdlet.ShouldProcess($script:ServiceName, 'Make healthy')) {
        return
    }
    if ((Get-ExporterService).StartMode -ne 'Auto') {
        Set-Service -Name $script:ServiceName -StartupType Automatic -ErrorAction Stop
    }
    $problem = Wait-HealthProblem -Port $Port -Version $Version -Seconds $script:Budget.Patience
    if ($problem) {
        Write-Verbose -Message "The service is restarted: $problem."
        Restart-ExporterService
        $problem = Wait-HealthProblem -Port $Port -Version $Version -Seconds $script:Budget.Health
    }
    if ($problem -and (Test-TextFile -Path $script:RestartFile -Text (Get-BootTime))) {
        throw (Get-FailureText -Cause node -Text ("windows_exporter is not healthy: $problem. The installer asked for a " +
                'restart of this node (3010), which has not happened since: restart the node, or let AKS replace it.'))
    }
    if ($problem) {
        throw (Get-FailureText -Cause package -Text ("windows_exporter is not healthy after a restart: $problem. " +
                "Look at the events of source $script:ServiceName in the Application log, and at $script:ConfigFile."))
    }
}
