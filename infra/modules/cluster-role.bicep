@description('The guid by which the assignment is known.')
param name string

@description('The name of the cluster.')
param clusterName string

@description('The role.')
param roleDefinitionId string

@description('Who gets it, by object id.')
param principalId string

resource cluster 'Microsoft.ContainerService/managedClusters@2026-08-01' existing = {
  name: clusterName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: name
  scope: cluster
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
