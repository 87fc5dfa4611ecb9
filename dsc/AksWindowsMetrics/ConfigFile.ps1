function Get-ConfigText {
    <#
    .SYNOPSIS
    Returns the text of config.yaml for a port: the package's template with its placeholder replaced.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $parts = [System.IO.File]::ReadAllText($script:ConfigTemplate) -split '{{Port}}', 0, 'SimpleMatch'
    if ($parts.Count -ne 2) {
        throw (Get-FailureText -Cause package -Text ("$($script:ConfigTemplate) has the placeholder {{Port}} " +
                "$($parts.Count - 1) times; it must have it once. The package is not one of the builder: build and " +
                'publish it again.'))
    }
    $parts -join $Port
}

function Get-ExporterConfigFile {
    <#
    .SYNOPSIS
    Returns the path and the size of the configuration file, or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    if (-not (Test-Path -LiteralPath $script:ConfigFile -PathType Leaf)) {
        return 'absent'
    }
    '{0}, {1} bytes' -f $script:ConfigFile, (Get-Item -LiteralPath $script:ConfigFile).Length
}

function Test-ExporterConfigFile {
    <#
    .SYNOPSIS
    Tests whether config.yaml is the package's, byte for byte.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    Test-TextFile -Path $script:ConfigFile -Text (Get-ConfigText -Port $Port)
}

function Set-ExporterConfigFile {
    <#
    .SYNOPSIS
    Writes config.yaml.
    .DESCRIPTION
    A change requires a restart, which the Health step performs because the service is older than the file. It cannot
    happen here: the exporter of an earlier package may not know the keys of the new file until it is replaced.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if ($PSCmdlet.ShouldProcess($script:ConfigFile, 'Write')) {
        Write-TextFile -Path $script:ConfigFile -Text (Get-ConfigText -Port $Port)
    }
}
