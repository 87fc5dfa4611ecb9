@description('The guid by which the assignment is known.')
param name string

@description('The role.')
param roleDefinitionId string

@description('Who gets it, by object id.')
param principalId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: name
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    // Without it, an identity that was only just made is not found.
    principalType: 'ServicePrincipal'
  }
}
