# An installation takes about 10 s. It does not start with less time than this left, because it would be interrupted.
$script:LeastSeconds = 20

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

function Assert-MsiHash {
    <#
    .SYNOPSIS
    Throws an error if the SHA-256 of the MSI is not the expected one.
    .DESCRIPTION
    Uses the class that wraps the validated implementation of Windows: in FIPS mode, SHA256Managed fails before
    .NET Framework 4.8, and which of the two classes Get-FileHash uses depends on its version.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $MsiHash
    )

    $hash = [System.Security.Cryptography.SHA256CryptoServiceProvider]::new()
    $stream = [System.IO.File]::OpenRead($script:Msi)
    try {
        $found = [BitConverter]::ToString($hash.ComputeHash($stream)).Replace('-', '')
    }
    finally {
        $stream.Dispose()
        $hash.Dispose()
    }
    if ($found -ne $MsiHash) {
        throw (Get-FailureText -Cause package -Text ("$script:Msi has SHA-256 $found, expected $MsiHash. It was not " +
                'run. Publish and apply the package again.'))
    }
}

function Get-MsiFailure {
    <#
    .SYNOPSIS
    Returns the text of an error: its cause, what went wrong, and the last lines of the installer's log.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Cause,

        [Parameter(Mandatory)]
        [string]
        $Text,

        [Parameter(Mandatory)]
        [string]
        $Log
    )

    # -Tail reads from the end and misses the byte order mark, which shows that the log is UTF-16.
    $lines = if (Test-Path -LiteralPath $Log) { Get-Content -LiteralPath $Log | Select-Object -Last 12 }
    Get-FailureText -Cause $Cause -Text (@("$Text The last lines of ${Log}:") + $lines -join "`n")
}

function Invoke-MsiexecOnce {
    <#
    .SYNOPSIS
    Runs msiexec, waits for it and returns its exit code; ends it when the time is over.
    .PARAMETER Deadline
    The time of Get-MonotonicTime by which it must have ended.
    #>
    [CmdletBinding()]
    [OutputType([int])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Arguments,

        [Parameter(Mandatory)]
        [string]
        $Log,

        [Parameter(Mandatory)]
        [double]
        $Deadline
    )

    $left = [int](1000 * ($Deadline - (Get-MonotonicTime)))
    if ($left -lt 1000 * $script:LeastSeconds) {
        throw (Get-FailureText -Cause node -Text 'There is no time left to run msiexec. The next run goes on.')
    }
    $program = Join-Path -Path $env:SystemRoot -ChildPath 'System32\msiexec.exe'
    Write-Verbose -Message "msiexec $Arguments"
    $process = Start-Process -FilePath $program -ArgumentList $Arguments -PassThru
    # The exit code is available later only if the handle is read while the process runs.
    $null = $process.Handle
    if (-not $process.WaitForExit($left)) {
        $process.Kill()
        # A quiet run asks nothing, and one that finds the installer busy ends with 1618: this node is too slow.
        throw (Get-MsiFailure -Cause node -Text 'msiexec did not end in time, and was ended.' -Log $Log)
    }
    $process.ExitCode
}

function Invoke-Msiexec {
    <#
    .SYNOPSIS
    Runs msiexec and returns its exit code. Retries while another installation is running (1618).
    .PARAMETER MsiHash
    The expected hash of the bundled MSI, checked directly before each run. Omit it if the command does not use the MSI.
    #>
    [CmdletBinding()]
    [OutputType([int])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Arguments,

        [Parameter(Mandatory)]
        [string]
        $Log,

        [Parameter(Mandatory)]
        [double]
        $Deadline,

        [string]
        $MsiHash
    )

    for ($pause = 5; $true; $pause = 2 * $pause) {
        if ($MsiHash) {
            Assert-MsiHash -MsiHash $MsiHash
        }
        $code = Invoke-MsiexecOnce -Arguments $Arguments -Log $Log -Deadline $Deadline
        Write-Verbose -Message "msiexec ended with $code."
        if ($code -ne 1618) {
            return $code
        }
        if ((Get-MonotonicTime) + $pause + $script:LeastSeconds -ge $Deadline) {
            $text = 'Another installation holds the Windows Installer (1618), and there is no time left to wait for it.'
            throw (Get-MsiFailure -Cause installer-busy -Text $text -Log $Log)
        }
        Start-Sleep -Seconds $pause
    }
}
