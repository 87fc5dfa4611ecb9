# AKS's own Windows exporter listens here, next to ours.
$script:NativePort = 19182

function Get-ForeignListener {
    <#
    .SYNOPSIS
    Who but the service windows_exporter listens on TCP ports: one Port and Text for each process, none if there is nobody.
    .DESCRIPTION
    All ports by one look, which is what a test has time for.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param (
        [Parameter(Mandatory)]
        [int[]]
        $Port
    )

    $service = Get-ExporterService
    $listeners = Get-NetTCPConnection -State Listen | Where-Object -Property LocalPort -In -Value $Port |
        Sort-Object -Property 'LocalPort', 'OwningProcess' -Unique
    foreach ($listener in $listeners) {
        if (-not $service -or $listener.OwningProcess -ne $service.ProcessId) {
            $process = Get-WindowsProcess -ProcessId $listener.OwningProcess
            [pscustomobject]@{
                Port = $listener.LocalPort
                Text = '{0} (pid {1}, {2})' -f $process.Name, $listener.OwningProcess, $process.ExecutablePath
            }
        }
    }
}

function Get-ExporterPort {
    <#
    .SYNOPSIS
    Who else listens on our port and on that of AKS's own exporter.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $listeners = @(Get-ForeignListener -Port $Port, $script:NativePort)
    $texts = foreach ($each in ($Port, $script:NativePort | Select-Object -Unique)) {
        $names = @($listeners | Where-Object -Property Port -EQ -Value $each | Select-Object -ExpandProperty Text)
        if ($names.Count -gt 0) { "${each}: $($names -join ', ')" } else { "${each}: nobody else" }
    }
    $texts -join '; '
}

function Test-ExporterPort {
    <#
    .SYNOPSIS
    Whether our port is free or ours; says who listens on that of AKS's own exporter.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $listeners = @(Get-ForeignListener -Port $Port, $script:NativePort)
    foreach ($listener in $listeners) {
        if ($listener.Port -eq $script:NativePort) {
            Write-Verbose -Message ("Port $script:NativePort, that of AKS's own exporter, is held by " +
                "$($listener.Text); it is left alone.")
        }
    }
    @($listeners | Where-Object -Property Port -EQ -Value $Port).Count -eq 0
}

function Assert-ExporterPort {
    <#
    .SYNOPSIS
    Refuses a port that another process holds, before anything is installed: the error names the process.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $names = @(Get-ForeignListener -Port $Port | Select-Object -ExpandProperty Text) -join ', '
    if ($names) {
        throw ("Port $Port is held by $names, which is not the service $script:ServiceName. Nothing was " +
            'installed. Stop that process, or publish a package with another Port.')
    }
}
