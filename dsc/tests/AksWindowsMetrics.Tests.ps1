# Pester 5, from the repository's root: Invoke-Pester dsc
BeforeDiscovery {
    # Only Windows PowerShell compiles a configuration.
    $script:IsCore = $PSVersionTable.PSEdition -eq 'Core'
    $script:Cases = @(
        @{ Ensure = 'Present'; Count = 9; Mode = 'ApplyAndAutoCorrect' }
        @{ Ensure = 'Absent'; Count = 5; Mode = 'ApplyOnly' }
    )
}

BeforeAll {
    # The package's module, with a dummy MSI and a separate Program Files folder for the tests.
    $script:Module = Join-Path -Path $TestDrive -ChildPath 'AksWindowsMetrics'
    $script:Source = Join-Path -Path $PSScriptRoot -ChildPath '../AksWindowsMetrics'
    Copy-Item -Path $script:Source -Destination $script:Module -Recurse
    $script:Template = Join-Path -Path $script:Module -ChildPath 'config.yaml'
    Set-Content -LiteralPath $script:Template -Value "web:`n  listen-address: `":{{Port}}`"`n" -NoNewline
    Set-Content -LiteralPath (Join-Path -Path $script:Module -ChildPath 'windows_exporter.msi') -Value 'MSI' -NoNewline
    # The SHA-256 of the three bytes MSI.
    $script:MsiHash = 'F936C64EB2F99967D11CB14160B66EBFD6CE719A7CED875DCFC425E0B7C6AA0A'
    $script:Package = 'a' * 64
    $script:Marker = '0123456789abcdef'
    $script:Run = "package=$script:Package marker=$script:Marker"
    $script:Code = '{00000000-0000-0000-0000-000000000001}'
    $script:ProgramFiles = $env:ProgramFiles
    $env:ProgramFiles = Join-Path -Path $TestDrive -ChildPath 'Program Files'
    Import-Module -Name (Join-Path -Path $script:Module -ChildPath 'AksWindowsMetrics.psd1') -Force
    $script:Root = Join-Path -Path $env:ProgramFiles -ChildPath 'aks-windows-metrics'
    $script:Config = Join-Path -Path $script:Root -ChildPath 'config.yaml'
    $script:Program = Join-Path -Path $TestDrive -ChildPath 'windows_exporter.exe'
    Set-Content -LiteralPath $script:Program -Value 'program'
}

AfterAll {
    Remove-Module -Name AksWindowsMetrics
    $env:ProgramFiles = $script:ProgramFiles
}

