$script:RuleName = 'aks-windows-metrics'

function Find-FirewallRule {
    <#
    .SYNOPSIS
    Returns our firewall rule, or nothing if it does not exist or the firewall, which AKS disables, cannot be queried.
    #>
    [CmdletBinding()]
    [OutputType([psobject])]
    param ()

    try {
        Get-NetFirewallRule -Name $script:RuleName -ErrorAction Stop
    }
    catch {
        if ($_.CategoryInfo.Category -eq 'ObjectNotFound') {
            return
        }
        Write-Verbose -Message "The firewall cannot be asked, which is not fatal: $($_.Exception.Message)"
    }
}

function Get-RuleTitle {
    <#
    .SYNOPSIS
    Returns the rule's display name. It contains the port, so the rule itself shows whether it is current.
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
    Returns the display name of our firewall rule, or 'absent'.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param ()

    trap { throw (Resolve-FailureText -Text "$_") }
    $rule = Find-FirewallRule
    if ($rule) { [string]$rule.DisplayName } else { 'absent' }
}

function Test-ExporterFirewallRule {
    <#
    .SYNOPSIS
    Tests whether our firewall rule exists for this port, or, for Absent, whether it does not exist.
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

    trap { throw (Resolve-FailureText -Text "$_") }
    $wanted = if ($Ensure -eq 'Present') { Get-RuleTitle -Port $Port } else { 'absent' }
    (Get-ExporterFirewallRule) -eq $wanted
}

function Set-ExporterFirewallRule {
    <#
    .SYNOPSIS
    Creates or removes our firewall rule. It never fails: AKS disables the firewall, and metrics work without the rule.
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

    trap { throw (Resolve-FailureText -Text "$_") }
    $isDone = Test-ExporterFirewallRule -Ensure $Ensure -Port $Port
    if ($isDone -or -not $PSCmdlet.ShouldProcess($script:RuleName, "Ensure $Ensure")) {
        return
    }
    try {
        if (Find-FirewallRule) {
            Remove-NetFirewallRule -Name $script:RuleName -ErrorAction Stop
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
            $null = New-NetFirewallRule @rule -ErrorAction Stop
        }
    }
    catch {
        Write-Verbose -Message "The firewall rule could not be changed, which is not fatal: $($_.Exception.Message)"
    }
}
