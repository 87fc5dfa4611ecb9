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
    Tests whether the input of the textfile collector names this package.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Package
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    Test-TextFile -Path $script:MetricFile -Text (Get-MetricText -Version $Version -Package $Package)
}

function Set-ExporterPackageMetric {
    <#
    .SYNOPSIS
    Writes the input of the textfile collector.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Package
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if ($PSCmdlet.ShouldProcess($script:MetricFile, 'Write')) {
        Write-TextFile -Path $script:MetricFile -Text (Get-MetricText -Version $Version -Package $Package)
    }
}
