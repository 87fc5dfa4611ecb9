function Uninstall-Exporter {
    <#
    .SYNOPSIS
    Removes each installed windows_exporter by its product code.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [double]
        $Deadline
    )

    $log = Join-Path -Path $script:LogFolder -ChildPath 'uninstall.log'
    foreach ($product in @(Get-MsiProduct)) {
        Write-Verbose -Message "windows_exporter $($product.Version) is removed."
        $arguments = '/x {0} /qn /norestart /l*v "{1}"' -f $product.Code, $log
        $code = Invoke-Msiexec -Arguments $arguments -Log $log -Deadline $Deadline
        # 1605: another process has removed the product since it was listed.
        if ($code -notin 0, 1605, 1641, 3010) {
            # What is removed came with another package or product, so this package is not to blame.
            $text = "Removing windows_exporter failed: msiexec ended with $code."
            throw (Get-MsiFailure -Cause node -Text $text -Log $log)
        }
    }
}

function Install-Exporter {
    <#
    .SYNOPSIS
    Installs the bundled MSI. If it fails because of a broken or identical product, removes that and tries once more.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $MsiHash,

        [Parameter(Mandatory)]
        [double]
        $Deadline
    )

    $log = Join-Path -Path $script:LogFolder -ChildPath 'install.log'
    # CONFIG_FILE only: every other property becomes a flag, and flags override the file.
    $arguments = '/i "{0}" /qn /norestart /l*v "{1}" CONFIG_FILE="{2}"' -f $script:Msi, $log, $script:ConfigFile
    $run = @{ Arguments = $arguments; Log = $log; Deadline = $Deadline; MsiHash = $MsiHash }
    $code = Invoke-Msiexec @run
    if ($code -in 1603, 1638) {
        Uninstall-Exporter -Deadline $Deadline
        $code = Invoke-Msiexec @run
    }
    if ($code -notin 0, 1641, 3010) {
        $text = "Installing windows_exporter failed: msiexec ended with $code."
        throw (Get-MsiFailure -Cause package -Text $text -Log $log)
    }
}

function Test-Upgradable {
    <#
    .SYNOPSIS
    Tests whether the MSI can upgrade in place: nothing is installed, or one earlier version with our configuration.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [version]
        $Version
    )

    $products = @(Get-MsiProduct)
    $service = Get-ExporterService
    if ($service -and -not $service.IsOurs) {
        Write-Verbose -Message "$($service.Executable) runs with another configuration; it is taken over."
        return $false
    }
    $isOlder = $products.Count -eq 1 -and ($products[0].Version -as [version]) -lt $Version
    $products.Count -eq 0 -or ($isOlder -and $null -ne $service)
}

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
        $MsiHash
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $isDone = Test-ExporterInstallation -Ensure $Ensure -Version $Version
    if ($isDone -or -not $PSCmdlet.ShouldProcess($script:ServiceName, "Ensure $Ensure")) {
        return
    }
    $deadline = (Get-MonotonicTime) + $script:Budget.Installer
    $null = New-Item -ItemType Directory -Path $script:LogFolder -Force
    $neighbours = @(Get-NeighbourExporter)
    foreach ($exporter in $neighbours) {
        Write-Verbose -Message "The installer will end $($exporter.Text), which is not ours."
    }
    try {
        if ((Get-ExporterService).State -eq 'StopPending') {
            # The installer waits for the service, and fails when it does not stop.
            Stop-ExporterService
        }
        if ($Ensure -eq 'Absent') {
            Uninstall-Exporter -Deadline $deadline
        }
        else {
            # Check this before removing anything: an installed exporter stays if the MSI cannot replace it.
            Assert-MsiHash -MsiHash $MsiHash
            if (-not (Test-Upgradable -Version $Version)) {
                Uninstall-Exporter -Deadline $deadline
            }
            Install-Exporter -MsiHash $MsiHash -Deadline $deadline
        }
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
}
