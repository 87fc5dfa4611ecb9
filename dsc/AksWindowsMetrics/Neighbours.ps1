function Get-NeighbourExporter {
    <#
    .SYNOPSIS
    Returns each windows_exporter.exe that is not the service's, such as AKS's own or one in a HostProcess container:
    its Text, and a Key that identifies it after a restart (its ports, or its command line if it has none).
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    $service = Get-ExporterService
    $connections = @(Get-NetTCPConnection -State Listen -ErrorAction Stop)
    $filter = "Name='windows_exporter.exe'"
    $query = @{ ClassName = 'Win32_Process'; Filter = $filter; OperationTimeoutSec = $script:QuerySeconds }
    $processes = Get-CimInstance @query -ErrorAction Stop -Verbose:$false
    foreach ($process in $processes) {
        if ($service -and $process.ProcessId -eq $service.ProcessId) {
            continue
        }
        $ports = @($connections | Where-Object -Property OwningProcess -EQ -Value $process.ProcessId |
                Select-Object -ExpandProperty LocalPort | Sort-Object -Unique) -join ', '
        [pscustomobject]@{
            Text = '{0} (ports: {1})' -f $process.ExecutablePath, $ports
            Key = if ($ports) { $ports } else { $process.CommandLine }
        }
    }
}

function Wait-NeighbourExporter {
    <#
    .SYNOPSIS
    Waits until the exporters that ran before msiexec run again, and writes a warning for each one that does not.
    .DESCRIPTION
    The MSI kills every process with that image name, and the supervisors of the others must restart them.
    #>
    [CmdletBinding()]
    param (
        [psobject[]]
        $Before = @()
    )

    if ($Before.Count -eq 0) {
        return
    }
    $deadline = (Get-MonotonicTime) + $script:Budget.Neighbours
    while ($true) {
        try {
            $now = @(Get-NeighbourExporter | Select-Object -ExpandProperty Key)
        }
        catch {
            # This check is only a report: it must not fail an installation, or hide the error of a failed one.
            Write-Warning -Message "The exporters that are not ours could not be looked for: $($_.Exception.Message)"
            return
        }
        $missing = @($Before | Where-Object -Property Key -NotIn -Value $now)
        if ($missing.Count -eq 0 -or (Get-MonotonicTime) + 2 -gt $deadline) {
            break
        }
        Start-Sleep -Seconds 2
    }
    foreach ($exporter in $Before) {
        if ($missing -contains $exporter) {
            Write-Warning -Message ("The installer ended $($exporter.Text), which is not ours, and it is not back " +
                "after $($script:Budget.Neighbours) s. Look at the supervisor that starts it.")
        }
        else {
            Write-Verbose -Message "$($exporter.Text), which is not ours, runs."
        }
    }
}
