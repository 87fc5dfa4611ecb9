BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'TestModule.ps1')
}

AfterAll {
    Remove-Module -Name AksWindowsMetrics
    $env:ProgramFiles = $script:ProgramFiles
}

Describe 'the installation' {
    BeforeEach {
        . (Join-Path -Path $PSScriptRoot -ChildPath 'HealthyNode.ps1')
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
}
