$ErrorActionPreference = 'Stop'
# Windows PowerShell draws progress for each web request, which costs more than the request.
$ProgressPreference = 'SilentlyContinue'

$script:ServiceName = 'windows_exporter'
$script:Root = Join-Path -Path $env:ProgramFiles -ChildPath 'aks-windows-metrics'
$script:ConfigFile = Join-Path -Path $script:Root -ChildPath 'config.yaml'
$script:LogFolder = Join-Path -Path $script:Root -ChildPath 'logs'
$script:MetricFolder = Join-Path -Path $script:Root -ChildPath 'textfile_inputs'
$script:MetricFile = Join-Path -Path $script:MetricFolder -ChildPath 'aks_windows_metrics.prom'

# Beside the module, put there by the package's builder.
$script:Msi = Join-Path -Path $PSScriptRoot -ChildPath 'windows_exporter.msi'
$script:ConfigTemplate = Join-Path -Path $PSScriptRoot -ChildPath 'config.yaml'

# Seconds that a run may wait for others, by what it waits for, in the order in which it does. Together under 300, with
# some left for looking: the scale set gives all its extensions 16 minutes, and the agent may start a failed one anew.
# Patience is what a running exporter is given to answer before it is restarted, Health what it is given afterwards.
# ServiceControl is no wait of ours: the 30 s in which a service has to take a request to stop, and those in which it has
# to report that it starts, are Windows's own; the 20 s between them are ours.
$script:Budget = @{
    Installer = 120
    Neighbours = 20
    Patience = 20
    ServiceControl = 80
    Health = 40
}
# Seconds after which a query of CIM is an error: by default it waits for ever.
$script:QuerySeconds = 10

foreach ($part in 'TextFile', 'Directory', 'ConfigFile', 'PackageMetric', 'Service', 'Listener', 'Neighbours', 'Msi',
    'Installation', 'FirewallRule', 'Health') {
    . (Join-Path -Path $PSScriptRoot -ChildPath "$part.ps1")
}
