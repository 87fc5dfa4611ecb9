@description('The name of the user-assigned identity.')
param name string

@description('Its region.')
param location string

@description('Its tags.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The object id, by which roles and Kubernetes bindings name it.')
output principalId string = identity.properties.principalId

@description('The client id, by which the app asks for its tokens.')
output clientId string = identity.properties.clientId
