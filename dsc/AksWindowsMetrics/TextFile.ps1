function ConvertTo-Byte {
    <#
    .SYNOPSIS
    Returns a text as UTF-8 bytes without a byte order mark, which Set-Content of Windows PowerShell cannot write.
    #>
    [CmdletBinding()]
    [OutputType([byte[]])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Text
    )

    , [System.Text.UTF8Encoding]::new($false).GetBytes($Text)
}

function Test-TextFile {
    <#
    .SYNOPSIS
    Tests whether the content of a file equals a text, byte for byte.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [string]
        $Path,

        [Parameter(Mandatory)]
        [string]
        $Text
    )

    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) {
        Write-Verbose -Message "$Path does not exist."
        return $false
    }
    try {
        $isSame = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes($Path)) -ceq
            [Convert]::ToBase64String((ConvertTo-Byte -Text $Text))
    }
    catch {
        Write-Verbose -Message "$Path cannot be read: $($_.Exception.Message)"
        return $false
    }
    if (-not $isSame) {
        Write-Verbose -Message "$Path differs from what it should hold."
    }
    $isSame
}

function Save-TextFile {
    <#
    .SYNOPSIS
    Writes a text to a file. Replaces the file by a move, so that no reader sees partial content.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Path,

        [Parameter(Mandatory)]
        [string]
        $Text
    )

    $temporary = "$Path.tmp"
    [System.IO.File]::WriteAllBytes($temporary, (ConvertTo-Byte -Text $Text))
    if (Test-Path -LiteralPath $Path -PathType Leaf) {
        # Unlike Move-Item -Force, this does not delete first. Passing null to a string parameter requires NullString.
        [System.IO.File]::Replace($temporary, $Path, [NullString]::Value)
    }
    else {
        [System.IO.File]::Move($temporary, $Path)
    }
}

function Write-TextFile {
    <#
    .SYNOPSIS
    Writes a text to a file if its content differs. Retries for some seconds: the exporter, an antivirus or an editor may
    have the file open.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [string]
        $Path,

        [Parameter(Mandatory)]
        [string]
        $Text
    )

    if (Test-TextFile -Path $Path -Text $Text) {
        return
    }
    $last = (Get-MonotonicTime) + $script:Budget.File
    while ($true) {
        try {
            Save-TextFile -Path $Path -Text $Text
            Write-Verbose -Message "$Path is written."
            return
        }
        catch {
            if ((Get-MonotonicTime) -ge $last) {
                throw (Get-FailureText -Cause node -Text ("$Path cannot be written: $($_.Exception.Message) Close the " +
                        'program that has it open; the next run tries again.'))
            }
            Write-Verbose -Message "$Path cannot be written yet: $($_.Exception.Message)"
        }
        Start-Sleep -Seconds 1
    }
}
