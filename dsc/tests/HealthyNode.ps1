# Before each test: a node on which version 0.31.8 is installed and healthy, with a mock of each command that asks Windows.
Set-ExporterDirectory -Ensure Absent
Set-ExporterDirectory -Ensure Present
$command = "`"$script:Program`" --config.file=`"$script:Config`""
$script:Service = [pscustomobject]@{ State = 'Running'; StartMode = 'Auto'; ProcessId = 100; PathName = $command }
$script:Products = @([pscustomobject]@{ Code = $script:Code; Version = '0.31.8' })
$script:Listeners = @([pscustomobject]@{ LocalPort = 9182; OwningProcess = 100 })
$script:Answer = '0.31.8'
$script:Metrics = 'windows_exporter_collector_success{collector="cpu"} 1'
$script:Ours = $script:Service
$script:Started = [datetime]::Now.AddMinutes(1)
$script:Neighbour = $null
Mock -ModuleName AksWindowsMetrics -CommandName Get-CimInstance -MockWith {
    if ($ClassName -eq 'Win32_Service') {
        $script:Service
    }
    elseif ($ClassName -eq 'Win32_OperatingSystem') { @{ LastBootUpTime = [datetime]::new(2026, 1, 1) } }
    elseif ($Filter -eq "Name='windows_exporter.exe'") {
        $script:Neighbour
    }
    elseif ($Filter -eq 'ProcessId=100') {
        [pscustomobject]@{ Name = 'windows_exporter.exe'; ProcessId = 100; CreationDate = $script:Started }
    }
    elseif ($Filter -eq 'ProcessId=200') {
        [pscustomobject]@{ Name = 'other.exe'; ProcessId = 200; ExecutablePath = 'C:\other.exe' }
    }
}
# PowerShell 7 on Linux cannot create the automation object that this function asks.
Mock -ModuleName AksWindowsMetrics -CommandName Get-MsiProduct -MockWith { $script:Products }
Mock -ModuleName AksWindowsMetrics -CommandName Get-NetTCPConnection -MockWith { $script:Listeners }
Mock -ModuleName AksWindowsMetrics -CommandName Read-HttpText -MockWith {
    if ($Uri.AbsolutePath -eq '/version') { "{`"version`":`"$script:Answer`"}" } else { $script:Metrics }
}
Mock -ModuleName AksWindowsMetrics -CommandName Start-Sleep -MockWith { $script:Slept += @($Seconds) }
# Exit codes of the next msiexec runs, then 0. A run that succeeds has the requested effect.
$script:Codes = @()
$script:Runs = @()
$script:Slept = @()
Mock -ModuleName AksWindowsMetrics -CommandName Start-Process -MockWith {
    $script:Runs += "$ArgumentList"
    $code, $script:Codes = $script:Codes
    if ($null -eq $code) { $code = 0 }
    if ($code -in 0, 3010) {
        $isInstall = "$ArgumentList" -like '/i *'
        $script:Products = @(if ($isInstall) { [pscustomobject]@{ Code = $script:Code; Version = '0.31.9' } })
        $script:Service = if ($isInstall) { $script:Ours }
    }
    $process = [pscustomobject]@{ Handle = 1; ExitCode = $code }
    $process | Add-Member -MemberType ScriptMethod -Name WaitForExit -Value { $true }
    $process
}
$script:Wanted = @{ Ensure = 'Present'; Version = '0.31.9'; MsiHash = $script:MsiHash }
