function Read-HttpText {
    <#
    .SYNOPSIS
    Returns the body of a response as text. Throws an error for a status other than 2xx, for a body of more than 64 MiB,
    and when the time is over, at whichever point of the request.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [uri]
        $Uri,

        [Parameter(Mandatory)]
        [double]
        $Seconds
    )

    $last = (Get-MonotonicTime) + $Seconds
    $request = [System.Net.WebRequest]::CreateHttp($Uri)
    # A proxy of the machine must not be asked for this node itself.
    $request.Proxy = $null
    $request.Timeout = 1000 * $Seconds
    $response = $request.GetResponse()
    try {
        $stream = $response.GetResponseStream()
        $text = [System.IO.MemoryStream]::new()
        $buffer = [byte[]]::new(65536)
        while ($true) {
            # A read of its own has no limit that both .NET Framework and .NET keep.
            $read = $stream.ReadAsync($buffer, 0, $buffer.Length)
            $left = [Math]::Max(0, $last - (Get-MonotonicTime))
            if (-not $read.Wait([timespan]::FromSeconds($left))) {
                throw (Get-FailureText -Cause node -Text "The response did not end within $Seconds s.")
            }
            if ($read.Result -eq 0) {
                return [System.Text.Encoding]::UTF8.GetString($text.ToArray())
            }
            if ($text.Length + $read.Result -gt 64MB) {
                throw (Get-FailureText -Cause package -Text 'The response has more than 64 MiB.')
            }
            $text.Write($buffer, 0, $read.Result)
        }
    }
    finally {
        $request.Abort()
        $response.Dispose()
    }
}
