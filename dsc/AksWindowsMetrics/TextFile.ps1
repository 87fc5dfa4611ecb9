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
    $isSame = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes($Path)) -ceq
        [Convert]::ToBase64String((ConvertTo-Byte -Text $Text))
    if (-not $isSame) {
        Write-Verbose -Message "$Path differs from what it should hold."
    }
    $isSame
}

function Write-TextFile {
    <#
    .SYNOPSIS
    Writes a text to a file if its content differs. Replaces the file by a move, so that no reader sees partial content.
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
    $temporary = "$Path.tmp"
    [System.IO.File]::WriteAllBytes($temporary, (ConvertTo-Byte -Text $Text))
    if (Test-Path -LiteralPath $Path -PathType Leaf) {
        # Unlike Move-Item -Force, this does not delete first. Passing null to a string parameter requires NullString.
        [System.IO.File]::Replace($temporary, $Path, [NullString]::Value)
    }
    else {
        [System.IO.File]::Move($temporary, $Path)
    }
    Write-Verbose -Message "$Path is written."
}
