<#
The Windows Installer of a recorded node: msiexec changes its products, service and processes, after a number of
planned exit codes. Requires powershell-node.ps1.
#>
function global:Remove-NodeProduct($Code) {
    $left = @($global:Node.Products | Where-Object { $_.Code -ne $Code })
    if ($left.Count -eq $global:Node.Products.Count) { return 1605 }
    Stop-EveryExporter
    $global:Node.Products = $left
    $global:Node.Service = $null
    0
}

# The Uninstall keys of the registry: those of the installer's products, and some that outlived theirs.
function global:Get-ItemProperty([string]$Path, [string[]]$Name, $ErrorAction) {
    if ("$Name" -ne 'DisplayName DisplayVersion') { throw 'Specified cast is not valid.' }
    if ($Path -ne 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*') { return }
    foreach ($entry in @($global:Node.Products) + @($global:Node.DeadKeys)) {
        [pscustomobject]@{ PSChildName = $entry.Code; DisplayName = 'windows_exporter'; DisplayVersion = $entry.DisplayVersion }
    }
}

# The automation object of the Windows Installer. It has no type information: only InvokeMember reads its properties.
function global:New-Object([string]$ComObject) {
    if ($ComObject -ne 'WindowsInstaller.Installer') { throw "not recorded: New-Object $ComObject" }
    $global:Clock += 0.05
    $type = [pscustomobject]@{}
    $type | Add-Member -MemberType ScriptMethod -Name InvokeMember -Value { param ($Name, $Flags, $Binder, $Target, $Values)
        if ("$Flags" -ne 'GetProperty') { throw "not recorded: $Name as $Flags" }
        $product = $global:Node.Products | Where-Object { $_.Code -eq $Values[0] }
        switch ($Name) {
            'RelatedProducts' { , @($global:Node.Products | Where-Object { $_.UpgradeCode -eq $Values[0] } | ForEach-Object Code) }
            'ProductState' { if ($product) { $product.State } else { -1 } }
            'ProductInfo' {
                if (-not $product -or $Values[1] -ne 'VersionString') { throw 'ProductInfo,Product,Attribute' }
                $product.DisplayVersion
            }
            default { throw "Unknown name. $Name" }
        }
    }
    $installer = [pscustomobject]@{ Type = $type }
    $installer | Add-Member -MemberType ScriptMethod -Name GetType -Value { $this.Type } -Force -PassThru
}

# The MSI's custom action ends every process with this image name.
function global:Stop-EveryExporter {
    foreach ($process in @(Find-NodeProcess | Where-Object { $_.Name -eq 'windows_exporter.exe' })) {
        Stop-NodeProcess $process
    }
}

function global:Install-NodeMsi($Config) {
    $newer = $global:Node.Products | Where-Object { $_.UpgradeCode -like '{66A6*' -and [version]$_.DisplayVersion -gt [version]$global:Node.MsiVersion }
    if ($newer) { return 1603 }
    Stop-EveryExporter
    $global:Node.LastId++
    $global:Node.Products = @([pscustomobject]@{
            Code = '{{00000000-0000-0000-0000-{0:d12}}}' -f $global:Node.LastId; State = 5
            UpgradeCode = '{66A6EB5B-1FC2-4B14-A362-5CEEC6413308}'; DisplayVersion = $global:Node.MsiVersion
        })
    $exe = "$env:ProgramFiles/windows_exporter/windows_exporter.exe"
    $null = New-Item -ItemType File -Path $exe -Force
    $global:Node.Service = [pscustomobject]@{
        State = 'Stopped'; StartMode = 'Auto'; ProcessId = 0; Version = if ($global:Node.KeepsProgram) { $global:Node.KeepsProgram } else { $global:Node.MsiVersion }
        PathName = "`"$exe`" --config.file=`"$Config`""
    }
    Start-NodeService
    0
}

# Writes the bundled MSI as another process and keeps its last write time.
function global:Write-NodeMsi([string]$Content) {
    $file = Join-Path -Path $global:Base -ChildPath 'Modules/AksWindowsMetrics/windows_exporter.msi'
    $written = [IO.File]::GetLastWriteTimeUtc($file)
    [IO.File]::WriteAllText($file, $Content)
    [IO.File]::SetLastWriteTimeUtc($file, $written)
}

# A verbose log: the error of a failed run is far from its end.
function global:Write-NodeLog($Log) {
    $failed = $global:Node.Msiexec.Count -gt 0 -and $global:Node.Msiexec[0] -eq 1603
    $lines = @('=== Logging started', 'Action start 12:00:00: CreateConfigFile.'
        if ($failed) { 'Error 1721. There is a problem with this Windows Installer package.', 'MSI (s) (A0:B4): Product: windows_exporter' }
        "Action ended 12:00:01: InstallFinalize. Return value $(if ($failed) { 3 } else { 1 })."
        1..30 | ForEach-Object { "Property(S): P$_ = 1" }
        'the end of the log')
    [IO.File]::WriteAllText($Log, (($lines -join "`r`n") + "`r`n"), [Text.Encoding]::Unicode)
}

function global:Invoke-NodeMsiexec([string]$Arguments) {
    $line = ([regex]'^/(i|x) "?([^"]+?)"? /qn /norestart /l\*v "([^"]+)"(?: CONFIG_FILE="([^"]+)")?$').Match($Arguments)
    if (-not $line.Success) { throw "not recorded: msiexec $Arguments" }
    $log = $line.Groups[3].Value
    if (-not (Test-Path -LiteralPath (Split-Path -Path $log))) { return 1622 }
    Write-NodeLog $log
    if ($global:Node.SwapsMsi) { Write-NodeMsi 'another installer' }
    $planned = 0
    if ($global:Node.Msiexec.Count -gt 0) {
        $planned = $global:Node.Msiexec[0]
        $global:Node.Msiexec.RemoveAt(0)
    }
    if ($planned -notin 0, 1641, 3010) { return $planned }
    if ($line.Groups[1].Value -eq 'i') {
        $code = Install-NodeMsi $line.Groups[4].Value
        if ($code -ne 0) { return $code }
    } else {
        $code = Remove-NodeProduct $line.Groups[2].Value
        if ($code -ne 0) { return $code }
    }
    $planned
}

function global:Start-Process([string]$FilePath, [string]$ArgumentList, [switch]$PassThru) {
    if (-not $PassThru) { throw 'not recorded: Start-Process without -PassThru' }
    Write-Journal "run $(Split-Path -Path $FilePath.Replace('\', '/') -Leaf) $ArgumentList"
    $code = Invoke-NodeMsiexec $ArgumentList
    $process = [pscustomobject]@{ Handle = 1; ExitCode = $code }
    $process | Add-Member -MemberType ScriptMethod -Name Kill -Value { Write-Journal 'kill msiexec' }
    $process | Add-Member -MemberType ScriptMethod -Name WaitForExit -Value { param ($Milliseconds)
        $takes = if ($this.ExitCode -eq 'never') { [int]::MaxValue } else { 1000 * $global:Node.MsiSeconds }
        $global:Clock += [Math]::Min($takes, $Milliseconds) / 1000
        $takes -le $Milliseconds
    }
    $process
}