Describe 'AksWindowsMetrics' {
    BeforeEach {
        Set-ExporterDirectory -Ensure Absent
        Set-ExporterDirectory -Ensure Present
        # A node on which version 0.31.8 is installed and healthy.
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
    }

    It 'makes its directory, and removes it' {
        Set-ExporterDirectory -Ensure Absent
        Test-ExporterDirectory -Ensure Present | Should -BeFalse
        Set-ExporterDirectory -Ensure Present
        Test-ExporterDirectory -Ensure Present | Should -BeTrue
        Get-ExporterDirectory | Should -Be $script:Root
    }

    It 'writes the configuration file without a byte order mark' {
        Test-ExporterConfigFile -Port 9183 | Should -BeFalse
        Set-ExporterConfigFile -Port 9183
        Test-ExporterConfigFile -Port 9183 | Should -BeTrue
        [IO.File]::ReadAllBytes($script:Config)[0] | Should -Be ([byte][char]'w')
    }

    It 'refuses a template without the placeholder' {
        $text = [IO.File]::ReadAllText($script:Template)
        [IO.File]::WriteAllText($script:Template, 'web: {}')
        try {
            { Test-ExporterConfigFile -Port 9182 } | Should -Throw -ExpectedMessage '*cause=package: *{{Port}} 0 times*'
        }
        finally {
            [IO.File]::WriteAllText($script:Template, $text)
        }
    }

    It 'takes a port that its own service holds' {
        Test-ExporterPort -Port 9182 | Should -BeTrue
    }

    It 'refuses a port that another process holds, and names it' {
        $script:Listeners = @([pscustomobject]@{ LocalPort = 9182; OwningProcess = 200 })
        Test-ExporterPort -Port 9182 | Should -BeFalse
        { Assert-ExporterPort -Port 9182 } | Should -Throw -ExpectedMessage '*cause=node: *other.exe (pid 200, C:*'
    }

    It 'reports who listens on the port of the native exporter, and takes it' {
        $script:Listeners = @([pscustomobject]@{ LocalPort = 19182; OwningProcess = 200 })
        $said = Test-ExporterPort -Port 9182 -Verbose 4>&1
        "$said" | Should -BeLike '*held by other.exe (pid 200*'
        Test-ExporterPort -Port 9182 | Should -BeTrue
    }

    It 'knows the wanted installation from others' {
        Test-ExporterInstallation -Ensure Present -Version '0.31.8' | Should -BeTrue
        Test-ExporterInstallation -Ensure Present -Version '0.31.9' | Should -BeFalse
        Test-ExporterInstallation -Ensure Absent -Version '0.31.8' | Should -BeFalse
        $script:Service.PathName = "`"$script:Program`" --config.file=`"C:\other.yaml`""
        Test-ExporterInstallation -Ensure Present -Version '0.31.8' | Should -BeFalse
        Test-ExporterInstallation -Ensure Absent -Version '0.31.8' | Should -BeTrue
    }

    It 'runs no MSI of another hash, and removes nothing' {
        { Set-ExporterInstallation -Ensure Present -Version '0.31.9' -MsiHash ('0' * 64) } |
            Should -Throw -ExpectedMessage '*cause=package: *It was not run.*'
        $script:Runs.Count | Should -Be 0
    }

    It 'runs msiexec with the configuration file and no other property' {
        $script:Codes = @(3010)
        Set-ExporterInstallation @script:Wanted
        $script:Runs.Count | Should -Be 1
        $script:Runs[0] |
            Should -Match '^/i "[^"]+windows_exporter\.msi" /qn /norestart /l\*v "[^"]+" CONFIG_FILE="[^"]+config\.yaml"$'
        Test-ExporterInstallation -Ensure Present -Version '0.31.9' | Should -BeTrue
    }

    It 'waits for another installation, and tries again' {
        $script:Codes = @(1618, 1618)
        Set-ExporterInstallation @script:Wanted
        $script:Runs.Count | Should -Be 3
        $script:Slept -join ' ' | Should -Be '5 10'
    }

    It 'removes what is there by its product code where the installer cannot replace it' {
        $script:Codes = @(1638)
        Set-ExporterInstallation @script:Wanted
        $script:Runs.Count | Should -Be 3
        $script:Runs[1] | Should -BeLike "/x $script:Code /qn /norestart *"
        $script:Runs[2] | Should -BeLike '/i *'
    }

    It 'removes a later version before it installs' {
        $script:Products[0].Version = '0.32.0'
        Set-ExporterInstallation @script:Wanted
        $script:Runs.Count | Should -Be 2
        $script:Runs[0] | Should -BeLike '/x *'
    }

    It 'fails with the code and the last lines of the log' {
        $script:Codes = @(1625)
        $log = Join-Path -Path $script:Root -ChildPath 'logs\install.log'
        Set-Content -LiteralPath $log -Value 'the end of the log' -Encoding Unicode
        $expected = '*cause=package: *1625*the end of the log*'
        { Set-ExporterInstallation @script:Wanted } | Should -Throw -ExpectedMessage $expected
    }

    It 'names an exporter that is not ours before the installer ends it, and says that it is back' {
        $script:Neighbour = [pscustomobject]@{ ProcessId = 300; ExecutablePath = 'C:\hpc.exe'; CommandLine = 'hpc' }
        $said = Set-ExporterInstallation @script:Wanted -Verbose 4>&1
        "$said" | Should -BeLike '*will end C:\hpc.exe*C:\hpc.exe (ports: ), which is not ours, runs.*'
    }

    It 'removes what is ours, once' {
        Set-ExporterInstallation -Ensure Absent -Version '0.31.8' -MsiHash $script:MsiHash
        Set-ExporterInstallation -Ensure Absent -Version '0.31.8' -MsiHash $script:MsiHash
        $script:Runs.Count | Should -Be 1
        Test-ExporterInstallation -Ensure Absent -Version '0.31.8' | Should -BeTrue
        Get-ExporterInstallation | Should -Be 'absent'
    }

    It 'takes a product without a service for its own where its configuration file is' {
        $script:Service = $null
        Test-ExporterInstallation -Ensure Absent -Version '0.31.8' | Should -BeTrue
        Set-ExporterConfigFile -Port 9182
        Test-ExporterInstallation -Ensure Absent -Version '0.31.8' | Should -BeFalse
    }

    It 'restarts a service that runs since before its configuration was written' {
        Set-ExporterConfigFile -Port 9182
        $script:Started = [datetime]::Now.AddHours(-1)
        Test-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeFalse
        Mock -ModuleName AksWindowsMetrics -CommandName Get-Service -MockWith {
            $service = [pscustomobject]@{ Status = 'Running' }
            $service | Add-Member -MemberType ScriptMethod -Name Stop -Value { $script:Service.State = 'Stopped' }
            $service | Add-Member -MemberType ScriptMethod -Name Start -Value {
                $script:Service.State = 'Running'
                $script:Started = [datetime]::Now.AddMinutes(1)
            }
            $service
        }
        Set-ExporterHealth -Port 9182 -Version '0.31.8'
        Test-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeTrue
    }

    It 'gives an error of Windows the cause node' {
        Mock -ModuleName AksWindowsMetrics -CommandName Get-CimInstance -MockWith { throw 'It timed out.' }
        { Test-ExporterPort -Port 9182 } | Should -Throw -ExpectedMessage '*cause=node: It timed out.'
    }

    It 'writes the evidence of a removal, or says what is there again' {
        { Assert-ExporterRemoval -Version '0.31.8' -Run $script:Run } |
            Should -Throw -ExpectedMessage '*cause=node: *is there again: installation: version: 0.31.8*'
        Set-ExporterInstallation -Ensure Absent -Version '0.31.8' -MsiHash $script:MsiHash
        Set-ExporterDirectory -Ensure Absent
        $said = Assert-ExporterRemoval -Version '0.31.8' -Run $script:Run -Verbose 4>&1
        "$said" | Should -BeLike "*aks-windows-metrics $script:Run metrics=absent"
    }

    It 'does not fail where the firewall cannot be changed' {
        Mock -ModuleName AksWindowsMetrics -CommandName Get-NetFirewallRule -MockWith { $null }
        Mock -ModuleName AksWindowsMetrics -CommandName New-NetFirewallRule -MockWith { throw 'The firewall is off.' }
        { Set-ExporterFirewallRule -Ensure Present -Port 9182 } | Should -Not -Throw
        Should -Invoke -ModuleName AksWindowsMetrics -CommandName New-NetFirewallRule -Times 1 -Exactly
    }

    It 'does not fail where the firewall cannot be asked' {
        Mock -ModuleName AksWindowsMetrics -CommandName Get-NetFirewallRule -MockWith { throw 'The firewall is gone.' }
        Test-ExporterFirewallRule -Ensure Absent -Port 9182 | Should -BeTrue
        Get-ExporterFirewallRule | Should -Be 'absent'
    }

    It 'publishes the package as a metric, and writes the evidence' {
        $metric = @{ Port = 9182; Version = '0.31.8'; Package = $script:Package; Run = $script:Run }
        Test-ExporterPackageMetric @metric | Should -BeFalse
        $said = Set-ExporterPackageMetric @metric -Verbose 4>&1
        "$said" | Should -BeLike "*aks-windows-metrics $script:Run metrics=ok*"
        Get-ExporterPackageMetric |
            Should -Be "aks_windows_metrics_package_info{version=`"0.31.8`",package=`"$script:Package`"} 1"
    }

    It 'is not healthy where a collector fails' {
        $script:Metrics = 'windows_exporter_collector_success{collector="cpu"} 0'
        Test-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeFalse
    }

    It 'is not healthy where another version answers' {
        $script:Answer = '0.31.2'
        Test-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeFalse
        Get-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeLike "*says version '0.31.2'*"
    }
}

