<#
.SYNOPSIS
Keeps windows_exporter installed, configured and answering on an AKS Windows node, or removes it (Ensure = Absent).
.DESCRIPTION
Requires Windows PowerShell 5.1 and DSC 1.1. Each resource calls the module AksWindowsMetrics, which the extension
copies from the package to the folder of the node's modules. Every call passes -Verbose, because a module does not
inherit the preference of its caller and the evidence of a healthy exporter is a verbose message.
#>
configuration WindowsExporter {
    param (
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure = 'Present',

        [ValidateRange(1, 65535)]
        [int]
        $Port = 9182,

        [Parameter(Mandatory)]
        [ValidatePattern('\A(?-i:[0-9a-f]{64})\z')]
        [string]
        $Package,

        [Parameter(Mandatory)]
        [ValidatePattern('\A(?-i:[0-9a-f]{16})\z')]
        [string]
        $Marker,

        [Parameter(Mandatory)]
        [ValidatePattern('\A[0-9A-Fa-f]{64}\z')]
        [string]
        $MsiSha256,

        [Parameter(Mandatory)]
        [ValidatePattern('\A[0-9]+\.[0-9]+\.[0-9]+\z')]
        [string]
        $Version,

        [ValidateSet('ApplyAndAutoCorrect', 'ApplyAndMonitor', 'ApplyOnly')]
        [string]
        $ConfigurationMode = 'ApplyAndAutoCorrect',

        [ValidateRange(30, 60)]
        [int]
        $ConfigurationModeFrequencyMins = 30,

        [bool]
        $FirewallRule = $false,

        [bool]
        $TakeOver = $false
    )

    Import-DscResource -ModuleName 'PSDesiredStateConfiguration'

    # Remove once only: with automatic correction, the LCM would also remove an exporter that is installed later.
    $mode = if ($Ensure -eq 'Absent') { 'ApplyOnly' } else { $ConfigurationMode }
    # A word instead of a Boolean: $using: can pass a variable as text, and the text 'False' is true.
    $rule = if ($FirewallRule) { 'Present' } else { 'Absent' }
    $foreign = if ($TakeOver) { 'TakeOver' } else { 'Refuse' }
    # The builder writes the ID of the package here and into the module's folder.
    $content = '{{Content}}'
    # What the evidence line names.
    $run = "package=$Package marker=$Marker"
    Write-Verbose -Message ("WindowsExporter: Ensure $Ensure, Port $Port, Package $Package, Marker $Marker, " +
        "MsiSha256 $MsiSha256, Version $Version, $mode every $ConfigurationModeFrequencyMins minutes, " +
        "firewall rule $rule, a foreign exporter: $foreign")

    Node localhost {
        LocalConfigurationManager {
            RefreshMode = 'Push'
            ConfigurationMode = $mode
            ConfigurationModeFrequencyMins = $ConfigurationModeFrequencyMins
            RebootNodeIfNeeded = $false
            # AKS itself restarts some fresh nodes in the middle of a run.
            ActionAfterReboot = 'ContinueConfiguration'
        }

        if ($Ensure -eq 'Present') {
            Script Module {
                GetScript = { @{ Result = Get-ExporterModule } }
                # The LCM's process survives runs and packages: without -Force it would keep using the earlier module.
                # Not verbose: a line per function would fill the extension's status, which is truncated if it is long.
                TestScript = {
                    Import-Module -Name AksWindowsMetrics -Force -Global -Verbose:$false
                    Test-ExporterModule -Content $using:content -Verbose
                }
                SetScript = { Assert-ExporterModule -Content $using:content -Verbose }
            }

            Script Restart {
                DependsOn = '[Script]Module'
                GetScript = { @{ Result = Get-ExporterRestart } }
                TestScript = { Test-ExporterRestart -Verbose }
                SetScript = { Wait-ExporterRestart -Verbose }
            }

            Script Directory {
                DependsOn = '[Script]Restart'
                GetScript = { @{ Result = Get-ExporterDirectory } }
                TestScript = { Test-ExporterDirectory -Ensure Present -Verbose }
                SetScript = { Set-ExporterDirectory -Ensure Present -Verbose }
            }

            Script ConfigFile {
                DependsOn = '[Script]Directory'
                GetScript = { @{ Result = Get-ExporterConfigFile } }
                TestScript = { Test-ExporterConfigFile -Port $using:Port -Verbose }
                SetScript = { Set-ExporterConfigFile -Port $using:Port -Verbose }
            }

            Script Listener {
                DependsOn = '[Script]ConfigFile'
                GetScript = { @{ Result = Get-ExporterPort -Port $using:Port } }
                TestScript = { Test-ExporterPort -Port $using:Port -Verbose }
                SetScript = { Assert-ExporterPort -Port $using:Port -Verbose }
            }

            Script Installation {
                DependsOn = '[Script]Listener'
                GetScript = { @{ Result = Get-ExporterInstallation } }
                TestScript = { Test-ExporterInstallation -Ensure Present -Version $using:Version -Verbose }
                SetScript = {
                    Set-ExporterInstallation -Ensure Present -Version $using:Version -MsiHash $using:MsiSha256 -Foreign $using:foreign -Verbose
                }
            }

            Script FirewallRule {
                DependsOn = '[Script]Installation'
                GetScript = { @{ Result = Get-ExporterFirewallRule } }
                TestScript = { Test-ExporterFirewallRule -Ensure $using:rule -Port $using:Port -Verbose }
                SetScript = { Set-ExporterFirewallRule -Ensure $using:rule -Port $using:Port -Verbose }
            }

            Script Health {
                DependsOn = '[Script]FirewallRule'
                GetScript = { @{ Result = Get-ExporterHealth -Port $using:Port -Version $using:Version } }
                TestScript = { Test-ExporterHealth -Port $using:Port -Version $using:Version -Verbose }
                SetScript = { Set-ExporterHealth -Port $using:Port -Version $using:Version -Verbose }
            }

            Script PackageMetric {
                DependsOn = '[Script]Health'
                GetScript = { @{ Result = Get-ExporterPackageMetric } }
                TestScript = {
                    Test-ExporterPackageMetric -Port $using:Port -Version $using:Version -Package $using:Package -Run $using:run -Verbose
                }
                SetScript = {
                    Set-ExporterPackageMetric -Port $using:Port -Version $using:Version -Package $using:Package -Run $using:run -Verbose
                }
            }
        }
        else {
            Script Module {
                GetScript = { @{ Result = Get-ExporterModule } }
                TestScript = {
                    Import-Module -Name AksWindowsMetrics -Force -Global -Verbose:$false
                    Test-ExporterModule -Content $using:content -Verbose
                }
                SetScript = { Assert-ExporterModule -Content $using:content -Verbose }
            }

            Script Installation {
                DependsOn = '[Script]Module'
                GetScript = { @{ Result = Get-ExporterInstallation } }
                TestScript = { Test-ExporterInstallation -Ensure Absent -Version $using:Version -Verbose }
                SetScript = {
                    Set-ExporterInstallation -Ensure Absent -Version $using:Version -MsiHash $using:MsiSha256 -Verbose
                }
            }

            Script FirewallRule {
                DependsOn = '[Script]Installation'
                GetScript = { @{ Result = Get-ExporterFirewallRule } }
                TestScript = { Test-ExporterFirewallRule -Ensure Absent -Port $using:Port -Verbose }
                SetScript = { Set-ExporterFirewallRule -Ensure Absent -Port $using:Port -Verbose }
            }

            Script Directory {
                DependsOn = '[Script]FirewallRule'
                GetScript = { @{ Result = Get-ExporterDirectory } }
                TestScript = { Test-ExporterDirectory -Ensure Absent -Verbose }
                SetScript = { Set-ExporterDirectory -Ensure Absent -Verbose }
            }

            Script Removal {
                DependsOn = '[Script]Directory'
                GetScript = { @{ Result = Get-ExporterRemoval } }
                TestScript = { Test-ExporterRemoval -Version $using:Version -Run $using:run -Verbose }
                SetScript = { Assert-ExporterRemoval -Version $using:Version -Run $using:run -Verbose }
            }
        }
    }
}
