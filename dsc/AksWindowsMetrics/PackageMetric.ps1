function Get-MetricText {
    <#
    .SYNOPSIS
    Returns the input of the textfile collector, which names the package that this node applied.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Package
    )

    $name = 'aks_windows_metrics_package_info'
    @(
        "# HELP $name Package that this node applied, and the windows_exporter version in it."
        "# TYPE $name gauge"
        "$name{version=`"$Version`",package=`"$Package`"} 1"
        ''
    ) -join "`n"
}

function Test-MetricShown {
    <#
    .SYNOPSIS
    Tests whether the exporter shows the metric of this package.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Package
    )

    if ('textfile' -notin @(Get-EnabledCollector)) {
        return $true
    }
    try {
        (Read-Metric -Port $Port -Seconds 5) -match "(?m)^aks_windows_metrics_package_info\{[^}]*\bpackage=`"$Package`""
    }
    catch {
        Write-Verbose -Message "The metric of the package could not be looked for: $($_.Exception.Message)"
        $false
    }
}

function Get-ExporterPackageMetric {
    <#
    .SYNOPSIS
    Returns the published series, or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not (Test-Path -LiteralPath $script:MetricFile -PathType Leaf)) {
        return 'absent'
    }
    [string](Get-Content -LiteralPath $script:MetricFile | Select-Object -Last 1)
}

function Test-ExporterPackageMetric {
    <#
    .SYNOPSIS
    Tests whether the exporter shows the metric of this package; if so, writes the evidence of a healthy exporter.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Package,

        [Parameter(Mandatory)]
        [string]
        $Run
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $isWritten = Test-TextFile -Path $script:MetricFile -Text (Get-MetricText -Version $Version -Package $Package)
    $isShown = $isWritten -and (Test-MetricShown -Port $Port -Package $Package)
    if ($isShown) {
        Write-Evidence -Run $Run -Metrics ok
    }
    $isShown
}

function Set-ExporterPackageMetric {
    <#
    .SYNOPSIS
    Writes the input of the textfile collector, waits until the exporter shows it, and writes the evidence.
    .DESCRIPTION
    The metric proves that this node runs the package, so it is written only after the exporter was found healthy.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Package,

        [Parameter(Mandatory)]
        [string]
        $Run
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not $PSCmdlet.ShouldProcess($script:MetricFile, 'Write')) {
        return
    }
    Write-TextFile -Path $script:MetricFile -Text (Get-MetricText -Version $Version -Package $Package)
    $last = (Get-MonotonicTime) + $script:Budget.PackageMetric - 5
    while (-not (Test-MetricShown -Port $Port -Package $Package)) {
        if ((Get-MonotonicTime) -ge $last) {
            throw (Get-FailureText -Cause package -Text ("http://127.0.0.1:$Port/metrics does not show the metric in " +
                    "$script:MetricFile. Its collector textfile must read $script:MetricFolder; look at " +
                    "$script:ConfigFile."))
        }
        Start-Sleep -Seconds 1
    }
    Write-Evidence -Run $Run -Metrics ok
}
