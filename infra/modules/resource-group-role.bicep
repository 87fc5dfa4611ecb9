@description('Name (GUID) of the role assignment.')
param name string

@description('Resource ID of the role definition.')
param roleDefinitionId string

@description('Object ID of the identity that gets the role.')
param principalId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: name
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    // Without principalType, the assignment fails for an identity that Microsoft Entra ID has not replicated yet.
    principalType: 'ServicePrincipal'
  }
}
