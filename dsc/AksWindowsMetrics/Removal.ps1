function Get-ExporterRemoval {
    <#
    .SYNOPSIS
    Returns what is left of the exporter: what is installed, and the directory.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    "installation: $(Get-ExporterInstallation); directory: $(Get-ExporterDirectory)"
}

function Test-ExporterRemoval {
    <#
    .SYNOPSIS
    Tests whether the exporter and its directory are removed; if so, writes the evidence.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Run
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $isRemoved = (Test-ExporterInstallation -Ensure Absent -Version $Version) -and
        (Test-ExporterDirectory -Ensure Absent)
    if ($isRemoved) {
        Write-Evidence -Run $Run -Metrics absent
    }
    $isRemoved
}

function Assert-ExporterRemoval {
    <#
    .SYNOPSIS
    Throws an error if the steps before have left something of the exporter; otherwise writes the evidence.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $Run
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not (Test-ExporterRemoval -Version $Version -Run $Run)) {
        throw (Get-FailureText -Cause node -Text ('The exporter was removed, and is there again: ' +
                "$(Get-ExporterRemoval). Find out what installs it on this node."))
    }
}
