# The port of AKS's own Windows exporter, which can run in parallel with ours.
$script:NativePort = 19182

# Ports of the kubelet and of kube-proxy, most of which are in use only later.
$script:AksPorts = @(10249, 10250, 10255, 10256)
# AKS begins the dynamic range of a node, from which any connection takes a port, at 16385 or 33000. The NodePorts and the
# ports of AKS's own exporter are above 16384 too.
$script:LastPort = 16384

function Test-ReservedPort {
    <#
    .SYNOPSIS
    Tests whether a port is one of AKS, or in the range that it uses for NodePorts, its own exporter and connections.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $Port -in $script:AksPorts -or $Port -gt $script:LastPort
}

function Get-ForeignListener {
    <#
    .SYNOPSIS
    Returns the processes other than the service windows_exporter that listen on the ports, each with Port and Text.
    .DESCRIPTION
    A single query covers all ports, because a test must be quick.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param (
        [Parameter(Mandatory)]
        [int[]]
        $Port
    )

    $service = Get-ExporterService
    $listeners = Get-NetTCPConnection -State Listen -ErrorAction Stop |
        Where-Object -Property LocalPort -In -Value $Port |
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
    Returns which other processes listen on our port and on the port of AKS's own exporter.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $listeners = @(Get-ForeignListener -Port $Port, $script:NativePort)
    $texts = foreach ($each in ($Port, $script:NativePort | Select-Object -Unique)) {
        $names = @($listeners | Where-Object -Property Port -EQ -Value $each | Select-Object -ExpandProperty Text)
        if ($names.Count -gt 0) { "${each}: $($names -join ', ')" } else { "${each}: no other process" }
    }
    $texts -join '; '
}

function Test-ExporterPort {
    <#
    .SYNOPSIS
    Tests whether our port is not reserved, and free or ours, and logs which process listens on the port of AKS's own exporter.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    $listeners = @(Get-ForeignListener -Port $Port, $script:NativePort)
    foreach ($listener in $listeners) {
        if ($listener.Port -eq $script:NativePort) {
            Write-Verbose -Message ("Port $script:NativePort, that of AKS's own exporter, is held by " +
                "$($listener.Text); it is left alone.")
        }
    }
    $isFree = @($listeners | Where-Object -Property Port -EQ -Value $Port).Count -eq 0
    $isFree -and -not (Test-ReservedPort -Port $Port)
}

function Assert-ExporterPort {
    <#
    .SYNOPSIS
    Throws an error that names the process if another process listens on the port. Nothing is installed by then.
    #>
    [CmdletBinding()]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    trap { throw (Resolve-FailureText -Text "$_") }
    if (Test-ReservedPort -Port $Port) {
        throw (Get-FailureText -Cause package -Text ("Port $Port is one that AKS or Windows uses ($($script:AksPorts), " +
                "and all above $script:LastPort). Nothing was installed. Publish a package with another Port."))
    }
    $names = @(Get-ForeignListener -Port $Port | Select-Object -ExpandProperty Text) -join ', '
    if ($names) {
        throw (Get-FailureText -Cause node -Text ("Port $Port is held by $names, which is not the service " +
                "$script:ServiceName. Nothing was installed. Stop that process, or publish a package " +
                'with another Port.'))
    }
}
