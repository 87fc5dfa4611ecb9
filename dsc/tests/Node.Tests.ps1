BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'TestModule.ps1')
}

AfterAll {
    Remove-Module -Name AksWindowsMetrics
    $env:ProgramFiles = $script:ProgramFiles
}

Describe 'the node' {
    BeforeEach {
        . (Join-Path -Path $PSScriptRoot -ChildPath 'HealthyNode.ps1')
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

    It 'says why there is no answer, without a second cause' {
        Mock -ModuleName AksWindowsMetrics -CommandName Read-HttpText -MockWith {
            throw 'aks-windows-metrics cause=node: The response did not end within 1 s.'
        }
        Get-ExporterHealth -Port 9182 -Version '0.31.8' |
            Should -Be 'http://127.0.0.1:9182/version does not answer: The response did not end within 1 s.'
    }

    It 'is not healthy where another version answers' {
        $script:Answer = '0.31.2'
        Test-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeFalse
        Get-ExporterHealth -Port 9182 -Version '0.31.8' | Should -BeLike "*says version '0.31.2'*"
    }
}
