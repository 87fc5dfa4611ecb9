import { Role } from '../types.bicep'

targetScope = 'subscription'

@description('The guid by which the definition is known.')
param name string

@description('The role\'s name, which no other role of the tenant may have.')
param roleName string

@description('What the role is for and what it allows.')
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
