function Get-ExporterDirectory {
    <#
    .SYNOPSIS
    Returns the path of the directory, or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    if (Test-Path -LiteralPath $script:Root -PathType Container) { $script:Root } else { 'absent' }
}

function Test-ExporterDirectory {
    <#
    .SYNOPSIS
    Tests whether the directory and its subfolders exist, or, for Absent, whether none of them does.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if ($Ensure -eq 'Absent') {
        return -not (Test-Path -LiteralPath $script:Root)
    }
    $kinds = Test-Path -LiteralPath $script:Root, $script:LogFolder, $script:MetricFolder -PathType Container
    $kinds -notcontains $false
}

function Set-ExporterDirectory {
    <#
    .SYNOPSIS
    Creates the directory and its subfolders, or removes them with their contents.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not $PSCmdlet.ShouldProcess($script:Root, "Ensure $Ensure")) {
        return
    }
    if ($Ensure -eq 'Present') {
        $null = New-Item -ItemType Directory -Force -Path $script:Root, $script:LogFolder, $script:MetricFolder
    }
    elseif (Test-Path -LiteralPath $script:Root) {
        Remove-Item -LiteralPath $script:Root -Recurse -Force
    }
}
