function Get-LogExtract {
    <#
    .SYNOPSIS
    Returns the lines of an installer's log that name an error, then its last lines. The log is verbose: most often its
    end does not name the cause.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Log
    )

    if (-not (Test-Path -LiteralPath $Log)) {
        return "$Log does not exist."
    }
    try {
        # -Tail reads from the end and misses the byte order mark, which shows that the log is UTF-16.
        $lines = @(Get-Content -LiteralPath $Log -ErrorAction Stop)
    }
    catch {
        return "$Log cannot be read: $($_.Exception.Message)"
    }
    $found = for ($index = 0; $index -lt $lines.Count; $index++) {
        if ($lines[$index] -match 'Return value 3\b') {
            # What failed is in the lines before.
            $lines[[Math]::Max(0, $index - 3)..$index]
        }
        elseif ($lines[$index] -match '\berror \d{4}\b') {
            $lines[$index]
        }
    }
    $errors = @($found | Select-Object -Unique -First 20)
    if ($errors.Count -gt 0) {
        "The lines of ${Log} that name an error:"
        $errors
    }
    "The last lines of ${Log}:"
    $lines | Select-Object -Last 6
}

function Get-MsiFailure {
    <#
    .SYNOPSIS
    Returns the text of an error: its cause, what went wrong, and what the installer's log says about it.
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

    Get-FailureText -Cause $Cause -Text (@($Text) + @(Get-LogExtract -Log $Log) -join "`n")
}
