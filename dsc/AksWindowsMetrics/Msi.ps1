# An installation takes some 10 s: with less than this left it is not begun, as it would only be ended halfway.
$script:LeastSeconds = 20

function Get-MsiProduct {
    <#
    .SYNOPSIS
    Each installed MSI product of the name windows_exporter, from both views of the registry: PSChildName is the
    product code, DisplayVersion the version.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    foreach ($view in 'SOFTWARE', 'SOFTWARE\WOW6432Node') {
        # By name: another product's entry may hold a value that cannot be read, which would end the listing. An entry
        # without these values is an error, and none of ours.
        $entries = "HKLM:\$view\Microsoft\Windows\CurrentVersion\Uninstall\*"
        Get-ItemProperty -Path $entries -Name 'DisplayName', 'DisplayVersion' -ErrorAction SilentlyContinue |
            Where-Object -Property DisplayName -EQ -Value $script:ServiceName |
            Where-Object -Property PSChildName -Match -Value '\A\{[0-9A-Fa-f-]{36}\}\z'
    }
}

function Assert-MsiHash {
    <#
    .SYNOPSIS
    Refuses an MSI whose SHA-256 is not the expected one.
    .DESCRIPTION
    By the class over Windows's own validated implementation: a node in FIPS mode refuses SHA256Managed before
    .NET Framework 4.8, and which of the two Get-FileHash takes depends on its version.
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
        throw ("$script:Msi has SHA-256 $found, expected $MsiHash. It was not run. Publish the package again, and " +
            'apply it anew.')
    }
}

function Get-MsiFailure {
    <#
    .SYNOPSIS
    An error's text: what went wrong, and the last lines of the installer's log.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Text,

        [Parameter(Mandatory)]
        [string]
        $Log
    )

    # Not -Tail, which reads from the end, past the byte order mark that says that the log is UTF-16.
    $lines = if (Test-Path -LiteralPath $Log) { Get-Content -LiteralPath $Log | Select-Object -Last 12 }
    @("$Text The last lines of ${Log}:") + $lines -join "`n"
}

function Invoke-MsiexecOnce {
    <#
    .SYNOPSIS
    Runs msiexec to its end and gives its exit code; ends it when the time is over.
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
        [datetime]
        $Deadline
    )

    $left = [int]($Deadline - (Get-Date)).TotalMilliseconds
    if ($left -lt 1000 * $script:LeastSeconds) {
        throw 'There is no time left to run msiexec. The next run goes on.'
    }
    $program = Join-Path -Path $env:SystemRoot -ChildPath 'System32\msiexec.exe'
    Write-Verbose -Message "msiexec $Arguments"
    $process = Start-Process -FilePath $program -ArgumentList $Arguments -PassThru
    # Without its handle, taken while it runs, a process forgets its exit code.
    $null = $process.Handle
    if (-not $process.WaitForExit($left)) {
        $process.Kill()
        throw (Get-MsiFailure -Text 'msiexec did not end in time, and was ended.' -Log $Log)
    }
    $process.ExitCode
}

function Invoke-Msiexec {
    <#
    .SYNOPSIS
    Runs msiexec, again while another installation holds the installer (1618), and gives its exit code.
    .PARAMETER MsiHash
    What the bundled MSI must hash to, looked at just before each run; without it the MSI is not what is run.
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
        [datetime]
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
        if ((Get-Date).AddSeconds($pause + $script:LeastSeconds) -ge $Deadline) {
            $text = 'Another installation holds the Windows Installer (1618), and there is no time left to wait for it.'
            throw (Get-MsiFailure -Text $text -Log $Log)
        }
        Start-Sleep -Seconds $pause
    }
}
