import { Role } from '../types.bicep'

targetScope = 'subscription'

@description('Name (GUID) of the role definition.')
param name string

@description('Display name of the role, which must be unique in the tenant.')
param roleName string

@description('The custom role.')
param role Role

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: name
  properties: {
    roleName: roleName
    description: role.description
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [{ actions: role.actions, dataActions: role.dataActions }]
  }
}
