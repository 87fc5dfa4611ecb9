@description('Name (GUID) of the role assignment.')
param name string

@description('Name of the storage account.')
param storageAccountName string

@description('Name of the dead-letter container.')
param containerName string

@description('Resource ID of the role definition.')
param roleDefinitionId string

@description('Object ID of the managed identity of the system topic.')
param principalId string

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: storageAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: containerName
    }
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: name
  scope: account::blobs::container
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
