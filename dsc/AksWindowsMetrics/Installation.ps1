function Get-ExporterInstallation {
    <#
    .SYNOPSIS
    Returns what is installed: the versions, the service's program, and whether it is ours; or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    $versions = @(Get-MsiProduct | Select-Object -ExpandProperty Version) -join ', '
    $service = Get-ExporterService
    if (-not $versions -and -not $service) {
        return 'absent'
    }
    $owner = if ($service.IsOurs) { 'ours' } else { 'not ours' }
    'version: {0}; service: {1} ({2})' -f $versions, $service.Executable, $owner
}

function Test-ExporterInstallation {
    <#
    .SYNOPSIS
    Tests whether exactly this version is installed and its service runs an existing program with our configuration
    file; or, for Absent, whether no exporter is ours.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure,

        [Parameter(Mandatory)]
        [string]
        $Version
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    Write-Verbose -Message "Installed: $(Get-ExporterInstallation)"
    $service = Get-ExporterService
    $versions = @(Get-MsiProduct | Select-Object -ExpandProperty Version)
    if ($Ensure -eq 'Absent') {
        if (-not $service) {
            # An interrupted removal leaves a product without its service. It is ours if our configuration exists.
            return $versions.Count -eq 0 -or -not (Test-Path -LiteralPath $script:ConfigFile)
        }
        if (-not $service.IsOurs) {
            Write-Verbose -Message "$($service.Executable) runs with another configuration; it is not ours, and is left."
        }
        return -not $service.IsOurs
    }
    $isOurs = $null -ne $service -and $service.IsOurs
    $isOurs -and "$versions" -eq $Version -and (Test-Path -LiteralPath $service.Executable -PathType Leaf)
}

function Set-ExporterInstallation {
    <#
    .SYNOPSIS
    Installs, upgrades, downgrades or repairs windows_exporter; or removes it if it is ours.
    .PARAMETER Foreign
    What to do with a service windows_exporter that runs with another configuration.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $MsiHash,

        [ValidateSet('Refuse', 'TakeOver')]
        [string]
        $Foreign = 'Refuse'
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $isDone = Test-ExporterInstallation -Ensure $Ensure -Version $Version
    if ($isDone -or -not $PSCmdlet.ShouldProcess($script:ServiceName, "Ensure $Ensure")) {
        return
    }
    if ($Ensure -eq 'Present') {
        Assert-Foreign -Foreign $Foreign
    }
    $deadline = (Get-MonotonicTime) + $script:Budget.Installer
    $null = New-Item -ItemType Directory -Path $script:LogFolder -Force
    $neighbours = @(Get-NeighbourExporter)
    foreach ($exporter in $neighbours) {
        Write-Verbose -Message "The installer will end $($exporter.Text), which is not ours."
    }
    try {
        Invoke-Setup -Ensure $Ensure -Version $Version -MsiHash $MsiHash -Deadline $deadline
    }
    finally {
        Wait-NeighbourExporter -Before $neighbours
    }
    if (-not (Test-ExporterInstallation -Ensure $Ensure -Version $Version)) {
        $text = "msiexec said that it succeeded, and windows_exporter is still not as wanted ($Ensure, $Version): " +
            "$(Get-ExporterInstallation)."
        $cause, $last = if ($Ensure -eq 'Absent') { 'node', 'uninstall.log' } else { 'package', 'install.log' }
        $log = Join-Path -Path $script:LogFolder -ChildPath $last
        throw (Get-MsiFailure -Cause $cause -Text $text -Log $log)
    }
    if (Test-Path -LiteralPath $script:RemovedFile) {
        Remove-Item -LiteralPath $script:RemovedFile
    }
}
