# An installation takes about 10 s. It does not start with less time than this left, because it would be interrupted.
$script:LeastSeconds = 20

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
