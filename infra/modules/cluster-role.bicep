@description('Name (GUID) of the role assignment.')
param name string

@description('Name of the cluster.')
param clusterName string

@description('Resource ID of the role definition.')
param roleDefinitionId string

@description('Object ID of the identity that gets the role.')
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
