# All versions of windows_exporter have this upgrade code.
$script:UpgradeCode = '{66A6EB5B-1FC2-4B14-A362-5CEEC6413308}'
# The state of a product that is installed for the machine (INSTALLSTATE_DEFAULT); an advertised one has another state.
$script:StateInstalled = 5

function Get-InstallerProperty {
    <#
    .SYNOPSIS
    Returns a property of the Windows Installer's automation object. The object has no type information, so PowerShell
    itself cannot read a property that has arguments.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param (
        [Parameter(Mandatory)]
        [psobject]
        $Installer,

        [Parameter(Mandatory)]
        [string]
        $Name,

        [Parameter(Mandatory)]
        [object[]]
        $Argument
    )

    $flags = [System.Reflection.BindingFlags]::GetProperty
    $Installer.GetType().InvokeMember($Name, $flags, $null, $Installer, $Argument)
}

function Get-MsiProduct {
    <#
    .SYNOPSIS
    Returns each windows_exporter that the Windows Installer knows as installed: its Code and its Version.
    .DESCRIPTION
    Asks the installer itself. An Uninstall key in the registry can outlive its product: the installer then refuses to
    remove it (1605), and each run would try again.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    $installer = New-Object -ComObject 'WindowsInstaller.Installer' -ErrorAction Stop
    $codes = @(Get-InstallerProperty -Installer $installer -Name 'RelatedProducts' -Argument $script:UpgradeCode)
    foreach ($code in $codes) {
        $state = Get-InstallerProperty -Installer $installer -Name 'ProductState' -Argument $code
        if ($state -eq $script:StateInstalled) {
            $version = Get-InstallerProperty -Installer $installer -Name 'ProductInfo' -Argument $code, 'VersionString'
            [pscustomobject]@{ Code = $code; Version = $version }
        }
    }
}
