function Write-Evidence {
    <#
    .SYNOPSIS
    Writes the line by which the app knows from the extension's status what this run has proved on this node.
    .PARAMETER Run
    The package and the marker of the run, as the configuration passes them.
    .PARAMETER Metrics
    ok: the exporter is healthy. absent: the exporter is removed.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Run,

        [Parameter(Mandatory)]
        [ValidateSet('ok', 'absent', IgnoreCase = $false)]
        [string]
        $Metrics
    )

    Write-Verbose -Message "aks-windows-metrics $Run metrics=$Metrics"
}
