# Pester mocks only commands that exist. Where Windows' own commands are missing, functions with the same parameters take
# their place. They fail if a test calls one without a mock.
$missing = @{
    'Get-CimInstance' = '[string]$ClassName, [string]$Filter, [uint32]$OperationTimeoutSec'
    'Get-NetFirewallRule' = '[string[]]$Name'
    'Get-NetTCPConnection' = '[string[]]$State'
    'Get-ScheduledTaskInfo' = '[string]$TaskName'
    'Get-Service' = '[string[]]$Name'
    'New-NetFirewallRule' = '$Name, $DisplayName, $Direction, $Action, $Protocol, $LocalPort'
}
foreach ($name in $missing.Keys | Where-Object { -not (Get-Command -Name $_ -ErrorAction Ignore) }) {
    $text = "[CmdletBinding()] param ($($missing[$name])) throw 'A test calls $name without a mock.'"
    Set-Item -Path "function:global:$name" -Value ([scriptblock]::Create($text))
}
if (-not $env:SystemRoot) { $env:SystemRoot = '/Windows' }
