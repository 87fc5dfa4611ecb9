@description('Name of the user-assigned identity.')
param name string

@description('Region of the identity.')
param location string

@description('Tags of the identity.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Object ID, for role assignments and Kubernetes bindings.')
output principalId string = identity.properties.principalId

@description('Client ID, with which the app requests tokens.')
output clientId string = identity.properties.clientId
