@description('Object ID of the app\'s managed identity.')
param principalId string

@description('Role assignment on the storage account of the Functions host.')
param hostStorage { name: string, assignmentName: string, roleDefinitionId: string }

@description('Role assignment on the storage account of the packages.')
param packageStorage { name: string, assignmentName: string, roleDefinitionId: string }

@description('Role assignment on the Application Insights component.')
param insights { name: string, assignmentName: string, roleDefinitionId: string }

resource hostAccount 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: hostStorage.name
}

resource packageAccount 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: packageStorage.name
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insights.name
}

resource onHostAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: hostStorage.assignmentName
  scope: hostAccount
  properties: {
    roleDefinitionId: hostStorage.roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onPackageAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: packageStorage.assignmentName
  scope: packageAccount
  properties: {
    roleDefinitionId: packageStorage.roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onComponent 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: insights.assignmentName
  scope: component
  properties: {
    roleDefinitionId: insights.roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
