# The package's builder writes the same ID here and into the configuration: a digest of the package's other content.
$script:ContentFile = Join-Path -Path $PSScriptRoot -ChildPath 'content.txt'

function Get-ExporterModule {
    <#
    .SYNOPSIS
    Returns the ID of the package to which this module belongs, or 'none'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    if (Test-Path -LiteralPath $script:ContentFile -PathType Leaf) {
        [System.IO.File]::ReadAllText($script:ContentFile).Trim()
    }
    else {
        'none'
    }
}

function Test-ExporterModule {
    <#
    .SYNOPSIS
    Tests whether this module belongs to the package of the configuration.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Content
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    (Get-ExporterModule) -ceq $Content
}

function Assert-ExporterModule {
    <#
    .SYNOPSIS
    Throws an error if this module belongs to another package. Nothing is changed by then.
    .DESCRIPTION
    The extension copies the module of a new package before it applies the configuration. If it cannot apply that, for
    example because a run is in progress, the node has the new module and the configuration of the package before.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Content
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not (Test-ExporterModule -Content $Content)) {
        throw (Get-FailureText -Cause node -Text ("The module in $PSScriptRoot is of another package than this " +
                "configuration: it has the ID $(Get-ExporterModule), expected $Content. Nothing was changed. A later " +
                'package was copied to this node and not applied: apply the extension again.'))
    }
}
