function Get-MonotonicTime {
    <#
    .SYNOPSIS
    Returns the seconds of a stopwatch. All limits are measured by it, because the clock of a fresh machine can be set
    by hours while a run waits.
    #>
    [CmdletBinding()]
    [OutputType([double])]
    param ()

    [System.Diagnostics.Stopwatch]::GetTimestamp() / [System.Diagnostics.Stopwatch]::Frequency
}
