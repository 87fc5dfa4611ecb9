@{
    RootModule = 'AksWindowsMetrics.psm1'
    ModuleVersion = '1.0.0'
    GUID = '3b0d4f52-6a0e-4a86-9a7e-2f7f0c5e9d14'
    Author = 'aks-windows-metrics'
    Description = 'Keeps windows_exporter installed, configured and answering on an AKS Windows node.'
    PowerShellVersion = '5.1'
    FunctionsToExport = @(
        'Get-ExporterModule', 'Test-ExporterModule', 'Assert-ExporterModule',
        'Get-ExporterRestart', 'Test-ExporterRestart', 'Wait-ExporterRestart',
        'Get-ExporterDirectory', 'Test-ExporterDirectory', 'Set-ExporterDirectory',
        'Get-ExporterConfigFile', 'Test-ExporterConfigFile', 'Set-ExporterConfigFile',
        'Get-ExporterPort', 'Test-ExporterPort', 'Assert-ExporterPort',
        'Get-ExporterInstallation', 'Test-ExporterInstallation', 'Set-ExporterInstallation',
        'Get-ExporterFirewallRule', 'Test-ExporterFirewallRule', 'Set-ExporterFirewallRule',
        'Get-ExporterPackageMetric', 'Test-ExporterPackageMetric', 'Set-ExporterPackageMetric',
        'Get-ExporterHealth', 'Test-ExporterHealth', 'Set-ExporterHealth',
        'Get-ExporterRemoval', 'Test-ExporterRemoval', 'Assert-ExporterRemoval'
    )
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
