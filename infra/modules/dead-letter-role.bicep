@description('The guid by which the assignment is known.')
param name string

@description('The name of the storage account.')
param storageAccountName string

@description('The name of the container for dead letters.')
param containerName string

@description('The role.')
param roleDefinitionId string

@description('The object id of the topic\'s own identity.')
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
