$script:RuleName = 'aks-windows-metrics'

function Find-FirewallRule {
    <#
    .SYNOPSIS
    Our firewall rule; nothing if there is none or the firewall cannot be asked, as AKS switches it off.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    try {
        Get-NetFirewallRule -Name $script:RuleName -ErrorAction SilentlyContinue
    }
    catch {
        Write-Verbose -Message "The firewall cannot be asked, which is not fatal: $($_.Exception.Message)"
    }
}

function Get-RuleTitle {
    <#
    .SYNOPSIS
    The rule's display name, which has the port in it, so that a look at the rule alone tells whether it is current.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param (
        [Parameter(Mandatory)]
        [int]
        $Port
    )

    "windows_exporter, TCP $Port (aks-windows-metrics)"
}

function Get-ExporterFirewallRule {
    <#
    .SYNOPSIS
    The display name of our firewall rule, or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    $rule = Find-FirewallRule
    if ($rule) { [string]$rule.DisplayName } else { 'absent' }
}

function Test-ExporterFirewallRule {
    <#
    .SYNOPSIS
    Whether our firewall rule is there for this port, or is not there.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure,

        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $wanted = if ($Ensure -eq 'Present') { Get-RuleTitle -Port $Port } else { 'absent' }
    (Get-ExporterFirewallRule) -eq $wanted
}

function Set-ExporterFirewallRule {
    <#
    .SYNOPSIS
    Makes or removes our firewall rule. It never fails: the firewall is off on AKS nodes, and metrics do not need it.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param (
        [Parameter(Mandatory)]
        [ValidateSet('Present', 'Absent')]
        [string]
        $Ensure,

        [Parameter(Mandatory)]
        [int]
        $Port
    )

    $isDone = Test-ExporterFirewallRule -Ensure $Ensure -Port $Port
    if ($isDone -or -not $PSCmdlet.ShouldProcess($script:RuleName, "Ensure $Ensure")) {
        return
    }
    try {
        if (Find-FirewallRule) {
            Remove-NetFirewallRule -Name $script:RuleName
        }
        if ($Ensure -eq 'Present') {
            $rule = @{
                Name = $script:RuleName
                DisplayName = Get-RuleTitle -Port $Port
                Direction = 'Inbound'
                Action = 'Allow'
                Protocol = 'TCP'
                LocalPort = $Port
            }
            $null = New-NetFirewallRule @rule
        }
    }
    catch {
        Write-Verbose -Message "The firewall rule could not be changed, which is not fatal: $($_.Exception.Message)"
    }
}
