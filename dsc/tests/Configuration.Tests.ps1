BeforeDiscovery {
    # Only Windows PowerShell compiles a configuration.
    $script:IsCore = $PSVersionTable.PSEdition -eq 'Core'
    $script:Cases = @(
        @{ Ensure = 'Present'; Count = 9; Mode = 'ApplyAndAutoCorrect' }
        @{ Ensure = 'Absent'; Count = 5; Mode = 'ApplyOnly' }
    )
}

Describe 'the configuration' {
    It 'compiles to one Script for each step (<Ensure>), and never reboots' -Skip:$IsCore -TestCases $Cases {
        $hash = 'F' * 64
        . (Join-Path -Path $PSScriptRoot -ChildPath '../WindowsExporter.ps1')
        $output = Join-Path -Path $TestDrive -ChildPath "mof-$Ensure"
        $given = @{ Package = 'a' * 64; Marker = '0123456789abcdef'; MsiSha256 = $hash; Version = '0.31.8' }
        $null = WindowsExporter -Ensure $Ensure @given -OutputPath $output
        $mof = [IO.File]::ReadAllText((Join-Path -Path $output -ChildPath 'localhost.mof'))
        $meta = [IO.File]::ReadAllText((Join-Path -Path $output -ChildPath 'localhost.meta.mof'))
        [regex]::Matches($mof, 'instance of MSFT_ScriptResource').Count | Should -Be $Count
        $mof | Should -Not -Match 'DSCMachineStatus|Restart-Computer'
        # The file contains the values of outer variables, without references to a scope that the node does not have.
        $mof | Should -Match $hash
        $mof | Should -Not -Match '\$using:'
        $meta | Should -Match 'RebootNodeIfNeeded\s*=\s*False'
        $meta | Should -Match $Mode
    }
}