Describe 'the configuration' {
    BeforeAll {
        # The compiler may look for its own files there.
        $env:ProgramFiles = $script:ProgramFiles
    }

    It 'compiles to one Script for each step (<Ensure>), and never reboots' -Skip:$IsCore -TestCases $Cases {
        . (Join-Path -Path $PSScriptRoot -ChildPath '../WindowsExporter.ps1')
        $output = Join-Path -Path $TestDrive -ChildPath "mof-$Ensure"
        $given = @{ Package = $script:Package; Marker = $script:Marker; MsiSha256 = $script:MsiHash; Version = '0.31.8' }
        $null = WindowsExporter -Ensure $Ensure @given -OutputPath $output
        $mof = [IO.File]::ReadAllText((Join-Path -Path $output -ChildPath 'localhost.mof'))
        $meta = [IO.File]::ReadAllText((Join-Path -Path $output -ChildPath 'localhost.meta.mof'))
        [regex]::Matches($mof, 'instance of MSFT_ScriptResource').Count | Should -Be $Count
        $mof | Should -Not -Match 'DSCMachineStatus|Restart-Computer'
        # The file contains the values of outer variables, without references to a scope that the node does not have.
        $mof | Should -Match $script:MsiHash
        $mof | Should -Not -Match '\$using:'
        $meta | Should -Match 'RebootNodeIfNeeded\s*=\s*False'
        $meta | Should -Match $Mode
    }
}
