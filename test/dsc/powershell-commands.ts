/**
 * The commands that the package may call, and the module of Windows PowerShell 5.1 on Windows Server 2022 that ships each
 * (learn.microsoft.com/powershell/module, view powershell-5.1, and windowsserver2022-ps), with the parameters that it has there
 * and that the package gives it. Full names only: an alias is not in it.
 */
export const COMMANDS: ReadonlyMap<string, { readonly module: string; readonly parameters: string }> = new Map([
  ["Get-CimInstance", { module: "CimCmdlets", parameters: "" }],
  ["Get-Content", { module: "Microsoft.PowerShell.Management", parameters: "literalpath" }],
  ["Get-Date", { module: "Microsoft.PowerShell.Utility", parameters: "" }],
  ["Get-Item", { module: "Microsoft.PowerShell.Management", parameters: "literalpath" }],
  ["Get-ItemProperty", { module: "Microsoft.PowerShell.Management", parameters: "name path" }],
  ["Get-NetFirewallRule", { module: "NetSecurity", parameters: "name" }],
  ["Get-NetTCPConnection", { module: "NetTCPIP", parameters: "state" }],
  ["Get-Service", { module: "Microsoft.PowerShell.Management", parameters: "name" }],
  ["Import-Module", { module: "Microsoft.PowerShell.Core", parameters: "force global name" }],
  ["Invoke-RestMethod", { module: "Microsoft.PowerShell.Utility", parameters: "timeoutsec uri usebasicparsing" }],
  ["Join-Path", { module: "Microsoft.PowerShell.Management", parameters: "childpath path" }],
  ["New-Item", { module: "Microsoft.PowerShell.Management", parameters: "force itemtype path" }],
  ["New-NetFirewallRule", { module: "NetSecurity", parameters: "" }],
  ["Remove-Item", { module: "Microsoft.PowerShell.Management", parameters: "force literalpath recurse" }],
  ["Remove-NetFirewallRule", { module: "NetSecurity", parameters: "name" }],
  ["Select-Object", { module: "Microsoft.PowerShell.Utility", parameters: "expandproperty last unique" }],
  ["Set-Service", { module: "Microsoft.PowerShell.Management", parameters: "name startuptype" }],
  ["Sort-Object", { module: "Microsoft.PowerShell.Utility", parameters: "property unique" }],
  ["Start-Process", { module: "Microsoft.PowerShell.Management", parameters: "argumentlist filepath passthru" }],
  ["Start-Sleep", { module: "Microsoft.PowerShell.Utility", parameters: "seconds" }],
  ["Test-Path", { module: "Microsoft.PowerShell.Management", parameters: "literalpath pathtype" }],
  ["Where-Object", { module: "Microsoft.PowerShell.Core", parameters: "eq in match notin property value" }],
  ["Write-Verbose", { module: "Microsoft.PowerShell.Utility", parameters: "message" }],
  ["Write-Warning", { module: "Microsoft.PowerShell.Utility", parameters: "message" }],
]);

/**
 * The static members that the package may use; .NET Framework 4.7.2, that of Windows Server 2019, has each with the
 * parameters that it is given (learn.microsoft.com/dotnet/api, view netframework-4.7.2). No hash that FIPS mode refuses.
 */
export const MEMBERS: ReadonlySet<string> = new Set([
  "[BitConverter]::ToString",
  "[Convert]::ToBase64String",
  "[datetime]::Now",
  "[NullString]::Value",
  "[regex]::Escape",
  "[regex]::Match",
  "[System.IO.File]::GetLastWriteTime",
  "[System.IO.File]::Move",
  "[System.IO.File]::OpenRead",
  "[System.IO.File]::ReadAllBytes",
  "[System.IO.File]::ReadAllText",
  "[System.IO.File]::Replace",
  "[System.IO.File]::SetLastWriteTime",
  "[System.IO.File]::WriteAllBytes",
  "[System.Security.Cryptography.SHA256CryptoServiceProvider]::new",
  "[System.Text.UTF8Encoding]::new",
  "[timespan]::FromSeconds",
]);

/** The words of DSC 1.1 that the grammar reads as commands: keywords, resources and their properties. */
export const DSC_WORDS: ReadonlySet<string> = new Set([
  "configuration",
  "Import-DscResource",
  "Node",
  "LocalConfigurationManager",
  "RefreshMode",
  "ConfigurationMode",
  "ConfigurationModeFrequencyMins",
  "RebootNodeIfNeeded",
  "ActionAfterReboot",
  "Script",
  "DependsOn",
  "GetScript",
  "TestScript",
  "SetScript",
]);

/** The verbs that Get-Verb of 5.1 lists, as far as the package needs them. */
export const VERBS: ReadonlySet<string> = new Set([
  "Assert",
  "ConvertTo",
  "Find",
  "Get",
  "Install",
  "Invoke",
  "New",
  "Remove",
  "Restart",
  "Set",
  "Start",
  "Stop",
  "Test",
  "Uninstall",
  "Update",
  "Wait",
  "Write",
]);
