function Get-FailureText {
    <#
    .SYNOPSIS
    Returns the text of an error: the word of its cause, which the app reads in the extension's status, and a sentence.
    .PARAMETER Cause
    package: the package fails wherever it is applied. node: something on this node. installer-busy: another
    installation is running. download: something could not be downloaded.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('package', 'node', 'installer-busy', 'download', IgnoreCase = $false)]
        [string]
        $Cause,

        [Parameter(Mandatory)]
        [AllowEmptyString()]
        [string]
        $Text
    )

    "aks-windows-metrics cause=${Cause}: $Text"
}

function Resolve-FailureText {
    <#
    .SYNOPSIS
    Returns the text of any error with the word of its cause. An error without one comes from Windows: a query, a file
    or the service failed, and the cause is this node.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [AllowEmptyString()]
        [string]
        $Text
    )

    if ($Text -clike 'aks-windows-metrics cause=*') { $Text } else { Get-FailureText -Cause node -Text $Text }
}
