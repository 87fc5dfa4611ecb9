function ConvertTo-Byte {
    <#
    .SYNOPSIS
    The bytes of a text in UTF-8 without a byte order mark, which Set-Content of Windows PowerShell cannot write.
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
    Whether a file holds a text byte for byte.
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
    Writes a text to a file that does not hold it yet, by a move, so that no reader sees half of it.
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
        # Move-Item -Force deletes first; this does not. A null that a string parameter takes needs NullString.
        [System.IO.File]::Replace($temporary, $Path, [NullString]::Value)
    }
    else {
        [System.IO.File]::Move($temporary, $Path)
    }
    Write-Verbose -Message "$Path is written."
}
