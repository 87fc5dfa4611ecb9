$ErrorActionPreference = 'Stop'
# In Windows PowerShell, the progress bar of a web request takes longer than the request.
$ProgressPreference = 'SilentlyContinue'

$script:ServiceName = 'windows_exporter'
$script:Root = Join-Path -Path $env:ProgramFiles -ChildPath 'aks-windows-metrics'
$script:ConfigFile = Join-Path -Path $script:Root -ChildPath 'config.yaml'
$script:LogFolder = Join-Path -Path $script:Root -ChildPath 'logs'
$script:MetricFolder = Join-Path -Path $script:Root -ChildPath 'textfile_inputs'
$script:MetricFile = Join-Path -Path $script:MetricFolder -ChildPath 'aks_windows_metrics.prom'

# The package's builder puts these files into the module's folder.
$script:Msi = Join-Path -Path $PSScriptRoot -ChildPath 'windows_exporter.msi'
$script:ConfigTemplate = Join-Path -Path $PSScriptRoot -ChildPath 'config.yaml'

# Maximum waits of a run in seconds, in the order in which they occur. Their sum is below 300 and leaves time for the
# checks: the scale set allows 16 minutes for all its extensions, and the agent may restart a failed one.
# Restart: time for the restart that AKS has scheduled; a run that waits for it ends there. File: time for another program to close a file. Patience: time for a running exporter to answer before it is restarted. Health: time to become healthy after that.
# PackageMetric: time for the exporter to show the package. ServiceControl: Windows allows a service 30 s to accept a stop request and 30 s to report that it starts. In between
# are twice 10 s of our own, for the service to stop and for the end of its process.
$script:Budget = @{
    Restart = 20
    File = 5
    Installer = 105
    Neighbours = 20
    Patience = 20
    ServiceControl = 80
    Health = 40
    PackageMetric = 10
}
# Timeout of a CIM query in seconds. By default, a query has no timeout.
$script:QuerySeconds = 10

foreach ($part in 'Failure', 'Time', 'Evidence', 'Module', 'Restart', 'TextFile', 'Http', 'Directory', 'ConfigFile',
    'Metrics', 'PackageMetric', 'Service', 'Listener', 'Neighbours', 'Product', 'MsiLog', 'Msi', 'Install',
    'Installation', 'FirewallRule', 'Health', 'Removal') {
    . (Join-Path -Path $PSScriptRoot -ChildPath "$part.ps1")
}
