function Read-Metric {
    <#
    .SYNOPSIS
    Returns what the exporter shows at /metrics.
    .PARAMETER Seconds
    Time for the scrape. Its collectors query Windows, and a node under load answers late.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port,

        [Parameter(Mandatory)]
        [double]
        $Seconds
    )

    Read-HttpText -Uri "http://127.0.0.1:$Port/metrics" -Seconds $Seconds
}

function Get-EnabledCollector {
    <#
    .SYNOPSIS
    Returns the collectors that config.yaml names, without the keyword for the default ones.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    $text = if (Test-Path -LiteralPath $script:ConfigFile) { [System.IO.File]::ReadAllText($script:ConfigFile) } else { '' }
    $found = [regex]::Match($text, '(?m)^collectors:\s*\n\s+enabled:\s*["'']?([^"''\n]*)')
    $found.Groups[1].Value -split ',' | Where-Object { $_ -match '\A\w+\z' }
}

function Get-CollectorProblem {
    <#
    .SYNOPSIS
    Returns which collectors did not succeed in a scrape, or nothing if all did.
    .DESCRIPTION
    A collector can fail in each scrape until the service is restarted, although the exporter answers.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [AllowEmptyString()]
        [string]
        $Text
    )

    $pattern = '(?m)^windows_exporter_collector_success\{collector="(\w+)"\} (\S+)'
    $results = [regex]::Matches($Text, $pattern)
    $good = @($results | Where-Object { $_.Groups[2].Value -eq '1' } | ForEach-Object { $_.Groups[1].Value })
    $bad = @($results | ForEach-Object { $_.Groups[1].Value }) + @(Get-EnabledCollector) |
        Where-Object { $_ -notin $good } | Sort-Object -Unique
    if ($bad) {
        "/metrics shows no success of: $($bad -join ', ')"
    }
    elseif ($good.Count -eq 0) {
        '/metrics shows no collector'
    }
}
