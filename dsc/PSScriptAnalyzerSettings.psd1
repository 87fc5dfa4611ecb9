@{
    # Without ParseError, a file with a missing brace has no finding.
    Severity = @('ParseError', 'Error', 'Warning', 'Information')
    # For a function that returns an array of bytes as one object, it requires Object[], not byte[].
    ExcludeRules = @('PSUseOutputTypeCorrectly')
    Rules = @{
        PSUseCompatibleSyntax = @{
            Enable = $true
            TargetVersions = @('5.1')
        }
        # Windows Server 2019. PSScriptAnalyzer has no profile of Windows PowerShell 5.1 on a later Windows Server.
        PSUseCompatibleCommands = @{
            Enable = $true
            TargetProfiles = @('win-8_x64_10.0.17763.0_5.1.17763.316_x64_4.0.30319.42000_framework')
            # The profile has Pester 3, and the tests are for Pester 5. Set-Content gets some parameters from the provider.
            IgnoreCommands = @('It', 'Mock', 'Should', 'Set-Content')
        }
        PSUseCompatibleTypes = @{
            Enable = $true
            TargetProfiles = @('win-8_x64_10.0.17763.0_5.1.17763.316_x64_4.0.30319.42000_framework')
        }
        PSProvideCommentHelp = @{
            Enable = $true
            ExportedOnly = $false
            Placement = 'begin'
        }
    }
}
