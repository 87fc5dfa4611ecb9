# The MSI for which an exporter was removed, until an installation succeeds.
$script:RemovedFile = Join-Path -Path $script:LogFolder -ChildPath 'removed-for.txt'
# The time of the boot in which the installer asked for a restart.
$script:RestartFile = Join-Path -Path $script:LogFolder -ChildPath 'restart-wanted.txt'

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
            $text = "Removing windows_exporter $($product.Version) failed: msiexec ended with $code."
            if ($code -eq 1612) {
                $text += ' The installer has lost its copy of that MSI. Download it, and run msiexec /fvomus with it.'
            }
            throw (Get-MsiFailure -Cause node -Text $text -Log $log)
        }
    }
}

function Uninstall-Once {
    <#
    .SYNOPSIS
    Removes what is installed, so that the MSI can replace it. Throws an error instead if that was done for this MSI
    before, the installation has not succeeded since, and an exporter runs.
    .DESCRIPTION
    What was tried is remembered in a file until an installation succeeds. Otherwise, a package that can never be
    installed as wanted would remove a running exporter every half hour.
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

    if ((Test-ExporterRunning) -and (Test-TextFile -Path $script:RemovedFile -Text $MsiHash)) {
        throw (Get-FailureText -Cause node -Text ("An exporter runs that is not as wanted: $(Get-ExporterInstallation). " +
                'It is left as it is: it was removed once for this MSI, and the installation did not succeed. ' +
                "Look at $script:LogFolder, then remove the exporter by hand, or publish another package."))
    }
    Write-TextFile -Path $script:RemovedFile -Text $MsiHash
    Uninstall-Exporter -Deadline $Deadline
}

function Install-Exporter {
    <#
    .SYNOPSIS
    Installs the bundled MSI. If it fails because of a broken or identical product, removes that and tries once more. A
    product that runs is removed only if the MSI cannot replace it otherwise (1638).
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
    if ($code -eq 1638 -or ($code -eq 1603 -and -not (Test-ExporterRunning))) {
        Uninstall-Once -MsiHash $MsiHash -Deadline $Deadline
        $code = Invoke-Msiexec @run
    }
    if ($code -in 1641, 3010) {
        Write-TextFile -Path $script:RestartFile -Text (Get-BootTime)
    }
    elseif ($code -ne 0) {
        $left = if (Test-ExporterRunning) { ' The exporter that runs was left as it is.' } else { '' }
        $text = "Installing windows_exporter failed: msiexec ended with $code.$left"
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
        return $false
    }
    $isOlder = $products.Count -eq 1 -and ($products[0].Version -as [version]) -lt $Version
    $products.Count -eq 0 -or ($isOlder -and $null -ne $service)
}


function Invoke-Setup {
    <#
    .SYNOPSIS
    Runs the installer: to remove windows_exporter, or to install the MSI in place of any other version.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Ensure,

        [Parameter(Mandatory)]
        [string]
        $Version,

        [Parameter(Mandatory)]
        [string]
        $MsiHash,

        [Parameter(Mandatory)]
        [double]
        $Deadline
    )

    if ((Get-ExporterService).State -eq 'StopPending') {
        # The installer waits for the service, and fails when it does not stop.
        Stop-ExporterService
    }
    if ($Ensure -eq 'Absent') {
        Uninstall-Exporter -Deadline $Deadline
        return
    }
    # Check this before removing anything: an installed exporter stays if the MSI cannot replace it.
    Assert-MsiHash -MsiHash $MsiHash
    if (-not (Test-Upgradable -Version $Version)) {
        Uninstall-Once -MsiHash $MsiHash -Deadline $Deadline
    }
    Install-Exporter -MsiHash $MsiHash -Deadline $Deadline
}
